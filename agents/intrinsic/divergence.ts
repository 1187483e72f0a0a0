/**
 * How much an action changes what somebody else does: between what is predicted given the action that was taken, and the
 * same with that action averaged out under the policy that chose it (Jaques et al. 2019, equation 2; all in nats):
 *
 *   m(b) = sum_a pi(a) p(b | a)
 *   KL:   sum_b p(b | a*) log [p(b | a*) / m(b)]
 *   JSD:  1/2 KL(p || h) + 1/2 KL(m || h),  h = (p + m) / 2
 *   PMI:  log p(b* | a*) - log m(b*), of what was done, b*
 *
 * The mean of the first over a* drawn from pi is the mutual information of the two actions.
 */
import * as tf from '../engine/tf.ts';

export const DIVERGENCES = ['kl', 'jsd', 'pmi'] as const;
export type Divergence = (typeof DIVERGENCES)[number];

/** Below it a probability is not told from 0. */
const TINY = 1e-30;

const log = (x: tf.Tensor) => tf.log(tf.maximum(x, TINY));

/** sum_b p(b) (log p(b) - log q(b)), [..., C] to [...]; rounding does not make it negative. */
function klOf(p: tf.Tensor, q: tf.Tensor): tf.Tensor {
  return tf.maximum(tf.sum(tf.mul(p, tf.sub(log(p), log(q))), -1), 0);
}

/**
 * @param p [..., K, J, C] what J others will do, C ways, given each of K alternatives.
 * @param taken [..., K] one-hot, which of them it was.
 * @param pi [..., K] how likely each was.
 * @param done [..., J, C] one-hot, what the others did; for PMI only.
 * @returns [..., J]
 */
export function influence(
  divergence: Divergence,
  p: tf.Tensor,
  taken: tf.Tensor,
  pi: tf.Tensor,
  done: tf.Tensor | null,
): tf.Tensor {
  const axis = p.rank - 3;
  const overAlternatives = (x: tf.Tensor) => tf.expandDims(tf.expandDims(x, -1), -1);
  const factual = tf.sum(tf.mul(p, overAlternatives(taken)), axis);
  // As a sum of differences: where the action changes nothing, they are 0 and so is the reward, to the last digit.
  const difference = tf.sum(tf.mul(tf.sub(p, tf.expandDims(factual, axis)), overAlternatives(pi)), axis);
  // The action taken has its share in the mixture, which rounding may not take away: KL is at most -log pi(a*).
  const share = tf.expandDims(tf.expandDims(tf.sum(tf.mul(pi, taken), -1), -1), -1);
  const marginal = tf.maximum(tf.add(factual, difference), tf.mul(share, factual));
  switch (divergence) {
    case 'kl':
      return klOf(factual, marginal);
    case 'jsd': {
      const half = tf.mul(tf.add(factual, marginal), 0.5);
      return tf.mul(tf.add(klOf(factual, half), klOf(marginal, half)), 0.5);
    }
    case 'pmi':
      return tf.sum(tf.mul(done!, tf.sub(log(factual), log(marginal))), -1);
  }
}
