/** A statistic beside what it comes to when its sample is shuffled. */
import type { Random } from '../../shared/random.ts';

/** A statistic that is a mean over speakers or pairs: its sums, of the sample as it is [0] and of each permutation [1...]. */
export interface Tally {
  readonly sums: Float64Array;
  /** What the sums are over. */
  count: number;
}

/** Statistics that only differ by rounding count as equal. */
const ROUNDING = 1e-12;

export function newTally(permutations: number): Tally {
  return { sums: new Float64Array(1 + permutations), count: 0 };
}

/** NaN of nothing. */
export function observedOf({ sums, count }: Tally): number {
  return sums[0]! / count;
}

/** The mean over permutations: the statistic's expectation by chance. NaN of nothing. */
export function baselineOf({ sums, count }: Tally): number {
  let sum = 0;
  for (let r = 1; r < sums.length; r++) sum += sums[r]!;
  return sum / ((sums.length - 1) * count);
}

/**
 * How probable so high a statistic is by chance, in (0, 1]: (1 + permutations that come to at least as much) over
 * (1 + permutations), the sample itself being one of those that could have been. NaN of nothing.
 */
export function pValueOf({ sums, count }: Tally): number {
  if (count === 0) return Number.NaN;
  let atLeast = 0;
  for (let r = 1; r < sums.length; r++) if (sums[r]! >= sums[0]! - ROUNDING) atLeast++;
  return (1 + atLeast) / sums.length;
}

/**
 * Writes the numbers from 0 to `count` - 1 into the first places of `out`: in order for r = 0, and else shuffled by Fisher
 * and Yates from the inside out, which needs no order to begin with.
 */
export function arrange(out: Uint32Array, count: number, r: number, random: Random): void {
  for (let i = 0; i < count; i++) {
    const j = r === 0 ? i : drawBelow(random, i + 1);
    out[i] = out[j]!;
    out[j] = i;
  }
}

/** An integer in [0, n), any of them with probability 1 / n to within 2^-32: faster than `Random.below`, which is exact. */
export function drawBelow(random: Random, n: number): number {
  return Math.floor((random.next() * n) / 0x100000000);
}
