/** One network as a policy file has it: what an algorithm learned, turned into a distribution over actions. */

import { policyNetwork } from '../algorithms/policy-network.ts';
import * as tf from '../engine/tf.ts';
import type { ActorCritic } from '../networks/actor-critic.ts';
import type { ParameterLayout, ParameterSpec, Weights } from '../networks/parameters.ts';
import type { Signal, SignalTensors } from '../networks/signals.ts';
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
  /** [G, B, M] of those who speak. */
  readonly symbolProbabilities?: tf.Tensor;
  /** [G, B, S]; null without memory. */
  readonly state: tf.Tensor | null;
}

export interface Actor {
  /** Of one network, G = 1. */
  readonly layout: ParameterLayout;
  /** All that was learned of one network, with what does not act, in the order that it was learned in. */
  readonly learned: readonly ParameterSpec[];
  /** S */
  readonly stateSize: number;
  readonly signals: readonly Signal[];
  /** How many symbols can be spoken; 0 for who does not speak. */
  readonly symbols: number;
  readonly acting: Acting;
  /** observation [G, B, ...], state [G, B, S] or null, signals [G, B, slots] each. */
  act(weights: Weights, observation: tf.Tensor, state: tf.Tensor | null, signals: SignalTensors): Acted;
}

/** The policy of an actor-critic, as it is drawn from while learning. @param learned with the models beside it. */
function policyActor(network: ActorCritic, learned: readonly ParameterSpec[]): Actor {
  const { layout, stateSize, signals, symbols } = network;
  return {
    layout,
    learned,
    stateSize,
    signals,
    symbols,
    acting: { kind: 'policy' },
    act(weights, observation, state, given) {
      const step = network.act(weights, observation, state, given);
      return {
        probabilities: tf.softmax(step.logits),
        value: step.values,
        ...(step.symbols === null ? {} : { symbolProbabilities: tf.softmax(step.symbols.logits) }),
        state: step.state,
      };
    },
  };
}

const actors = new WeakMap<Plan, Actor>();

/** One network of a plan's learners, the same object each time. */
export function actorOf(plan: Plan): Actor {
  let actor = actors.get(plan);
  if (actor === undefined) {
    const { algorithm, options, task, config, intrinsic } = plan;
    const silent = intrinsic.map(({ model: _, ...rest }) => rest);
    actor =
      algorithm.actor?.(options, task, config.network) ??
      policyActor(
        policyNetwork(task, config.network, silent, 1),
        policyNetwork(task, config.network, intrinsic, 1).layout.specs,
      );
    actors.set(plan, actor);
  }
  return actor;
}

/** G of a plan. */
export function networksOf({ config, task }: Plan): number {
  return config.network.perPlayer ? task.players : 1;
}
