/** What players are made to care about, against numbers worked by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type RewardOptions, RewardShaper, rewardOptions } from '../../shared/rewards.ts';

const optionsOf = (options: Partial<RewardOptions>): RewardOptions => z.object(rewardOptions).parse(options);

/** The shaped rewards of one step, or of the last of several. */
function shaped(options: Partial<RewardOptions>, ...steps: number[][]): number[] {
  const shaper = new RewardShaper(optionsOf(options), steps[0]!.length);
  const out = new Float32Array(steps[0]!.length);
  for (const raw of steps) shaper.shape(Float32Array.from(raw), out);
  return Array.from(out);
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 5);
  });
}

const raws = fc.array(fc.integer({ min: -100, max: 10 }), { minLength: 1, maxLength: 8 });

describe('individual', () => {
  it('is the raw reward, and the default', () => {
    expect(optionsOf({}).reward).toBe('individual');
    expect(shaped({}, [1, -50, 0])).toEqual([1, -50, 0]);
  });
});

describe('collective', () => {
  it('is the sum, for each', () => {
    expect(shaped({ reward: 'collective' }, [1, -50, 0, 2])).toEqual([-47, -47, -47, -47]);
  });

  it('is the same for all, whatever the rewards', () => {
    fc.assert(
      fc.property(raws, (raw) => new Set(shaped({ reward: 'collective' }, raw)).size === 1),
      { seed: 1 },
    );
  });
});

describe('inequity', () => {
  const unsmoothed = { reward: 'inequity', inequitySmoothing: 0 } as const;

  it('has the published defaults: alpha 5, beta 0.05, smoothing 0.975', () => {
    const { inequityAlpha, inequityBeta, inequitySmoothing } = optionsOf({});
    expect([inequityAlpha, inequityBeta, inequitySmoothing]).toEqual([5, 0.05, 0.975]);
  });

  it('of (1, 0) is (0.95, -5)', () => {
    expectClose(shaped(unsmoothed, [1, 0]), [0.95, -5]);
  });

  it('of (1, 0, 3) is (-4.025, -10, 2.875)', () => {
    expectClose(shaped(unsmoothed, [1, 0, 3]), [-4.025, -10, 2.875]);
  });

  it('compares smoothed rewards: after (1, 0) a step of nothing still weighs 0.975', () => {
    // e = (0.975, 0): 0 - 0.05 * 0.975 and 0 - 5 * 0.975.
    expectClose(shaped({ reward: 'inequity' }, [1, 0], [0, 0]), [-0.04875, -4.875]);
  });

  it('adds to what is left of earlier rewards', () => {
    // gamma * lambda 0.5: e = (0.5 * 1 + 0, 0.5 * 0 + 2) = (0.5, 2), apart by 1.5.
    expectClose(shaped({ reward: 'inequity', inequitySmoothing: 0.5 }, [1, 0], [0, 2]), [-7.5, 2 - 0.075]);
  });

  it('starts an episode from nothing', () => {
    const shaper = new RewardShaper(optionsOf({ reward: 'inequity' }), 2);
    const out = new Float32Array(2);
    shaper.shape(Float32Array.of(9, 0), out);
    shaper.reset();
    shaper.shape(Float32Array.of(1, 0), out);
    expectClose(Array.from(out), [0.95, -5]);
  });

  it('never pays more than the raw reward, and exactly it where all have the same', () => {
    fc.assert(
      fc.property(raws, (raw) => {
        shaped(unsmoothed, raw).forEach((value, i) => {
          expect(value).toBeLessThanOrEqual(raw[i]!);
        });
        const equal = raw.map(() => raw[0]!);
        expect(shaped(unsmoothed, equal)).toEqual(equal);
      }),
      { seed: 2 },
    );
  });

  it('of one player is its own reward', () => {
    expect(shaped({ reward: 'inequity' }, [3], [-1])).toEqual([-1]);
  });
});

describe('svo', () => {
  it('has a target of 45 degrees and a weight of 0.2 by default', () => {
    const { svoAngle, svoWeight } = optionsOf({});
    expect([svoAngle, svoWeight]).toEqual([45, 0.2]);
  });

  it('takes the weighted distance in radians to the target angle', () => {
    // (1, 0): angles atan2(0, 1) = 0 and atan2(1, 0) = 90 degrees, both pi / 4 away from 45.
    expectClose(shaped({ reward: 'svo' }, [1, 0]), [1 - 0.2 * (Math.PI / 4), -0.2 * (Math.PI / 4)]);
    // (2, 2): both at 45 degrees.
    expectClose(shaped({ reward: 'svo' }, [2, 2]), [2, 2]);
    // (3, 0, 1): means of the others 0.5, 2, 1.5.
    expectClose(shaped({ reward: 'svo' }, [3, 0, 1]), [
      3 - 0.2 * (Math.PI / 4 - Math.atan(0.5 / 3)),
      -0.2 * (Math.PI / 4),
      1 - 0.2 * (Math.atan(1.5) - Math.PI / 4),
    ]);
  });

  it('takes the angle of losses in the quadrant that it lies in', () => {
    // (-1, -50): atan2(-50, -1) is 88.854 degrees past 180 the other way: -91.146.
    const away = Math.PI / 4 - Math.atan2(-50, -1);
    expectClose(shaped({ reward: 'svo', svoWeight: 1 }, [-1, -50]).slice(0, 1), [-1 - away]);
    expect(away).toBeCloseTo((136.1457628 * Math.PI) / 180, 6);
  });

  it('takes target and weight as given', () => {
    expectClose(shaped({ reward: 'svo', svoAngle: 90, svoWeight: 2 }, [1, 0]), [1 - Math.PI, 0]);
  });

  it('takes nothing where nobody got anything', () => {
    expect(shaped({ reward: 'svo' }, [0, 0, 0])).toEqual([0, 0, 0]);
  });

  it('is defined for one player', () => {
    expect(shaped({ reward: 'svo' }, [0])).toEqual([0]);
    expectClose(shaped({ reward: 'svo' }, [1]), [1 - 0.2 * (Math.PI / 4)]);
  });
});

it('shaped rewards are written from the offset on, and raw ones are left alone', () => {
  for (const reward of ['individual', 'collective', 'inequity', 'svo'] as const) {
    const raw = Float32Array.of(1, 2);
    const out = new Float32Array(6).fill(9);
    new RewardShaper(optionsOf({ reward }), 2).shape(raw, out, 3);
    expect(raw).toEqual(Float32Array.of(1, 2));
    expect([out[0], out[1], out[2], out[5]]).toEqual([9, 9, 9, 9]);
    expect(out[3]).not.toBe(9);
  }
});
