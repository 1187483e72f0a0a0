/**
 * A policy's programs, in the order that rollouts have: columns are environment-major, [E, N]. Where every player has a
 * network of its own, columns are turned to [N, E] inside, so that the products are batched over networks.
 */
import type { ArraySpec } from '../../shared/environment.ts';
import type { Engine } from '../engine/index.ts';
import { type CompileOptions, float32, type Program, type Signature, uint8 } from '../engine/program.ts';
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

/** [G, L * U', ...] of sequences back to [L, U, N, ...]. */
export function sequencesByColumn(x: tf.Tensor, steps: number, players: number): tf.Tensor {
  const [networks, rows, ...rest] = x.shape as [number, number, ...number[]];
  if (networks === 1) return tf.reshape(x, [steps, rows / steps / players, players, ...rest]);
  const apart = tf.reshape(x, [networks, steps, rows / steps, ...rest]);
  return tf.transpose(apart, [1, 2, 0, ...rest.map((_, k) => k + 3)]);
}

/** What the heads of a network give for a step, by the names of a program's outputs. */
export interface ActOutputs {
  readonly probabilities: string;
  readonly values: string;
}

/** Of actions, and of symbols. */
export const ACT_OUTPUTS: readonly ActOutputs[] = [
  { probabilities: 'probabilities', values: 'values' },
  { probabilities: 'symbolProbabilities', values: 'symbolValues' },
];

/**
 * One step for `environments` times `players` columns: theta [P], observation [E, N, ...], with memory state [E * N, S] and
 * each signal [E, N, slots] uint8; gives probabilities [E * N, A], values [E * N] and nextState [E * N, S], and where symbols
 * are spoken symbolProbabilities [E * N, M] and symbolValues [E * N]. Theta may be held.
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
    ...Object.fromEntries(
      network.signals.map(({ name, slots }) => [name, uint8(environments, players, slots)]),
    ),
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
        Object.fromEntries(network.signals.map(({ name }) => [name, byNetwork(inputs[name]!, networks)])),
      );
      const outputs = [step, ...(step.symbols === null ? [] : [step.symbols])].flatMap((heads, k) => [
        [ACT_OUTPUTS[k]!.probabilities, byColumn(tf.softmax(heads.logits), environments, players)] as const,
        [ACT_OUTPUTS[k]!.values, byColumn(heads.values, environments, players)] as const,
      ]);
      return {
        ...Object.fromEntries(outputs),
        ...(step.state === null ? {} : { nextState: byColumn(step.state, environments, players) }),
      };
    },
    signature,
    options,
  );
}
