/**
 * The categorical distribution over actions: over logits as tensors, which can be traced, and over probabilities as typed
 * arrays, which is how actions are drawn.
 *
 * Logits are float32 [..., A], unnormalized log-probabilities, and must be finite: an action that is not allowed has a
 * logit of -1e9 or so, not -Infinity, whose product with a probability of 0 is not a number. Logarithms are natural, so
 * entropies and divergences are in nats.
 */
import * as tf from '../engine/tf.ts';

/** log p(a) = logit_a - log sum_b exp(logit_b). [..., A] to [..., A]. */
export function logProbabilities(logits: tf.Tensor): tf.Tensor {
  return tf.logSoftmax(logits);
}

/**
 * log p(actions).
 *
 * By a product with one-hot rows: its gradient is a product too, where that of a gather would be a scatter.
 * @param logits [..., A] float32.
 * @param actions [...] int32 in [0, A).
 * @returns [...] float32.
 */
export function logProbabilityOf(logits: tf.Tensor, actions: tf.Tensor): tf.Tensor {
  return chosen(logProbabilities(logits), actions);
}

/** The entries of `rows` [..., A] float32 at `actions` [...] int32: [...] float32. */
export function chosen(rows: tf.Tensor, actions: tf.Tensor): tf.Tensor {
  return tf.sum(tf.mul(rows, oneHot(actions, rows.shape[rows.rank - 1]!)), -1);
}

/** [...] int32 to [..., count] float32; zeros for an index that is not in [0, count). */
export function oneHot(x: tf.Tensor, count: number): tf.Tensor {
  return tf.oneHot(x as tf.Tensor1D, count, 1, 0, 'float32');
}

/** H = -sum_a p(a) log p(a), in [0, log A]. [..., A] to [...]. */
export function entropy(logits: tf.Tensor): tf.Tensor {
  const logs = logProbabilities(logits);
  return tf.neg(tf.sum(tf.mul(tf.exp(logs), logs), -1));
}

/** KL(p || q) = sum_a p(a) (log p(a) - log q(a)), never negative. Both [..., A], to [...]. */
export function klDivergence(logitsP: tf.Tensor, logitsQ: tf.Tensor): tf.Tensor {
  const p = logProbabilities(logitsP);
  return tf.sum(tf.mul(tf.exp(p), tf.sub(p, logProbabilities(logitsQ))), -1);
}

export { argmax, sample } from './sample.ts';
