/**
 * A policy's programs, in the order that rollouts have: columns are environment-major, [E, N]. Where every player has a
 * network of its own, columns are turned to [N, E] inside, so that the products are batched over networks.
 */
import type { ArraySpec } from '../../shared/environment.ts';
import type { Engine } from '../engine/index.ts';
import { type CompileOptions, float32, type Program, type Signature } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import type { ActorCritic } from './actor-critic.ts';

/** [U, N, ...] to [G, U', ...]: one network sees all columns, or each sees its player's. */
export function byNetwork(x: tf.Tensor, networks: number): tf.Tensor {
  const [units, players, ...rest] = x.shape as [number, number, ...number[]];
  if (networks === 1) return tf.reshape(x, [1, units * players, ...rest]);
  return tf.transpose(x, [1, 0, ...rest.map((_, k) => k + 2)]);
}

/** The way back, to [U * N, ...]. */
export function byColumn(x: tf.Tensor, units: number, players: number): tf.Tensor {
  const [networks, , ...rest] = x.shape as [number, number, ...number[]];
  if (networks === 1) return tf.reshape(x, [units * players, ...rest]);
  const turned = tf.transpose(x, [1, 0, ...rest.map((_, k) => k + 2)]);
  return tf.reshape(turned, [units * players, ...rest]);
}

/** [L, U, N, ...] to [G, L, U', ...]. */
export function sequencesByNetwork(x: tf.Tensor, networks: number): tf.Tensor {
  const [steps, units, players, ...rest] = x.shape as [number, number, number, ...number[]];
  if (networks === 1) return tf.reshape(x, [1, steps, units * players, ...rest]);
  return tf.transpose(x, [2, 0, 1, ...rest.map((_, k) => k + 3)]);
}

/**
 * One step for `environments` times `players` columns: theta [P], observation [E, N, ...] and, with memory, state
 * [E * N, S]; gives probabilities [E * N, A], values [E * N] and nextState [E * N, S]. Theta may be held.
 */
export function actProgram(
  engine: Engine,
  network: ActorCritic,
  observation: ArraySpec,
  environments: number,
  players: number,
  options: CompileOptions = {},
): Promise<Program> {
  const { networks, size } = network.layout;
  const columns = environments * players;
  const memoryless = network.stateSize === 0;
  const signature: Signature = {
    theta: float32(size),
    observation: { dtype: observation.dtype, shape: [environments, players, ...observation.shape] },
    ...(memoryless ? {} : { state: float32(columns, network.stateSize) }),
  };
  return engine.compile(
    `act ${environments}x${players}`,
    (inputs) => {
      const state = memoryless
        ? null
        : byNetwork(tf.reshape(inputs.state!, [environments, players, network.stateSize]), networks);
      const step = network.act(
        network.layout.unpack(inputs.theta!),
        byNetwork(inputs.observation!, networks),
        state,
      );
      return {
        probabilities: byColumn(tf.softmax(step.logits), environments, players),
        values: byColumn(step.values, environments, players),
        ...(step.state === null ? {} : { nextState: byColumn(step.state, environments, players) }),
      };
    },
    signature,
    options,
  );
}
