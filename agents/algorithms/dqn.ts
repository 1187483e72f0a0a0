/**
 * Deep Q-learning (Mnih et al. 2015) by every player for itself, the others part of its world, on transitions drawn from a
 * memory of what was played with exploration. What others do changes while the memory keeps what they did: a player's
 * transitions are of a world that is gone, and the smaller the memory the less so. Its equations are in `details`.
 */
import * as z from 'zod';
import { type Schedule, scheduleSchema, valueAt } from '../math/schedules.ts';
import type { NetworkOptions } from '../networks/actor-critic.ts';
import { type QNetwork, qNetwork } from '../networks/q-network.ts';
import { qActor } from '../policies/q-actor.ts';
import type { AlgorithmDefinition, Task } from './algorithm.ts';
import { DqnLearner } from './dqn-learner.ts';

const schema = z.strictObject({
  learningRate: scheduleSchema({ low: 0 }).default(2.5e-4).describe('Of Adam; a schedule'),
  gamma: z.number().min(0).max(1).default(0.99).describe('Discount of a step'),
  buffer: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(5000)
    .describe(
      'Environment steps that the memory keeps of each environment: times environments and players, so many transitions',
    ),
  batch: z
    .int()
    .min(1)
    .max(100_000)
    .default(128)
    .describe(
      'Transitions of a gradient step, from the memory of each shard; as many for each player where each has a network',
    ),
  learningStarts: z
    .int()
    .min(0)
    .default(10_000)
    .describe('Player steps that are played before the first gradient step'),
  trainEvery: z
    .int()
    .min(1)
    .max(100_000)
    .default(4)
    .describe('Environment steps that are played between trainings, in each environment'),
  gradientSteps: z.int().min(1).max(100_000).default(1).describe('Gradient steps of a training'),
  targetEvery: z.int().min(1).default(500).describe('Gradient steps between renewals of the target network'),
  targetKeep: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe(
      'Share of itself that the target network keeps when it is renewed: 0 copies the weights, 0.995 with targetEvery 1 is a Polyak average',
    ),
  exploration: z
    .enum(['epsilon', 'boltzmann'])
    .default('epsilon')
    .describe('A random action now and then, or actions by their values'),
  epsilon: scheduleSchema({ low: 0, high: 1 })
    .default([
      [0, 1],
      [0.1, 0.05],
    ])
    .describe('epsilon: probability of a random action; a schedule'),
  temperature: scheduleSchema({ low: 1e-6 })
    .default([
      [0, 1],
      [0.5, 0.01],
    ])
    .describe('boltzmann: in units of the (scaled) return, low is greedy; a schedule'),
  huber: z.boolean().default(true).describe('Whether errors beyond 1 count linearly instead of squared'),
  double: z
    .boolean()
    .default(true)
    .describe('Whether the online network chooses the next action that the target network values'),
  dueling: z.boolean().default(false).describe('Whether Q is the sum of a value and advantages'),
  nStep: z
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .describe(
      'Rewards that are summed before a value is asked. Above 1 the later actions were those of older policies and no importance weight corrects for that: only approximately off-policy',
    ),
  gradientClip: z.number().positive().default(10).describe("Greatest norm of a network's gradient"),
  adamEpsilon: z.number().positive().default(1e-8).describe('Added to the root of the second moment'),
  rewardScale: z.number().default(1).describe('Rewards are multiplied by it'),
});

export type DqnOptions = z.infer<typeof schema>;

export const dqn: AlgorithmDefinition<DqnOptions> = {
  name: 'dqn',
  title: 'DQN',
  summary:
    'Deep Q-learning from a replay memory, each player by itself: double, dueling and n-step as options, epsilon-greedy or Boltzmann exploration.',
  source: 'Mnih et al. 2015; van Hasselt et al. 2016; Wang et al. 2016',
  details: [
    '```',
    "y = sum over k < n of gamma^k r_{t+k} + gamma^n max over a' of Q_target(o_{t+n}, a')",
    '',
    'double:   the maximum becomes Q_target(o_{t+n}, argmax over b of Q(o_{t+n}, b))',
    'dueling:  Q(o, a) = V(o) + A(o, a) - mean over b of A(o, b)',
    'L = mean huber(Q(o_t, a_t) - y), or 1/2 mean (Q(o_t, a_t) - y)^2',
    '```',
    '',
    'n is `nStep`. Where the episode ended within the n steps the sum ends there: with nothing more where it was terminated,',
    'with the value of the final observation where it was truncated. Transitions are drawn uniformly, and the network has no',
    'LSTM. What others do changes while the memory keeps what they did: with several players a smaller memory is fresher.',
  ],
  schema,
  network: { lstm: 0 },

  intrinsic: false,

  stepsPerIteration({ buffer, nStep, trainEvery }, task) {
    if (buffer < nStep) {
      throw new RangeError(
        `algo.buffer (${buffer}) must be at least algo.nStep (${nStep}): a transition is as many steps long`,
      );
    }
    return trainEvery * task.environments * task.players;
  },

  parameters: (options, task, network) => networkOf(options, task, network).layout.size,

  actor(options, task, network) {
    const one = qNetwork(task.observation, task.actions, network, options.dueling, 1);
    return qActor(one, actingAtLast(options));
  },

  async create(options, setup) {
    const network = networkOf(options, setup.task, setup.network);
    return DqnLearner.create(options, setup, network);
  },
};

function networkOf({ dueling }: DqnOptions, task: Task, options: NetworkOptions): QNetwork {
  const networks = options.perPlayer ? task.players : 1;
  return qNetwork(task.observation, task.actions, options, dueling, networks);
}

/** How it acts when the schedules are through. */
function actingAtLast({ exploration, epsilon, temperature }: DqnOptions) {
  const last = (schedule: Schedule) => valueAt(schedule, Number.POSITIVE_INFINITY, 1);
  return exploration === 'epsilon'
    ? ({ kind: 'epsilon-greedy', epsilon: last(epsilon) } as const)
    : ({ kind: 'boltzmann', temperature: last(temperature) } as const);
}
