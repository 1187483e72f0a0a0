/**
 * What an intrinsic reward is: a stage between rollout and advantages that pays players for something the environment does
 * not pay for. One file a reward and a line in `index.ts`; any on-policy algorithm, alone or with others.
 *
 * A reward may bring a model that is learned with the policy, in the same update: parameters behind the network's own, a
 * loss, and fields of the rollout that the loss is computed from. It may put signals before the policy, or let players
 * speak. What it pays is a number that was computed before: no gradient flows through a reward.
 */
import * as z from 'zod';
import type { LearnerSetup, Saved, Task } from '../algorithms/algorithm.ts';
import type { Means } from '../algorithms/means.ts';
import type { Described } from '../described.ts';
import type * as tf from '../engine/tf.ts';
import { scheduleSchema } from '../math/schedules.ts';
import type { ActorCritic, NetworkOptions } from '../networks/actor-critic.ts';
import type { ParameterSpec, Weights } from '../networks/parameters.ts';
import type { Seen } from '../networks/torso.ts';
import type { Field, Rollout, RolloutShape } from '../rollout/rollout.ts';
import type { Collective } from '../training/collective.ts';

/** Options of every intrinsic reward. */
export const intrinsicOptions = {
  weight: scheduleSchema({ low: 0 })
    .default(1)
    .describe(
      "What a unit of it is worth, beside the environment's reward as that is before it is scaled; a schedule",
    ),
  curriculum: scheduleSchema({ low: 0 })
    .default(1)
    .describe('Factor of the weight, for coming in slowly; a schedule'),
  clip: z.number().positive().default(10).describe('Greatest intrinsic reward of a step, before the weight'),
  players: z
    .union([z.literal('all'), z.array(z.int().min(0)).min(1)])
    .default('all')
    .describe('Who is paid it: `all`, or a list of players, from 0 on'),
};

export type IntrinsicOptions = z.infer<z.ZodObject<typeof intrinsicOptions>>;

/** Samples of a minibatch as a model's loss sees them. */
export interface ModelBatch {
  /** Of the whole network, with those of the model. */
  readonly weights: Weights;
  /** What the policy's convolution saw in M = L * U' rows. */
  readonly seen: Seen;
  /** [G, L, U', ...observation] */
  readonly observation: tf.Tensor;
  /** [G, L, U'] 0 where an episode starts with the step; null without memory. */
  readonly keep: tf.Tensor | null;
  /** [G, L, U', width] of a field a step, [G, U', width] of one a sequence. */
  field(name: string): tf.Tensor;
}

export interface ModelLoss {
  /** A mean over samples, times its weight. */
  readonly loss: tf.Tensor;
  /** Scalars to log, by name. */
  readonly statistics: Readonly<Record<string, tf.Tensor>>;
}

/** What is learned with the policy. */
export interface Model {
  readonly parameters: readonly ParameterSpec[];
  /** What is computed from weights and held fixed while the gradient is taken; none by default. */
  fixed?(batch: ModelBatch): tf.Tensor;
  loss(batch: ModelBatch, fixed: tf.Tensor | null): ModelLoss;
}

/** What a reward needs of network and rollout, known before either is made. */
export interface IntrinsicPlan {
  readonly name: string;
  readonly options: IntrinsicOptions;
  /** How many symbols can be spoken; nobody speaks by default. */
  readonly symbols?: number;
  /** Which choices it rewards: what is done, by default, or what is said. */
  readonly pays?: 'actions' | 'symbols';
  /** [N] 1 for those who can be paid at all; everybody by default. */
  readonly earners?: Uint8Array;
  readonly fields?: readonly Field[];
  readonly model?: Model;
  create(setup: IntrinsicSetup): Promise<Intrinsic>;
}

/** What a reward at work is made from. */
export interface IntrinsicSetup {
  readonly learner: LearnerSetup;
  readonly network: ActorCritic;
  readonly shape: RolloutShape;
  /** [P], read when it is computed. */
  readonly theta: Float32Array;
  /** Of the own shards. */
  readonly rollouts: readonly Rollout[];
}

/** [T, B] of a shard. The stage has them in double precision, so that rewards are rounded once, when they are added. */
export type Payments = Float32Array | Float64Array;

/** A reward at work in one worker. */
export interface Intrinsic {
  /**
   * Computes the reward of each player step of all own shards, before weight, clip and choice of players, and what the
   * model learns from.
   * @param out [own shards][T, B], zeroed before.
   */
  compute(out: readonly Payments[]): Promise<void>;
  /** Adds what it has measured since the last call, of all shards: the same in every worker. Called once an iteration. */
  measure?(means: Means, collective: Collective): void;
  saveShared?(): Saved;
  /** @param index of an own shard. */
  saveShard?(index: number): Saved;
  load?(shared: Saved, shards: readonly Saved[]): void;
}

export interface IntrinsicDefinition<O extends IntrinsicOptions = never> extends Described {
  /** Strict, every field with a default and a description. */
  readonly schema: z.ZodType<O>;
  /** @throws {RangeError} for options that do not go with the task or the network. */
  plan(options: O, task: Task, network: NetworkOptions): IntrinsicPlan;
}

/**
 * @param earners [N] 1 for those who can be paid at all.
 * @throws {RangeError} for players that a task does not have, or who cannot be paid.
 */
export function checkPlayers(
  name: string,
  { players }: IntrinsicOptions,
  task: Task,
  earners?: Uint8Array,
): void {
  if (players === 'all') return;
  const wrong = players.find((player) => player >= task.players);
  if (wrong !== undefined) {
    throw new RangeError(
      `intrinsic.${name}.players names player ${wrong}, ${task.definition.name} has players 0 to ${task.players - 1}`,
    );
  }
  const idle = players.find((player) => earners?.[player] === 0);
  if (idle !== undefined) {
    const those = [...task.leads.keys()].filter((player) => earners![player] === 1);
    throw new RangeError(
      `intrinsic.${name}.players names player ${idle}, whom it never pays; it does ${those.join(', ')}`,
    );
  }
}

/** @throws {RangeError} for a network that has no place for what others do or say to work on. */
export function requireMemory(name: string, network: NetworkOptions): void {
  if (network.lstm > 0) return;
  throw new RangeError(
    `intrinsic.${name} asks policies again from their memory: network.lstm must be above 0`,
  );
}

/** @throws {RangeError} where nobody is there to be influenced. */
export function requireOthers(name: string, task: Task): void {
  if (task.players > 1) return;
  throw new RangeError(
    `intrinsic.${name} is about others, and ${task.definition.name} here has one player: give env.players 2 or more, or another environment`,
  );
}
