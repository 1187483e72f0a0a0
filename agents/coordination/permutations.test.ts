import { describe, expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import { arrange, baselineOf, newTally, observedOf, pValueOf, type Tally } from './permutations.ts';

const tally = (count: number, ...sums: number[]): Tally => ({ sums: Float64Array.from(sums), count });

describe('a tally', () => {
  it('is a mean over what was counted, and so is its baseline over permutations', () => {
    const two = tally(2, 6, 1, 3, 2);
    expect(observedOf(two)).toBe(3);
    expect(baselineOf(two)).toBe(1);
  });

  it('has the p-value (1 + as high) / (1 + permutations)', () => {
    expect(pValueOf(tally(1, 5, 4, 5, 6, 1))).toBe(3 / 5);
    expect(pValueOf(tally(1, 5, 4, 4, 4))).toBe(1 / 4);
  });

  it('takes what only rounding tells apart for equal', () => {
    expect(pValueOf(tally(1, 0.1 + 0.2, 0.3))).toBe(1);
  });

  it('of nothing knows nothing', () => {
    const nothing = newTally(3);
    expect([observedOf(nothing), baselineOf(nothing), pValueOf(nothing)]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });
});

describe('arrange', () => {
  it('first leaves things as they are', () => {
    const out = Uint32Array.of(9, 9, 9, 9);
    arrange(out, 3, 0, new Random().seed(1));
    expect([...out]).toEqual([0, 1, 2, 9]);
  });

  it('then comes to every order equally often', () => {
    const random = new Random().seed(2);
    const out = new Uint32Array(3);
    const seen = new Map<string, number>();
    const times = 6000;
    for (let i = 0; i < times; i++) {
      arrange(out, 3, 1, random);
      seen.set(out.join(''), (seen.get(out.join('')) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    // Standard deviation 29 each: five of them.
    for (const count of seen.values()) expect(Math.abs(count - times / 6)).toBeLessThan(145);
  });
});
