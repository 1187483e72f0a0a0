/**
 * Copying: a leader says symbols and others are paid to say them after it. The smallest game in which what one does
 * changes what others do next, by an amount that is known: for learners of social influence (Jaques et al. 2019).
 *
 * Where the leader chooses uniformly among A symbols and the others copy what they are shown, the influence of its action
 * on another's `delay` steps later is the same for each of its actions, and thus also their mutual information.
 */
import * as z from 'zod';
import { defineMatrix } from '../numeric/matrix.ts';

const LEADER = 0;
const ACTIONS = 4;
const labels = (actions: number) => Array.from({ length: actions }, (_, symbol) => `symbol ${symbol}`);

export const copying = defineMatrix({
  name: 'copying',
  title: 'Copying',
  summary:
    'Player 0 says symbols as it likes, and each of the others is paid for saying what player 0 said before. It influences them, nobody influences it, and both amounts are known.',
  source:
    'Made for this arena, to hold the social influence of Jaques et al. 2019 against numbers worked out by hand.',
  details: [
    'Each step everybody chooses one of `actions` symbols. What player 0 chose is passed on to the others `delay` steps',
    'later, with probability `noise` replaced by a symbol drawn uniformly, itself included; all are passed the same. Each of',
    'the others is paid 1 for choosing what it is passed, else 0, so that the best it can do is to copy. Player 0 is paid 0.',
    '',
    'The observation has `actions` + 1 elements. For the others one of the first is 1, the symbol passed in this step, and',
    'all are 0 while none has been; player 0 sees 0. The last element is 0 for player 0 and 1 for the others. With `delay` 0',
    'the symbol is that of the same step and is not in the observation: it can only be known where player 0 is a leader.',
    '',
    'With player 0 uniform over A symbols and the others copying, p(copied | chosen) = q = 1 - noise + noise / A for the',
    'symbol itself and (1 - q) / (A - 1) for each other, and the influence in nats, KL or mutual information, is:',
    '',
    '| of | on | influence |',
    '|---|---|---|',
    '| player 0’s action | another’s, `delay` steps later | log A + q log q + (1 - q) log((1 - q) / (A - 1)); log A without noise |',
    '| player 0’s action | another’s, any other number of steps later | 0 |',
    '| another’s action | anybody’s | 0 |',
  ],
  actions: labels(ACTIONS),
  episodeLength: 100,
  players: { min: 2, max: 16, default: 2 },
  options: {
    actions: z.int().min(2).max(32).default(ACTIONS).describe('Symbols to choose from, A'),
    delay: z
      .int()
      .min(0)
      .max(10)
      .default(1)
      .describe('Steps after which a symbol is to be copied; 0 in the step itself'),
    noise: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe('Probability that a symbol is replaced by a random one before it is passed on'),
  },
  presets: {
    default: {},
    delayed: { delay: 2 },
    noisy: { noise: 0.25 },
    basic: { delay: 0, leaders: [LEADER] },
  },
  conflict: ({ delay, noise }) =>
    delay === 0 && noise > 0
      ? [
          'noise',
          `with delay 0 nothing is passed on that could be replaced; set noise to 0 (it is ${noise}) or delay to at least 1`,
        ]
      : null,
  problem: ({ players, actions, delay, noise }) => ({
    // What is under way, the latest first: 1 + symbol, 0 before there was any. The last is passed in this step.
    stateSize: delay,
    actions: labels(actions),
    observation: { shape: [actions + 1], low: 0, high: 1 },
    start: () => {},
    advance(state, chosen, offset, rewards, random) {
      const said = chosen[offset + LEADER]!;
      const wanted = delay === 0 ? said : state[delay - 1]! - 1;
      rewards[LEADER] = 0;
      for (let i = 1; i < players; i++) rewards[i] = chosen[offset + i] === wanted ? 1 : 0;
      if (delay === 0) return;
      state.copyWithin(1, 0, delay - 1);
      state[0] = 1 + (random.chance(noise) ? random.below(actions) : said);
    },
    terminal: () => false,
    observe(state, player, out, offset) {
      out.fill(0, offset, offset + actions + 1);
      if (player === LEADER) return;
      out[offset + actions] = 1;
      const passed = delay === 0 ? 0 : state[delay - 1]!;
      if (passed > 0) out[offset + passed - 1] = 1;
    },
  }),
});

/**
 * Influence of a uniform leader's action on that of a player who copies it, `delay` steps later, in nats:
 * I = log A + q log q + (1 - q) log((1 - q) / (A - 1)) with q = 1 - noise + noise / A, and 0 log 0 = 0.
 *
 * @param actions A, at least 2. @param noise in [0, 1]. @returns at least 0 but for rounding, at most log A.
 */
export function copyingInfluence(actions: number, noise: number): number {
  const same = 1 - noise + noise / actions;
  const other = (1 - same) / (actions - 1);
  const certain = same * Math.log(same);
  return Math.log(actions) + certain + (other > 0 ? (1 - same) * Math.log(other) : 0);
}
