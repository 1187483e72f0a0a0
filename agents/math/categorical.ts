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
  const count = rows.shape[rows.rank - 1]!;
  return tf.sum(tf.mul(rows, tf.oneHot(actions as tf.Tensor1D, count, 1, 0, 'float32')), -1);
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

/**
 * Draws an index by the inverse of the cumulative sum.
 *
 * Float32 probabilities may sum to a little less than 1: what is missing goes to the last index that can be drawn at
 * all, so that no action with probability 0 is ever returned.
 * @param probabilities float32; `count` of them from `offset` on, not all 0.
 * @param u uniform in [0, 1).
 * @returns an index in [0, count).
 */
export function sample(probabilities: Float32Array, offset: number, count: number, u: number): number {
  let sum = 0;
  let possible = 0;
  for (let i = 0; i < count; i++) {
    const p = probabilities[offset + i]!;
    if (p <= 0) continue;
    sum += p;
    if (u < sum) return i;
    possible = i;
  }
  return possible;
}

/** The index in [0, count) of the largest of `count` values from `offset` on; the first of equals. */
export function argmax(values: Float32Array, offset: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[offset + i]! > values[offset + best]!) best = i;
  return best;
}
