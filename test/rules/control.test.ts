/**
 * The control environments' own rules. Numbers of CartPole are published; those of Acrobot and Mountain Car come from a
 * second implementation, in Python, of the equations in their papers.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OptionsError, type OptionsInput } from '../../shared/definition.ts';
import { NumericEnvironment } from '../../shared/numeric/numeric-environment.ts';
import { Random } from '../../shared/random.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { chiSquareUniform, SIGNIFICANCE } from './statistics.ts';

/** A started episode, with its state as given where one is. */
function started(name: string, state?: readonly number[], options: OptionsInput = {}, seed = 1) {
  const environment = makeEnvironment(name, options);
  // Individual rewards leave the environment unwrapped, with its state in reach.
  if (!(environment instanceof NumericEnvironment)) throw new TypeError(`${name} is no control environment`);
  environment.reset(seed);
  if (state !== undefined) environment.state.set(state);
  return environment;
}

const rewards = new Float32Array(1);

/** @returns the reward. */
function act(environment: NumericEnvironment, action: number): number {
  environment.step(Uint8Array.of(action), rewards);
  return rewards[0]!;
}

function observation(environment: NumericEnvironment): number[] {
  const out = new Float32Array(environment.observationSpecs.state.shape[0]!);
  environment.observe('state', out);
  return Array.from(out);
}

function expectNear(found: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(found[i]! - value), `element ${i} of ${Array.from(found)}`).toBeLessThanOrEqual(
      tolerance,
    );
  });
}

/** Plays to the end. @returns the steps taken. */
function playOut(environment: NumericEnvironment, policy: (state: Float64Array) => number): number {
  while (!environment.done) act(environment, policy(environment.state));
  return environment.time;
}

const ending = ({ terminated, truncated }: NumericEnvironment) => [terminated[0], truncated[0]];

/** The least and the greatest of each state element over 2000 starts. */
function startingRange(name: string): { low: number[]; high: number[] } {
  const environment = started(name);
  const low = Array.from(environment.state, () => Number.POSITIVE_INFINITY);
  const high = low.map((value) => -value);
  for (let seed = 0; seed < 2000; seed++) {
    environment.reset(seed);
    environment.state.forEach((value, i) => {
      low[i] = Math.min(low[i]!, value);
      high[i] = Math.max(high[i]!, value);
    });
  }
  return { low, high };
}

describe('CartPole', () => {
  const LEFT = 0;
  const RIGHT = 1;

  it('moves from rest as published: right, right, left', () => {
    const environment = started('cartpole', [0, 0, 0, 0]);
    act(environment, RIGHT);
    expectNear(observation(environment), [0, 0.19512195, 0, -0.29268293], 1e-6);
    act(environment, RIGHT);
    expectNear(observation(environment), [0.00390244, 0.3902439, -0.00585366, -0.58536585], 1e-6);
    act(environment, LEFT);
    expectNear(observation(environment), [0.01170732, 0.19520443, -0.01756098, -0.29453263], 1e-6);
  });

  it('is a mirror: the opposite push in the opposite state gives the opposite', () => {
    const value = fc.double({ min: -0.2, max: 0.2, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(value, value, value, value), fc.nat(1), (state, action) => {
        const one = started('cartpole', state);
        const other = started(
          'cartpole',
          state.map((x) => -x),
        );
        act(one, action);
        act(other, 1 - action);
        expect(Array.from(other.state, (x) => -x)).toEqual(Array.from(one.state));
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('pushed right all the time from rest, falls in its ninth step, and is paid for that too', () => {
    const environment = started('cartpole', [0, 0, 0, 0]);
    let paid = 0;
    while (!environment.done) paid += act(environment, RIGHT);
    expect([environment.time, paid, ...ending(environment)]).toEqual([9, 9, 1, 0]);
  });

  it('pushed to where the pole falls, lasts 500 steps and is cut, not ended', () => {
    const environment = started('cartpole', [0, 0, 0.01, 0]);
    const steps = playOut(environment, (state) => (state[2]! + state[3]! > 0 ? RIGHT : LEFT));
    expect([steps, ...ending(environment)]).toEqual([500, 0, 1]);
  });

  it('that falls in the last step allowed has ended, and is not cut', () => {
    const environment = started('cartpole', [0, 0, 0, 0], { episodeLength: 9 });
    playOut(environment, () => RIGHT);
    expect([environment.time, ...ending(environment)]).toEqual([9, 1, 0]);
  });

  it.each([
    ['the cart beyond 2.4 m', [2.4, 1, 0, 0], 1],
    ['the cart beyond -2.4 m', [-2.4, -1, 0, 0], 1],
    ['the pole beyond 12 degrees', [0, 0, 0.2, 1], 1],
    ['the pole just within', [0, 0, 0.19, 0.9], 0],
  ])('ends with %s', (_, state, terminated) => {
    const environment = started('cartpole', state);
    act(environment, LEFT);
    expect(environment.terminated[0]).toBe(terminated);
  });

  it('starts within 0.05 of rest in every element, and as far as that', () => {
    const { low, high } = startingRange('cartpole');
    expectNear(low, [-0.05, -0.05, -0.05, -0.05], 5e-4);
    expectNear(high, [0.05, 0.05, 0.05, 0.05], 5e-4);
    expect(Math.max(...high, ...low.map((x) => -x))).toBeLessThanOrEqual(0.05);
  });

  it('without velocities shows position and angle alone', () => {
    const environment = started('cartpole', [0.5, 1, 0.125, 2], { velocities: false });
    expect(observation(environment)).toEqual([0.5, 0.125]);
  });
});

describe('Acrobot', () => {
  it.each([
    ['from rest, pushed', [0, 0, 0, 0], 2, [-0.013262967177, 0.034287229347, -0.12866185281, 0.334501089987]],
    [
      'on the way, pushed back',
      [-0.048489653809, 0.127487794805, -0.213284873277, 0.57546306405],
      0,
      [-0.067237063386, 0.185537712789, 0.03071430437, -0.006447709309],
    ],
    [
      'bent and moving',
      [1, -0.5, 0.3, -0.2],
      1,
      [0.949739767196, -0.428721754374, -0.79633709664, 0.907061199131],
    ],
    [
      'with an angle that wraps',
      [3.1, 0.2, 2, -3],
      2,
      [-2.785803856355, -0.373147900115, 2.063323243397, -2.846455371617],
    ],
    [
      'with both velocities cut',
      [0.5, 1, 12, 27],
      2,
      [1.201330915469, -1.447967075569, 4 * Math.PI, -9 * Math.PI],
    ],
  ])('%s', (_, state, action, expected) => {
    const environment = started('acrobot', state);
    act(environment, action);
    const [, , aVelocity] = expected;
    // At such speeds an error in the last place grows a thousandfold within the step.
    expectNear(environment.state, expected, Math.abs(aVelocity!) > 10 ? 1e-8 : 1e-10);
  });

  it('shows cosines, sines and velocities', () => {
    const environment = started('acrobot', [Math.PI / 6, -Math.PI / 2, 1.5, -2.5]);
    expectNear(observation(environment), [Math.sqrt(3) / 2, 0.5, 0, -1, 1.5, -2.5], 1e-7);
  });

  it('pays -1 a step, and 0 for the one that brings the tip up and ends it', () => {
    const below = started('acrobot', [1.9, 0.1, 0.5, 0]);
    expect([act(below, 1), ...ending(below)]).toEqual([-1, 0, 0]);
    const above = started('acrobot', [2, 0.1, 1.5, 0]);
    expect([act(above, 2), ...ending(above)]).toEqual([0, 1, 0]);
  });

  it('pumped with its own swing gets up in 74 steps', () => {
    const environment = started('acrobot', [0.01, 0, 0, 0]);
    expect(playOut(environment, (state) => (state[3]! > 0 ? 2 : 0))).toBe(74);
    expect(ending(environment)).toEqual([1, 0]);
  });

  it('left hanging stays as it is, and is cut after 500 steps', () => {
    const environment = started('acrobot', [0, 0, 0, 0]);
    expect(playOut(environment, () => 1)).toBe(500);
    expect([...environment.state, ...ending(environment)]).toEqual([0, 0, 0, 0, 0, 1]);
  });

  it('starts within 0.1 of hanging in every element, and as far as that', () => {
    const { low, high } = startingRange('acrobot');
    expectNear(low, [-0.1, -0.1, -0.1, -0.1], 1e-3);
    expectNear(high, [0.1, 0.1, 0.1, 0.1], 1e-3);
    expect(Math.max(...high, ...low.map((x) => -x))).toBeLessThanOrEqual(0.1);
  });
});

describe('Mountain Car', () => {
  const LEFT = 0;
  const COAST = 1;
  const RIGHT = 2;

  it('rolls as worked out: right, right, left, coasting', () => {
    const environment = started('mountain-car', [-0.5, 0]);
    const expected = [
      [-0.49917684300417, 0.00082315699583],
      [-0.49753668667935, 0.00164015632482],
      [-0.49709179693235, 0.00044488974701],
      [-0.49684550006785, 0.0002462968645],
    ];
    [RIGHT, RIGHT, LEFT, COAST].forEach((action, step) => {
      expect(act(environment, action)).toBe(-1);
      expectNear(environment.state, expected[step]!, 1e-13);
    });
  });

  it('stands where it meets the left end', () => {
    const environment = started('mountain-car', [-1.19, -0.05]);
    act(environment, LEFT);
    expect([...environment.state, ...ending(environment)]).toEqual([-1.2, 0, 0, 0]);
  });

  it('is never faster than 0.07, nor beyond 0.6', () => {
    const environment = started('mountain-car', [-1, 0.07]);
    act(environment, RIGHT);
    expectNear(environment.state, [-0.93, 0.07], 1e-15);
    const last = started('mountain-car', [0.599, 0.07]);
    act(last, RIGHT);
    expect(Array.from(last.state)).toEqual([0.6, 0.07]);
  });

  it('ends at the goal, with -1 for that step too', () => {
    const environment = started('mountain-car', [0.45, 0.06]);
    expect([act(environment, RIGHT), ...ending(environment)]).toEqual([-1, 1, 0]);
    expectNear(environment.state, [0.51045248328, 0.06045248328], 1e-11);
  });

  it('does not get there by pushing right, and is cut after 200 steps', () => {
    const environment = started('mountain-car', [-0.5, 0]);
    expect(playOut(environment, () => RIGHT)).toBe(200);
    expect(ending(environment)).toEqual([0, 1]);
  });

  it.each([
    [-0.5, 124],
    [-0.6, 113],
    [-0.4, 122],
  ])('pushed the way it rolls from %d it is there after %i steps', (position, steps) => {
    const environment = started('mountain-car', [position, 0]);
    expect(playOut(environment, (state) => (state[1]! >= 0 ? RIGHT : LEFT))).toBe(steps);
    expect(ending(environment)).toEqual([1, 0]);
  });

  it('starts at rest between -0.6 and -0.4', () => {
    const { low, high } = startingRange('mountain-car');
    expectNear(low, [-0.6, 0], 1e-3);
    expectNear(high, [-0.4, 0], 1e-3);
  });
});

describe('Memory Corridor', () => {
  const FORWARD = 0;
  const LEFT = 1;
  const RIGHT = 2;
  /** The state's first element. */
  const cueOf = (environment: NumericEnvironment) => environment.state[0]!;
  const withCue = (cue: number, options: OptionsInput = {}) =>
    started('memory-corridor', [cue, 0, 0, 0], options);

  it('shows the cue at the first step, then the corridor, then the junction', () => {
    for (const cue of [0, 1]) {
      const environment = withCue(cue, { length: 3 });
      const seen = [observation(environment)];
      for (let step = 0; step < 3; step++) {
        act(environment, FORWARD);
        seen.push(observation(environment));
      }
      const start = cue === 0 ? [1, 0, 0, 0] : [0, 1, 0, 0];
      expect(seen).toEqual([start, [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]]);
    }
  });

  it('pays 1 for the way of the cue and -1 for the other, and ends', () => {
    for (const cue of [0, 1]) {
      for (const way of [LEFT, RIGHT]) {
        const environment = withCue(cue, { length: 2 });
        expect([act(environment, FORWARD), act(environment, FORWARD)]).toEqual([0, 0]);
        expect(act(environment, way)).toBe(way - LEFT === cue ? 1 : -1);
        expect(ending(environment)).toEqual([1, 0]);
      }
    }
  });

  it('with a corridor of 10 is decided in the eleventh step at the earliest', () => {
    const environment = withCue(1);
    expect(playOut(environment, (state) => (state[1]! < 10 ? FORWARD : RIGHT))).toBe(11);
  });

  it('after the first observation nothing tells one cue from the other until the choice is paid', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(), (length, seed) => {
        const one = withCue(0, { length });
        const other = withCue(1, { length });
        expect(observation(one)).not.toEqual(observation(other));
        const random = new Random().seed(seed);
        while (!one.done) {
          const action = random.below(3);
          const paid = [act(one, action), act(other, action)];
          expect(observation(one)).toEqual(observation(other));
          expect(ending(one)).toEqual(ending(other));
          if (one.terminated[0] === 0) expect(paid).toEqual([0, 0]);
          else expect(paid[0]).toBe(-paid[1]!);
        }
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('stays where it is by left and right in the corridor, and by forward at the junction', () => {
    const environment = withCue(0, { length: 1 });
    act(environment, LEFT);
    expect(observation(environment)).toEqual([0, 0, 1, 0]);
    act(environment, FORWARD);
    act(environment, FORWARD);
    expect(observation(environment)).toEqual([0, 0, 0, 1]);
    expect(environment.done).toBe(false);
  });

  it('that is not decided in time is cut', () => {
    const environment = withCue(0, { episodeLength: 20 });
    playOut(environment, () => FORWARD);
    expect([environment.time, ...ending(environment)]).toEqual([20, 0, 1]);
  });

  it(`draws both cues alike (chi-square, level ${SIGNIFICANCE})`, () => {
    const environment = started('memory-corridor');
    const counts = [0, 0];
    for (let seed = 0; seed < 4000; seed++) {
      environment.reset(seed);
      counts[cueOf(environment)]!++;
    }
    expect(chiSquareUniform(counts)).toBeGreaterThan(SIGNIFICANCE);
  });
});

describe('Identity', () => {
  it('pays 1 for naming what is shown and 0 for anything else, for 100 steps', () => {
    const environment = started('identity');
    let paid = 0;
    for (let step = 0; step < 100; step++) {
      const shown = observation(environment).indexOf(1);
      const right = step % 2 === 0;
      paid += act(environment, right ? shown : (shown + 1) % 4);
    }
    expect([paid, ...ending(environment)]).toEqual([50, 0, 1]);
  });

  it('shows one of `size` states, and takes as many actions', () => {
    const environment = started('identity', undefined, { size: 7 });
    expect(observation(environment).toSorted()).toEqual([0, 0, 0, 0, 0, 0, 1]);
    expect(environment.actionSpec).toMatchObject({ kind: 'discrete', labels: { length: 7 } });
    expect(() => act(environment, 7)).toThrow(/action 7, possible are 0 to 6/);
  });

  it(`draws states alike, whatever came before (chi-square, level ${SIGNIFICANCE})`, () => {
    const environment = started('identity', undefined, { episodeLength: 20_000 });
    const pairs = Array.from({ length: 16 }, () => 0);
    for (let step = 0; step < 20_000; step++) {
      const before = environment.state[0]!;
      act(environment, step % 4);
      pairs[4 * before + environment.state[0]!]!++;
    }
    expect(chiSquareUniform(pairs)).toBeGreaterThan(SIGNIFICANCE);
  });
});

describe('a control environment', () => {
  it.each(['cartpole', 'acrobot', 'mountain-car', 'memory-corridor', 'identity'])(
    '%s is of one player, and says so of any other number',
    (name) => {
      expect(() => makeEnvironment(name, { players: 2 })).toThrow(OptionsError);
      expect(() => makeEnvironment(name, { players: 2 })).toThrow(`players: ${name} is played by one player`);
    },
  );

  it('continues from a snapshot with the same draws: the generator is in it', () => {
    const original = started('identity');
    const copy = started('identity', undefined, {}, 2);
    copy.load(original.save());
    const states = (environment: NumericEnvironment) =>
      Array.from({ length: 50 }, () => {
        act(environment, 0);
        return environment.state[0];
      });
    expect(states(copy)).toEqual(states(original));
  });
});
