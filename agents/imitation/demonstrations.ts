/**
 * Demonstrations in memory, cut into sequences: samples lie one behind the other, O elements of an observation each, and a
 * sequence is where it begins and how long it is. They may become more while they are learned from.
 */
import { crc32 } from 'node:zlib';
import { playerIn } from '../networks/signal-names.ts';
import { NO_LAST_ACTION } from './recording.ts';

/** Consecutive steps of one player in one episode. */
export interface Stretch {
  /** T */
  readonly steps: number;
  /** [T, O] */
  readonly observations: Uint8Array;
  /** [T] */
  readonly actions: Uint8Array;
  /** [T] 1 where the action is learned from. */
  readonly counts: Uint8Array;
  /** [T]; null where nothing is known of them. */
  readonly rewards: Float32Array | null;
  /** [T, N] what everybody did in the step before; empty where that is not revealed. */
  readonly lastActions: Uint8Array;
  /** Of the player. */
  readonly seat: number;
}

export interface Sequence {
  /** The first sample. */
  readonly from: number;
  readonly steps: number;
  /** How many at the start are not learned from. */
  readonly warm: number;
}

export interface DemonstrationsShape {
  /** O */
  readonly elements: number;
  /** A */
  readonly actions: number;
  /** N where last actions are revealed, else 0. */
  readonly others: number;
  /** Longest sequence. */
  readonly sequence: number;
  readonly warmUp: number;
  readonly gamma: number;
}

const START = 1024;

export class Demonstrations {
  readonly shape: DemonstrationsShape;
  /** [S, O] */
  observations: Uint8Array;
  /** [S] */
  actions: Uint8Array;
  /** [S] 0 or 1 */
  counts: Uint8Array;
  /** [S] 1 where what was before is not to be remembered. */
  starts: Uint8Array;
  /** [S] discounted rewards from the step on, where `valued` is 1. */
  returns: Float32Array;
  valued: Uint8Array;
  /** [S, N] in relative slots. */
  lastActions: Uint8Array;
  /** S */
  size = 0;
  readonly learned: Sequence[] = [];
  readonly heldOut: Sequence[] = [];
  /** Whether the last sequence that is learned is of single answers, with room for more perhaps. */
  #packing = false;

  constructor(shape: DemonstrationsShape) {
    this.shape = shape;
    this.observations = new Uint8Array(START * shape.elements);
    this.actions = new Uint8Array(START);
    this.counts = new Uint8Array(START);
    this.starts = new Uint8Array(START);
    this.returns = new Float32Array(START);
    this.valued = new Uint8Array(START);
    this.lastActions = new Uint8Array(START * shape.others);
  }

  /** @param heldOut whether it is measured on and not learned from. */
  add(stretch: Stretch, heldOut: boolean): void {
    const { others, actions } = this.shape;
    const lastActions = new Uint8Array(stretch.steps * others);
    for (let t = 0; t < stretch.steps; t++) {
      for (let slot = 0; slot < others; slot++) {
        const action = stretch.lastActions[t * others + playerIn(slot, stretch.seat, others)]!;
        lastActions[t * others + slot] = action === NO_LAST_ACTION ? actions : action;
      }
    }
    const { sequence, warmUp } = this.shape;
    const { steps, counts } = stretch;
    const base = this.#append({ ...stretch, lastActions });
    if (stretch.rewards !== null) this.#value(stretch.rewards, base);
    this.#packing = false;
    const into = heldOut ? this.heldOut : this.learned;
    for (let next = 0; next < steps; ) {
      const from = Math.max(0, next - warmUp);
      const end = Math.min(steps, from + sequence);
      if (counts.subarray(next, end).includes(1)) {
        into.push({ from: base + from, steps: end - from, warm: next - from });
      }
      next = end;
    }
  }

  /**
   * One answer, behind the few steps that came before it: several share a sequence, for it takes as long to learn from a
   * sequence with one as from a full one.
   * @param clip at most as long as a sequence, with last actions in relative slots, as signals are.
   */
  addClip(clip: Omit<Stretch, 'seat' | 'rewards'>): void {
    const { sequence } = this.shape;
    const base = this.#append(clip);
    const last = this.learned.at(-1);
    if (this.#packing && last !== undefined && last.steps + clip.steps <= sequence) {
      this.learned[this.learned.length - 1] = { ...last, steps: last.steps + clip.steps };
    } else this.learned.push({ from: base, steps: clip.steps, warm: 0 });
    this.#packing = true;
  }

  /** @returns where it lies. */
  #append(stretch: Omit<Stretch, 'seat' | 'rewards'>): number {
    const { elements, others } = this.shape;
    const { steps } = stretch;
    const base = this.size;
    this.#reserve(base + steps);
    this.observations.set(stretch.observations, base * elements);
    this.actions.set(stretch.actions, base);
    this.counts.set(stretch.counts, base);
    this.lastActions.set(stretch.lastActions, base * others);
    this.starts[base] = 1;
    this.size += steps;
    return base;
  }

  /** How many samples of some sequences are learned from. */
  count(sequences: readonly Sequence[]): number {
    let count = 0;
    for (const { from, steps, warm } of sequences) {
      for (let i = from + warm; i < from + steps; i++) count += this.counts[i]!;
    }
    return count;
  }

  /** [A] how often each action was taken in some sequences. */
  tally(sequences: readonly Sequence[]): Float64Array {
    const tally = new Float64Array(this.shape.actions);
    for (const { from, steps, warm } of sequences) {
      for (let i = from + warm; i < from + steps; i++) tally[this.actions[i]!]! += this.counts[i]!;
    }
    return tally;
  }

  /** Mean and deviation of the returns that are learned from; 0 and 1 where there are none. */
  valueScale(): { readonly mean: number; readonly deviation: number } {
    let count = 0;
    let sum = 0;
    let squares = 0;
    for (const { from, steps, warm } of this.learned) {
      for (let i = from + warm; i < from + steps; i++) {
        if (this.valued[i] === 0) continue;
        count++;
        sum += this.returns[i]!;
        squares += this.returns[i]! ** 2;
      }
    }
    if (count === 0) return { mean: 0, deviation: 1 };
    const mean = sum / count;
    const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
    return { mean, deviation: deviation > 1e-4 ? deviation : 1 };
  }

  /** Differs where the samples do. */
  get fingerprint(): number {
    const { elements } = this.shape;
    return crc32(
      this.actions.subarray(0, this.size),
      crc32(this.observations.subarray(0, this.size * elements)),
    );
  }

  /**
   * Discounted sums of the rewards that were recorded. What comes after the last one nobody knows: steps whose sum could
   * lack more than a tenth of a steady income have none.
   */
  #value(rewards: Float32Array, base: number): void {
    const { gamma } = this.shape;
    const horizon = gamma === 0 ? 1 : Math.ceil(Math.log(0.1) / Math.log(gamma));
    let sum = 0;
    for (let t = rewards.length - 1; t >= 0; t--) {
      sum = rewards[t]! + gamma * sum;
      this.returns[base + t] = sum;
      this.valued[base + t] = rewards.length - t >= horizon ? 1 : 0;
    }
  }

  #reserve(size: number): void {
    const capacity = this.actions.length;
    if (size <= capacity) return;
    const next = Math.max(size, 2 * capacity);
    const { elements, others } = this.shape;
    this.observations = grown(this.observations, next * elements);
    this.actions = grown(this.actions, next);
    this.counts = grown(this.counts, next);
    this.starts = grown(this.starts, next);
    this.returns = grown(this.returns, next);
    this.valued = grown(this.valued, next);
    this.lastActions = grown(this.lastActions, next * others);
  }
}

function grown<A extends Uint8Array | Float32Array>(array: A, length: number): A {
  const larger = new (array.constructor as new (length: number) => A)(length);
  larger.set(array);
  return larger;
}
