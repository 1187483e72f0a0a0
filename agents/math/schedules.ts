/**
 * Schedules: numbers that change over a run, such as a learning rate or the weight of an intrinsic reward.
 *
 * A schedule is a number; or points [fraction of the run, value]; or points in player steps, where somebody says so.
 * Between points it is linear, before the first and after the last constant. Two points at one place are a jump, and
 * there the later one holds.
 */
import * as z from 'zod';

export type Point = readonly [at: number, value: number];

export type Schedule =
  | number
  | readonly Point[]
  | {
      /** Player steps. */
      readonly unit: 'steps';
      readonly points: readonly Point[];
    };

const FORMS =
  "a schedule is a number, points [[fraction of the run, value], ...], or {unit: 'steps', points: [[player steps, value], ...]}";

/**
 * What a configuration may say for a schedule.
 * @param bounds of its values, inclusive; none by default.
 */
export function scheduleSchema({ low, high }: { low?: number; high?: number } = {}): z.ZodType<Schedule> {
  let value = z.number();
  if (low !== undefined) value = value.min(low, `the value must be at least ${low}`);
  if (high !== undefined) value = value.max(high, `the value must be at most ${high}`);
  const fraction = z
    .number()
    .min(0)
    .max(1, "a fraction of the run lies in 0 to 1; for player steps write {unit: 'steps', points: ...}");
  const steps = z.number().min(0, 'player steps start at 0');
  return z.union(
    [
      value,
      points(fraction, value),
      z.strictObject({ unit: z.literal('steps'), points: points(steps, value) }),
    ],
    { error: FORMS },
  );
}

function points(at: z.ZodNumber, value: z.ZodNumber) {
  return z.array(z.tuple([at, value])).superRefine((list, context) => {
    if (list.length === 0) context.addIssue({ code: 'custom', message: 'a schedule needs a point' });
    list.forEach(([place], i) => {
      const before = i > 0 ? list[i - 1]![0] : place;
      if (place >= before) return;
      context.addIssue({
        code: 'custom',
        path: [i],
        message: `points run backwards: ${place} comes after ${before}; put them in increasing order`,
      });
    });
  });
}

/**
 * The schedule's value after `steps` of `totalSteps` player steps.
 * @param totalSteps of the whole run, positive; counts only where points are fractions.
 */
export function valueAt(schedule: Schedule, steps: number, totalSteps: number): number {
  if (typeof schedule === 'number') return schedule;
  const absolute = 'unit' in schedule;
  const list = absolute ? schedule.points : schedule;
  const place = absolute ? steps : steps / totalSteps;
  let previous = list[0]!;
  for (const point of list) {
    if (point[0] > place) {
      // Only the first point has no other before it, and the two are then the same.
      const span = point[0] - previous[0];
      const share = span > 0 ? (place - previous[0]) / span : 0;
      return previous[1] + share * (point[1] - previous[1]);
    }
    previous = point;
  }
  return previous[1];
}
