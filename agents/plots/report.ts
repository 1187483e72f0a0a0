/** What `arena plot` makes of runs: the panels of a figure and the numbers beside it. */
import { summarize } from '../statistics.ts';
import { compact } from '../training/number-format.ts';
import { curveOf, finalValue, groupCurve } from './curves.ts';
import type { Figure } from './figure.ts';
import type { Group } from './groups.ts';
import { mostOf, titleOf } from './metric-names.ts';
import { rangeNote } from './range.ts';
import type { AxisRange, ReferenceLine } from './series.ts';
import { settingText } from './setting-text.ts';

/** A metric at the end of training, over a group's runs. */
export interface FinalValue {
  readonly runs: number;
  /** Mean over runs of each one's mean over the last tenth of its steps. */
  readonly mean: number;
  /** Its 95% interval by Student's t; null for a single run. */
  readonly low: number | null;
  readonly high: number | null;
}

export interface LearningReport {
  readonly figure: Figure;
  /** Full names, a panel each. */
  readonly metrics: readonly string[];
  readonly groups: readonly Group[];
  /** By group, then by metric; null where no run of the group has it. */
  readonly finals: readonly (readonly (FinalValue | null)[])[];
  /** What a reader of the figure should know. */
  readonly notes: readonly string[];
}

export interface LearningReportOptions {
  readonly title?: string;
  /** Of each metric. */
  readonly lines?: ReadonlyMap<string, readonly ReferenceLine[]>;
  /** Of the vertical axis, by metric. */
  readonly ranges?: ReadonlyMap<string, AxisRange>;
  /** Player steps that each run is averaged over before runs are combined; final values are not. */
  readonly smooth?: number;
}

/** @param metrics full names that at least one run has. */
export function learningReport(
  groups: readonly Group[],
  metrics: readonly string[],
  { title = titleFor(groups), lines = new Map(), ranges = new Map(), smooth = 0 }: LearningReportOptions = {},
): LearningReport {
  const panels = metrics.map((name) => {
    const most = mostOf(name);
    const range = ranges.get(name);
    return {
      title: titleOf(name),
      curves: groups.map(({ runs }) => groupCurve(runs, name, smooth)),
      lines: lines.get(name) ?? [],
      ...(most === null ? {} : { most }),
      ...(range === undefined ? {} : { range }),
    };
  });
  const figure = {
    title,
    subtitle: subtitleFor(groups, smooth),
    labels: groups.map(({ label }) => label),
    panels,
    footnotes: panels.flatMap((panel) => rangeNote(panel) ?? []),
  };
  const finals = groups.map((group) => metrics.map((name) => finalOf(group, name)));
  return { figure, metrics, groups, finals, notes: notesOn(groups, metrics) };
}

function finalOf({ runs }: Group, name: string): FinalValue | null {
  const values = runs.flatMap(({ metrics }) => {
    const curve = curveOf(metrics, name);
    return curve === null ? [] : [finalValue(curve)];
  });
  if (values.length === 0) return null;
  const { count, mean, low, high } = summarize(values);
  return count === 1 ? { runs: 1, mean, low: null, high: null } : { runs: count, mean, low, high };
}

/** Environment and algorithm, where all runs have the same. */
function titleFor(groups: readonly Group[]): string {
  const common = ['env', 'algo'].flatMap((name) => {
    const values = new Set(
      groups.flatMap(({ runs }) =>
        runs.map(({ settings }) => settings.get(name) ?? settings.get(`${name}.name`)),
      ),
    );
    const [only] = values;
    return values.size === 1 && only?.startsWith('"') ? [settingText(only)!] : [];
  });
  return common.length === 0 ? 'Learning curves' : common.join(': ');
}

function subtitleFor(groups: readonly Group[], smooth: number): string {
  const counts = groups.map(({ runs }) => runs.length);
  const least = Math.min(...counts);
  const most = Math.max(...counts);
  const averaged = smooth > 0 ? `averaged over ${compact(smooth, 4)} player steps` : null;
  if (most === 1) {
    return [groups.length === 1 ? 'One run' : 'One run each', ...(averaged === null ? [] : [averaged])].join(
      ', ',
    );
  }
  const runs = least === most ? `${most} runs` : `${least} to ${most} runs`;
  const where = least < 3 ? ' from three runs on' : '';
  const band = most < 3 ? '' : `, band: 95% confidence interval (Student's t)${where}`;
  const window = averaged === null ? '' : `, each ${averaged}`;
  return `Mean of ${runs}${window}${band}, thin lines: single runs`;
}

function notesOn(groups: readonly Group[], metrics: readonly string[]): string[] {
  const notes: string[] = [];
  for (const { label, runs } of groups) {
    for (const name of metrics) {
      const lacking = runs.filter((run) => curveOf(run.metrics, name) === null);
      if (lacking.length > 0) notes.push(`${lacking.map(({ path }) => path).join(', ')}: no ${name}`);
    }
    notes.push(...seedNotes(label, runs));
    const ends = runs.map(({ metrics }) => metrics.at(-1)!.steps);
    const shortest = Math.min(...ends);
    // Runs of one length end within a report of each other.
    if (shortest < 0.98 * Math.max(...ends)) {
      notes.push(
        `${label}: its mean ends at ${shortest} player steps with ${runs[ends.indexOf(shortest)]!.path}, the shortest run`,
      );
    }
  }
  return notes;
}

/** Runs of one seed are no sample: an interval over them is narrower than the truth. */
function seedNotes(label: string, runs: Group['runs']): string[] {
  return [...Map.groupBy(runs, ({ seed }) => seed)]
    .filter(([, same]) => same.length > 1)
    .map(
      ([seed, same]) =>
        `${label}: ${same.map(({ path }) => path).join(', ')} have the same seed ${seed}, which makes their interval too narrow`,
    );
}
