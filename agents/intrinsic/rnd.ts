/**
 * Random network distillation (Burda et al. 2018): observations are paid for by how badly a network predicts what another,
 * of random weights, says of them. It has learned to where it has been often. Its equations are in `details`.
 */
import * as z from 'zod';
import { elementsOf } from '../../shared/environment.ts';
import type { Task } from '../algorithms/algorithm.ts';
import * as tf from '../engine/tf.ts';
import { maskedMean } from '../math/losses.ts';
import type { NetworkOptions } from '../networks/actor-critic.ts';
import type { Field } from '../rollout/rollout.ts';
import {
  checkPlayers,
  type IntrinsicDefinition,
  type IntrinsicPlan,
  intrinsicOptions,
  type Model,
  type ModelBatch,
} from './intrinsic.ts';
import { distillation, featureError } from './rnd-network.ts';
import { FIELDS, isScaled, RndReward } from './rnd-reward.ts';

const NAME = 'rnd';

const schema = z.strictObject({
  ...intrinsicOptions,
  features: z.int().min(1).max(4096).default(64).describe('How many numbers are predicted, F'),
  filters: z
    .int()
    .min(0)
    .max(256)
    .default(6)
    .describe('Filters of the 3x3 convolution over windows, in each of both networks; 0 leaves it out'),
  dense: z
    .array(z.int().min(1).max(4096))
    .max(8)
    .default([64])
    .describe('Units of the dense layers of each of both networks, before the features'),
  gamma: z
    .number()
    .min(0)
    .lt(1)
    .default(0.99)
    .describe('Discount of the intrinsic return whose deviation is the unit of the reward'),
  share: z
    .number()
    .positive()
    .max(1)
    .default(0.25)
    .describe(
      'Part of the samples that the predictor learns from: the more play at a time, the less it needs of each',
    ),
  lossWeight: z.number().min(0).default(1).describe("Weight of the predictor's error in the loss"),
});

export type RndOptions = z.infer<typeof schema>;

export const rnd: IntrinsicDefinition<RndOptions> = {
  name: NAME,
  title: 'Random network distillation',
  summary:
    'A step is paid for by how badly a network that learns predicts what a random one says of the observation it leads to: new ones surprise it.',
  source: 'Burda et al. 2018',
  details: [
    '```',
    'e_t = 1/F |f(o_t+1) - g(o_t+1)|^2          g random and fixed, f learned: loss = lossWeight mean |f(o_t) - g(o_t)|^2 / F',
    'c_t = e_t / deviation of sum_k gamma^k e_t-k',
    '```',
    '',
    'f and g have their own convolution and dense layers, the activation of `network`, and one pair a network where every player',
    'has its own. f learns in the same update as the policy, from `share` of the samples, drawn anew for each segment; g has no',
    'gradient and stays. The deviation is that of all shards so far, and the return in it goes on behind the end of an episode,',
    'as in the paper. Numbers that are no bytes are scaled by their running mean and deviation and cut at 5 before both; bytes,',
    'windows among them, are seen as the policy sees them.',
    '',
    'A step that ends an episode leads to no observation of it and pays nothing. One value head learns both rewards, where the',
    'paper has one each, with discounts of their own.',
  ],
  schema,
  plan,
};

function plan(options: RndOptions, task: Task, network: NetworkOptions): IntrinsicPlan {
  checkPlayers(NAME, options, task);
  const { observation } = task;
  const networks = distillation({ ...options, observation, activation: network.activation });
  const scaled = isScaled(task);
  const fields: Field[] = [
    ...(scaled
      ? [{ name: FIELDS.observation, dtype: 'float32', width: elementsOf(observation), per: 'step' } as const]
      : []),
    ...(options.share < 1 ? [{ name: FIELDS.learns, dtype: 'float32', width: 1, per: 'step' } as const] : []),
  ];
  /** [G, M, ...] */
  const seen = ({ observation: given, field }: ModelBatch) => {
    const x = scaled ? field(FIELDS.observation) : given;
    const [g, l, b] = x.shape as [number, number, number];
    return tf.reshape(x, [g, l * b, ...observation.shape]);
  };
  const model: Model = {
    parameters: networks.parameters,
    fixed: (batch) => networks.target(batch.weights, seen(batch)),
    loss(batch, target) {
      const errors = featureError(networks.predict(batch.weights, seen(batch), 'learn'), target!);
      const counts = options.share < 1 ? tf.reshape(batch.field(FIELDS.learns), errors.shape) : null;
      const loss = maskedMean(errors, counts);
      return { loss: tf.mul(loss, options.lossWeight), statistics: { 'loss/rnd': loss } };
    },
  };
  return {
    name: NAME,
    options,
    model,
    fields,
    create: (setup) => RndReward.create(options, networks, setup),
  };
}
