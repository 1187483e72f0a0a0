/**
 * Influential communication (Jaques et al. 2019, section 5): every player says a symbol a step, all hear it in the next, and
 * who speaks is paid for how much what was said changes what the others do. Its equations are in `details`.
 */
import * as z from 'zod';
import { deriveSeed } from '../../shared/random.ts';
import type { Task } from '../algorithms/algorithm.ts';
import type { Means } from '../algorithms/means.ts';
import { addCoordination, CoordinationSamples, IN_TRAINING } from '../coordination/samples.ts';
import type { NetworkOptions } from '../networks/actor-critic.ts';
import { playerIn } from '../networks/signal-names.ts';
import type { Collective } from '../training/collective.ts';
import { type Listening, listenings } from './heard-influence.ts';
import { influenceOptions } from './influence.ts';
import {
  checkPlayers,
  type Intrinsic,
  type IntrinsicDefinition,
  type IntrinsicPlan,
  type IntrinsicSetup,
  requireMemory,
  requireOthers,
} from './intrinsic.ts';

const NAME = 'influence-communication';

const schema = z.strictObject({
  ...influenceOptions,
  vocabulary: z
    .int()
    .min(2, 'a vocabulary needs two symbols or more, or there is nothing to say')
    .max(250)
    .default(10)
    .describe('How many symbols there are'),
  environment: z
    .number()
    .min(0)
    .default(1)
    .describe("Share of the environment's reward that who speaks is paid for what it says"),
});

export type CommunicationOptions = z.infer<typeof schema>;

export const influenceCommunication: IntrinsicDefinition<CommunicationOptions> = {
  name: NAME,
  title: 'Influential communication',
  summary:
    'Every player says a symbol a step, which all hear in the next, and is paid for how much what it says changes what the others do.',
  source: 'Jaques et al. 2019, section 5',
  details: [
    'A second head with a value of its own draws a symbol m of `vocabulary`; the last symbols of all, one-hot, go into',
    "everybody's LSTM. What player k says at step t is paid, beside the share `environment` of its reward,",
    '',
    '```',
    'c_k = sum over j of D[ pi_j(a | m_k, o_j) || sum over m of pi_k(m | o_k) pi_j(a | m, o_j) ]   at step t + 1',
    '```',
    '',
    "where the listeners' policies are asked again with each alternative symbol, from the same recurrent state. Only the head",
    'that speaks is paid it; that of actions learns from the environment alone. The last step of an episode pays nothing, and',
    'neither does the last of a segment, whose listeners have not acted yet.',
  ],
  schema,
  plan,
};

function plan(options: CommunicationOptions, task: Task, network: NetworkOptions): IntrinsicPlan {
  requireOthers(NAME, task);
  checkPlayers(NAME, options, task);
  requireMemory(NAME, network);
  return {
    name: NAME,
    options,
    symbols: options.vocabulary,
    pays: 'symbols',
    async create(setup) {
      const listening = await listenings(setup, 'heardSymbols', options.divergence);
      return new Communication(options, listening, setup);
    },
  };
}

class Communication implements Intrinsic {
  readonly #options: CommunicationOptions;
  readonly #listening: readonly Listening[];
  readonly #samples: readonly CoordinationSamples[];

  constructor(
    options: CommunicationOptions,
    listening: readonly Listening[],
    { learner, shape }: IntrinsicSetup,
  ) {
    this.#options = options;
    this.#listening = listening;
    this.#samples = learner.collective.own.map(
      (shard) =>
        new CoordinationSamples({
          players: shape.players,
          actions: shape.actions,
          symbols: options.vocabulary,
          seed: deriveSeed(learner.seed, shard),
          ...IN_TRAINING,
        }),
    );
  }

  async compute(out: readonly Float32Array[]): Promise<void> {
    for (const [index, listening] of this.#listening.entries()) {
      const { rollout } = listening;
      this.#share(listening);
      spokenBefore(listening);
      await listening.run();
      pay(listening, out[index]!);
      this.#samples[index]!.addSegment({
        steps: rollout.shape.steps,
        actions: rollout.actions,
        symbols: rollout.symbols!.actions,
        influence: out[index]!,
        ended: rollout.ended,
      });
    }
  }

  #share({ rollout }: Listening): void {
    const { environment } = this.#options;
    if (environment === 1) return;
    const { rewards } = rollout.symbols!;
    for (let i = 0; i < rewards.length; i++) rewards[i]! *= environment;
  }

  measure(means: Means, collective: Collective): void {
    const { names } = this.#samples[0]!;
    const rows = collective.exchange((row, shard) => {
      this.#samples[collective.own.indexOf(shard)]!.takeRow(row, 0);
    });
    for (const row of rows) addCoordination(means, names, row, 0);
  }

  saveShard(index: number) {
    return this.#samples[index]!.save();
  }

  load(_: unknown, shards: readonly ReturnType<CoordinationSamples['save']>[]): void {
    for (const [index, saved] of shards.entries()) this.#samples[index]!.load(saved);
  }
}

/** Into `pi`: how likely those who were heard were to say each symbol, at the step before. */
function spokenBefore({ rollout, pi }: Listening): void {
  const { columns, shape, starts, symbols } = rollout;
  const { steps, players } = shape;
  const { probabilities, choices } = symbols!;
  const others = players - 1;
  for (let i = 0; i < steps * columns; i++) {
    const at = i * others * choices;
    // What was said before the segment is not paid any more, and what was said before the episode nobody heard.
    if (i < columns || starts[i] === 1) {
      pi.fill(0, at, at + others * choices);
      continue;
    }
    const player = i % players;
    const first = i - columns - player;
    for (let j = 0; j < others; j++) {
      const speaker = first + playerIn(j + 1, player, players);
      for (let m = 0; m < choices; m++) {
        pi[at + j * choices + m] = probabilities[speaker * choices + m]!;
      }
    }
  }
}

/** What changed the others in a step goes to who said it in the step before. */
function pay({ rollout, influence }: Listening, out: Float32Array): void {
  const { columns, shape, starts } = rollout;
  const { steps, players } = shape;
  const others = players - 1;
  for (let i = columns; i < steps * columns; i++) {
    if (starts[i] === 1) continue;
    const player = i % players;
    const first = i - columns - player;
    for (let j = 0; j < others; j++) {
      out[first + playerIn(j + 1, player, players)]! += influence[i * others + j]!;
    }
  }
}
