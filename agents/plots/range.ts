/** What a panel leaves out whose vertical axis is limited. */
import { measure } from '../training/number-format.ts';
import type { GroupCurve } from './curves.ts';
import type { Panel } from './series.ts';

/** What a reader should know of a panel that does not show all of its curves and lines; null where it does. */
export function rangeNote({ title, curves, lines, range }: Panel): string | null {
  if (range === undefined) return null;
  const { low, high } = range;
  const [least, most] = extremes(curves);
  const reach = [
    ...(least < low ? [`down to ${measure(least)}`] : []),
    ...(most > high ? [`up to ${measure(most)}`] : []),
  ];
  const beyond = lines.filter(({ value }) => value < low || value > high);
  const sentences = [
    ...(reach.length > 0 ? [`Curves go ${reach.join(' and ')}, cut off at the edge.`] : []),
    ...(beyond.length > 0
      ? [`Outside: ${beyond.map(({ label, value }) => `${label} (${measure(value)})`).join(', ')}.`]
      : []),
  ];
  if (sentences.length === 0) return null;
  return `${title}: axis from ${measure(low)} to ${measure(high)}. ${sentences.join(' ')}`;
}

/** The least and the largest value of all runs and bands. */
function extremes(curves: readonly (GroupCurve | null)[]): [least: number, most: number] {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const curve of curves) {
    if (curve === null) continue;
    const drawn = curve.runs.map(({ y }) => y);
    if (curve.band !== null) drawn.push(curve.band.low, curve.band.high);
    for (const values of drawn) {
      for (const value of values) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
    }
  }
  return [least, most];
}
