import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { summarize } from './statistics.ts';

describe('summarize', () => {
  it('agrees with a hand-worked sample', () => {
    // Mean 5, squares 9+1+1+1+0+0+4+16 = 32 over 7 degrees of freedom; t(0.975, 7) = 2.364624 from tables.
    const { count, mean, deviation, low, high } = summarize([2, 4, 4, 4, 5, 5, 7, 9]);
    expect([count, mean]).toEqual([8, 5]);
    expect(deviation).toBeCloseTo(Math.sqrt(32 / 7), 12);
    const margin = (2.364624 * Math.sqrt(32 / 7)) / Math.sqrt(8);
    expect(low).toBeCloseTo(5 - margin, 5);
    expect(high).toBeCloseTo(5 + margin, 5);
  });

  it('knows nothing of the spread of a single value', () => {
    expect(summarize([3])).toEqual({ count: 1, mean: 3, deviation: 0, low: -Infinity, high: Infinity });
  });

  it('keeps the digits of small differences between large values', () => {
    expect(summarize([1e9 + 1, 1e9 + 2, 1e9 + 3]).deviation).toBeCloseTo(1, 6);
  });

  it('moves with its values', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(values, fc.integer({ min: -1000, max: 1000 }), (sample, shift) => {
        const here = summarize(sample);
        const there = summarize(sample.map((value) => value + shift));
        expect(there.mean).toBeCloseTo(here.mean + shift, 6);
        expect(there.high - there.low).toBeCloseTo(here.high - here.low, 6);
      }),
    );
  });

  it('covers the true mean in about 95 of 100 samples', () => {
    // Sums of twelve uniforms less six are nearly normal with mean 0.
    let state = 1;
    const uniform = () => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff;
    const normal = () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, -6);
    let covered = 0;
    for (let k = 0; k < 2000; k++) {
      const { low, high } = summarize(Array.from({ length: 5 }, normal));
      if (low <= 0 && 0 <= high) covered++;
    }
    // 1900 expected, standard deviation 9.7.
    expect(covered).toBeGreaterThan(1860);
    expect(covered).toBeLessThan(1940);
  });

  it('refuses to summarize nothing', () => {
    expect(() => summarize([])).toThrow(RangeError);
  });
});
