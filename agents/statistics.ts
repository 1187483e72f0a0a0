/** Summaries of samples: what to say of the returns of some episodes. */
import jstat from 'jstat';

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
