/**
 * Replay memory of a shard: the last steps of all its environments, to be learned from in any order.
 *
 * A ring of rows, one an environment step, columns environment-major: B = E * N. An observation is kept once, since that
 * after a step is the next row's; only where an episode was truncated is there another, the final one, which is kept
 * apart. The memory is allocated once: for R = capacity + 1 rows of observations of s bytes
 *
 *   R * (B * (s + 6) + 4 E) + E * F * N * s bytes, F = floor(capacity / episode length) + 1,
 *
 * which for five players who see 15x15 class ids, 32 environments and 6,250 rows (a million transitions) is 232 MB.
 */
import { type ArraySpec, elementsOf } from '../../shared/environment.ts';
import type { Random } from '../../shared/random.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import { restore } from '../algorithms/restore.ts';
import type { Observations } from './rollout.ts';

export interface ReplayShape {
  /** Environment steps that are kept of each environment. */
  readonly capacity: number;
  /** E. */
  readonly environments: number;
  /** N. */
  readonly players: number;
  readonly observation: ArraySpec;
  /** Steps after which an episode is truncated: how many final observations there can be follows. */
  readonly episodeLength: number;
}

/** What a transition is of. */
export interface TransitionOptions {
  /** n: rewards that are summed before a value is asked. */
  readonly nStep: number;
  readonly gamma: number;
}

/**
 * Transitions by network, [G, M]: where each player has a network of its own G = N and row g is of player g, else G = 1
 * and they are of anybody.
 */
export class TransitionBatch {
  readonly networks: number;
  /** M. */
  readonly size: number;
  /** [G, M, ...] o_t. */
  readonly observation: Observations;
  /** [G, M, ...] what was observed after the last of the steps; 0 where the player's episode had terminated. */
  readonly nextObservation: Observations;
  /** [G, M] a_t */
  readonly action: Int32Array;
  /** [G, M] sum over k < n' of gamma^k r_{t+k}, n' = n or as many as there were to the end of the episode. */
  readonly reward: Float32Array;
  /** [G, M] gamma^n' */
  readonly discount: Float32Array;
  /** [G, M] 0 or 1 */
  readonly terminated: Float32Array;

  constructor(networks: number, size: number, observation: ArraySpec) {
    const count = networks * size;
    this.networks = networks;
    this.size = size;
    this.observation = memoryFor(observation, count);
    this.nextObservation = memoryFor(observation, count);
    this.action = new Int32Array(count);
    this.reward = new Float32Array(count);
    this.discount = new Float32Array(count);
    this.terminated = new Float32Array(count);
  }
}

/** `endings` where an episode went on, and where it ended and nothing of it is worth anything to any player. */
const GOES_ON = 0;
const ALL_TERMINATED = -1;

export class ReplayMemory {
  readonly shape: ReplayShape;
  /** R rows, one more than can be sampled: the row under way has an observation only. */
  readonly #rows: number;
  readonly #columns: number;
  /** Elements of one player's observation. */
  readonly #width: number;
  /** [R, B, ...] */
  readonly #observations: Observations;
  /** [R, B] */
  readonly #actions: Uint8Array;
  readonly #rewards: Float32Array;
  readonly #terminated: Uint8Array;
  /** [R, E] GOES_ON, ALL_TERMINATED, or 1 + the slot of the final observations. */
  readonly #endings: Int32Array;
  /** [E, F, N, ...] */
  readonly #finals: Observations;
  /** F. */
  readonly #slots: number;
  /** [E] final observations that were ever kept. */
  readonly #truncations: Float64Array;
  /** [1] steps since the start: the row under way is this one modulo R. */
  readonly #step = new Float64Array(1);

  constructor(shape: ReplayShape) {
    const { capacity, environments, players, observation, episodeLength } = shape;
    this.shape = shape;
    this.#rows = capacity + 1;
    this.#columns = environments * players;
    this.#width = elementsOf(observation);
    const size = this.#rows * this.#columns;
    this.#observations = memoryFor(observation, size);
    this.#actions = new Uint8Array(size);
    this.#rewards = new Float32Array(size);
    this.#terminated = new Uint8Array(size);
    this.#endings = new Int32Array(this.#rows * environments);
    // Truncations of an environment lie at least an episode length apart: as many fall into all rows at most.
    this.#slots = Math.floor(capacity / episodeLength) + 1;
    this.#finals = memoryFor(observation, environments * this.#slots * players);
    this.#truncations = new Float64Array(environments);
  }

  /** Environment steps that are kept now, at most `capacity`. */
  get length(): number {
    return Math.min(this.#step[0]!, this.#rows - 1);
  }

  get bytes(): number {
    return [
      this.#observations,
      this.#actions,
      this.#rewards,
      this.#terminated,
      this.#endings,
      this.#finals,
    ].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** What is observed before the next step, [B, ...]. */
  observe(observations: Observations): void {
    this.#observations.set(observations, this.#row() * this.#columns * this.#width);
  }

  /**
   * The episode of environment `e` ended with the step under way.
   * @param terminated [N]. @param final [N, ...] the observations after it.
   */
  end(e: number, terminated: Uint8Array, final: Observations): void {
    const { environments, players } = this.shape;
    const row = this.#row();
    this.#terminated.set(terminated, row * this.#columns + e * players);
    if (terminated.every((flag) => flag === 1)) {
      this.#endings[row * environments + e] = ALL_TERMINATED;
      return;
    }
    const slot = this.#truncations[e]!++ % this.#slots;
    this.#endings[row * environments + e] = 1 + slot;
    this.#finals.set(final, (e * this.#slots + slot) * players * this.#width);
  }

  /** The step under way was made. @param actions [B] @param rewards [B], as they are learned from. */
  advance(actions: Uint8Array, rewards: Float32Array): void {
    const { environments } = this.shape;
    const row = this.#row();
    this.#actions.set(actions, row * this.#columns);
    this.#rewards.set(rewards, row * this.#columns);
    this.#step[0]!++;
    // The row is used again: what ended there is forgotten.
    const next = this.#row();
    this.#endings.fill(GOES_ON, next * environments, (next + 1) * environments);
    this.#terminated.fill(0, next * this.#columns, (next + 1) * this.#columns);
  }

  /** In how many rows a transition of n steps can start: n steps later is known. */
  starts(nStep: number): number {
    return Math.max(0, this.length - nStep + 1);
  }

  /** Fills a batch with transitions drawn uniformly, with replacement. There must be one, by `starts`. */
  sample(batch: TransitionBatch, options: TransitionOptions, random: Random): void {
    const { environments, players } = this.shape;
    const { networks, size } = batch;
    const oldest = this.#step[0]! - this.length;
    const starts = this.starts(options.nStep);
    for (let g = 0; g < networks; g++) {
      for (let m = 0; m < size; m++) {
        const step = oldest + random.below(starts);
        const column =
          networks === 1 ? random.below(this.#columns) : random.below(environments) * players + g;
        this.#read(batch, g * size + m, step % this.#rows, column, options);
      }
    }
  }

  /** Writes the transition that starts in `row` as the batch's `to`th. */
  #read(batch: TransitionBatch, to: number, row: number, column: number, options: TransitionOptions): void {
    const { environments, players } = this.shape;
    const { nStep, gamma } = options;
    const columns = this.#columns;
    const e = Math.floor(column / players);
    let reward = 0;
    let discount = 1;
    let last = row;
    let ending = GOES_ON;
    for (let k = 0; k < nStep && ending === GOES_ON; k++) {
      last = (row + k) % this.#rows;
      reward += discount * this.#rewards[last * columns + column]!;
      discount *= gamma;
      ending = this.#endings[last * environments + e]!;
    }
    const terminated = this.#terminated[last * columns + column]!;
    batch.action[to] = this.#actions[row * columns + column]!;
    batch.reward[to] = reward;
    batch.discount[to] = discount;
    batch.terminated[to] = terminated;
    const width = this.#width;
    copy(this.#observations, (row * columns + column) * width, batch.observation, to * width, width);
    if (terminated === 1) batch.nextObservation.fill(0, to * width, (to + 1) * width);
    else if (ending === GOES_ON) {
      const next = ((last + 1) % this.#rows) * columns + column;
      copy(this.#observations, next * width, batch.nextObservation, to * width, width);
    } else {
      const final = (e * this.#slots + ending - 1) * players + (column % players);
      copy(this.#finals, final * width, batch.nextObservation, to * width, width);
    }
  }

  #row(): number {
    return this.#step[0]! % this.#rows;
  }

  /** What is kept, without rows that were never written. */
  save(): Saved {
    const { environments } = this.shape;
    const rows = this.#written();
    const width = this.#columns * this.#width;
    return {
      step: this.#step.slice(),
      observations: this.#observations.slice(0, rows * width),
      actions: this.#actions.slice(0, rows * this.#columns),
      rewards: this.#rewards.slice(0, rows * this.#columns),
      terminated: this.#terminated.slice(0, rows * this.#columns),
      endings: this.#endings.slice(0, rows * environments),
      finals: this.#finals.slice(),
      truncations: this.#truncations.slice(),
    };
  }

  /** @throws {Error} for what another memory saved. */
  load(saved: Saved): void {
    const { environments } = this.shape;
    restore(saved, 'step', this.#step);
    const rows = this.#written();
    restore(saved, 'observations', this.#observations.subarray(0, rows * this.#columns * this.#width));
    restore(saved, 'actions', this.#actions.subarray(0, rows * this.#columns));
    restore(saved, 'rewards', this.#rewards.subarray(0, rows * this.#columns));
    restore(saved, 'terminated', this.#terminated.subarray(0, rows * this.#columns));
    restore(saved, 'endings', this.#endings.subarray(0, rows * environments));
    restore(saved, 'finals', this.#finals);
    restore(saved, 'truncations', this.#truncations);
  }

  #written(): number {
    return Math.min(this.#step[0]! + 1, this.#rows);
  }
}

function memoryFor({ dtype, shape }: ArraySpec, count: number): Observations {
  const elements = count * shape.reduce((product, side) => product * side, 1);
  return dtype === 'uint8' ? new Uint8Array(elements) : new Float32Array(elements);
}

/** Views cost more than they save where an observation is a few numbers. */
const FEW = 32;

function copy(from: Observations, start: number, into: Observations, to: number, count: number): void {
  if (count > FEW) into.set(from.subarray(start, start + count), to);
  else for (let k = 0; k < count; k++) into[to + k] = from[start + k]!;
}
