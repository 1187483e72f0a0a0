/** Learning curves: a metric over player steps, and the mean of several runs with its confidence interval. */
import { summarize } from '../statistics.ts';
import type { RecordedMetrics } from '../training/metrics-log.ts';
import type { Run } from './run-folder.ts';

/** Points where a group's runs are compared. */
const GRID = 240;

/** Parallel arrays; `x` grows. */
export interface Curve {
  /** Player steps. */
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Parallel to a curve's points. */
export interface Band {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Two runs say so little of their mean that its interval, 13 times as wide as they are apart, would hide everything. */
const BAND_FROM = 3;

export interface GroupCurve {
  /** The runs themselves, those that have the metric. */
  readonly runs: readonly Curve[];
  readonly mean: Curve;
  /** Of the mean at each of its points: the 95% interval by Student's t over runs. Null for fewer than three. */
  readonly band: Band | null;
}

/** One run's reports of a metric; what was not finite is left out. Null where nothing is left. */
export function curveOf(metrics: readonly RecordedMetrics[], name: string): Curve | null {
  const points = metrics.filter((report) => typeof report[name] === 'number');
  if (points.length === 0) return null;
  return {
    x: Float64Array.from(points, ({ steps }) => steps),
    y: Float64Array.from(points, (report) => report[name]!),
  };
}

/**
 * The mean at each point of the points at most half a window away, to either side; at the ends of a curve there are fewer.
 * @param window player steps; 0 leaves the curve as it is.
 */
export function smooth({ x, y }: Curve, window: number): Curve {
  const half = window / 2;
  let from = 0;
  const means = y.map((_, k) => {
    while (x[from]! < x[k]! - half) from++;
    let sum = 0;
    let to = from;
    for (; to < x.length && x[to]! <= x[k]! + half; to++) sum += y[to]!;
    return sum / (to - from);
  });
  return { x, y: means };
}

/**
 * The mean of several runs over the steps that all of them have reached: where one ends, the mean of the rest would jump
 * for no reason but that. Null where no run has the metric, or they share no steps.
 * @param window player steps that each run is averaged over before.
 */
export function groupCurve(runs: readonly Run[], name: string, window = 0): GroupCurve | null {
  const curves = runs
    .flatMap(({ metrics }) => curveOf(metrics, name) ?? [])
    .map((curve) => smooth(curve, window));
  const [only] = curves;
  if (only === undefined) return null;
  if (curves.length === 1) return { runs: curves, mean: only, band: null };
  const from = Math.max(...curves.map(({ x }) => x[0]!));
  const to = Math.min(...curves.map(({ x }) => x.at(-1)!));
  if (from > to) return null;
  const size = from === to ? 1 : GRID;
  const x = Float64Array.from({ length: size }, (_, k) => from + ((to - from) * k) / Math.max(1, size - 1));
  const sampled = curves.map((curve) => interpolate(curve, x));
  const y = new Float64Array(size);
  const low = new Float64Array(size);
  const high = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    const summary = summarize(sampled.map((values) => values[k]!));
    y[k] = summary.mean;
    low[k] = summary.low;
    high[k] = summary.high;
  }
  return { runs: curves, mean: { x, y }, band: curves.length < BAND_FROM ? null : { low, high } };
}

/** Values at `at`, which grows and lies within the curve's x, on straight lines between its points. */
export function interpolate({ x, y }: Curve, at: Float64Array): Float64Array {
  let k = 0;
  return at.map((place) => {
    while (k + 2 < x.length && x[k + 1]! < place) k++;
    const next = Math.min(k + 1, x.length - 1);
    const width = x[next]! - x[k]!;
    const share = width === 0 ? 0 : (place - x[k]!) / width;
    return y[k]! + share * (y[next]! - y[k]!);
  });
}

/** The share of a run, from its end, that a final value is the mean of. */
export const FINAL_SHARE = 0.1;

/** The mean of a curve's points in the last tenth of its steps. */
export function finalValue({ x, y }: Curve): number {
  const from = x.at(-1)! - FINAL_SHARE * (x.at(-1)! - x[0]!);
  const last = y.filter((_, k) => x[k]! >= from);
  return last.reduce((sum, value) => sum + value, 0) / last.length;
}
