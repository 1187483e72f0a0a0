/** Counts a client's messages: so many a second are read, the rest is not, and a flood ends the connection. */
export type Admission = 'admitted' | 'refused-first' | 'refused' | 'flood';

/** How many times the rate is a flood. */
const FLOOD = 20;

export class RateLimit {
  readonly perSecond: number;
  #windowStart = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(perSecond: number) {
    this.perSecond = perSecond;
  }

  /** @param now milliseconds. */
  admit(now: number): Admission {
    if (now - this.#windowStart >= 1000) {
      this.#windowStart = now;
      this.#count = 0;
    }
    this.#count++;
    if (this.#count <= this.perSecond) return 'admitted';
    if (this.#count === Math.floor(this.perSecond) + 1) return 'refused-first';
    return this.#count > FLOOD * this.perSecond ? 'flood' : 'refused';
  }
}
