/**
 * For tests: the networks again in plain tfjs, network by network, step by step, with no gradient written by hand. Slow,
 * and what the fast ones are held against.
 */
import { PALETTE } from '../../shared/palette.ts';
import * as tf from '../engine/tf.ts';
import type { Activation } from './layers.ts';
import type { Weights } from './parameters.ts';

/** The weights of one network of G, each without the axis of networks. */
export function ofNetwork(weights: Weights, g: number): Weights {
  return Object.fromEntries(
    Object.entries(weights).map(([name, all]) => [name, tf.gather(all, tf.scalar(g, 'int32'))]),
  );
}

const dense = (weights: Weights, name: string, x: tf.Tensor) =>
  tf.add(tf.matMul(x, weights[`${name}/kernel`]!), weights[`${name}/bias`]!);

/** Class ids [M, height, width] to features [M, units]: colours, a convolution, dense layers. */
export function plainTorso(
  weights: Weights,
  ids: tf.Tensor,
  layers: number,
  activation: Activation,
): tf.Tensor {
  const activate = activation === 'relu' ? tf.relu : tf.tanh;
  const palette = tf.div(tf.tensor(Array.from(PALETTE), [256, 3]), 255);
  const window = tf.gather(palette, ids as tf.Tensor3D) as tf.Tensor4D;
  const filter = weights['torso/conv/filter'] as tf.Tensor4D;
  const convolved = activate(tf.add(tf.conv2d(window, filter, 1, 'valid'), weights['torso/conv/bias']!));
  let x = tf.reshape(convolved, [ids.shape[0]!, -1]);
  for (let k = 1; k <= layers; k++) x = activate(dense(weights, `torso/dense${k}`, x));
  return x;
}

/** One step of the LSTM with its gates in the order i, f, o, g: x [B, D], h and c [B, H]. */
export function plainLstmStep(weights: Weights, x: tf.Tensor, h: tf.Tensor, c: tf.Tensor) {
  const z = tf.add(
    tf.add(tf.matMul(x, weights['lstm/x']!), tf.matMul(h, weights['lstm/h']!)),
    weights['lstm/bias']!,
  );
  const [i, f, o, g] = tf.split(z, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const next = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
  return { h: tf.mul(tf.sigmoid(o), tf.tanh(next)), c: next };
}

/** x [T, B, D], state [B, 2H], keep [T, B] to h of each step [T, B, H]. */
export function plainLstm(weights: Weights, x: tf.Tensor, state: tf.Tensor, keep: tf.Tensor): tf.Tensor {
  let [h, c] = tf.split(state, 2, 1) as [tf.Tensor, tf.Tensor];
  const kept = tf.unstack(keep);
  const outputs = tf.unstack(x).map((input, t) => {
    const still = tf.expandDims(kept[t]!, 1);
    ({ h, c } = plainLstmStep(weights, input, tf.mul(h, still), tf.mul(c, still)));
    return h;
  });
  return tf.stack(outputs);
}

/** Logits [M, A] and values [M] of features [M, units]. */
export function plainHeads(weights: Weights, x: tf.Tensor): { logits: tf.Tensor; values: tf.Tensor } {
  return { logits: dense(weights, 'policy', x), values: tf.squeeze(dense(weights, 'value', x), [1]) };
}
