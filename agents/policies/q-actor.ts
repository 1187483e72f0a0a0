/** Policies of learners that have values of actions: what they would draw while exploring as they did at last. */
import * as tf from '../engine/tf.ts';
import { oneHot } from '../math/categorical.ts';
import type { QNetwork } from '../networks/q-network.ts';
import type { Actor } from './actor.ts';
import type { Acting } from './card.ts';

/**
 * The probabilities [G, B, A] of actions with values q [G, B, A]: epsilon-greedy, p(a) = epsilon / A, and 1 - epsilon more
 * for the first of the best; or Boltzmann, p(a) proportional to exp(q(a) / temperature).
 */
export function explored(q: tf.Tensor, acting: Exclude<Acting, { kind: 'policy' }>): tf.Tensor {
  if (acting.kind === 'boltzmann') return tf.softmax(tf.div(q, acting.temperature));
  const actions = q.shape.at(-1)!;
  const best = oneHot(tf.argMax(q, -1), actions);
  return tf.add(tf.mul(best, 1 - acting.epsilon), acting.epsilon / actions);
}

/** One network; its value is that of the best action. */
export function qActor({ layout, values }: QNetwork, acting: Exclude<Acting, { kind: 'policy' }>): Actor {
  return {
    layout,
    learned: layout.specs,
    stateSize: 0,
    signals: [],
    symbols: 0,
    acting,
    act(weights, observation) {
      const q = values(weights, observation, 'act');
      return { probabilities: explored(q, acting), value: tf.max(q, -1), values: q, state: null };
    },
  };
}
