/**
 * Reward options that every environment takes: what a player is made to care about, from the raw rewards of all.
 *
 * - `individual`: u_i = r_i.
 * - `collective`: u_i = sum_j r_j.
 * - `inequity` (Hughes et al. 2018): u_i = r_i - alpha/(N-1) sum_j max(e_j - e_i, 0) - beta/(N-1) sum_j max(e_i - e_j, 0),
 *   with e_t = smoothing * e_{t-1} + r_t, or e = r where smoothing is 0.
 * - `svo` (McKee et al. 2020): u_i = r_i - weight * |angle - atan2(mean of the others' rewards, r_i)|, radians, and 0
 *   where all rewards are 0.
 */
import * as z from 'zod';
import type { ActionBuffer, Environment, ObservationBuffer } from './environment.ts';
import { hash64 } from './hash.ts';

/** Zod fields that every environment's options contain. */
export const rewardOptions = {
  reward: z
    .enum(['individual', 'collective', 'inequity', 'svo'])
    .default('individual')
    .describe(
      'What a player is rewarded for: its own reward, the sum, inequity aversion, social value orientation',
    ),
  inequityAlpha: z
    .number()
    .min(0)
    .max(1000)
    .default(5)
    .describe('inequity: dislike of having less than others'),
  inequityBeta: z
    .number()
    .min(0)
    .max(1000)
    .default(0.05)
    .describe('inequity: dislike of having more than others'),
  inequitySmoothing: z
    .number()
    .min(0)
    .max(0.99999)
    .default(0.975)
    .describe('inequity: gamma * lambda of the smoothed rewards that are compared; 0 compares raw rewards'),
  svoAngle: z.number().min(-180).max(180).default(45).describe('svo: target angle in degrees'),
  svoWeight: z
    .number()
    .min(0)
    .max(1000)
    .default(0.2)
    .describe('svo: weight of the distance to the target angle'),
};

export type RewardOptions = z.infer<z.ZodObject<typeof rewardOptions>>;

/** A player's numbers, where others' may lie around them. */
type Numbers = Float32Array | Float64Array;

/** Inequity aversion of the players of one environment. */
export class InequityAversion {
  /** [N] e_i, the only state. */
  readonly smoothed: Float64Array;
  readonly #alpha: number;
  readonly #beta: number;
  readonly #smoothing: number;

  /** @param smoothed float64 [N], owned by the caller. */
  constructor(smoothed: Float64Array, alpha: number, beta: number, smoothing: number) {
    this.smoothed = smoothed;
    this.#alpha = alpha;
    this.#beta = beta;
    this.#smoothing = smoothing;
  }

  reset(): void {
    this.smoothed.fill(0);
  }

  /** Takes in a step's rewards, N from `raw[from]` on, and writes u_i - r_i, N from `out[to]` on. */
  step(raw: Float32Array, out: Numbers, from = 0, to = 0): void {
    const { smoothed } = this;
    const n = smoothed.length;
    const scale = n > 1 ? 1 / (n - 1) : 0;
    for (let i = 0; i < n; i++) smoothed[i] = this.#smoothing * smoothed[i]! + raw[from + i]!;
    for (let i = 0; i < n; i++) {
      let less = 0;
      let more = 0;
      for (let j = 0; j < n; j++) {
        const difference = smoothed[j]! - smoothed[i]!;
        if (difference > 0) less += difference;
        else more -= difference;
      }
      out[to + i] = -scale * (this.#alpha * less + this.#beta * more);
    }
  }
}

/**
 * How far a step's rewards are from social value orientations: -|angle - atan2(mean of the others' rewards, r_i)|, and 0
 * where all rewards are 0. Rewards are N from `raw[from]` on; N numbers are written from `out[to]` on.
 * @param angles [N] in radians.
 */
export function orientationStep(
  angles: Float64Array,
  raw: Float32Array,
  out: Numbers,
  from = 0,
  to = 0,
): void {
  const n = angles.length;
  let sum = 0;
  let any = false;
  for (let i = 0; i < n; i++) {
    sum += raw[from + i]!;
    any ||= raw[from + i] !== 0;
  }
  for (let i = 0; i < n; i++) {
    const own = raw[from + i]!;
    const others = n > 1 ? (sum - own) / (n - 1) : 0;
    out[to + i] = any ? -Math.abs(angles[i]! - Math.atan2(others, own)) : 0;
  }
}

export const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Turns raw rewards [N] into what `options` says, in place of `out` [N] from `offset` on. */
export class RewardShaper {
  readonly options: RewardOptions;
  readonly #aversion: InequityAversion;
  /** [N] radians. */
  readonly #angles: Float64Array;
  /** [N] what is added to rewards. */
  readonly #added: Float64Array;

  constructor(options: RewardOptions, players: number) {
    const { inequityAlpha, inequityBeta, inequitySmoothing, svoAngle } = options;
    this.options = options;
    this.#aversion = new InequityAversion(
      new Float64Array(players),
      inequityAlpha,
      inequityBeta,
      inequitySmoothing,
    );
    this.#angles = new Float64Array(players).fill(radians(svoAngle));
    this.#added = new Float64Array(players);
  }

  /** [N] e_i of the inequity option; the only state. */
  get smoothed(): Float64Array {
    return this.#aversion.smoothed;
  }

  reset(): void {
    this.#aversion.reset();
  }

  shape(raw: Float32Array, out: Float32Array, offset = 0): void {
    const n = raw.length;
    const added = this.#added;
    switch (this.options.reward) {
      case 'individual':
        for (let i = 0; i < n; i++) out[offset + i] = raw[i]!;
        return;
      case 'collective': {
        let sum = 0;
        for (let i = 0; i < n; i++) sum += raw[i]!;
        for (let i = 0; i < n; i++) out[offset + i] = sum;
        return;
      }
      case 'inequity':
        this.#aversion.step(raw, added);
        for (let i = 0; i < n; i++) out[offset + i] = raw[i]! + added[i]!;
        return;
      case 'svo':
        orientationStep(this.#angles, raw, added);
        for (let i = 0; i < n; i++) out[offset + i] = raw[i]! + this.options.svoWeight * added[i]!;
    }
  }
}

/** `environment` with its rewards shaped; the environment itself where they are individual. */
export function withReward(environment: Environment, options: RewardOptions): Environment {
  return options.reward === 'individual' ? environment : new ShapedEnvironment(environment, options);
}

/** Everything as the inner environment has it, but what a reward touches: rewards, and the smoothing as state. */
class ShapedEnvironment implements Environment {
  readonly #inner: Environment;
  readonly #shaper: RewardShaper;
  readonly #smoothed: Uint8Array;

  constructor(inner: Environment, options: RewardOptions) {
    this.#inner = inner;
    this.#shaper = new RewardShaper(options, inner.players);
    this.#smoothed = new Uint8Array(this.#shaper.smoothed.buffer);
  }

  get name() {
    return this.#inner.name;
  }
  get players() {
    return this.#inner.players;
  }
  get actionSpec() {
    return this.#inner.actionSpec;
  }
  get observationSpecs() {
    return this.#inner.observationSpecs;
  }
  get episodeLength() {
    return this.#inner.episodeLength;
  }
  get time() {
    return this.#inner.time;
  }
  get done() {
    return this.#inner.done;
  }
  get terminated() {
    return this.#inner.terminated;
  }
  get truncated() {
    return this.#inner.truncated;
  }
  get events() {
    return this.#inner.events;
  }
  get rawRewards() {
    return this.#inner.rawRewards;
  }
  get leads() {
    return this.#inner.leads;
  }
  get revealsActions() {
    return this.#inner.revealsActions;
  }
  get grid() {
    return this.#inner.grid;
  }

  reset(seed: number): void {
    this.#shaper.reset();
    this.#inner.reset(seed);
  }

  step(actions: ActionBuffer, rewards: Float32Array, offset = 0, rewardOffset = 0): void {
    this.#inner.step(actions, rewards, offset, rewardOffset);
    this.#shaper.shape(this.#inner.rawRewards, rewards, rewardOffset);
  }

  observe(encoding: string, out: ObservationBuffer, offset = 0): void {
    this.#inner.observe(encoding, out, offset);
  }

  observeVisible(out: Uint8Array, offset = 0): void {
    this.#inner.observeVisible(out, offset);
  }

  save(): Uint8Array {
    const inner = this.#inner.save();
    const snapshot = new Uint8Array(inner.length + this.#smoothed.length);
    snapshot.set(inner);
    snapshot.set(this.#smoothed, inner.length);
    return snapshot;
  }

  load(snapshot: Uint8Array): void {
    const cut = Math.max(0, snapshot.length - this.#smoothed.length);
    this.#inner.load(snapshot.subarray(0, cut));
    this.#smoothed.set(snapshot.subarray(cut));
  }

  hash(): bigint {
    return this.#inner.hash() ^ hash64(this.#smoothed);
  }
}
