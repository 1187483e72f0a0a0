/**
 * Seeded randomness that gives the same numbers on every machine.
 *
 * The generator is xoshiro128** (Blackman & Vigna 2018) over four uint32 words that the caller owns, so that a
 * generator's state is part of whatever snapshot those words lie in. Only integer arithmetic, comparisons and
 * IEEE multiplications are used: `Math.log` and its kin may differ in the last bit between engines.
 */
export class Random {
  /** The whole state, uint32 [4], never all zero once seeded. */
  readonly state: Uint32Array;

  /** @param state uint32 [4], owned by the caller; `seed` fills it. */
  constructor(state: Uint32Array = new Uint32Array(4)) {
    this.state = state;
  }

  /** Starts the stream that belongs to `seed`, an integer in [0, 2^53): all its bits count. */
  seed(seed: number): this {
    let low = seed >>> 0;
    let high = Math.floor(seed / 0x100000000);
    for (let i = 0; i < 4; i++) {
      // SplitMix32's steps, one for each half: seeds that differ in one bit differ all over the state.
      low = (low + 0x9e3779b9) | 0;
      high = (high + 0x85ebca6b) | 0;
      this.state[i] = mix32(mix32(low) + high);
    }
    if ((this.state[0]! | this.state[1]! | this.state[2]! | this.state[3]!) === 0) this.state[0] = 1;
    return this;
  }

  /** The next uint32, uniform over [0, 2^32). */
  next(): number {
    const s = this.state;
    const s0 = s[0]!;
    const s1 = s[1]!;
    let s2 = s[2]!;
    let s3 = s[3]!;
    const times5 = Math.imul(s1, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9);
    s2 ^= s0;
    s3 ^= s1;
    s[1] = s1 ^ s2;
    s[0] = s0 ^ s3;
    s[2] = s2 ^ (s1 << 9);
    s[3] = (s3 << 11) | (s3 >>> 21);
    return result >>> 0;
  }

  /** A uniform integer in [0, n), exactly (Lemire 2019, with rejection), for 1 <= n <= 2^20. */
  below(n: number): number {
    for (;;) {
      const product = this.next() * n; // < 2^52, so exact
      const high = Math.floor(product / 0x100000000);
      if (product - high * 0x100000000 >= 0x100000000 % n) return high;
    }
  }

  /** True with probability p, resolved to 2^-32. */
  chance(p: number): boolean {
    return this.next() < p * 0x100000000;
  }

  /** A uniform double in [0, 1) with 32 bits. */
  uniform(): number {
    return this.next() / 0x100000000;
  }
}

/** SplitMix32's finaliser: a bijection of uint32 in which every bit in reaches every bit out. */
function mix32(z: number): number {
  z ^= z >>> 16;
  z = Math.imul(z, 0x21f0aaad);
  z ^= z >>> 15;
  z = Math.imul(z, 0x735a2d97);
  return z ^ (z >>> 15);
}

/** A seed (uint32) for child `index` in [0, 2^21) of `seed`: siblings, and children of neighbouring seeds, are unrelated. */
export function deriveSeed(seed: number, index: number): number {
  const random = new Random();
  const parent = random.seed(seed).next();
  return random.seed(parent * 0x200000 + index).next();
}

/**
 * Draws how many Bernoulli(p) trials fail before one succeeds, exactly to 2^-32 per draw and without logarithms.
 *
 * Many rare independent events cost one draw for each that happens instead of one for each that might: number the
 * trials in any order that does not look ahead, and skip `draw()` of them to reach the next success.
 */
export class GeometricSkip {
  readonly probability: number;
  /** survive[k] = (1-p)^(k+1) * 2^32: a uniform uint32 below it survives k+1 trials. */
  readonly #survive: Float64Array;

  constructor(probability: number) {
    if (!(probability >= 0 && probability <= 1))
      throw new RangeError(`probability ${probability} is not in [0, 1]`);
    this.probability = probability;
    this.#survive = new Float64Array(SKIP_SPAN);
    let tail = 0x100000000;
    for (let k = 0; k < SKIP_SPAN; k++) {
      tail *= 1 - probability;
      this.#survive[k] = tail;
    }
  }

  /** The number of failures before the next success, at most `SKIP_LIMIT` (so p = 0 returns too). */
  draw(random: Random): number {
    const survive = this.#survive;
    for (let base = 0; base < SKIP_LIMIT; base += SKIP_SPAN) {
      const u = random.next();
      if (u < survive[SKIP_SPAN - 1]!) continue; // all of this span failed: memoryless, draw for the next
      let low = 0;
      let high = SKIP_SPAN - 1; // the first k whose survival is at or below u
      while (low < high) {
        const middle = (low + high) >> 1;
        if (u < survive[middle]!) low = middle + 1;
        else high = middle;
      }
      return base + low;
    }
    return SKIP_LIMIT;
  }
}

const SKIP_SPAN = 256;
const SKIP_LIMIT = 1 << 20;
