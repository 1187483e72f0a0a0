/**
 * Losses of policies and value functions: scalars to minimize, over any shape [...] of samples.
 *
 * All are written in elementwise operations and sums, so that they trace to a graph that needs no rare kernel. A mask is
 * float32 [...] of 0 and 1 and says which samples count; null says that all do. Samples that do not count must still be
 * finite: 0 times infinity is not a number.
 */
import * as tf from '../engine/tf.ts';

/** A number that never changes, or a float32 scalar that a schedule feeds. */
export type Coefficient = number | tf.Tensor;

/** sum(x mask) / sum(mask), and 0 where nothing counts; the mean of all where `mask` is null. */
export function maskedMean(x: tf.Tensor, mask: tf.Tensor | null): tf.Scalar {
  if (mask === null) return tf.mean<tf.Scalar>(x);
  // The mask is 0 and 1: a sum below 1 is 0.
  return tf.div<tf.Scalar>(tf.sum(tf.mul(x, mask)), tf.maximum(tf.sum(mask), 1));
}

/** L = -mean(log pi(a|o) A): REINFORCE and A2C. Source: Williams 1992. All [...]; no gradient belongs into A. */
export function policyGradientLoss(
  logp: tf.Tensor,
  advantages: tf.Tensor,
  mask: tf.Tensor | null,
): tf.Scalar {
  return tf.neg(maskedMean(tf.mul(logp, advantages), mask));
}

/**
 * PPO's clipped surrogate: L = -mean min(rho A, clip(rho, 1 - eps, 1 + eps) A), rho = pi(a|o) / pi_old(a|o).
 *
 * The minimum makes it a lower bound: a step that makes things better counts no further than the clip, one that makes
 * them worse counts wholly. Source: Schulman et al. 2017, "Proximal policy optimization algorithms", equation 7.
 * @param logp [...] log pi(a|o), the parameters' own.
 * @param oldLogp [...] log pi_old(a|o), as it was when the action was drawn.
 * @param advantages [...] A, normalized or not.
 * @param clip eps > 0.
 * @returns the loss, and which share of the samples had rho outside 1 - eps and 1 + eps.
 */
export function clippedSurrogate(
  logp: tf.Tensor,
  oldLogp: tf.Tensor,
  advantages: tf.Tensor,
  clip: Coefficient,
  mask: tf.Tensor | null,
): { loss: tf.Scalar; clipFraction: tf.Scalar } {
  const ratio = tf.exp(tf.sub(logp, oldLogp));
  const surrogate = tf.minimum(
    tf.mul(ratio, advantages),
    tf.mul(clamp(ratio, tf.sub(1, clip), tf.add(1, clip)), advantages),
  );
  const outside = tf.cast(tf.greater(tf.abs(tf.sub(ratio, 1)), clip), 'float32');
  return { loss: tf.neg(maskedMean(surrogate, mask)), clipFraction: maskedMean(outside, mask) };
}

/**
 * The value function's loss: L = 1/2 mean (V - G)^2, or with clipping
 * L = 1/2 mean max((V - G)^2, (V_old + clip(V - V_old, -eps, eps) - G)^2).
 *
 * Source: the clipped form is that of OpenAI's baselines (2017); Huang et al. 2022, "The 37 implementation details of
 * proximal policy optimization", detail 9, finds no good in it. The half is theirs too.
 * @param values [...] V, the parameters' own.
 * @param targets [...] G.
 * @param clipping values [...] as they were in the rollout and eps > 0, in units of the value; null for none.
 */
export function valueLoss(
  values: tf.Tensor,
  targets: tf.Tensor,
  clipping: { readonly oldValues: tf.Tensor; readonly clip: Coefficient } | null,
  mask: tf.Tensor | null,
): tf.Scalar {
  let squares: tf.Tensor = tf.square(tf.sub(values, targets));
  if (clipping !== null) {
    const { oldValues, clip } = clipping;
    const near = tf.add(oldValues, clamp(tf.sub(values, oldValues), tf.neg(clip), clip));
    squares = tf.maximum(squares, tf.square(tf.sub(near, targets)));
  }
  return tf.mul<tf.Scalar>(0.5, maskedMean(squares, mask));
}

/**
 * Huber's loss, element by element: e^2 / 2 where |e| <= delta, delta (|e| - delta / 2) outside. [...] to [...].
 *
 * Written as c (e - c / 2) with c = clip(e, -delta, delta), which is the same and needs neither branch nor sign. Its
 * gradient is c. Source: Huber 1964; Mnih et al. 2015 for Q-learning.
 */
export function huber(errors: tf.Tensor, delta = 1): tf.Tensor {
  const clipped = tf.clipByValue(errors, -delta, delta);
  return tf.mul(clipped, tf.sub(errors, tf.mul(0.5, clipped)));
}

/**
 * Estimates KL(pi_old || pi) from actions that pi_old drew: mean (rho - 1 - log rho). Never negative, since
 * x - 1 >= log x. In nats.
 *
 * Source: Schulman 2020, "Approximating KL divergence", the third estimator.
 */
export function approximateKl(logp: tf.Tensor, oldLogp: tf.Tensor, mask: tf.Tensor | null): tf.Scalar {
  const logRatio = tf.sub(logp, oldLogp);
  return maskedMean(tf.sub(tf.sub(tf.exp(logRatio), 1), logRatio), mask);
}

/** min(max(x, low), high) with bounds that may be tensors, which `tf.clipByValue` does not take. */
function clamp(x: tf.Tensor, low: Coefficient, high: Coefficient): tf.Tensor {
  return tf.minimum(tf.maximum(x, low), high);
}

/**
 * How much of the targets' variance the values explain: 1 - Var(G - V) / Var(G). 1 is all of it, 0 no more than a
 * constant would, below 0 less.
 *
 * @param mask which elements count where it is not 0; null for all.
 * @returns NaN where the targets do not vary: there was nothing to explain.
 */
export function explainedVariance(
  values: Float32Array,
  targets: Float32Array,
  mask: Float32Array | Uint8Array | null = null,
): number {
  let count = 0;
  let mean = 0;
  let squares = 0;
  let errorMean = 0;
  let errorSquares = 0;
  for (let i = 0; i < targets.length; i++) {
    if (mask !== null && mask[i] === 0) continue;
    count++;
    // Welford's recurrence, twice: sums of squares about the mean so far.
    const target = targets[i]!;
    const difference = target - mean;
    mean += difference / count;
    squares += difference * (target - mean);
    const error = target - values[i]!;
    const errorDifference = error - errorMean;
    errorMean += errorDifference / count;
    errorSquares += errorDifference * (error - errorMean);
  }
  return squares > 0 ? 1 - errorSquares / squares : Number.NaN;
}
