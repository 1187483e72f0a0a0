/** The copying game's rules, and that what is written of influence in it is so. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OptionsError, type OptionsInput } from '../../shared/definition.ts';
import type { Environment } from '../../shared/environment.ts';
import { copyingInfluence } from '../../shared/environments/copying.ts';
import { Random } from '../../shared/random.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { chiSquareUniform, SIGNIFICANCE } from './statistics.ts';

function started(options: OptionsInput = {}, seed = 1): Environment {
  const environment = makeEnvironment('copying', options);
  environment.reset(seed);
  return environment;
}

/** @returns [N] rewards. */
function act(environment: Environment, ...actions: number[]): number[] {
  const rewards = new Float32Array(environment.players);
  environment.step(Uint8Array.from(actions), rewards);
  return Array.from(rewards);
}

/** What each player observes, without the spaces: `00100 00001`. */
function seen(environment: Environment): string {
  const size = environment.observationSpecs.state!.shape[0]!;
  const out = new Float32Array(environment.players * size);
  environment.observe('state', out);
  return Array.from({ length: environment.players }, (_, i) =>
    out.subarray(i * size, (i + 1) * size).join(''),
  ).join(' ');
}

/** The symbol that player 1 is shown; -1 where none is. */
const shown = (environment: Environment) => seen(environment).split(' ')[1]!.slice(0, -1).indexOf('1');

describe('the follower', () => {
  it('is shown what the leader did in the step before, and paid for doing it too', () => {
    const environment = started();
    expect(seen(environment)).toBe('00000 00001');
    expect(act(environment, 2, 0)).toEqual([0, 0]);
    expect(seen(environment)).toBe('00000 00101');
    expect(act(environment, 3, 2)).toEqual([0, 1]);
    expect(seen(environment)).toBe('00000 00011');
    expect(act(environment, 0, 0)).toEqual([0, 0]);
  });

  it('with a delay of 2 is shown and paid for what the leader did two steps ago', () => {
    const environment = started({ preset: 'delayed' });
    expect(act(environment, 1, 0)).toEqual([0, 0]);
    expect(seen(environment)).toBe('00000 00001');
    expect(act(environment, 3, 1)).toEqual([0, 0]);
    expect(seen(environment)).toBe('00000 01001');
    expect(act(environment, 0, 1)).toEqual([0, 1]);
    expect(seen(environment)).toBe('00000 00011');
    expect(act(environment, 0, 3)).toEqual([0, 1]);
  });

  it('with a delay of 0 is shown nothing, and paid for what the leader does in the same step', () => {
    const environment = started({ preset: 'basic' });
    expect(act(environment, 3, 3)).toEqual([0, 1]);
    expect(seen(environment)).toBe('00000 00001');
    expect(act(environment, 3, 2)).toEqual([0, 0]);
  });

  it('is paid for any symbol it is shown, over any delay, whatever the leader does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 32 }), fc.integer({ min: 1, max: 10 }), (actions, delay) => {
        const environment = started({ actions, delay, noise: 0.5, episodeLength: 50 });
        const random = new Random().seed(actions);
        for (let step = 0; !environment.done; step++) {
          const copied = shown(environment);
          expect(copied >= 0).toBe(step >= delay);
          expect(act(environment, random.below(actions), Math.max(0, copied))).toEqual([
            0,
            copied >= 0 ? 1 : 0,
          ]);
        }
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('is every player but the leader, all shown the same', () => {
    const environment = started({ players: 4 });
    act(environment, 1, 0, 0, 0);
    expect(seen(environment)).toBe('00000 01001 01001 01001');
    expect(act(environment, 0, 1, 2, 1)).toEqual([0, 1, 0, 1]);
  });

  it('is shown nothing of the episode before', () => {
    const environment = started();
    act(environment, 2, 0);
    environment.reset(2);
    expect(seen(environment)).toBe('00000 00001');
  });
});

describe('noise', () => {
  /** How often the leader's 1 is shown as each symbol, in 40,000 steps. */
  const counts = (noise: number) => {
    const environment = started({ noise, episodeLength: 40_000 });
    const found = [0, 0, 0, 0];
    while (!environment.done) {
      act(environment, 1, 0);
      found[shown(environment)]!++;
    }
    return found;
  };

  it('of 0.25 with 4 symbols leaves 13 of 16 as they were (within 5 standard deviations)', () => {
    // 40000 * 0.8125 = 32500, deviation sqrt(40000 * 0.8125 * 0.1875) = 78.06.
    expect(Math.abs(counts(0.25)[1]! - 32_500)).toBeLessThan(391);
  });

  it(`replaces by each other symbol alike (chi-square, level ${SIGNIFICANCE})`, () => {
    expect(chiSquareUniform(counts(0.25).filter((_, symbol) => symbol !== 1))).toBeGreaterThan(SIGNIFICANCE);
  });

  it(`of 1 shows any symbol alike (chi-square, level ${SIGNIFICANCE})`, () => {
    expect(chiSquareUniform(counts(1))).toBeGreaterThan(SIGNIFICANCE);
  });

  it('needs a delay', () => {
    const make = () => started({ delay: 0, noise: 0.1 });
    expect(make).toThrow(OptionsError);
    expect(make).toThrow(
      'noise: with delay 0 nothing is passed on that could be replaced; set noise to 0 (it is 0.1) or delay to at least 1',
    );
  });
});

it('basic names the leader, and its option can be taken back', () => {
  expect(started({ preset: 'basic' }).leads).toEqual(Uint8Array.of(1, 0));
  expect(started({ preset: 'basic', leaders: [] }).leads).toEqual(Uint8Array.of(0, 0));
});

describe('the influence of the leader', () => {
  it.each([
    // ln 4; ln 32.
    [4, 0, 1.3862943611],
    [32, 0, 3.4657359028],
    // ln 2 + 3/4 ln 3/4 + 1/4 ln 1/4: a bit less the entropy of 1/4, which is 0.8112781245 bits.
    [2, 0.5, 0.1308120359],
    // q = 13/16: ln 4 + 13/16 ln 13/16 + 3/16 ln 1/16.
    [4, 0.25, 0.6977269918],
    // Nothing of it gets through.
    [4, 1, 0],
  ])('of %d symbols with noise %d is %d nats', (actions, noise, nats) => {
    expect(copyingInfluence(actions, noise)).toBeCloseTo(nats, 9);
  });

  it('is the mutual information of what it says and what is copied', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 32 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (actions, noise) => {
          // sum over pairs p(a, b) log(p(a, b) / (p(a) p(b))), with both marginals uniform.
          let information = 0;
          for (let a = 0; a < actions; a++) {
            for (let b = 0; b < actions; b++) {
              const joint = ((a === b ? 1 - noise : 0) + noise / actions) / actions;
              if (joint > 0) information += joint * Math.log(joint * actions * actions);
            }
          }
          expect(copyingInfluence(actions, noise)).toBeCloseTo(information, 9);
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });

  it('falls as noise grows, from log A', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 32 }), fc.integer({ min: 0, max: 99 }), (actions, percent) => {
        const [less, more] = [percent / 100, (percent + 1) / 100].map((noise) =>
          copyingInfluence(actions, noise),
        ) as [number, number];
        expect(less).toBeGreaterThan(more);
        expect(less).toBeLessThanOrEqual(Math.log(actions));
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});
