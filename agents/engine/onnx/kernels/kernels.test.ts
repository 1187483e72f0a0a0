/** Each kernel of the tracing backend, as ONNX Runtime and the eager backends carry it out, against tfjs in JavaScript. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../../shared/random.ts';
import { disagreement, resultsOf } from '../../agree.ts';
import { type BackendName, type Engine, openEngine } from '../../index.ts';
import { type Arrays, allocate, type Signature, type TensorFunction } from '../../program.ts';
import * as tf from '../../tf.ts';
import { TRACE_BACKEND } from '../trace.ts';
import { CASES, type KernelCase } from './cases/index.ts';
import './index.ts';

const registered = tf.getKernelsForBackend(TRACE_BACKEND);
const called = new Set<string>();
for (const kernel of registered) {
  const { kernelName, kernelFunc } = kernel;
  kernel.kernelFunc = (call) => {
    called.add(kernelName);
    return kernelFunc(call);
  };
}

let reference: Engine;
beforeAll(async () => {
  reference = await openEngine('cpu');
});

/** What other backends of tfjs do not do, or not as well, and no program here needs. */
const NOT_THERE: Partial<Record<BackendName, RegExp>> = {
  // The logarithm of 1 + x as it is rounded.
  wasm: /^Log1p near 0$/,
  // Refuses what it is given, or divides by the zeros that programs are tried on.
  'tfjs-node':
    /^Conv2D.*3x3, 1,|^Conv2D.*2x2, 2,|^GatherV2 at a negative axis|^StridedSlice without|^FloorDiv of integers/,
};

const engines: Engine[] = [];
for (const backend of ['onnx', 'wasm', 'tfjs-node'] as const) {
  try {
    engines.push(await openEngine(backend));
  } catch (error) {
    // TensorFlow is not everywhere.
    console.warn(`skipped: ${(error as Error).message}`);
  }
}

const inputName = (k: number) => `x${k}`;

function feedsOf({ inputs, data }: KernelCase): { signature: Signature; feeds: Arrays } {
  const signature = Object.fromEntries(inputs.map((spec, k) => [inputName(k), spec]));
  const feeds = allocate(signature);
  const random = new Random().seed(1);
  inputs.forEach(({ dtype }, k) => {
    const array = feeds[inputName(k)]!;
    for (let i = 0; i < array.length; i++) {
      const drawn = dtype === 'float32' ? 4 * random.uniform() - 2 : Math.floor(7 * random.uniform()) - 3;
      array[i] = data[k] === undefined ? drawn : data[k][i]!;
    }
  });
  return { signature, feeds };
}

/** What is computed, with the types that tfjs says it has. Programs give no flags, so these leave as integers. */
async function carriedOut(engine: Engine, tested: KernelCase) {
  const { signature, feeds } = feedsOf(tested);
  let types: string[] = [];
  const fn: TensorFunction = (inputs) => {
    const computed = tested.compute(...tested.inputs.map((_, k) => inputs[inputName(k)]!));
    const all = Array.isArray(computed) ? computed : [computed];
    types = all.map((tensor) => `${tensor.dtype} [${tensor.shape.join(', ')}]`);
    return Object.fromEntries(
      all.map((tensor, k) => [`y${k}`, tensor.dtype === 'bool' ? tf.cast(tensor, 'int32') : tensor]),
    );
  };
  return { ...(await resultsOf(engine, fn, signature, feeds)), types };
}

it('every kernel that is registered has cases', () => {
  expect(Object.keys(CASES).sort()).toEqual(registered.map(({ kernelName }) => kernelName).sort());
});

describe.each(engines)('on $backend', (engine) => {
  describe.each(Object.entries(CASES))('%s', (kernel, all) => {
    const cases = all.filter(({ name }) => !NOT_THERE[engine.backend]?.test(`${kernel} ${name}`));

    it.each(cases)('$name', async (tested) => {
      called.clear();
      const actual = await carriedOut(engine, tested);
      const reached = called.has(kernel);
      const expected = await carriedOut(reference, tested);
      expect(reached).toBe(engine.backend === 'onnx');
      expect(actual.types).toEqual(expected.types);
      expect(actual.outputs).toEqual(expected.outputs);
      expect(disagreement(actual.results, expected.results)).toBeNull();
    });
  });
});
