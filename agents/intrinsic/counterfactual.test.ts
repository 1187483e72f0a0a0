/** What an LSTM would have made of another choice: against the whole step with that choice, and against the sequence. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disagreement, drawn, resultsOf } from '../engine/agree.ts';
import { type Engine, openEngine } from '../engine/index.ts';
import { type Arrays, float32, type Signature, type TensorFunction } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import { lstmSequence, lstmStep } from '../networks/lstm.ts';
import { alternatives, walk } from './counterfactual.ts';

const engines: Record<string, Engine> = { onnx: await openEngine('onnx'), cpu: await openEngine('cpu') };

interface Sizes {
  /** Networks, steps, columns, choices, units. */
  readonly g: number;
  readonly l: number;
  readonly b: number;
  readonly k: number;
  readonly h: number;
  /** Inputs before and behind the choice. */
  readonly before: number;
  readonly behind: number;
}

const signatureOf = ({ g, l, b, k, h, before, behind }: Sizes): Signature => ({
  'lstm/x': float32(g, before + k + behind, 4 * h),
  'lstm/h': float32(g, h, 4 * h),
  'lstm/bias': float32(g, 4 * h),
  before: float32(g, l, b, before),
  taken: float32(g, l, b, k),
  behind: float32(g, l, b, behind),
  state: float32(g, b, 2 * h),
  keep: float32(g, l, b),
});

/** Numbers of any kind, weights that matter, one-hot choices, and episodes that start anywhere. */
function feedsOf(sizes: Sizes, seed: number): Arrays {
  const arrays = drawn(signatureOf(sizes), seed);
  for (const name of ['lstm/x', 'lstm/h']) {
    for (let i = 0; i < arrays[name]!.length; i++) arrays[name]![i]! *= 2;
  }
  const { taken, keep } = arrays as Record<'taken' | 'keep', Float32Array>;
  for (let i = 0; i < taken.length; i += sizes.k) {
    const choice = Math.floor(((taken[i]! + 1) / 2) * sizes.k);
    taken.fill(0, i, i + sizes.k);
    taken[i + choice] = 1;
  }
  keep.forEach((x, i) => {
    keep[i] = x < -0.4 ? 0 : 1;
  });
  return arrays;
}

type Inputs = Readonly<Record<string, tf.Tensor>>;

const inputOf = ({ before, taken, behind }: Inputs) => tf.concat([before!, taken!, behind!], -1);

/** Step t of [G, L, B, ...]. */
const at = (x: tf.Tensor, t: number) => tf.squeeze(tf.slice(x, [0, t], [x.shape[0]!, 1]), [1]);

/** By difference: what each choice gives at each step, [G, L, B, K, H], and the state after. */
function byDifference({ g, l, b, k, h, before, behind }: Sizes): TensorFunction {
  return (inputs) => {
    const rows = tf.slice(inputs['lstm/x']!, [0, before, 0], [g, k, 4 * h]);
    const x = tf.reshape(inputOf(inputs), [g, l * b, before + k + behind]);
    const found: tf.Tensor[] = [];
    const state = walk(inputs, 'lstm', x, inputs.state!, inputs.keep!, (z, cBefore, t) => {
      found.push(alternatives(z, cBefore, rows, at(inputs.taken!, t)));
    });
    return { found: tf.stack(found, 1), state };
  };
}

/** By brute force: the whole step again for each choice, from the same state. */
function byBruteForce({ g, l, b, k }: Sizes): TensorFunction {
  return (inputs) => {
    let { state } = inputs as { state: tf.Tensor };
    const found: tf.Tensor[] = [];
    for (let t = 0; t < l; t++) {
      state = tf.mul(state, tf.expandDims(at(inputs.keep!, t), -1));
      const given = [at(inputs.before!, t), at(inputs.behind!, t)] as const;
      const each = Array.from({ length: k }, (_, choice) => {
        const other = tf.broadcastTo(tf.oneHot(tf.scalar(choice, 'int32'), k, 1, 0, 'float32'), [g, b, k]);
        return lstmStep(inputs, 'lstm', tf.concat([given[0], other, given[1]], -1), state).h;
      });
      found.push(tf.stack(each, 2));
      state = lstmStep(inputs, 'lstm', at(inputOf(inputs), t), state).state;
    }
    return { found: tf.stack(found, 1), state };
  };
}

const FIXED: Sizes = { g: 1, l: 4, b: 5, k: 3, h: 4, before: 3, behind: 6 };

describe.each(['onnx', 'cpu'])('on %s', (backend) => {
  it.each([1, 3])('alternatives are whole steps with another choice, %i networks', async (g) => {
    const sizes = { ...FIXED, g };
    const feeds = feedsOf(sizes, 3);
    const actual = await resultsOf(engines[backend]!, byDifference(sizes), signatureOf(sizes), feeds);
    const brute = await resultsOf(engines[backend]!, byBruteForce(sizes), signatureOf(sizes), feeds);
    expect(actual.outputs).toEqual(brute.outputs);
    expect(disagreement(actual.results, brute.results, { tolerance: 1e-5, floor: 0.5 })).toBeNull();
  });

  it.each([1, 3])('the choice that was made gives what the sequence gives, %i networks', async (g) => {
    const sizes = { ...FIXED, g };
    const feeds = feedsOf(sizes, 4);
    const both: TensorFunction = (inputs) => {
      const { found, state } = byDifference(sizes)(inputs) as { found: tf.Tensor; state: tf.Tensor };
      const h = lstmSequence(inputs, 'lstm', inputOf(inputs), inputs.state!, inputs.keep!);
      return {
        walked: tf.sum(tf.mul(found, tf.expandDims(inputs.taken!, -1)), 3),
        last: tf.slice(state, [0, 0, 0], [g, sizes.b, sizes.h]),
        h,
        lastOfSequence: at(h, sizes.l - 1),
      };
    };
    const { results } = await resultsOf(engines[backend]!, both, signatureOf(sizes), feeds);
    const { walked, last, h, lastOfSequence } = results as Record<string, Float32Array>;
    expect(disagreement({ walked: walked!, last: last! }, { walked: h!, last: lastOfSequence! })).toBeNull();
  });
});

it('alternatives are whole steps with another choice, whatever the sizes', async () => {
  const sizes = fc.record({
    g: fc.integer({ min: 1, max: 3 }),
    l: fc.integer({ min: 1, max: 4 }),
    b: fc.integer({ min: 1, max: 4 }),
    k: fc.integer({ min: 2, max: 6 }),
    h: fc.integer({ min: 1, max: 5 }),
    before: fc.integer({ min: 1, max: 4 }),
    behind: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(1e6), async (given, seed) => {
      const feeds = feedsOf(given, seed);
      const { results } = await resultsOf(engines.cpu!, byDifference(given), signatureOf(given), feeds);
      const brute = await resultsOf(engines.cpu!, byBruteForce(given), signatureOf(given), feeds);
      expect(disagreement(results, brute.results, { tolerance: 1e-5, floor: 0.5 })).toBeNull();
    }),
    { numRuns: 60 },
  );
});

it('nothing is left of the state where an episode starts', async () => {
  const feeds = feedsOf(FIXED, 5);
  feeds.keep!.fill(1);
  feeds.keep!.fill(0, 0, FIXED.b);
  const run = (given: Arrays) => resultsOf(engines.onnx!, byDifference(FIXED), signatureOf(FIXED), given);
  const blank = { ...feeds, state: new Float32Array(feeds.state!.length) };
  expect((await run(feeds)).results).toEqual((await run(blank)).results);
});
