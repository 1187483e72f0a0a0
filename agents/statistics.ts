/** Summaries of samples: what to say of the returns of some episodes, or of the scores of some runs. */
import jstat from 'jstat';
import { Random } from '../shared/random.ts';

export interface Summary {
  readonly count: number;
  readonly mean: number;
  /** Of the sample, with count - 1 degrees of freedom; 0 for a single value. */
  readonly deviation: number;
  /** The mean's 95 % confidence interval by Student's t, for values drawn independently; the whole line for a single one. */
  readonly low: number;
  readonly high: number;
}

const CONFIDENCE = 0.95;

/** @throws {RangeError} for no values. */
export function summarize(values: ArrayLike<number>): Summary {
  const count = values.length;
  if (count === 0) throw new RangeError('no values to summarize');
  let mean = 0;
  let squares = 0;
  // Welford's recurrence: the sum of squares is taken about the mean so far, so nothing cancels.
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    const difference = value - mean;
    mean += difference / (i + 1);
    squares += difference * (value - mean);
  }
  if (count === 1) return { count, mean, deviation: 0, low: -Infinity, high: Infinity };
  const deviation = Math.sqrt(squares / (count - 1));
  const margin = (jstat.studentt.inv((1 + CONFIDENCE) / 2, count - 1) * deviation) / Math.sqrt(count);
  return { count, mean, deviation, low: mean - margin, high: mean + margin };
}

/** A row a run, a column a task (an environment, a scenario): a run has a score for each task. */
export type Scores = readonly (readonly number[])[];

export interface Interval {
  /** Of the sample itself. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  /** An integer in [0, 2^53): the interval is a function of it and the sample. */
  readonly seed: number;
  /** How often the sample is drawn anew; 2000 by default. */
  readonly resamples?: number;
  /** In (0, 1), 0.95 by default. */
  readonly confidence?: number;
}

/**
 * The confidence interval of any statistic of independent values by the percentile bootstrap: the statistic of samples
 * drawn from the sample with replacement, less their outermost (1 - confidence) / 2 on either side.
 *
 * It assumes no distribution, and is too narrow for few values. Source: Efron 1979; Efron & Tibshirani 1993, chapter 13.
 * @throws {RangeError} for no values.
 */
export function bootstrap(
  values: readonly number[],
  statistic: (sample: readonly number[]) => number,
  options: BootstrapOptions,
): Interval {
  return stratifiedBootstrap(
    [values.map((value) => [value])],
    ([sample]) => statistic(sample!.map(([value]) => value!)),
    options,
  );
}

/**
 * The same for scores of runs on several tasks: runs are drawn anew within each task, each group and task by itself, so
 * every sample has the tasks in their true shares. A statistic of one group takes `[scores]`; one that compares takes two.
 *
 * Source: Agarwal et al. 2021, "Deep reinforcement learning at the edge of the statistical precipice".
 * @throws {RangeError} for a group without runs or tasks, or with rows of different lengths.
 */
export function stratifiedBootstrap(
  groups: readonly Scores[],
  statistic: (groups: readonly Scores[]) => number,
  { seed, resamples = 2000, confidence = CONFIDENCE }: BootstrapOptions,
): Interval {
  groups.forEach(checkScores);
  const random = new Random().seed(seed);
  const draws = groups.map((runs) => runs.map((row) => row.slice()));
  const statistics = new Float64Array(resamples);
  for (let k = 0; k < resamples; k++) {
    draws.forEach((rows, g) => {
      const runs = groups[g]!;
      for (const row of rows)
        for (let task = 0; task < row.length; task++) row[task] = runs[random.below(runs.length)]![task]!;
    });
    statistics[k] = statistic(draws);
  }
  statistics.sort();
  const tail = (1 - confidence) / 2;
  return {
    value: statistic(groups),
    low: quantile(statistics, tail),
    high: quantile(statistics, 1 - tail),
  };
}

/**
 * The value below which a share `q` in [0, 1] of the values lies: linear between order statistics, as numpy's default
 * (type 7 of Hyndman & Fan 1996).
 * @param sorted ascending, not empty.
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (place - below) * (high - low);
}

/**
 * The interquartile mean of all scores of all runs: the mean without the lowest and the highest quarter, rounded down to
 * whole scores. Less moved by outliers than the mean, and needs fewer runs than the median.
 *
 * Source: Agarwal et al. 2021.
 */
export function interquartileMean(scores: Scores): number {
  checkScores(scores);
  const all = Float64Array.from(scores.flat()).sort();
  const cut = Math.floor(all.length / 4);
  return meanOf(all.subarray(cut, all.length - cut));
}

/** The mean over tasks of the mean over runs. */
export function meanScore(scores: Scores): number {
  checkScores(scores);
  return meanOf(taskMeans(scores));
}

/** The median over tasks of the mean over runs. */
export function medianScore(scores: Scores): number {
  checkScores(scores);
  return quantile(taskMeans(scores).sort(), 0.5);
}

/**
 * How probable it is that a run of x scores more than a run of y on the same task, equal scores counting half; the mean
 * over tasks. In [0, 1]: 1/2 where neither is better, and 1 minus itself the other way round.
 *
 * Per task it is the Mann-Whitney statistic U / (runs of x * runs of y). Source: Agarwal et al. 2021.
 * @param x [runs of x, tasks]. @param y [runs of y, tasks].
 * @throws {RangeError} for different numbers of tasks.
 */
export function probabilityOfImprovement(x: Scores, y: Scores): number {
  checkScores(x);
  checkScores(y);
  const tasks = x[0]!.length;
  if (y[0]!.length !== tasks) {
    throw new RangeError(`x has ${tasks} tasks and y ${y[0]!.length}: compare scores of the same tasks`);
  }
  let wins = 0;
  for (const a of x) {
    for (const b of y) {
      for (let task = 0; task < tasks; task++) wins += (Math.sign(a[task]! - b[task]!) + 1) / 2;
    }
  }
  return wins / (x.length * y.length * tasks);
}

/** @throws {RangeError} */
function checkScores(scores: Scores): void {
  const tasks = scores[0]?.length ?? 0;
  if (tasks === 0) throw new RangeError('no scores: there must be at least one run with one task');
  scores.forEach((row, run) => {
    if (row.length !== tasks) {
      throw new RangeError(
        `run ${run} has ${row.length} scores and run 0 has ${tasks}: every run needs all tasks`,
      );
    }
  });
}

function taskMeans(scores: Scores): Float64Array {
  return Float64Array.from(scores[0]!, (_, task) => meanOf(scores.map((row) => row[task]!)));
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
