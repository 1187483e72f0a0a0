/**
 * What PPO, A2C and REINFORCE share: segments are played by the current policy, rewards pass their stages, advantages are
 * estimated, and a few passes over shuffled sequences follow. What tells the three apart is a loss and its coefficients.
 */
import * as z from 'zod';
import type { Described } from '../described.ts';
import type * as tf from '../engine/tf.ts';
import { type Schedule, scheduleSchema } from '../math/schedules.ts';
import type { Heads, NetworkOptions } from '../networks/actor-critic.ts';
import type { AlgorithmDefinition, Measured } from './algorithm.ts';
import { OnPolicyLearner, shapeOf } from './on-policy-learner.ts';
import { policyNetwork } from './policy-network.ts';

/** Options of every on-policy algorithm, with the defaults of PPO; an algorithm's file changes what differs. */
export const onPolicyOptions = {
  learningRate: scheduleSchema({ low: 0 })
    .default([
      [0, 5e-4],
      [1, 0],
    ])
    .describe('Of Adam; a schedule'),
  gamma: z.number().min(0).max(1).default(0.99).describe('Discount of a step'),
  lambda: z.number().min(0).max(1).default(0.95).describe('Of generalized advantage estimation'),
  segment: z
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .describe('Environment steps that are played between updates, in each environment'),
  sequence: z
    .int()
    .min(1)
    .max(10_000)
    .default(20)
    .describe('Steps that gradients flow back through; divides the segment. 1 for networks without memory'),
  epochs: z.int().min(1).max(100).default(1).describe('Passes over each segment'),
  minibatches: z
    .int()
    .min(1)
    .max(10_000)
    .default(8)
    .describe('Updates a pass, on equal parts of the segment'),
  valueCoefficient: z.number().min(0).default(0.5).describe('Weight of the value loss'),
  entropy: scheduleSchema({ low: 0 }).default(0.01).describe("Weight of the policy's entropy; a schedule"),
  gradientClip: z.number().positive().default(0.5).describe("Greatest norm of a network's gradient"),
  adamEpsilon: z.number().positive().default(1e-5).describe('Added to the root of the second moment'),
  normalizeAdvantages: z
    .boolean()
    .default(true)
    .describe("Whether each network's advantages of a segment get mean 0 and deviation 1"),
  rewardScale: z
    .union([z.number(), z.literal('running')])
    .default(1)
    .describe('Rewards are multiplied by it; `running` divides by the running deviation of the return'),
  popArt: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('Rate at which PopArt adapts the value head to its targets, an iteration; 0 leaves it out'),
};

export type OnPolicyOptions = z.infer<z.ZodObject<typeof onPolicyOptions>>;

/** Samples as the loss sees them, [G, M] of G networks unless said. */
export interface Batch {
  /** int32 */
  readonly action: tf.Tensor;
  readonly oldLogProbability: tf.Tensor;
  /** [G, M, A] */
  readonly oldProbabilities: tf.Tensor;
  readonly oldValue: tf.Tensor;
  readonly advantage: tf.Tensor;
  /** What the value head should say. */
  readonly target: tf.Tensor;
}

export interface Loss {
  /** A mean over samples. */
  readonly loss: tf.Tensor;
  /** Scalars to log, by name. */
  readonly statistics: Readonly<Record<string, tf.Tensor>>;
}

/** What makes an on-policy algorithm. */
export interface OnPolicyAlgorithm<O extends OnPolicyOptions> extends Described {
  readonly schema: z.ZodType<O>;
  readonly network?: Partial<NetworkOptions>;
  /** Numbers that change over a run and are fed to the loss, by name. @param memory as `adapt` left it. */
  coefficients(options: O, at: (schedule: Schedule) => number, memory: Float64Array): Record<string, number>;
  loss(heads: Heads, batch: Batch, coefficients: Readonly<Record<string, tf.Tensor>>, options: O): Loss;
  /** Starting values of numbers that adapt to what is measured. */
  memory?(options: O): number[];
  /** Changes them after an iteration. @param last means of the statistics of its last pass. */
  adapt?(options: O, memory: Float64Array, last: Measured): void;
}

export function defineOnPolicy<O extends OnPolicyOptions>(
  algorithm: OnPolicyAlgorithm<O>,
): AlgorithmDefinition<O> {
  const { name, title, summary, source, details, schema, network } = algorithm;
  return {
    name,
    title,
    summary,
    source,
    details,
    schema,
    ...(network === undefined ? {} : { network }),
    intrinsic: true,
    stepsPerIteration: (options, task) =>
      shapeOf(options, task, 0, []).steps * task.environments * task.players,
    parameters: (_, task, networkOptions, intrinsic) =>
      policyNetwork(task, networkOptions, intrinsic).layout.size,
    create: (options, setup) => OnPolicyLearner.create(algorithm, options, setup),
  };
}
