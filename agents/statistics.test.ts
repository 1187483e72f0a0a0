import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../shared/random.ts';
import {
  bootstrap,
  interquartileMean,
  meanScore,
  medianScore,
  probabilityOfImprovement,
  quantile,
  type Scores,
  stratifiedBootstrap,
  summarize,
} from './statistics.ts';

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

/** Four runs and three of two tasks, as rliable's tests have them. */
const X: Scores = [
  [1, 2],
  [2, 2],
  [1, 1],
  [2, 1],
];
const Y: Scores = [
  [1, 1],
  [2, 2],
  [3, 3],
];
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Runs of a few tasks with small integer scores. */
const scoresOf = (tasks: number) =>
  fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: tasks, maxLength: tasks }), {
    minLength: 1,
    maxLength: 6,
  });

describe('aggregates of scores', () => {
  it.each([
    ['mean', meanScore],
    ['median', medianScore],
    ['interquartile mean', interquartileMean],
  ])('%s agrees with rliable', (_, aggregate) => {
    expect([aggregate(X), aggregate(Y)]).toEqual([1.5, 2]);
  });

  it('the interquartile mean of 0 to 7 is that of 2 to 5', () => {
    expect(interquartileMean([[7, 0, 6, 1, 5, 2, 4, 3]])).toBe(3.5);
  });

  it('the interquartile mean does not see one outlier, the mean does', () => {
    const scores = [[1, 2, 3, 1e6]];
    expect([interquartileMean(scores), meanScore(scores)]).toEqual([2.5, 250001.5]);
  });

  it('the median is of tasks, not of runs', () => {
    // Tasks' means 10, 1 and 2.
    expect(
      medianScore([
        [0, 1, 2],
        [20, 1, 2],
      ]),
    ).toBe(2);
  });
});

describe('quantile', () => {
  it.each([
    [0, 10],
    [0.5, 25],
    [0.25, 17.5],
    [1, 40],
  ])('%f of [10, 20, 30, 40] is %f', (q, expected) => {
    expect(quantile([10, 20, 30, 40], q)).toBe(expected);
  });
});

describe('probabilityOfImprovement', () => {
  it('agrees with rliable', () => {
    expect(probabilityOfImprovement(X, Y)).toBeCloseTo(1 / 3, 12);
  });

  it('is certain of what is always better, and counts equals half', () => {
    expect(probabilityOfImprovement([[5]], [[1], [4]])).toBe(1);
    expect(probabilityOfImprovement([[1]], [[1]])).toBe(0.5);
  });

  it('both ways add up to 1', () => {
    fc.assert(
      fc.property(scoresOf(3), scoresOf(3), (x, y) => {
        expect(probabilityOfImprovement(x, y) + probabilityOfImprovement(y, x)).toBeCloseTo(1, 12);
      }),
    );
  });

  it('refuses scores of different tasks', () => {
    expect(() => probabilityOfImprovement([[1, 2]], [[1]])).toThrow('x has 2 tasks and y 1');
  });
});

describe('bootstrap', () => {
  it('of two values finds both ends: each is the whole sample a quarter of the time', () => {
    expect(bootstrap([0, 1], mean, { seed: 1 })).toEqual({ value: 0.5, low: 0, high: 1 });
  });

  it('is a function of its seed', () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6];
    const interval = (seed: number) => bootstrap(values, mean, { seed, resamples: 100 });
    expect(interval(1)).toEqual(interval(1));
    expect(interval(1)).not.toEqual(interval(2));
  });

  it('lies where the normal approximation does', () => {
    // 100 values 0 to 99: deviation of the mean sqrt(833.25 / 100) = 2.8866, times 1.96 = 5.66 about 49.5.
    const values = Array.from({ length: 100 }, (_, i) => i);
    const { low, high } = bootstrap(values, mean, { seed: 7, resamples: 10000 });
    // An end of 10,000 resamples has a standard error of about 0.08.
    expect(Math.abs(low - 43.84)).toBeLessThan(0.4);
    expect(Math.abs(high - 55.16)).toBeLessThan(0.4);
  });

  it('covers the true mean about as often as it says', () => {
    const random = new Random().seed(11);
    let covered = 0;
    for (let k = 0; k < 500; k++) {
      const sample = Array.from({ length: 20 }, () => random.uniform());
      const { low, high } = bootstrap(sample, mean, { seed: k, resamples: 400, confidence: 0.9 });
      if (low <= 0.5 && 0.5 <= high) covered++;
    }
    // About 440 of 500 for 20 values: the percentile interval is a little narrow. Standard deviation 7.
    expect(covered).toBeGreaterThan(405);
    expect(covered).toBeLessThan(475);
  });

  it('refuses no values', () => {
    expect(() => bootstrap([], mean, { seed: 1 })).toThrow(RangeError);
  });
});

describe('stratifiedBootstrap', () => {
  it('never mixes tasks', () => {
    // Within a task all runs are equal, so however they are drawn nothing varies.
    const scores = [
      [1, 100],
      [1, 100],
    ];
    const interval = stratifiedBootstrap([scores], ([drawn]) => meanScore(drawn!), { seed: 3 });
    expect(interval).toEqual({ value: 50.5, low: 50.5, high: 50.5 });
  });

  it('draws each task’s runs by themselves', () => {
    // Row 0 has the lower score of task 0 and the higher of task 1: whole rows would always sum to 1.
    const scores = [
      [0, 1],
      [1, 0],
    ];
    const { low, high } = stratifiedBootstrap([scores], ([drawn]) => meanScore(drawn!), { seed: 3 });
    expect([low, high]).toEqual([0, 1]);
  });

  it('holds its statistic’s own value for any scores, and its ends in order', () => {
    fc.assert(
      fc.property(scoresOf(2), scoresOf(2), fc.nat(), (x, y, seed) => {
        const { value, low, high } = stratifiedBootstrap(
          [x, y],
          ([a, b]) => probabilityOfImprovement(a!, b!),
          { seed, resamples: 50 },
        );
        expect(value).toBe(probabilityOfImprovement(x, y));
        expect(low).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('leaves the scores as they were', () => {
    const scores = [
      [1, 2],
      [3, 4],
    ];
    stratifiedBootstrap([scores], ([drawn]) => meanScore(drawn!), { seed: 3, resamples: 10 });
    expect(scores).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('refuses a run that lacks a task', () => {
    expect(() => stratifiedBootstrap([[[1, 2], [3]]], () => 0, { seed: 1 })).toThrow(
      'run 1 has 1 scores and run 0 has 2',
    );
  });
});
