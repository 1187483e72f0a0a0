import { expect, test } from 'vitest';
import { Series } from './series.ts';

test('samples are kept as they come while they are few', () => {
  const series = new Series(2);
  for (let step = 0; step < 10; step++) series.add(step, [step, -step]);
  expect(series.steps).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(series.column(1)[9]).toBe(-9);
});

test('a long episode is thinned, evenly spaced and from its start to now', () => {
  const series = new Series(1);
  for (let step = 0; step <= 5000; step++) series.add(step, [2 * step]);
  const { steps } = series;
  expect(steps.length).toBeLessThanOrEqual(400);
  expect(steps[0]).toBe(0);
  const every = steps[1]! - steps[0]!;
  steps.forEach((step, k) => void expect(step).toBe(k * every));
  expect(5000 - steps.at(-1)!).toBeLessThan(every);
  steps.forEach((step, k) => void expect(series.column(0)[k]).toBe(2 * step));
});

test('goes on from what the room told on entering', () => {
  const series = new Series(2);
  series.restore({ every: 4, samples: Float32Array.of(0, 10, 1, 11, 2, 12) });
  series.add(9, [3, 13]);
  series.add(12, [4, 14]);
  expect(series.steps).toEqual([0, 4, 8, 12]);
  expect(series.column(1)).toEqual([10, 11, 12, 14]);
});

test('begins anew with an episode', () => {
  const series = new Series(1);
  for (let step = 0; step < 1000; step++) series.add(step, [step]);
  series.clear();
  series.add(0, [5]);
  series.add(1, [6]);
  expect(series.steps).toEqual([0, 1]);
});
