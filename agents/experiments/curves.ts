/** The panels of a report: each arm's mean over seeds with a bootstrap band, chance and bots beside it. */
import { Random } from '../../shared/random.ts';
import { type Band, type Curve, type GroupCurve, groupCurve, interpolate } from '../plots/curves.ts';
import { mostOf } from '../plots/metric-names.ts';
import { rangeNote } from '../plots/range.ts';
import { type AxisRange, COLOURS, type Panel, type ReferenceLine } from '../plots/series.ts';
import { quantile } from '../statistics.ts';
import type { Bots } from './bots.ts';
import { type Measure, RETURN } from './measures.ts';
import type { ArmResult } from './results.ts';

const RESAMPLES = 1000;
const SEED = 1;
const TAIL = 0.025;
/** With two runs the band would be the two runs. */
const BAND_FROM = 3;
/** Points of a single run's line: more would only make the file larger. */
const THIN = 120;
/** The share of a run that curves are averaged over, where there are so many reports that they need it. */
const WINDOW = 0.02;
const MANY_REPORTS = 100;

export interface DrawnPanel {
  readonly panel: Panel;
  /** Of the panel's curves: the arms, and as far behind them as there are colours, the arms' baselines. */
  readonly labels: readonly string[];
  /** What the panel leaves out; null where it shows all. */
  readonly note: string | null;
}

/** The most arms that can be told apart with their baselines. */
export const MOST_ARMS = COLOURS.length;

export function panelOf(arms: readonly ArmResult[], measure: Measure, bots: Bots): DrawnPanel {
  const { name, title, baseline } = measure;
  const curves = arms.map((arm) => curveOf(arm, name));
  const labels = arms.map(({ arm }) => arm.name);
  if (baseline !== null) {
    // A colour is an arm's: its baseline has the same one, dashed.
    for (let k = arms.length; k < MOST_ARMS; k++) {
      curves.push(null);
      labels.push('');
    }
    for (const arm of arms) {
      const chance = curveOf(arm, baseline.name);
      curves.push(chance === null ? null : { ...chance, runs: [chance.mean], band: null });
      labels.push(`${arm.arm.name}, ${baseline.how}`);
    }
  }
  const lines: ReferenceLine[] =
    name === RETURN ? bots.scores.map(({ label, mean }) => ({ label, value: mean })) : [];
  const most = mostOf(name);
  // Of what is 0 by chance the distance from 0 says something; of a cross-entropy only that from its baseline.
  const close = baseline !== null && name.startsWith('moa/');
  const range = name === RETURN ? rangeOf(curves, lines) : close ? closeRangeOf(curves) : null;
  const panel: Panel = {
    title,
    curves,
    lines,
    ...(most === null ? {} : { most }),
    ...(range === null ? {} : { range }),
  };
  return { panel, labels, note: rangeNote(panel) };
}

/**
 * Means are over finished runs; the thin lines of those under way stand beside them. Where no run is finished they are
 * over what there is.
 */
function curveOf({ finished, underWay }: ArmResult, name: string): GroupCurve | null {
  const runs = finished.length > 0 ? finished : underWay;
  const reports = Math.max(0, ...runs.map(({ metrics }) => metrics.length));
  const last = Math.max(0, ...runs.map(({ steps }) => steps));
  const window = reports > MANY_REPORTS ? WINDOW * last : 0;
  const curve = groupCurve(runs, name, window);
  if (curve === null) return null;
  const others =
    finished.length === 0 ? [] : underWay.flatMap((run) => groupCurve([run], name, window)?.runs ?? []);
  return {
    mean: curve.mean,
    band: curve.runs.length < BAND_FROM ? null : bandOf(curve.runs, curve.mean.x),
    runs: [...curve.runs, ...others].map(thin),
  };
}

/** At each point the 95% percentile bootstrap interval of the mean over runs; one draw of runs serves all points. */
export function bandOf(runs: readonly Curve[], x: Float64Array): Band {
  const sampled = runs.map((run) => interpolate(run, x));
  const random = new Random().seed(SEED);
  const draws = Int32Array.from({ length: RESAMPLES * runs.length }, () => random.below(runs.length));
  const low = new Float64Array(x.length);
  const high = new Float64Array(x.length);
  const means = new Float64Array(RESAMPLES);
  for (let point = 0; point < x.length; point++) {
    for (let k = 0, draw = 0; k < RESAMPLES; k++) {
      let sum = 0;
      for (let run = 0; run < runs.length; run++) sum += sampled[draws[draw++]!]![point]!;
      means[k] = sum / runs.length;
    }
    means.sort();
    low[point] = quantile(means, TAIL);
    high[point] = quantile(means, 1 - TAIL);
  }
  return { low, high };
}

function thin(curve: Curve): Curve {
  const { x } = curve;
  if (x.length <= THIN) return curve;
  const [from, to] = [x[0]!, x.at(-1)!];
  const at = Float64Array.from({ length: THIN }, (_, k) => from + ((to - from) * k) / (THIN - 1));
  return { x: at, y: interpolate(curve, at) };
}

/**
 * Players begin with thousands of points lost to fines, and random bots stay there: the axis begins somewhat below what the
 * curves are in their second half, unless little would be cut.
 */
export function rangeOf(
  curves: readonly (GroupCurve | null)[],
  lines: readonly ReferenceLine[],
): AxisRange | null {
  let least = Number.POSITIVE_INFINITY;
  let settled = Number.POSITIVE_INFINITY;
  let most = Math.max(0, ...lines.map(({ value }) => value));
  for (const curve of curves) {
    for (const { x, y } of curve === null ? [] : [curve.mean, ...curve.runs]) {
      const half = (x[0]! + x.at(-1)!) / 2;
      for (const [k, value] of y.entries()) {
        least = Math.min(least, value);
        most = Math.max(most, value);
        if (x[k]! >= half) settled = Math.min(settled, value);
      }
    }
  }
  if (!Number.isFinite(least)) return null;
  settled = Math.min(settled, 0);
  const cut = settled - 0.1 * (most - settled);
  if (least >= cut && lines.every(({ value }) => value >= cut)) return null;
  const step = roundUp((most - cut) / 6);
  const low = least >= 0 ? 0 : Math.floor(cut / step) * step;
  return { low, high: Math.ceil((most + 0.02 * (most - cut)) / step) * step };
}

/** Where curve and baseline lie close together far above 0: an axis from there would hide what is between them. */
export function closeRangeOf(curves: readonly (GroupCurve | null)[]): AxisRange | null {
  const values = curves.flatMap((curve) => (curve === null ? [] : [curve.mean, ...curve.runs]));
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const { y } of values) {
    for (const value of y) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  if (!(least > 0.4 * most)) return null;
  const step = roundUp(Math.max(most - least, 1e-3 * most) / 6);
  return { low: Math.floor(least / step) * step, high: Math.ceil(most / step) * step };
}

/** 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * [1, 2, 5, 10].find((factor) => factor * unit >= value * (1 - 1e-9))!;
}
