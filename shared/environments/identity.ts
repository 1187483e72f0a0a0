/**
 * Identity: say which of `size` states is shown. The smallest task that a learner must solve, in the manner of
 * Stable-Baselines3's IdentityEnv: a contextual bandit, since the next state is drawn whatever was done.
 */
import * as z from 'zod';
import { defineControl } from '../numeric/control.ts';

const SIZE = 4;
const labels = (size: number) => Array.from({ length: size }, (_, state) => `state ${state}`);

export const identity = defineControl({
  name: 'identity',
  title: 'Identity',
  summary:
    'One of a few states is shown, and the action is to name it. There is nothing to plan and nothing to remember: what fails here is the learner.',
  source: 'Stable-Baselines3, IdentityEnv.',
  details: [
    'The observation has `size` elements of which one is 1, drawn uniformly anew at every step. The action with its number',
    'pays 1, any other 0.',
  ],
  actions: labels(SIZE),
  episodeLength: 100,
  options: {
    size: z.int().min(2).max(256).default(SIZE).describe('States, and actions as many'),
  },
  presets: { default: {} },
  problem: ({ size }) => ({
    stateSize: 1,
    actions: labels(size),
    observation: { shape: [size], low: 0, high: 1 },
    start(state, random) {
      state[0] = random.below(size);
    },
    advance(state, action, random) {
      const reward = action === state[0] ? 1 : 0;
      state[0] = random.below(size);
      return reward;
    },
    terminal: () => false,
    observe(state, out, offset) {
      out.fill(0, offset, offset + size);
      out[offset + state[0]!] = 1;
    },
  }),
});
