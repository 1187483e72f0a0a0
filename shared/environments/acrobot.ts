/**
 * Acrobot: two links that hang from a pivot, with a motor only at the joint between them (Sutton 1996), with the numbers
 * and the integration of Gymnasium's Acrobot-v1.
 *
 * Both links are l = 1 m long, weigh m = 1 kg in their middle and have moment of inertia I = 1 kg m^2. With angle a of the
 * first link from hanging, b of the second against the first, and torque u at the joint (Sutton & Barto 1998):
 *
 *     d1   = m lc^2 + m (l^2 + lc^2 + 2 l lc cos b) + 2 I = 3.5 + cos b
 *     d2   = m (lc^2 + l lc cos b) + I                    = 1.25 + cos b / 2
 *     phi2 = m lc g sin(a + b)                            = 4.9 sin(a + b)
 *     phi1 = -(bdot^2 + 2 bdot adot) sin b / 2 + 14.7 sin a + phi2
 *     bacc = (u + d2 / d1 phi1 - adot^2 sin b / 2 - phi2) / (1.25 - d2^2 / d1)
 *     aacc = -(d2 bacc + phi1) / d1
 *
 * integrated by one classical Runge-Kutta step of 0.2 s, after which angles are wrapped and velocities cut.
 */
import { defineControl } from '../numeric/control.ts';
import type { Random } from '../random.ts';
import { cos, sin } from '../trigonometry.ts';

const GRAVITY = 9.8;
const DT = 0.2;
/** Radians a second. */
const MAX_VELOCITY_1 = 4 * Math.PI;
const MAX_VELOCITY_2 = 9 * Math.PI;
const START = 0.1;
const ACTIONS = ['negative torque', 'no torque', 'positive torque'] as const;

export const acrobot = defineControl({
  name: 'acrobot',
  title: 'Acrobot',
  summary:
    'Two links hang from a pivot and only the joint between them has a motor, which is too weak to lift them. They are to be swung up until their tip is a link’s length above the pivot.',
  source: 'Sutton 1996; numbers as in Acrobot-v1 of Gymnasium.',
  details: [
    'The observation is cosine and sine of the first link’s angle from hanging, cosine and sine of the second’s angle',
    'against the first, and their velocities (rad/s), at most 4 pi and 9 pi. All four start uniformly in [-0.1, 0.1].',
    'Every step pays -1, but for the one that gets there, which pays 0 and terminates the episode.',
  ],
  actions: ACTIONS,
  episodeLength: 500,
  options: {},
  presets: { default: {} },
  problem: () => {
    const advance = integrator();
    return {
      stateSize: 4,
      actions: ACTIONS,
      observation: { shape: [6], low: -Math.fround(MAX_VELOCITY_2), high: Math.fround(MAX_VELOCITY_2) },
      start,
      advance(state, action) {
        advance(state, action - 1);
        return terminal(state) ? 0 : -1;
      },
      terminal,
      observe,
    };
  },
});

/** @param state float64 [4]: the angles a and b in [-pi, pi], then their velocities. */
function start(state: Float64Array, random: Random): void {
  for (let i = 0; i < 4; i++) state[i] = START * (2 * random.uniform() - 1);
}

function terminal(state: Float64Array): boolean {
  return -cos(state[0]!) - cos(state[0]! + state[1]!) > 1;
}

function observe(state: Float64Array, out: Float32Array, offset: number): void {
  out[offset] = cos(state[0]!);
  out[offset + 1] = sin(state[0]!);
  out[offset + 2] = cos(state[1]!);
  out[offset + 3] = sin(state[1]!);
  out[offset + 4] = state[2]!;
  out[offset + 5] = state[3]!;
}

/** The derivative of `state` [4] under `torque` (N m), written to `out` [4]. */
function derivative(state: Float64Array, torque: number, out: Float64Array): void {
  const a = state[0]!;
  const b = state[1]!;
  const aVelocity = state[2]!;
  const bVelocity = state[3]!;
  const sinB = sin(b);
  const cosB = cos(b);
  const d1 = 3.5 + cosB;
  const d2 = 1.25 + 0.5 * cosB;
  const phi2 = 0.5 * GRAVITY * sin(a + b);
  const phi1 =
    -0.5 * (bVelocity * bVelocity + 2 * bVelocity * aVelocity) * sinB + 1.5 * GRAVITY * sin(a) + phi2;
  const bAcceleration =
    (torque + (d2 / d1) * phi1 - 0.5 * aVelocity * aVelocity * sinB - phi2) / (1.25 - (d2 * d2) / d1);
  out[0] = aVelocity;
  out[1] = bVelocity;
  out[2] = -(d2 * bAcceleration + phi1) / d1;
  out[3] = bAcceleration;
}

/** One step of 0.2 s, in place, over scratch that is allocated once. */
function integrator(): (state: Float64Array, torque: number) => void {
  const middle = new Float64Array(4);
  const k1 = new Float64Array(4);
  const k2 = new Float64Array(4);
  const k3 = new Float64Array(4);
  const k4 = new Float64Array(4);
  const along = (state: Float64Array, slope: Float64Array, time: number) => {
    for (let i = 0; i < 4; i++) middle[i] = state[i]! + time * slope[i]!;
    return middle;
  };
  return (state, torque) => {
    derivative(state, torque, k1);
    derivative(along(state, k1, DT / 2), torque, k2);
    derivative(along(state, k2, DT / 2), torque, k3);
    derivative(along(state, k3, DT), torque, k4);
    for (let i = 0; i < 4; i++) state[i]! += (DT / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!);
    state[0] = wrap(state[0]!);
    state[1] = wrap(state[1]!);
    state[2] = Math.min(MAX_VELOCITY_1, Math.max(-MAX_VELOCITY_1, state[2]!));
    state[3] = Math.min(MAX_VELOCITY_2, Math.max(-MAX_VELOCITY_2, state[3]!));
  };
}

/** An angle as one in [-pi, pi]. */
function wrap(angle: number): number {
  while (angle > Math.PI) angle -= 2 * Math.PI;
  while (angle < -Math.PI) angle += 2 * Math.PI;
  return angle;
}
