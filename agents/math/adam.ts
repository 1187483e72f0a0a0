/**
 * Adam, and clipping by the global norm, over one flat vector of all parameters. Pure: what changes comes back new.
 *
 * Follows PyTorch: epsilon is added after the square root of the bias-corrected second moment, and gradients are scaled
 * by maxNorm / (norm + 1e-6). TensorFlow's Adam adds its epsilon before the correction, which is another optimizer where
 * epsilon is large or steps are few.
 */
import * as tf from '../engine/tf.ts';

export interface AdamSettings {
  /** Decay of the first moment, for example 0.9. */
  readonly beta1: number;
  /** Decay of the second moment, for example 0.999. */
  readonly beta2: number;
  /** For example 1e-5 for PPO, 1e-8 as published. */
  readonly epsilon: number;
}

/** Numbers that change with each step, so scalars [] float32 that are fed. */
export interface AdamStep {
  readonly learningRate: tf.Tensor;
  /** 1 - beta1^t at step t = 1, 2, ...: `biasCorrection(beta1, t)`. */
  readonly correction1: tf.Tensor;
  /** 1 - beta2^t. */
  readonly correction2: tf.Tensor;
}

/**
 * One step:
 * m' = beta1 m + (1 - beta1) g, v' = beta2 v + (1 - beta2) g^2,
 * theta' = theta - lr / (1 - beta1^t) m' / (sqrt(v' / (1 - beta2^t)) + epsilon).
 *
 * All vectors are float32 [P]; m and v are 0 before the first step. Source: Kingma & Ba 2015, algorithm 1.
 */
export function adam(
  theta: tf.Tensor,
  gradient: tf.Tensor,
  m: tf.Tensor,
  v: tf.Tensor,
  { learningRate, correction1, correction2 }: AdamStep,
  { beta1, beta2, epsilon }: AdamSettings,
): { theta: tf.Tensor; m: tf.Tensor; v: tf.Tensor } {
  const first = tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1));
  const second = tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2));
  const spread = tf.add(tf.sqrt(tf.div(second, correction2)), epsilon);
  const step = tf.mul(tf.div(learningRate, correction1), tf.div(first, spread));
  return { theta: tf.sub(theta, step), m: first, v: second };
}

/** 1 - beta^t: what a moving average that started at 0 has taken in after t >= 1 steps, in double precision. */
export function biasCorrection(beta: number, t: number): number {
  return 1 - beta ** t;
}

/**
 * Scales a gradient down to a Euclidean norm of at most about `maxNorm`; one that is shorter stays as it is.
 *
 * Source: Pascanu, Mikolov & Bengio 2013; the 1e-6 is PyTorch's.
 * @param gradient float32 [P], of all parameters.
 * @returns the norm as it was before, []: NaN or infinite where the gradient is, which nothing here repairs.
 */
export function clipByGlobalNorm(
  gradient: tf.Tensor,
  maxNorm: number,
): { gradient: tf.Tensor; norm: tf.Scalar } {
  const norm = tf.sqrt<tf.Scalar>(tf.sum(tf.square(gradient)));
  const scale = tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1);
  return { gradient: tf.mul(gradient, scale), norm };
}
