/** The steps that coordination is measured from: all of them while they fit, then a part that is drawn evenly. */
import type { Random } from '../../shared/random.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import { restore } from '../algorithms/restore.ts';
import { drawBelow } from './permutations.ts';

export interface StepShape {
  /** N */
  readonly players: number;
  /** A, at most 256. */
  readonly actions: number;
  /** M, at most 256; null where players have no symbols. */
  readonly symbols: number | null;
  /** Environment steps that are kept at most. */
  readonly capacity: number;
}

/** One environment step. Callers may use one object again and again: nothing of it is kept. */
export interface CoordinationStep {
  /** a_t: [N] from `at` on. */
  readonly actions: Uint8Array;
  /** m_t, at the same places; null exactly where there are no symbols. */
  readonly symbols: Uint8Array | null;
  /** c_t, the influence reward of what was done at t, nats, at the same places; NaN or null where it is not known. */
  readonly influence: Float32Array | null;
  readonly at: number;
  /** a_{t+1}: [N] from `nextAt` on; null where it is not known or in another episode. */
  readonly next: Uint8Array | null;
  readonly nextAt: number;
}

export class StepMemory {
  readonly shape: StepShape;
  /** [capacity, N] each, of which the first `kept` rows are in use. `symbols` is empty where there are none. */
  readonly actions: Uint8Array;
  readonly symbols: Uint8Array;
  readonly next: Uint8Array;
  readonly influence: Float32Array;
  /** [capacity] 1 where `next` is known. */
  readonly followed: Uint8Array;
  readonly #random: Random;
  /** Steps since `clear`. */
  #seen = 0;

  /** @param random draws what is kept once there is more than fits. */
  constructor(shape: StepShape, random: Random) {
    const { players, symbols, capacity } = shape;
    this.shape = shape;
    this.#random = random;
    this.actions = new Uint8Array(capacity * players);
    this.symbols = new Uint8Array(symbols === null ? 0 : capacity * players);
    this.next = new Uint8Array(capacity * players);
    this.influence = new Float32Array(capacity * players);
    this.followed = new Uint8Array(capacity);
  }

  get kept(): number {
    return Math.min(this.#seen, this.shape.capacity);
  }

  clear(): void {
    this.#seen = 0;
  }

  /**
   * Takes in one step. Of more than the capacity each has the same probability of being kept (Vitter's algorithm R).
   * @throws {RangeError} for an action or a symbol that there is none of. @throws {TypeError} for symbols where there
   * should be none, or none where there should be.
   */
  add(step: CoordinationStep): void {
    const { players, symbols, actions, capacity } = this.shape;
    if ((step.symbols === null) !== (symbols === null)) {
      throw new TypeError(
        symbols === null
          ? 'a step with symbols, of players that have none: give null'
          : `a step without symbols, of players that have ${symbols}`,
      );
    }
    checkBelow('action', step.actions, step.at, players, actions);
    if (step.symbols !== null) checkBelow('symbol', step.symbols, step.at, players, symbols!);
    if (step.next !== null) checkBelow('next action', step.next, step.nextAt, players, actions);

    this.#seen++;
    const slot = this.#seen <= capacity ? this.#seen - 1 : drawBelow(this.#random, this.#seen);
    if (slot >= capacity) return;
    const to = slot * players;
    for (let n = 0; n < players; n++) {
      this.actions[to + n] = step.actions[step.at + n]!;
      if (step.symbols !== null) this.symbols[to + n] = step.symbols[step.at + n]!;
      this.next[to + n] = step.next === null ? 0 : step.next[step.nextAt + n]!;
      this.influence[to + n] = step.influence === null ? Number.NaN : step.influence[step.at + n]!;
    }
    this.followed[slot] = step.next === null ? 0 : 1;
  }

  save(): Saved {
    const used = this.kept * this.shape.players;
    return {
      seen: Float64Array.of(this.#seen),
      actions: this.actions.slice(0, used),
      symbols: this.symbols.slice(0, used),
      next: this.next.slice(0, used),
      influence: this.influence.slice(0, used),
      followed: this.followed.slice(0, this.kept),
    };
  }

  /** @throws {Error} for what a memory of another shape saved. */
  load(saved: Saved): void {
    const { players, capacity, symbols } = this.shape;
    const seen = new Float64Array(1);
    restore(saved, 'seen', seen);
    const kept = Math.min(seen[0]!, capacity);
    const used = kept * players;
    restore(saved, 'actions', this.actions.subarray(0, used));
    restore(saved, 'symbols', this.symbols.subarray(0, symbols === null ? 0 : used));
    restore(saved, 'next', this.next.subarray(0, used));
    restore(saved, 'influence', this.influence.subarray(0, used));
    restore(saved, 'followed', this.followed.subarray(0, kept));
    this.#seen = seen[0]!;
  }
}

/** @throws {RangeError} */
function checkBelow(what: string, values: Uint8Array, at: number, players: number, limit: number): void {
  for (let n = 0; n < players; n++) {
    const value = values[at + n];
    if (value === undefined) {
      throw new RangeError(`no ${what} of player ${n} at ${at + n}: there are ${values.length} elements`);
    }
    if (value >= limit) {
      throw new RangeError(`${what} ${value} of player ${n}: there are ${limit}, from 0 to ${limit - 1}`);
    }
  }
}
