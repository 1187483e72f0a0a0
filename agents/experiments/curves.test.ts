import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandOf, closeRangeOf, rangeOf, roundUp } from './curves.ts';

const curve = (...y: number[]) => ({ x: Float64Array.from(y.keys()), y: Float64Array.from(y) });
const group = (...y: number[]) => ({ mean: curve(...y), runs: [], band: null });

describe('bandOf', () => {
  const x = Float64Array.of(0, 0.5, 1);

  it('has no width where runs agree', () => {
    const { low, high } = bandOf([curve(3, 5), curve(3, 5), curve(3, 5)], x);
    expect([[...low], [...high]]).toEqual([
      [3, 4, 5],
      [3, 4, 5],
    ]);
  });

  it('reaches from the lowest to the highest run where there are so few that a resample is one of them often', () => {
    // Of 3 runs 1 in 27 resamples is the lowest alone, which is more than 2.5%.
    const { low, high } = bandOf([curve(0, 0), curve(1, 1), curve(5, 5)], x);
    expect([low[1], high[1]]).toEqual([0, 5]);
  });

  it('lies within the runs and around their mean', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 5, maxLength: 7 }),
        (ends) => {
          const { low, high } = bandOf(
            ends.map((end) => curve(0, end)),
            x,
          );
          const mean = ends.reduce((sum, end) => sum + end, 0) / ends.length;
          expect(low[2]).toBeGreaterThanOrEqual(Math.min(...ends) - 1e-9);
          expect(high[2]).toBeLessThanOrEqual(Math.max(...ends) + 1e-9);
          expect(low[2]).toBeLessThanOrEqual(mean + 1e-9);
          expect(high[2]).toBeGreaterThanOrEqual(mean - 1e-9);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('rangeOf', () => {
  it('cuts off what players lost at first, and bots that never got anywhere', () => {
    const lines = [
      { label: 'random', value: -4000 },
      { label: 'possible', value: 1900 },
    ];
    // Down to 0 less a tenth of 1900, at a step of 500, which is no less than a sixth of what is shown.
    expect(rangeOf([group(-4000, 100, 500, 400)], lines)).toEqual({ low: -500, high: 2000 });
  });

  it('shows all where nothing sticks out', () => {
    expect(rangeOf([group(-20, 100, 500, 400)], [])).toBeNull();
  });

  it('shows all of a run that never got better', () => {
    expect(rangeOf([group(-4000, -3900, -3800, -3700)], [{ label: 'random', value: -4100 }])).toBeNull();
  });

  it('is nothing without curves', () => {
    expect(rangeOf([null], [])).toBeNull();
  });
});

describe('closeRangeOf', () => {
  it('leaves out what lies far below', () => {
    expect(closeRangeOf([group(1.31, 1.22), null, group(1.32, 1.3)])).toEqual({
      low: expect.closeTo(1.22, 10),
      high: expect.closeTo(1.32, 10),
    });
  });

  it('begins at 0 for what comes near it', () => {
    expect(closeRangeOf([group(1, 0.1)])).toBeNull();
  });
});

describe('roundUp', () => {
  it.each([
    [0.9, 1],
    [1, 1],
    [1.1, 2],
    [383, 500],
    [600, 1000],
  ])('%d is %d', (value, rounded) => {
    expect(roundUp(value)).toBeCloseTo(rounded, 10);
  });
});
