/**
 * CartPole: a pole on a cart that is pushed left or right (Barto, Sutton & Anderson 1983), with the numbers and the
 * integration of Gymnasium's CartPole-v1.
 *
 * With force F = +-10 N, total mass M = 1.1 kg, pole mass m = 0.1 kg, half pole length l = 0.5 m, g = 9.8 m/s^2:
 *
 *     temp     = (F + m l thetadot^2 sin theta) / M
 *     thetaacc = (g sin theta - temp cos theta) / (l (4/3 - m cos^2 theta / M))
 *     xacc     = temp - m l thetaacc cos theta / M
 *
 * and one explicit Euler step of 0.02 s, in which positions move with the velocities of before.
 */
import * as z from 'zod';
import { defineControl } from '../numeric/control.ts';
import type { Random } from '../random.ts';
import { cos, sin } from '../trigonometry.ts';

const GRAVITY = 9.8;
const POLE_MASS = 0.1;
const TOTAL_MASS = 1.1;
const HALF_LENGTH = 0.5;
const POLE_MOMENT = POLE_MASS * HALF_LENGTH;
const FORCE = 10;
const TAU = 0.02;
/** Metres, and radians (12 degrees): an episode ends beyond. */
const X_LIMIT = 2.4;
const THETA_LIMIT = (12 * 2 * Math.PI) / 360;
const START = 0.05;
const ACTIONS = ['left', 'right'] as const;
/** Velocities have no bound of their own: the largest float32. */
const UNBOUNDED = 3.4028234663852886e38;

export const cartpole = defineControl({
  name: 'cartpole',
  title: 'CartPole',
  summary:
    'A pole stands on a cart that is pushed left or right at every step. It is to stay up, and the cart on its track, for as long as the episode lasts.',
  source: 'Barto, Sutton & Anderson 1983; numbers as in CartPole-v1 of Gymnasium.',
  details: [
    'The observation is the cart’s position (m) and velocity (m/s), then the pole’s angle from upright (rad) and its',
    'velocity (rad/s), each started uniformly in [-0.05, 0.05]. Every step pays 1. The episode terminates where the cart',
    'is beyond 2.4 m or the pole beyond 12 degrees.',
  ],
  actions: ACTIONS,
  episodeLength: 500,
  options: {
    velocities: z
      .boolean()
      .default(true)
      .describe('Whether the observation has the two velocities; without them it takes memory'),
  },
  presets: { default: {}, 'no-velocity': { velocities: false } },
  problem: ({ velocities }) => ({
    stateSize: 4,
    actions: ACTIONS,
    observation: { shape: [velocities ? 4 : 2], low: -UNBOUNDED, high: UNBOUNDED },
    start,
    advance,
    terminal: (state) => Math.abs(state[0]!) > X_LIMIT || Math.abs(state[2]!) > THETA_LIMIT,
    observe: velocities ? observeAll : observePositions,
  }),
});

/** @param state float64 [4]: x, xdot, theta, thetadot. */
function start(state: Float64Array, random: Random): void {
  for (let i = 0; i < 4; i++) state[i] = START * (2 * random.uniform() - 1);
}

function advance(state: Float64Array, action: number): number {
  const velocity = state[1]!;
  const theta = state[2]!;
  const spin = state[3]!;
  const sine = sin(theta);
  const cosine = cos(theta);
  const temp = ((action === 1 ? FORCE : -FORCE) + POLE_MOMENT * spin * spin * sine) / TOTAL_MASS;
  const thetaAcceleration =
    (GRAVITY * sine - cosine * temp) / (HALF_LENGTH * (4 / 3 - (POLE_MASS * cosine * cosine) / TOTAL_MASS));
  const acceleration = temp - (POLE_MOMENT * thetaAcceleration * cosine) / TOTAL_MASS;
  state[0]! += TAU * velocity;
  state[1] = velocity + TAU * acceleration;
  state[2] = theta + TAU * spin;
  state[3] = spin + TAU * thetaAcceleration;
  return 1;
}

function observeAll(state: Float64Array, out: Float32Array, offset: number): void {
  for (let i = 0; i < 4; i++) out[offset + i] = state[i]!;
}

function observePositions(state: Float64Array, out: Float32Array, offset: number): void {
  out[offset] = state[0]!;
  out[offset + 1] = state[2]!;
}
