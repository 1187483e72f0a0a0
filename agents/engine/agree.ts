/** For tests: the same function on two backends, and how far apart its results are. */
import { Random } from '../../shared/random.ts';
import type { Engine } from './index.ts';
import { type Arrays, allocate, type Signature, type TensorFunction, type TypedArray } from './program.ts';

/** What a program gives for `feeds`, by output. */
export async function resultsOf(
  engine: Engine,
  fn: TensorFunction,
  inputs: Signature,
  feeds: Arrays,
): Promise<{ outputs: Signature; results: Record<string, TypedArray> }> {
  const program = await engine.compile('tested', fn, inputs);
  const results = allocate(program.outputs);
  await program.bind(feeds, results).run();
  await program.release();
  return { outputs: program.outputs, results };
}

/**
 * The first element that is off by more than `tolerance` of its size, or of `floor` where it is smaller, in words; null
 * if there is none. What is not finite must be the same.
 */
export function disagreement(
  actual: Arrays,
  expected: Arrays,
  { tolerance = 1e-5, floor = 0.1 } = {},
): string | null {
  for (const [output, wanted] of Object.entries(expected)) {
    const given = actual[output]!;
    for (let i = 0; i < wanted.length; i++) {
      const [a, b] = [given[i]!, wanted[i]!];
      if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
      // Written so that what is not a number is off.
      if (!(Math.abs(a - b) <= tolerance * Math.max(floor, Math.abs(b)))) {
        return `${output}[${i}] is ${a}, not ${b}`;
      }
    }
  }
  return null;
}

/** Arrays for a signature: floats in [-1, 1), integers in 0 to 7, the same for a seed. */
export function drawn(signature: Signature, seed = 1): Record<string, TypedArray> {
  const random = new Random().seed(seed);
  const arrays = allocate(signature);
  for (const array of Object.values(arrays)) {
    const float = array instanceof Float32Array;
    for (let i = 0; i < array.length; i++) array[i] = float ? 2 * random.uniform() - 1 : random.below(8);
  }
  return arrays;
}

/** The largest size of any element, as the floor of a comparison that errors of sums go by. */
export function largest(arrays: Arrays): number {
  let most = 0;
  for (const array of Object.values(arrays)) for (const x of array) most = Math.max(most, Math.abs(x));
  return most;
}
