/** One network as a policy file has it: what an algorithm learned, turned into a distribution over actions. */

import * as tf from '../engine/tf.ts';
import { type ActorCritic, actorCritic } from '../networks/actor-critic.ts';
import type { ParameterLayout, Weights } from '../networks/parameters.ts';
import type { Plan } from '../training/config.ts';
import type { Acting } from './card.ts';

/** What a step gives of B rows of G networks. */
export interface Acted {
  /** [G, B, A] */
  readonly probabilities: tf.Tensor;
  /** [G, B] */
  readonly value: tf.Tensor;
  /** [G, B, A] of learners that have values of actions, and probabilities by these only. */
  readonly values?: tf.Tensor;
  /** [G, B, S]; null without memory. */
  readonly state: tf.Tensor | null;
}

export interface Actor {
  /** Of one network, G = 1. */
  readonly layout: ParameterLayout;
  /** S */
  readonly stateSize: number;
  readonly acting: Acting;
  /** observation [G, B, ...], state [G, B, S] or null. */
  act(weights: Weights, observation: tf.Tensor, state: tf.Tensor | null): Acted;
}

/** The policy of an actor-critic, as it is drawn from while learning. */
export function policyActor(network: ActorCritic): Actor {
  return {
    layout: network.layout,
    stateSize: network.stateSize,
    acting: { kind: 'policy' },
    act(weights, observation, state) {
      const step = network.act(weights, observation, state);
      return { probabilities: tf.softmax(step.logits), value: step.values, state: step.state };
    },
  };
}

const actors = new WeakMap<Plan, Actor>();

/** One network of a plan's learners, the same object each time. */
export function actorOf(plan: Plan): Actor {
  let actor = actors.get(plan);
  if (actor === undefined) {
    const { algorithm, options, task, config } = plan;
    actor =
      algorithm.actor?.(options, task, config.network) ??
      policyActor(actorCritic(task.observation, task.actions, config.network, 1));
    actors.set(plan, actor);
  }
  return actor;
}

/** G of a plan. */
export function networksOf({ config, task }: Plan): number {
  return config.network.perPlayer ? task.players : 1;
}
