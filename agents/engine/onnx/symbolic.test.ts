import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import './kernels/index.ts';
import { CompileError } from '../errors.ts';
import { float32, type TensorFunction, uint8 } from '../program.ts';
import * as tf from '../tf.ts';
import { encodeModel } from './model.ts';
import { traceAnyBatch } from './symbolic.ts';

const rows = (batch: number) => ({ x: float32(batch, 6) });

/** What a graph makes of rows of 6 numbers, for each of several batches. */
async function outputs(fn: TensorFunction, batches: readonly number[]) {
  const session = await ort.InferenceSession.create(encodeModel(traceAnyBatch('test', fn, rows)));
  const results: { dims: readonly number[]; data: number[] }[] = [];
  for (const batch of batches) {
    const x = Float32Array.from({ length: batch * 6 }, (_, k) => k);
    const { y } = await session.run({ x: new ort.Tensor('float32', x, [batch, 6]) });
    results.push({ dims: y!.dims, data: Array.from(y!.data as Float32Array) });
  }
  return results;
}

describe('traceAnyBatch', () => {
  it('names the batch in inputs and outputs', () => {
    const { inputs, outputs } = traceAnyBatch('test', ({ x }) => ({ y: tf.relu(x!) }), rows);
    expect([inputs[0]!.shape, outputs[0]!.shape]).toEqual([
      ['batch', 6],
      ['batch', 6],
    ]);
  });

  it('runs what is reshaped for any batch', async () => {
    const found = await outputs(({ x }) => ({ y: tf.sum(tf.reshape(x!, [-1, 2, 3]), 2) }), [1, 2]);
    expect(found).toEqual([
      { dims: [1, 2], data: [3, 12] },
      { dims: [2, 2], data: [3, 12, 21, 30] },
    ]);
  });

  it('runs rows that are made more and fewer again', async () => {
    const found = await outputs(
      ({ x }) => ({ y: tf.reshape(tf.sum(tf.reshape(x!, [-1, 2]), 1), [x!.shape[0]!, 3]) }),
      [3],
    );
    expect(found[0]).toEqual({ dims: [3, 3], data: [1, 5, 9, 13, 17, 21, 25, 29, 33] });
  });

  it('computes sides that do not follow from others', async () => {
    // Half of the rows' elements, a slice along the batch itself.
    const fn: TensorFunction = ({ x }) => {
      const flat = tf.reshape(x!, [-1]);
      return { y: tf.slice(flat, [0], [3 * x!.shape[0]!]) };
    };
    await expect(outputs(fn, [2])).rejects.toThrow(/a side of y that is 3 times the batch/);
    const whole: TensorFunction = (inputs) => ({ y: tf.reshape(fn(inputs).y!, [inputs.x!.shape[0]!, 3]) });
    expect((await outputs(whole, [2]))[0]).toEqual({ dims: [2, 3], data: [0, 1, 2, 3, 4, 5] });
  });

  it('gives the same bytes each time', () => {
    const once = () => encodeModel(traceAnyBatch('test', ({ x }) => ({ y: tf.mul(x!, 2) }), rows));
    expect(once()).toEqual(once());
  });

  it('refuses a number that depends on the batch, naming the operator that takes it', () => {
    const mean: TensorFunction = ({ x }) => ({ y: tf.div(x!, x!.shape[0]!) });
    expect(() => traceAnyBatch('uneven', mean, rows)).toThrow(CompileError);
    expect(() => traceAnyBatch('uneven', mean, rows)).toThrow(
      /compiling uneven: the graph depends on the size of the batch in a constant that (Mul|Div) takes/,
    );
  });

  it('refuses constants as long as the batch', () => {
    const fn: TensorFunction = ({ x }) => ({
      y: tf.add(x!, tf.reshape(tf.range(0, x!.shape[0]!), [-1, 1])),
    });
    expect(() => traceAnyBatch('ranked', fn, rows)).toThrow(
      /input \d of \w+ \(node \d+\), a constant whose size is the batch, cannot be made symbolic/,
    );
  });

  it('refuses inputs that have no batch', () => {
    expect(() =>
      traceAnyBatch(
        'none',
        ({ x }) => ({ y: tf.cast(x!, 'float32') }),
        () => ({ x: uint8(3) }),
      ),
    ).toThrow(/the batch, which is the first side of no input/);
  });
});
