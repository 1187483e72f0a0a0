/** What an experiment has come to: final values of each run, each arm's mean with its interval, arms against one another. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { curveOf, finalValue } from '../plots/curves.ts';
import { type Run, readRun } from '../plots/run-folder.ts';
import { bootstrap, probabilityOfImprovement, type Scores, stratifiedBootstrap } from '../statistics.ts';
import { RUN_FILE } from '../training/run-folder.ts';
import type { Arm, PlannedArm, Settings } from './experiment.ts';
import { RETURN } from './measures.ts';
import type { RunState, Task } from './runs.ts';

/** Intervals are of this seed: the same runs have the same report. */
const BOOTSTRAP = { seed: 1 };

export interface ExperimentRun extends Run {
  readonly state: RunState;
  readonly processor: string;
  /** Player steps so far. */
  readonly steps: number;
  /** Of training. */
  readonly seconds: number;
}

export interface ArmResult {
  readonly arm: Arm;
  readonly extra: Settings;
  /** By seed, those that are finished. */
  readonly finished: readonly ExperimentRun[];
  /** By seed, those that have begun and reported something. */
  readonly underWay: readonly ExperimentRun[];
}

/** A mean over runs; without an interval for a single one. */
export interface Estimate {
  readonly runs: number;
  readonly mean: number;
  /** The 95% percentile bootstrap interval of the mean over runs. */
  readonly low: number | null;
  readonly high: number | null;
}

/** The first arm against another one, in their final collective return. */
export interface Comparison {
  readonly against: string;
  /** Mean of the first less mean of the other, with the 95% stratified bootstrap interval. */
  readonly difference: Estimate;
  /** How probable it is that a run of the first arm has more than one of the other. */
  readonly improvement: Estimate;
}

const extraSchema = z.looseObject({ processor: z.string().default('unknown') });

/** @throws {TrainingUsageError} for a run that cannot be read. */
export function readResults(arms: readonly PlannedArm[], tasks: readonly Task[]): ArmResult[] {
  return arms.map(({ arm, extra }) => {
    const runs = tasks
      .filter((task) => task.arm === arm.name && task.state !== 'missing')
      .map((task) => readExperimentRun(task))
      .filter(({ metrics }) => metrics.length > 0);
    return {
      arm,
      extra,
      finished: runs.filter(({ state }) => state === 'finished'),
      underWay: runs.filter(({ state }) => state === 'begun'),
    };
  });
}

function readExperimentRun({ folder, state }: Task): ExperimentRun {
  const run = readRun(folder);
  const { processor } = extraSchema.parse(JSON.parse(readFileSync(join(folder, RUN_FILE), 'utf8')));
  const last = run.metrics.at(-1);
  return { ...run, state, processor, steps: last?.steps ?? 0, seconds: last?.seconds ?? 0 };
}

/** Names of all metrics that any of the runs has reported. */
export function metricNames(arms: readonly ArmResult[]): string[] {
  const names = new Set<string>();
  for (const run of runsOf(arms))
    for (const report of run.metrics) for (const name in report) names.add(name);
  return [...names];
}

export const runsOf = (arms: readonly ArmResult[]): ExperimentRun[] =>
  arms.flatMap(({ finished, underWay }) => [...finished, ...underWay]);

/** A run's mean over the last tenth of its steps; null where it has not reported the metric. */
export function finalOf({ metrics }: Run, name: string): number | null {
  const curve = curveOf(metrics, name);
  return curve === null ? null : finalValue(curve);
}

/** Of the finished runs of an arm, those that have the metric. */
export function finalsOf({ finished }: ArmResult, name: string): number[] {
  return finished.flatMap((run) => finalOf(run, name) ?? []);
}

/** Null where no finished run has the metric. */
export function estimateOf(arm: ArmResult, name: string): Estimate | null {
  return meanOver(finalsOf(arm, name));
}

/** The mean of a value a run, with its interval; null without any. */
export function meanOver(values: readonly number[]): Estimate | null {
  if (values.length === 0) return null;
  const { value, low, high } = bootstrap(values, meanOf, BOOTSTRAP);
  return { runs: values.length, mean: value, ...(values.length > 1 ? { low, high } : NO_INTERVAL) };
}

const NO_INTERVAL = { low: null, high: null };

/** The first arm against each other that has a finished run with a return; none where it has none itself. */
export function comparisonsOf([method, ...others]: readonly ArmResult[]): Comparison[] {
  if (method === undefined) return [];
  const ours = scoresOf(method);
  if (ours.length === 0) return [];
  return others.flatMap((other) => {
    const theirs = scoresOf(other);
    if (theirs.length === 0) return [];
    const runs = Math.min(ours.length, theirs.length);
    const of = (statistic: (x: Scores, y: Scores) => number): Estimate => {
      const interval = stratifiedBootstrap([ours, theirs], ([x, y]) => statistic(x!, y!), BOOTSTRAP);
      const { value, low, high } = interval;
      return { runs, mean: value, ...(runs > 1 ? { low, high } : NO_INTERVAL) };
    };
    return {
      against: other.arm.name,
      difference: of((x, y) => meanOf(x.map(([value]) => value!)) - meanOf(y.map(([value]) => value!))),
      improvement: of(probabilityOfImprovement),
    };
  });
}

const scoresOf = (arm: ArmResult): Scores => finalsOf(arm, RETURN).map((value) => [value]);

export function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
