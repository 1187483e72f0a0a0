/** Which graphs take weights inside; that they compute the same is tested with the engine and with the networks. */
import { expect, it } from 'vitest';
import { float32, type TensorFunction } from '../program.ts';
import * as tf from '../tf.ts';
import { HeldModel } from './held.ts';
import './kernels/index.ts';
import { trace } from './trace.ts';
import { withViews } from './views.ts';

const OPTIONS = { graphOptimizationLevel: 'all', logSeverityLevel: 3 } as const;

function held(fn: TensorFunction): Promise<HeldModel | null> {
  const { graph, views } = withViews(trace('held', fn, { x: float32(3, 2), w: float32(6) }).graph);
  const pieces = views.w ?? [{ name: 'w', offset: 0, shape: [6] }];
  return HeldModel.of(
    graph,
    pieces.map((piece) => ({ ...piece, input: 'w' })),
    OPTIONS,
  );
}

const cut = (w: tf.Tensor) => tf.split(w, [4, 2]) as [tf.Tensor, tf.Tensor];

it('weights that are turned and added are found again', async () => {
  const model = await held(({ x, w }) => {
    const [kernel, bias] = cut(w!);
    return { y: tf.add(tf.matMul(x!, tf.transpose(tf.reshape(kernel, [2, 2]))), bias) };
  });
  expect([...model!.inputNames]).toEqual(['x']);
});

it('weights that are computed with before they meet an input are not, and so are fed', async () => {
  expect(await held(({ x, w }) => ({ y: tf.add(x!, tf.sum(tf.square(w!))) }))).toBeNull();
});
