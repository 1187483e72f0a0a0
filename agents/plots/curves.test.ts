import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { curveOf, finalValue, groupCurve, interpolate, smooth } from './curves.ts';
import type { Run } from './run-folder.ts';

const curve = (...points: [number, number][]) => ({
  x: Float64Array.from(points, ([x]) => x),
  y: Float64Array.from(points, ([, y]) => y),
});

/** A run that reported `m` at these steps. */
function run(...points: [steps: number, value: number | null][]): Run {
  const metrics = points.map(([steps, m]) => ({ steps, environmentSteps: steps, seconds: 0, m }));
  return { path: 'r', name: 'r', seed: 0, settings: new Map(), backend: '', versions: {}, metrics };
}

describe('interpolate', () => {
  it('goes straight between points', () => {
    const at = Float64Array.of(0, 5, 10, 15, 20);
    expect([...interpolate(curve([0, 0], [10, 1], [20, -1]), at)]).toEqual([0, 0.5, 1, 0, -1]);
  });

  it('gives back a line at every place, wherever its points are', () => {
    const places = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(places, places, (points, asked) => {
        const x = Float64Array.from(points).sort();
        const inside = asked.filter((place) => place >= x[0]! && place <= x.at(-1)!);
        const at = Float64Array.from(inside).sort();
        const values = interpolate({ x, y: x.map((step) => 3 * step - 7) }, at);
        for (const [k, place] of at.entries()) expect(values[k]).toBeCloseTo(3 * place - 7, 6);
      }),
    );
  });
});

describe('curveOf', () => {
  it('leaves out what is missing or was not finite', () => {
    expect(curveOf(run([1, 4], [2, null], [3, 6]).metrics, 'm')).toEqual(curve([1, 4], [3, 6]));
    expect(curveOf(run([1, null]).metrics, 'm')).toBeNull();
    expect(curveOf(run([1, 2]).metrics, 'other')).toBeNull();
  });
});

describe('smooth', () => {
  it('takes the mean of what lies half a window away to either side', () => {
    const jagged = curve([0, 8], [10, 2], [20, 5], [25, 11], [40, 1]);
    // Within 10: (8 + 2) / 2, (8 + 2 + 5) / 3, (2 + 5 + 11) / 3, (5 + 11) / 2, and 1 alone.
    expect(smooth(jagged, 20)).toEqual(curve([0, 5], [10, 5], [20, 6], [25, 8], [40, 1]));
  });

  it('leaves a curve as it is for a window of 0', () => {
    expect(smooth(curve([0, 8], [10, 2]), 0)).toEqual(curve([0, 8], [10, 2]));
  });

  it('never leaves the range of a curve, and gives back what is constant', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 40 }), (ys, window) => {
        const y = Float64Array.from(ys);
        const x = y.map((_, k) => k);
        for (const mean of smooth({ x, y }, window).y) {
          expect(mean).toBeGreaterThanOrEqual(Math.min(...ys));
          expect(mean).toBeLessThanOrEqual(Math.max(...ys));
        }
        expect([...smooth({ x, y: y.map(() => 7) }, window).y]).toEqual(ys.map(() => 7));
      }),
    );
  });
});

describe('groupCurve', () => {
  it('averages each run before it combines them', () => {
    const { runs, mean } = groupCurve([run([0, 0], [10, 4]), run([0, 2], [10, 10])], 'm', 20)!;
    expect(runs).toEqual([curve([0, 2], [10, 2]), curve([0, 6], [10, 6])]);
    expect(mean.y.every((value) => value === 4)).toBe(true);
  });

  it('is the run itself, without a band, where there is one', () => {
    expect(groupCurve([run([0, 1], [10, 2])], 'm')).toEqual({
      runs: [curve([0, 1], [10, 2])],
      mean: curve([0, 1], [10, 2]),
      band: null,
    });
  });

  it('has the mean and its interval by Student’s t', () => {
    // At the end 1, 2 and 6: mean 3, deviation sqrt((4 + 1 + 9) / 2), t(0.975, 2) = 4.302653.
    const { mean, band } = groupCurve([run([0, 0], [8, 1]), run([0, 0], [8, 2]), run([0, 0], [8, 6])], 'm')!;
    const margin = (4.302653 * Math.sqrt(7)) / Math.sqrt(3);
    expect(mean.y.at(-1)).toBeCloseTo(3, 12);
    expect(band!.low.at(-1)).toBeCloseTo(3 - margin, 5);
    expect(band!.high.at(-1)).toBeCloseTo(3 + margin, 5);
    expect([band!.low[0], band!.high[0]]).toEqual([0, 0]);
  });

  it('has no band for two runs', () => {
    expect(groupCurve([run([0, 0], [8, 1]), run([0, 0], [8, 2])], 'm')!.band).toBeNull();
  });

  it('covers the steps that all runs have reached', () => {
    const { mean } = groupCurve([run([2, 0], [30, 1]), run([5, 0], [20, 1])], 'm')!;
    expect([mean.x[0], mean.x.at(-1)]).toEqual([5, 20]);
  });

  it('is one point where runs share one step only, and nothing where they share none', () => {
    expect(groupCurve([run([0, 1], [5, 1]), run([5, 3], [9, 3])], 'm')!.mean).toEqual(curve([5, 2]));
    expect(groupCurve([run([0, 1], [5, 1]), run([6, 3], [9, 3])], 'm')).toBeNull();
  });
});

describe('finalValue', () => {
  it('is the mean over the last tenth of the steps', () => {
    expect(finalValue(curve([0, 100], [89, 50], [90, 1], [95, 2], [100, 6]))).toBe(3);
  });

  it('is the only value where there is one', () => {
    expect(finalValue(curve([7, 5]))).toBe(5);
  });
});
