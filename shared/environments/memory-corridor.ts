/**
 * Memory corridor: the T-maze of Bakker (2002), where what was seen at the start decides what is right at the end.
 *
 * The cue is in the first observation only. All later ones are the same for both cues, step for step, and so are the
 * rewards until the choice: a policy without memory gets 0 on average, one with memory 1.
 */
import * as z from 'zod';
import { defineControl } from '../numeric/control.ts';
import type { Random } from '../random.ts';

const ACTIONS = ['forward', 'left', 'right'] as const;
const FORWARD = 0;
const LEFT = 1;

/** Places in the state, float64 [4]. */
const CUE = 0;
const POSITION = 1;
/** 1 once a step was taken. */
const STARTED = 2;
/** 1 once left or right was chosen at the end. */
const CHOSEN = 3;

export const memoryCorridor = defineControl({
  name: 'memory-corridor',
  title: 'Memory Corridor',
  summary:
    'At the start of a corridor a cue says left or right, once. At its end that is the way to go, and nothing there says which it was.',
  source: 'Bakker 2002, the T-maze.',
  details: [
    'The observation has four elements of which one is 1: cue left, cue right, corridor, junction. The cue is drawn with',
    'equal chances and seen at the first step only. Left and right do nothing in the corridor; at the junction, after',
    '`length` steps forward, the way of the cue pays 1, the other -1, and either terminates the episode. All else pays 0.',
  ],
  actions: ACTIONS,
  episodeLength: 100,
  options: {
    length: z
      .int()
      .min(1)
      .max(100_000)
      .default(10)
      .describe('Steps forward to the junction; the choice is one more, so a shorter episode cannot be won'),
  },
  presets: { default: {}, long: { length: 50, episodeLength: 500 } },
  problem: ({ length }) => ({
    stateSize: 4,
    actions: ACTIONS,
    observation: { shape: [4], low: 0, high: 1 },
    start,
    advance(state, action) {
      state[STARTED] = 1;
      if (state[POSITION]! < length) {
        if (action === FORWARD) state[POSITION]!++;
        return 0;
      }
      if (action === FORWARD) return 0;
      state[CHOSEN] = 1;
      return action - LEFT === state[CUE] ? 1 : -1;
    },
    terminal: (state) => state[CHOSEN] === 1,
    observe(state, out, offset) {
      out.fill(0, offset, offset + 4);
      if (state[STARTED] === 0) out[offset + state[CUE]!] = 1;
      else out[offset + (state[POSITION]! < length ? 2 : 3)] = 1;
    },
  }),
});

function start(state: Float64Array, random: Random): void {
  state[CUE] = random.below(2);
}
