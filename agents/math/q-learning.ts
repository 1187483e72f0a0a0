/**
 * Targets of Q-learning and the dueling head. Q values are float32 [..., A], of an observation and each action.
 *
 * No gradient belongs into a target: compute it outside of what is differentiated, or feed it.
 */
import * as tf from '../engine/tf.ts';
import { chosen } from './categorical.ts';
import type { Coefficient } from './losses.ts';

/** What a (possibly n-step) transition earned: all [...] float32. */
export interface Transition {
  /** sum_{k<n} gamma^k r_{t+k}. */
  readonly rewards: tf.Tensor;
  /** gamma^n, with n the steps that were summed: fewer than asked for where the episode ended. */
  readonly discounts: Coefficient;
  /** 1 where the episode terminated within them, else 0: after a truncated one the final observation has a value. */
  readonly terminated: tf.Tensor;
}

/**
 * y = R + gamma^n (1 - terminated) max_a Q_target(o', a). Where n > 1 the actions in between were an older policy's and
 * nothing corrects for that.
 *
 * Source: Watkins & Dayan 1992; Mnih et al. 2015. @returns [...]
 */
export function qTargets(transition: Transition, nextTarget: tf.Tensor): tf.Tensor {
  return backup(transition, tf.max(nextTarget, -1));
}

/**
 * Double Q-learning: y = R + gamma^n (1 - terminated) Q_target(o', argmax_a Q_online(o', a)), so that noise that makes an
 * action look best is not also what it is valued by.
 *
 * Source: van Hasselt, Guez & Silver 2016. @returns [...]
 */
export function doubleQTargets(
  transition: Transition,
  nextOnline: tf.Tensor,
  nextTarget: tf.Tensor,
): tf.Tensor {
  return backup(transition, chosen(nextTarget, tf.argMax(nextOnline, -1)));
}

/**
 * Q(o, a) = V(o) + A(o, a) - mean_b A(o, b): the mean pins down what part of the sum is whose.
 *
 * Source: Wang et al. 2016, "Dueling network architectures", equation 9.
 * @param values [..., 1]. @param advantages [..., A]. @returns [..., A]
 */
export function dueling(values: tf.Tensor, advantages: tf.Tensor): tf.Tensor {
  return tf.add(values, tf.sub(advantages, tf.mean(advantages, -1, true)));
}

function backup({ rewards, discounts, terminated }: Transition, next: tf.Tensor): tf.Tensor {
  return tf.add(rewards, tf.mul(tf.mul(discounts, tf.sub(1, terminated)), next));
}
