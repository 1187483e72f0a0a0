/**
 * Social influence by a model of other agents, MOA (Jaques et al. 2019, section 6): decentralised, every player predicts the
 * others from what it sees and what all did, and is paid for how much its own action changes what it predicts. Its equations
 * are in `details`.
 */
import * as z from 'zod';
import type { Task } from '../algorithms/algorithm.ts';
import * as tf from '../engine/tf.ts';
import { chosen, logProbabilities } from '../math/categorical.ts';
import { maskedMean } from '../math/losses.ts';
import type { NetworkOptions } from '../networks/actor-critic.ts';
import { visibleField } from '../rollout/rollout.ts';
import { influenceOptions } from './influence.ts';
import {
  checkPlayers,
  type IntrinsicDefinition,
  type IntrinsicPlan,
  type Model,
  requireOthers,
} from './intrinsic.ts';
import { type MoaNetwork, moaNetwork } from './moa-network.ts';
import { FIELDS, MoaReward } from './moa-reward.ts';

const schema = z.strictObject({
  ...influenceOptions,
  visibleOnly: z
    .boolean()
    .default(true)
    .describe('Whether only players count that one sees, for the reward and for what is learned'),
  lossWeight: z.number().min(0).default(1).describe("Weight of the model's cross-entropy in the loss"),
  dense: z
    .array(z.int().min(1).max(4096))
    .max(8)
    .default([32, 32])
    .describe("Units of the model's dense layers, behind the policy's convolution"),
  lstm: z.int().min(1).max(4096).default(128).describe("Units of the model's LSTM"),
});

export type MoaOptions = z.infer<typeof schema>;

export const influenceMoa: IntrinsicDefinition<MoaOptions> = {
  name: 'influence-moa',
  title: 'Social influence, by a model of other agents',
  summary:
    'Every player learns to predict what the others do next, and is paid for how much its own action changes the prediction.',
  source: 'Jaques et al. 2019, section 6',
  details: [
    'At step t player k sees o, all act (a_1 .. a_N), and its model, an LSTM with dense layers of its own behind the',
    "policy's convolution, says p(a_j at t + 1 | a_k, the others' actions, o) for each other player j. The influence of a_k is",
    '',
    '```',
    'c_k = sum over visible j of D[ p(a_j | a_k, .) || sum over a of pi_k(a | o) p(a_j | a, .) ]',
    '```',
    '',
    "with all alternatives a taken from the same state of the model's LSTM, which costs one evaluation of its gates each. D is",
    'the KL divergence, the Jensen-Shannon divergence or, pointwise, log p - log m of what j did. The first and the last step',
    'of an episode pay nothing. The model learns by cross-entropy from what the others did next, in the same update as the',
    'policy, on the same steps.',
  ],
  schema,
  plan,
};

/** The model that players of a task have with these options, behind the convolution of their network. */
export function moaFor(
  { dense, lstm }: MoaOptions,
  { players, actions, observation }: Task,
  { filters, activation }: NetworkOptions,
): MoaNetwork {
  return moaNetwork({ players, actions, observation, filters, activation, dense, lstm });
}

function plan(options: MoaOptions, task: Task, network: NetworkOptions): IntrinsicPlan {
  requireOthers('influence-moa', task);
  checkPlayers('influence-moa', options, task);
  const moa = moaFor(options, task, network);
  const others = task.players - 1;
  const model: Model = {
    parameters: moa.parameters,
    loss({ weights, seen, keep, field }) {
      const logits = moa.learn(weights, seen, field(FIELDS.joint), field(FIELDS.state), keep!);
      const next = rows(field(FIELDS.next));
      const counts = rows(field(FIELDS.counts));
      const loss = tf.neg(maskedMean(chosen(logProbabilities(logits), next), counts));
      return { loss: tf.mul(loss, options.lossWeight), statistics: { 'loss/moa': loss } };
    },
  };
  return {
    name: 'influence-moa',
    options,
    model,
    fields: [
      { name: FIELDS.joint, dtype: 'uint8', width: task.players, per: 'step' },
      { name: FIELDS.next, dtype: 'uint8', width: others, per: 'step' },
      { name: FIELDS.counts, dtype: 'float32', width: others, per: 'step' },
      { name: FIELDS.state, dtype: 'float32', width: moa.stateSize, per: 'sequence' },
      ...(options.visibleOnly ? [visibleField(task.players)] : []),
    ],
    create: (setup) => MoaReward.create(options, moa, setup),
  };
}

/** [G, L, B, J] to [G, L * B, J]. */
function rows(x: tf.Tensor): tf.Tensor {
  const [g, l, b, width] = x.shape as [number, number, number, number];
  return tf.reshape(x, [g, l * b, width]);
}
