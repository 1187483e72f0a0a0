/** Social outcome metrics against a worked example, their edge cases and their bounds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventKind } from '../../shared/environment.ts';
import { ActionKind } from '../../shared/grid/actions.ts';
import { SocialMetrics, type SocialOutcome } from '../../shared/metrics.ts';
import { scene } from './scene.ts';

interface History {
  readonly players: number;
  readonly steps: number;
  /** Per player, the steps in which it ate. */
  readonly eaten: readonly (readonly number[])[];
  readonly timedOut?: readonly number[];
}

function outcomeOf({ players, steps, eaten, timedOut = [] }: History): SocialOutcome {
  const metrics = new SocialMetrics(players);
  for (let step = 0; step < steps; step++) {
    eaten.forEach((times, player) => {
      for (const time of times) {
        if (time !== step) continue;
        metrics.event(EventKind.ate, player);
        metrics.returns[player]!++;
      }
    });
    metrics.tick();
  }
  timedOut.forEach((count, player) => {
    metrics.timedOut[player] = count;
  });
  return metrics.outcome();
}

describe('three players, ten steps, eaten at {0, 1, 2, 3}, {4, 6} and {9}, the last out for four', () => {
  const outcome = outcomeOf({
    players: 3,
    steps: 10,
    eaten: [[0, 1, 2, 3], [4, 6], [9]],
    timedOut: [0, 0, 4],
  });
  it.each([
    ['collectiveReturn', 7],
    ['efficiency', 0.7],
    ['equality', 0.7142857],
    ['sustainability', 5.1666667],
    ['peace', 2.6],
    ['neverAte', 0],
  ] as const)('%s is %d', (name, value) => {
    expect(outcome[name]).toBeCloseTo(value, 6);
  });
});

describe('edge cases', () => {
  it('nothing eaten: equality 1 with a flag, sustainability 0, everybody counted as not eating', () => {
    expect(outcomeOf({ players: 4, steps: 10, eaten: [] })).toMatchObject({
      equality: 1,
      nothingEaten: true,
      sustainability: 0,
      neverAte: 4,
      peace: 4,
    });
  });

  it('a player that never ate is left out of sustainability, and counted', () => {
    const outcome = outcomeOf({ players: 2, steps: 10, eaten: [[2, 4], []] });
    expect(outcome).toMatchObject({ sustainability: 3, neverAte: 1, nothingEaten: false });
  });

  it('one that eats all makes equality 1 / N', () => {
    expect(outcomeOf({ players: 5, steps: 10, eaten: [[1, 2, 3]] }).equality).toBeCloseTo(0.2, 12);
  });

  it('one player alone is equal to itself', () => {
    expect(outcomeOf({ players: 1, steps: 10, eaten: [[0, 9]] })).toMatchObject({
      equality: 1,
      sustainability: 4.5,
      efficiency: 0.2,
      peace: 1,
    });
  });

  it('before the first step nothing is divided by zero', () => {
    const outcome = new SocialMetrics(3).outcome();
    expect(
      Object.values(outcome).every((value) => typeof value === 'boolean' || Number.isFinite(value)),
    ).toBe(true);
    expect(outcome).toMatchObject({ steps: 0, efficiency: 0, equality: 1, peace: 3 });
  });

  it('reset forgets everything', () => {
    const metrics = new SocialMetrics(2);
    metrics.event(EventKind.ate, 1);
    metrics.event(EventKind.hit, 1);
    metrics.tick();
    metrics.reset();
    expect(metrics.outcome()).toEqual(new SocialMetrics(2).outcome());
  });
});

it('bounds hold for any history: equality in [0, 1], sustainability within the episode, peace up to N', () => {
  const history = fc.integer({ min: 1, max: 6 }).chain((players) =>
    fc.record({
      players: fc.constant(players),
      steps: fc.constant(20),
      eaten: fc.array(fc.array(fc.nat(19), { maxLength: 20 }), { minLength: players, maxLength: players }),
      timedOut: fc.array(fc.nat(20), { minLength: players, maxLength: players }),
    }),
  );
  fc.assert(
    fc.property(history, (given) => {
      const { equality, sustainability, peace } = outcomeOf(given);
      expect(equality).toBeGreaterThanOrEqual(0);
      expect(equality).toBeLessThanOrEqual(1);
      expect(sustainability).toBeGreaterThanOrEqual(0);
      expect(sustainability).toBeLessThan(20);
      expect(peace).toBeGreaterThanOrEqual(0);
      expect(peace).toBeLessThanOrEqual(given.players);
    }),
    { seed: 1 },
  );
});

it('counts an environment’s steps: raw returns with fines, equality from what was eaten alone', () => {
  const world = scene('harvest', ['AA ', '   '], ['1,0^', '1,1^']);
  const metrics = new SocialMetrics(2);
  const { forward, fine, stay } = ActionKind;
  for (const actions of [
    [forward, stay],
    [stay, fine],
    [stay, forward],
    [stay, stay],
  ]) {
    world.step(...actions);
    metrics.record(world.environment);
  }
  // 0 eats at step 0; 1 fines it from beside at step 1 and eats at step 2.
  expect(metrics.outcome()).toEqual({
    steps: 4,
    collectiveReturn: 1 - 50 - 1 + 1,
    efficiency: -49 / 4,
    equality: 1,
    nothingEaten: false,
    sustainability: 1,
    neverAte: 0,
    peace: 2,
    hitsPerPlayerStep: 1 / 8,
    finesPerPlayerStep: 1 / 8,
  });
});
