/**
 * Basic social influence (Jaques et al. 2019, section 4): some players lead, the others see what these choose before they
 * choose, and who leads is paid for how much that changes what the others do. Its equations are in `details`.
 */
import * as z from 'zod';
import type { Task } from '../algorithms/algorithm.ts';
import type { NetworkOptions } from '../networks/actor-critic.ts';
import { playerIn } from '../networks/signal-names.ts';
import { type Listening, listenings } from './heard-influence.ts';
import { influenceOptions } from './influence.ts';
import {
  checkPlayers,
  type Intrinsic,
  type IntrinsicDefinition,
  type IntrinsicPlan,
  requireMemory,
  requireOthers,
} from './intrinsic.ts';

const NAME = 'influence-basic';

const schema = z.strictObject({
  ...influenceOptions,
});

export type BasicOptions = z.infer<typeof schema>;

export const influenceBasic: IntrinsicDefinition<BasicOptions> = {
  name: NAME,
  title: 'Social influence, basic',
  summary:
    'Those who lead (`env.leaders`) act first in each step, the others see what they chose, and the leaders are paid for how much that changes what the others do.',
  source: 'Jaques et al. 2019, section 4',
  details: [
    'Which players lead is an option of the environment, `env.leaders`. In each step they choose first; what they chose,',
    "one-hot, goes into the others' LSTM, and these choose then. Leaders do not see one another, so there is no cycle, and",
    'only they are paid. The influence of leader k is',
    '',
    '```',
    'c_k = sum over j who do not lead of D[ pi_j(a | a_k, o_j) || sum over a~ of pi_k(a~ | o_k) pi_j(a | a~, o_j) ]',
    '```',
    '',
    "where the others' policies are asked again with each alternative action of k, from the same recurrent state and beside",
    'the same actions of other leaders.',
  ],
  schema,
  plan,
};

function plan(options: BasicOptions, task: Task, network: NetworkOptions): IntrinsicPlan {
  requireOthers(NAME, task);
  requireMemory(NAME, network);
  if (!task.leads.includes(1)) {
    throw new RangeError(
      `intrinsic.${NAME} pays those who act first in a step, and nobody does: name some of the players in env.leaders, for example [0, 1]`,
    );
  }
  checkPlayers(NAME, options, task, task.leads);
  return {
    name: NAME,
    options,
    earners: task.leads,
    async create(setup) {
      const { leads } = task;
      const hears = (player: number, other: number) => leads[player] === 0 && leads[other] === 1;
      return new Basic(leads, await listenings(setup, 'leadersActions', options.divergence, hears));
    },
  };
}

class Basic implements Intrinsic {
  /** [N] */
  readonly #leads: Uint8Array;
  readonly #listening: readonly Listening[];

  constructor(leads: Uint8Array, listening: readonly Listening[]) {
    this.#leads = leads;
    this.#listening = listening;
  }

  async compute(out: readonly Float32Array[]): Promise<void> {
    for (const [index, listening] of this.#listening.entries()) {
      this.#fill(listening);
      await listening.run();
      this.#pay(listening, out[index]!);
    }
  }

  /** Into `pi`: how likely leaders were to choose each action, before who does not lead. */
  #fill({ rollout, pi }: Listening): void {
    const { columns, shape, probabilities } = rollout;
    const { steps, players, actions } = shape;
    const others = players - 1;
    for (let i = 0; i < steps * columns; i++) {
      const player = i % players;
      for (let j = 0; j < others; j++) {
        const other = playerIn(j + 1, player, players);
        const at = (i * others + j) * actions;
        if (this.#leads[player] === 1 || this.#leads[other] === 0) {
          pi.fill(0, at, at + actions);
          continue;
        }
        const from = (i - player + other) * actions;
        for (let a = 0; a < actions; a++) pi[at + a] = probabilities[from + a]!;
      }
    }
  }

  #pay({ rollout, influence }: Listening, out: Float32Array): void {
    const { columns, shape } = rollout;
    const { steps, players } = shape;
    const others = players - 1;
    for (let i = 0; i < steps * columns; i++) {
      const player = i % players;
      if (this.#leads[player] === 1) continue;
      for (let j = 0; j < others; j++) {
        const other = playerIn(j + 1, player, players);
        if (this.#leads[other] === 1) out[i - player + other]! += influence[i * others + j]!;
      }
    }
  }
}
