import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain } from '../../shared/definition.ts';
import { type Schedule, scheduleSchema, valueAt } from './schedules.ts';

describe('valueAt', () => {
  it('is a number that never changes', () => {
    expect(valueAt(0.3, 7, 100)).toBe(0.3);
  });

  it.each([
    [0, 0],
    [30, 0],
    [180, 0.5],
    [330, 1],
    [665, 0.75],
    [1000, 0.5],
    [2000, 0.5],
  ])('an influence curriculum in fractions of 1000 steps is at step %i %f', (steps, expected) => {
    const curriculum: Schedule = [
      [0.03, 0],
      [0.33, 1],
      [1, 0.5],
    ];
    expect(valueAt(curriculum, steps, 1000)).toBeCloseTo(expected, 12);
  });

  it('in player steps takes no notice of how long the run is', () => {
    const schedule: Schedule = {
      unit: 'steps',
      points: [
        [100, 1],
        [300, 0],
      ],
    };
    expect([50, 150, 400].map((steps) => valueAt(schedule, steps, 1e9))).toEqual([1, 0.75, 0]);
  });

  it('jumps where two points share a place', () => {
    const schedule: Schedule = [
      [0, 1],
      [0.5, 1],
      [0.5, 3],
      [1, 3],
    ];
    expect([49, 50, 51].map((steps) => valueAt(schedule, steps, 100))).toEqual([1, 3, 3]);
  });

  it('with one point is constant', () => {
    expect([0, 50, 100].map((steps) => valueAt([[0.5, 7]], steps, 100))).toEqual([7, 7, 7]);
  });

  it('stays within its points’ values and meets every one of them', () => {
    const places = fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        places,
        fc.array(fc.nat(9), { minLength: 6, maxLength: 6 }),
        fc.nat(1100),
        (at, values, steps) => {
          const points = at.sort((a, b) => a - b).map((place, i) => [place, values[i]!] as const);
          const schedule: Schedule = { unit: 'steps', points };
          const used = points.map(([, value]) => value);
          const value = valueAt(schedule, steps, 1);
          expect(value).toBeGreaterThanOrEqual(Math.min(...used));
          expect(value).toBeLessThanOrEqual(Math.max(...used));
          for (const [place, own] of points) expect(valueAt(schedule, place, 1)).toBe(own);
        },
      ),
    );
  });
});

describe('scheduleSchema', () => {
  const schema = scheduleSchema({ low: 0, high: 2 });
  const complaint = (input: unknown) => {
    const { error } = schema.safeParse(input);
    return error === undefined ? null : explain(error);
  };

  it.each([
    [0.5],
    [[[0, 1]]],
    [
      [
        [0.5, 1],
        [0.5, 0],
        [1, 0],
      ],
    ],
    [
      {
        unit: 'steps',
        points: [
          [0, 1],
          [2e7, 0],
        ],
      },
    ],
  ])('takes %j as it is', (input) => {
    expect(schema.parse(input)).toEqual(input);
  });

  it.each([
    [
      [
        [0.5, 1],
        [0.2, 0],
      ],
      '1: points run backwards: 0.2 comes after 0.5',
    ],
    [
      {
        unit: 'steps',
        points: [
          [9, 1],
          [5, 0],
        ],
      },
      'points.1: points run backwards: 5 comes after 9',
    ],
    [
      [
        [0, 1],
        [2e7, 0],
      ],
      '1.0: a fraction of the run lies in 0 to 1',
    ],
    [{ unit: 'steps', points: [[-1, 1]] }, 'points.0.0: player steps start at 0'],
    [3, 'the value must be at most 2'],
    [[[0, -1]], '0.1: the value must be at least 0'],
    [[], 'a schedule needs a point'],
    ['linear', 'a schedule is a number, points'],
    [[0.5, 1], 'a schedule is a number, points'],
    [{ unit: 'episodes', points: [[0, 1]] }, 'a schedule is a number, points'],
    [{ unit: 'steps', points: [[0, 1]], shape: 'cosine' }, 'Unrecognized key: "shape"'],
    [Number.NaN, 'a schedule is a number, points'],
  ])('refuses %j: %s', (input, reason) => {
    expect(complaint(input)).toContain(reason);
  });

  it('has no bounds of its own', () => {
    expect(scheduleSchema().parse(-1e6)).toBe(-1e6);
  });
});
