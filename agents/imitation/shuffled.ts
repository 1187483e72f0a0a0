/** Numbers 0 to n - 1 in shuffled order, again and again; n may grow. */
import type { Random } from '../../shared/random.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import { restore } from '../algorithms/restore.ts';

export class Shuffled {
  readonly #random: Random;
  #order: Uint32Array;
  /** [1] of the order: what comes next. */
  readonly #at = new Uint32Array(1);

  constructor(count: number, random: Random) {
    this.#random = random;
    this.#order = new Uint32Array(0);
    this.resize(count);
  }

  /** Begins anew where the count has changed. */
  resize(count: number): void {
    if (count === this.#order.length) return;
    this.#order = Uint32Array.from({ length: count }, (_, i) => i);
    this.#at[0] = count;
  }

  next(): number {
    const order = this.#order;
    if (this.#at[0]! >= order.length) {
      for (let i = order.length - 1; i > 0; i--) {
        const j = this.#random.below(i + 1);
        const swapped = order[i]!;
        order[i] = order[j]!;
        order[j] = swapped;
      }
      this.#at[0] = 0;
    }
    return order[this.#at[0]!++]!;
  }

  save(): Saved {
    return { order: this.#order.slice(), at: this.#at.slice() };
  }

  /** @throws {Error} for an order of another count. */
  load(saved: Saved, count: number): void {
    this.resize(count);
    restore(saved, 'order', this.#order);
    restore(saved, 'at', this.#at);
  }
}
