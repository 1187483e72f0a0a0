/** How long a processor was at a policy's last calls, of one block of rows each, and whether that is too long beside others. */

/** A tick of 20 Hz has 50 ms, for all that a thread runs in it. */
export const SLOW_MS = 20;
/** One such call may be the machine's doing; two are the policy's. */
const VERY_SLOW_MS = 250;
const CALLS = 5;

export class Pace {
  /** Milliseconds of the last calls, in no order of time. */
  readonly #last = new Float64Array(CALLS);
  readonly #sorted = new Float64Array(CALLS);
  #calls = 0;

  add(milliseconds: number): void {
    this.#last[this.#calls++ % CALLS] = milliseconds;
    this.#sorted.set(this.#last);
    this.#sorted.sort();
  }

  /** Of the last calls, milliseconds; calls that were not made yet count as 0. */
  get median(): number {
    return this.#sorted[CALLS >> 1]!;
  }

  get slow(): boolean {
    return this.median > SLOW_MS || this.#sorted[CALLS - 2]! > VERY_SLOW_MS;
  }
}
