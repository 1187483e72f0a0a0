/** DAgger (Ross, Gordon and Bagnell 2011): cloning that goes on where the clone gets to. */
import * as z from 'zod';
import { elementsOf } from '../../shared/environment.ts';
import { POLICY_NAMES } from '../../shared/policies/index.ts';
import { MAX_ASKED, MAX_ASKED_BYTES } from '../../shared/protocol/agents/gateway.ts';
import { emptyDemonstrations, readDemonstrations } from '../imitation/data.ts';
import type { Demonstrations } from '../imitation/demonstrations.ts';
import { type Expert, ScriptedExpert } from '../imitation/experts.ts';
import { cloneNetwork, ImitationLearner, refuseChangedData, stepsOf } from '../imitation/learner.ts';
import { imitationOptions } from '../imitation/options.ts';
import { ExpertTeacher } from '../imitation/teacher.ts';
import { TrainingUsageError } from '../training/errors.ts';
import type { AlgorithmDefinition, LearnerSetup, Prepared, Task } from './algorithm.ts';

const schema = z.strictObject({
  ...imitationOptions,
  expert: z
    .enum(['person', ...POLICY_NAMES])
    .default('person')
    .describe('Who says what would have been right: a person in the browser, or a scripted policy'),
  labels: z
    .int()
    .min(1)
    .max(10_000)
    .default(40)
    .describe('States that the expert is asked about in a round, of each shard'),
  rounds: z.int().min(1).max(100_000).default(20).describe('Iterations between rounds'),
  context: z
    .int()
    .min(0)
    .max(100)
    .default(5)
    .describe('Steps before a state that go along with it, to be seen and to fill the memory'),
  choose: z
    .enum(['entropy', 'random'])
    .default('entropy')
    .describe('Which states of a segment: those that the policy is least sure of, or any'),
});

export type DaggerOptions = z.infer<typeof schema>;

export const dagger: AlgorithmDefinition<DaggerOptions> = {
  name: 'dagger',
  title: 'DAgger',
  summary:
    'Cloning that goes on: the clone plays, an expert says what it would have done where the clone got to, and it learns from that too.',
  source: 'Ross, Gordon and Bagnell 2011',
  details: [
    '```',
    'D_0 = recordings, pi_0 learned from them',
    'round i: pi_{i-1} plays; of the states it comes to, K are labelled by the expert; D_i = D_{i-1} and these',
    'L = -mean log pi(a*|o) over D_i, a* the action of the expert',
    '```',
    '',
    'Ross et al. mix the expert into the first round; here recordings take that place, and without any the first states are',
    'those of a policy that knows nothing. A round is due every `rounds` iterations: the first one in the first iteration',
    'without recordings, else after `rounds` iterations of learning from these, and a run that would end before is refused.',
    'Learning begins from the weights as they are, with everything that has been labelled by then.',
  ],
  schema,
  intrinsic: false,
  asks: true,

  stepsPerIteration(options) {
    if (options.context + 1 > options.sequence) {
      throw new RangeError(
        `algo.sequence (${options.sequence}) must be more than algo.context (${options.context}): a state and what came before it are one sequence`,
      );
    }
    if (options.context >= options.segment) {
      throw new RangeError(
        `algo.segment (${options.segment}) must be more than algo.context (${options.context}): what came before a state is of the same segment`,
      );
    }
    return stepsOf(options);
  },

  parameters: (_, task, network) => cloneNetwork(task, network).layout.size,

  prepare(options, task, run, saved) {
    const { arena, shards } = run;
    const person = options.expert === 'person';
    if (person && arena === undefined) {
      throw new TrainingUsageError(
        'dagger asks people: say at which arena with --arena URL and a token, or have a scripted policy answer with --expert greedy',
      );
    }
    if (arena?.room !== undefined) {
      throw new TrainingUsageError(
        'dagger plays environments of its own and asks people at the arena: leave out --room',
      );
    }
    const bytes = options.labels * (options.context + 1) * elementsOf(task.observation);
    if (person && bytes > MAX_ASKED_BYTES) {
      throw new TrainingUsageError(
        `algo.labels times algo.context are ${bytes} bytes of windows, people are shown at most ${MAX_ASKED_BYTES} in a round`,
      );
    }
    if (person && (shards !== 1 || options.labels > MAX_ASKED)) {
      throw new TrainingUsageError(
        shards !== 1
          ? `people are asked by one shard: set shards=1, not ${shards}`
          : `algo.labels (${options.labels}): people are asked about at most ${MAX_ASKED} states in a round`,
      );
    }
    refuseUnasked(options, run);
    refuseChangedData(seedOf(options, task, run), saved);
  },

  async create(options, setup) {
    const { task, collective } = setup;
    const teacher = new ExpertTeacher(
      {
        every: options.rounds,
        seeded: options.data.length > 0,
        count: options.labels,
        context: options.context,
        by: options.choose,
      },
      await expertOf(options, setup),
      collective.own.length,
      task.revealsActions ? task.players : 0,
      setup.network.lstm > 0,
    );
    // What is labelled differs from shard to shard.
    const data = collective.own.map(() => seedOf(options, task, setup));
    return ImitationLearner.create(options, setup, data, teacher);
  },
};

/** @throws {TrainingUsageError} for a run that would end before the first round. */
function refuseUnasked(options: DaggerOptions, { steps, shards }: Prepared): void {
  const { data, rounds } = options;
  // Without recordings the first iteration asks.
  if (data.length === 0) return;
  const each = stepsOf(options) * shards;
  const iterations = Math.ceil(steps / each);
  if (iterations > rounds) return;
  const sooner = iterations > 1 ? `, or a round sooner, algo.rounds=${iterations - 1} at most` : '';
  throw new TrainingUsageError(
    `nobody would be asked: ${steps} steps are ${iterations} iteration${iterations === 1 ? '' : 's'} of ${each}, and with recordings the first round comes after ${rounds} (algo.rounds): ask for more than ${rounds * each} steps${sooner}`,
  );
}

async function expertOf({ expert }: DaggerOptions, { task, arena }: LearnerSetup): Promise<Expert> {
  if (expert !== 'person') return new ScriptedExpert(task, expert);
  if (arena === undefined) throw new Error('there is no arena to ask people at');
  // Whoever asks nobody need not wait for a way over the network.
  const { PersonExpert } = await import('../imitation/person.ts');
  const announce = (link: string) => process.stdout.write(`say what you would do at: ${link}\n`);
  return new PersonExpert(task, { ...arena, announce }, `${task.definition.title}: what would you do?`);
}

/** What there is before anybody is asked. @throws {RecordingError} */
function seedOf(
  options: DaggerOptions,
  task: Task,
  { network, seed }: Pick<LearnerSetup, 'network' | 'seed'>,
): Demonstrations {
  const memory = network.lstm > 0;
  return options.data.length === 0
    ? emptyDemonstrations(options, task, memory)
    : readDemonstrations(options, task, seed, memory);
}
