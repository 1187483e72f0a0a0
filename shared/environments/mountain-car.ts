/**
 * Mountain Car: a car in a valley whose motor is too weak for the slope (Moore 1990), with the numbers of Gymnasium's
 * MountainCar-v0.
 *
 *     velocity <- cut(velocity + 0.001 (action - 1) - 0.0025 cos(3 position), +-0.07)
 *     position <- cut(position + velocity, [-1.2, 0.6])
 *
 * and a car that meets the left end stands.
 */
import { defineControl } from '../numeric/control.ts';
import type { Random } from '../random.ts';
import { cos } from '../trigonometry.ts';

const FORCE = 0.001;
const GRAVITY = 0.0025;
const MAX_SPEED = 0.07;
const LEFT = -1.2;
const RIGHT = 0.6;
const GOAL = 0.5;
const ACTIONS = ['push left', 'coast', 'push right'] as const;

export const mountainCar = defineControl({
  name: 'mountain-car',
  title: 'Mountain Car',
  summary:
    'A car stands in a valley, and its motor is weaker than the slope is steep. To reach the top on the right it must first gather speed by going the other way, and nothing is paid for being on the way.',
  source: 'Moore 1990; numbers as in MountainCar-v0 of Gymnasium.',
  details: [
    'The observation is position, in [-1.2, 0.6], and velocity, in [-0.07, 0.07] a step. The car starts at rest, uniformly',
    'in [-0.6, -0.4]. Every step pays -1. The episode terminates at position 0.5.',
  ],
  actions: ACTIONS,
  episodeLength: 200,
  options: {},
  presets: { default: {} },
  problem: () => ({
    stateSize: 2,
    actions: ACTIONS,
    observation: { shape: [2], low: Math.fround(LEFT), high: Math.fround(RIGHT) },
    start,
    advance,
    terminal: (state) => state[0]! >= GOAL,
    observe,
  }),
});

/** @param state float64 [2]: position, velocity. */
function start(state: Float64Array, random: Random): void {
  state[0] = -0.6 + 0.2 * random.uniform();
}

function advance(state: Float64Array, action: number): number {
  const push = (action - 1) * FORCE - cos(3 * state[0]!) * GRAVITY;
  const velocity = Math.min(MAX_SPEED, Math.max(-MAX_SPEED, state[1]! + push));
  const position = Math.min(RIGHT, Math.max(LEFT, state[0]! + velocity));
  state[0] = position;
  state[1] = position === LEFT && velocity < 0 ? 0 : velocity;
  return -1;
}

function observe(state: Float64Array, out: Float32Array, offset: number): void {
  out[offset] = state[0]!;
  out[offset + 1] = state[1]!;
}
