/**
 * What an LSTM would have made of another choice in its input. A choice is a one-hot row, so its weight row is all that
 * differs in the pre-activations: z(a) = z - w(a*) + w(a), from the same state. K alternatives cost K evaluations of the
 * gates, not K steps.
 */
import * as tf from '../engine/tf.ts';
import { lstmCell } from '../networks/lstm.ts';
import type { Weights } from '../networks/parameters.ts';

/**
 * Walks an LSTM along sequences, for what stands at each step. @param x [G, L * B, D] inputs. @param state [G, B, 2H] before
 * the first. @param keep [G, L, B] 0 where an episode starts. @param visit is told of each step before it is taken.
 * @returns the state behind the last step, [G, B, 2H].
 */
export function walk(
  weights: Weights,
  name: string,
  x: tf.Tensor,
  state: tf.Tensor,
  keep: tf.Tensor,
  visit: (z: tf.Tensor, cBefore: tf.Tensor, t: number) => void,
): tf.Tensor {
  const steps = keep.shape[1]!;
  const fromX = tf.add(tf.matMul(x, weights[`${name}/x`]!), tf.expandDims(weights[`${name}/bias`]!, 1));
  const along = (tensor: tf.Tensor) => (steps === 1 ? [tensor] : tf.split(tensor, steps, 1));
  const keeps = along(keep).map((k) => tf.reshape(k, [k.shape[0]!, k.shape[2]!, 1]));
  let [h, c] = tf.split(state, 2, -1) as [tf.Tensor, tf.Tensor];
  along(fromX).forEach((input, t) => {
    const z = tf.add(input, tf.matMul(tf.mul(h, keeps[t]!), weights[`${name}/h`]!));
    const before = tf.mul(c, keeps[t]!);
    visit(z, before, t);
    ({ h, c } = lstmCell(tf.split(z, 4, -1), before));
  });
  return tf.concat([h, c], -1);
}

/**
 * The LSTM's output for each alternative: [G, B, K, H].
 * @param z [G, B, 4H] of what was. @param cBefore [G, B, H]
 * @param rows [G, K, 4H] weight rows of the alternatives. @param taken [G, B, K] one-hot, which of them it was.
 */
export function alternatives(z: tf.Tensor, cBefore: tf.Tensor, rows: tf.Tensor, taken: tf.Tensor): tf.Tensor {
  const without = tf.split(tf.sub(z, tf.matMul(taken, rows)), 4, -1);
  // Gate by gate: cut apart afterwards, they would be copied.
  const gates = tf
    .split(rows, 4, -1)
    .map((row, k) => tf.add(tf.expandDims(without[k]!, 2), tf.expandDims(row, 1)));
  return lstmCell(gates, tf.expandDims(cBefore, 2)).h;
}
