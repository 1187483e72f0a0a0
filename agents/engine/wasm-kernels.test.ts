/** What was added to the WebAssembly backend against those of the plain JavaScript backend, and against sums by hand. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadEager } from './tensorflow.ts';
import * as tf from './tf.ts';

beforeAll(async () => {
  await loadEager('cpu');
  await loadEager('wasm');
});

/** What `compute` gives on a backend. Its tensors are made there and gone afterwards. */
async function on(
  backend: 'cpu' | 'wasm',
  compute: () => tf.Tensor,
): Promise<{ shape: number[]; data: number[] }> {
  await tf.setBackend(backend);
  return tf.tidy(() => {
    const result = compute();
    return { shape: result.shape, data: Array.from(result.dataSync()) };
  });
}

async function expectSame(compute: () => tf.Tensor): Promise<void> {
  const wanted = await on('cpu', compute);
  const found = await on('wasm', compute);
  expect(found.shape).toEqual(wanted.shape);
  found.data.forEach((value, i) => {
    expect(value).toBeCloseTo(wanted.data[i]!, 4);
  });
}

/** Numbers in [-1, 1] that are the same on every backend. */
function numbers(shape: number[], seed: number): tf.Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  let state = seed + 1;
  const next = () => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff;
  return tf.tensor(
    Float32Array.from({ length: size }, () => 2 * next() - 1),
    shape,
  );
}

describe('the gradient of a convolution by its filter', () => {
  it('of a 2x2 input under a 1x1 filter is the product summed over places', async () => {
    // 1*1 + 2*10 + 3*100 + 4*1000.
    const result = await on('wasm', () => {
      const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
      const filter = tf.tensor4d([5], [1, 1, 1, 1]);
      const weights = tf.tensor4d([1, 10, 100, 1000], [1, 2, 2, 1]);
      return tf.grad((f) => tf.sum(tf.mul(tf.conv2d(x, f as tf.Tensor4D, 1, 'valid'), weights)))(filter);
    });
    expect(result).toEqual({ shape: [1, 1, 1, 1], data: [4321] });
  });
});

it('convolutions and both their gradients agree with the JavaScript backend for any shape, stride and padding', async () => {
  const side = fc.integer({ min: 1, max: 3 });
  const shapes = fc.record({
    batch: side,
    height: fc.integer({ min: 3, max: 7 }),
    width: fc.integer({ min: 3, max: 7 }),
    inputs: side,
    outputs: side,
    filterHeight: side,
    filterWidth: side,
    strides: fc.tuple(side, side),
    pad: fc.constantFrom('valid' as const, 'same' as const),
  });
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat(1e6), async (s, seed) => {
      const x = () => numbers([s.batch, s.height, s.width, s.inputs], seed) as tf.Tensor4D;
      const filter = () =>
        numbers([s.filterHeight, s.filterWidth, s.inputs, s.outputs], seed + 1) as tf.Tensor4D;
      const convolve = (x: tf.Tensor, f: tf.Tensor) =>
        tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, s.strides, s.pad);
      const gradients = () => tf.grads((x, f) => tf.sum(tf.square(convolve(x, f))))([x(), filter()]);
      await expectSame(() => convolve(x(), filter()));
      await expectSame(() => gradients()[0]!);
      await expectSame(() => gradients()[1]!);
    }),
    { numRuns: 100 },
  );
});

describe('the sum of segments', () => {
  it('adds rows of the same id and drops ids outside', async () => {
    const result = await on('wasm', () =>
      tf.unsortedSegmentSum(
        tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]),
        tf.tensor1d([2, 0, 2, 3], 'int32'),
        3,
      ),
    );
    expect(result).toEqual({ shape: [3, 2], data: [3, 4, 0, 0, 6, 8] });
  });

  it('keeps integers integers', async () => {
    await tf.setBackend('wasm');
    const sums = tf.unsortedSegmentSum(tf.tensor1d([1, 2], 'int32'), tf.tensor1d([1, 1], 'int32'), 2);
    expect([sums.dtype, Array.from(sums.dataSync())]).toEqual(['int32', [0, 3]]);
    sums.dispose();
  });

  it('gives an embedding the gradient that the JavaScript backend gives it', async () => {
    await expectSame(() => {
      const table = numbers([5, 3], 1);
      const ids = tf.tensor2d([0, 4, 4, 1, 0, 0], [2, 3], 'int32');
      return tf.grad((t: tf.Tensor) => tf.sum(tf.square(tf.gather(t, ids))))(table);
    });
  });
});

describe('products of matrices', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])(
    'with transposed %s, %s agree with the JavaScript backend, batched and not',
    async (transposeA, transposeB) => {
      for (const batch of [[], [2], [2, 3]]) {
        await expectSame(() =>
          tf.matMul(
            numbers([...batch, ...(transposeA ? [4, 3] : [3, 4])], 1),
            numbers([...batch, ...(transposeB ? [5, 4] : [4, 5])], 2),
            transposeA,
            transposeB,
          ),
        );
      }
    },
  );
});

describe('a bias that is a reshape of something else', () => {
  const bias = () => tf.reshape(numbers([1, 3], 3), [3]) as tf.Tensor1D;

  it('is added to a convolution', async () => {
    await expectSame(() =>
      tf.fused.conv2d({
        x: numbers([2, 4, 4, 2], 1) as tf.Tensor4D,
        filter: numbers([2, 2, 2, 3], 2) as tf.Tensor4D,
        strides: 1,
        pad: 'valid',
        bias: bias(),
        activation: 'relu',
      }),
    );
  });

  it('is added to a product of matrices', async () => {
    await expectSame(() => tf.fused.matMul({ a: numbers([2, 4], 1), b: numbers([4, 3], 2), bias: bias() }));
  });
});

it('nothing that is added leaves tensors behind', async () => {
  await tf.setBackend('wasm');
  const step = () =>
    tf.tidy(() => {
      const x = numbers([2, 4, 4, 2], 1) as tf.Tensor4D;
      const filter = numbers([2, 2, 2, 3], 2) as tf.Tensor4D;
      const table = numbers([3, 6], 3);
      const ids = tf.tensor1d([0, 2, 2], 'int32');
      const loss = (f: tf.Tensor, t: tf.Tensor) => {
        const features = tf.reshape(tf.conv2d(x, f as tf.Tensor4D, 1, 'valid'), [-1, 6]);
        return tf.sum(tf.matMul(features, tf.gather(t, ids), false, true));
      };
      for (const gradient of tf.grads(loss)([filter, table])) gradient.dataSync();
    });
  step();
  const before = tf.memory();
  step();
  const after = tf.memory();
  expect([after.numTensors, after.numDataBuffers]).toEqual([before.numTensors, before.numDataBuffers]);
});
