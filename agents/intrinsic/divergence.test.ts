/** Influence by two distributions: numbers worked by hand, bounds that hold for any, and the same on every backend. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resultsOf } from '../engine/agree.ts';
import { BACKENDS, type Engine, openEngine } from '../engine/index.ts';
import { float32 } from '../engine/program.ts';
import { availableBackends } from '../engine/tensorflow.ts';
import { DIVERGENCES, type Divergence, influence } from './divergence.ts';

const eager = (await availableBackends()).filter((found) => 'version' in found).map(({ name }) => name);
const present = BACKENDS.filter((name) => name === 'onnx' || eager.includes(name));
const engines = new Map<string, Engine>();
for (const name of present) engines.set(name, await openEngine(name));

/** What one action is to J others: policies of the one who acts, and predictions given each action. */
interface Case {
  /** [K] */
  readonly pi: readonly number[];
  /** [K][J][C] */
  readonly p: readonly (readonly (readonly number[])[])[];
}

const one = (length: number, at: number) => Array.from({ length }, (_, k) => (k === at ? 1 : 0));

/** Of each action k of `given` and each b of what others do, [K][C][J]; KL and JSD do not depend on b. */
async function influences(backend: string, divergence: Divergence, { pi, p }: Case): Promise<number[][][]> {
  const [k, j, c] = [pi.length, p[0]!.length, p[0]![0]!.length];
  const rows = Array.from({ length: k * c }, (_, m) => [Math.floor(m / c), m % c] as const);
  const m = rows.length;
  const feeds = {
    p: Float32Array.from(rows.flatMap(() => p.flat(2))),
    taken: Float32Array.from(rows.flatMap(([action]) => one(k, action))),
    pi: Float32Array.from(rows.flatMap(() => [...pi])),
    done: Float32Array.from(rows.flatMap(([, b]) => Array.from({ length: j }, () => one(c, b)).flat())),
  };
  const { results } = await resultsOf(
    engines.get(backend)!,
    (given) => ({
      influence: influence(divergence, given.p!, given.taken!, given.pi!, given.done!),
    }),
    {
      p: float32(m, k, j, c),
      taken: float32(m, k),
      pi: float32(m, k),
      done: float32(m, j, c),
    },
    feeds,
  );
  const values = results.influence!;
  return Array.from({ length: k }, (_, a) =>
    Array.from({ length: c }, (_, b) => Array.from({ length: j }, (_, o) => values[(a * c + b) * j + o]!)),
  );
}

const KL = ([p, q]: readonly [readonly number[], readonly number[]]) =>
  p.reduce((sum, x, b) => (x > 0 ? sum + x * Math.log(x / q[b]!) : sum), 0);

/** Two actions, one other player with three. */
const TWO = [[[0.8, 0.1, 0.1]], [[0.2, 0.6, 0.2]]];
const EVEN: Case = { pi: [0.5, 0.5], p: TWO };
const SKEWED: Case = { pi: [0.9, 0.1], p: TWO };

describe.each(present)('on %s', (backend) => {
  it('an action that was all but impossible changes at most as much as it tells', async () => {
    // Beside 1 a billionth is lost, but not to what can only have come of it.
    const given = { pi: [1, 1e-9], p: [[[1, 0]], [[0, 1]]] };
    const [, rare] = await influences(backend, 'kl', given);
    expect(rare![0]![0]).toBeCloseTo(-Math.log(1e-9), 4);
  });

  it('KL of an even policy is that worked by hand', async () => {
    // Against [.5, .35, .15].
    const [first, second] = await influences(backend, 'kl', EVEN);
    expect(first![0]![0]).toBeCloseTo(0.2101801, 6);
    expect(second![0]![0]).toBeCloseTo(0.1976762, 6);
    expect((first![0]![0]! + second![0]![0]!) / 2).toBeCloseTo(0.2039281, 6);
  });

  it('KL of a skewed policy is that worked by hand: what is rare changes more', async () => {
    // Against [.74, .15, .11].
    const [first, second] = await influences(backend, 'kl', SKEWED);
    expect(first![0]![0]).toBeCloseTo(0.0122917, 6);
    expect(second![0]![0]).toBeCloseTo(0.6896775, 6);
  });

  it('JSD is that worked by hand', async () => {
    const [first] = await influences(backend, 'jsd', EVEN);
    expect(first![0]![0]).toBeCloseTo(0.0567558, 6);
  });

  it('pointwise it is the logarithm of a ratio, and may be negative', async () => {
    const [first] = await influences(backend, 'pmi', EVEN);
    const ratios = [0.8 / 0.5, 0.1 / 0.35, 0.1 / 0.15];
    ratios.forEach((ratio, b) => {
      expect(first![b]![0]).toBeCloseTo(Math.log(ratio), 5);
    });
  });

  it('each other player counts for itself', async () => {
    const both = {
      pi: [0.5, 0.5],
      p: [
        [TWO[0]![0]!, TWO[1]![0]!],
        [TWO[1]![0]!, TWO[1]![0]!],
      ],
    };
    const [[[first, second]]] = (await influences(backend, 'kl', both)) as [[[number, number]]];
    expect(first).toBeCloseTo(0.2101801, 6);
    expect(second).toBe(0);
  });

  it('of somebody who copies a uniform choice it is log A', async () => {
    const copy: Case = { pi: [0.25, 0.25, 0.25, 0.25], p: [0, 1, 2, 3].map((a) => [one(4, a)]) };
    const values = await influences(backend, 'kl', copy);
    for (const [value] of values) expect(value![0]).toBeCloseTo(Math.log(4), 6);
  });
});

/** Weights to probabilities in float32, as a softmax would give: some are 0, some so small that they hardly count. */
const distribution = (size: number, zeros = true) =>
  fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: fc.double({ min: 0.01, max: 1, noNaN: true }) },
        { weight: 1, arbitrary: fc.constantFrom(1e-6, 1e-20, 1e-35) },
        { weight: zeros ? 1 : 0, arbitrary: fc.constant(0) },
      ),
      { minLength: size, maxLength: size },
    )
    .map((weights) => {
      const sum = weights.reduce((total, x) => total + x, 0);
      return sum > 1e-3
        ? weights.map((x) => Math.fround(x / sum))
        : weights.map(() => Math.fround(1 / weights.length));
    });

const sizes = fc.record({
  k: fc.integer({ min: 2, max: 5 }),
  j: fc.integer({ min: 1, max: 3 }),
  c: fc.integer({ min: 2, max: 6 }),
});

const arrayOf = <T>(size: number, arbitrary: fc.Arbitrary<T>) =>
  fc.array(arbitrary, { minLength: size, maxLength: size });

const anyCase = sizes.chain(({ k, j, c }) =>
  fc.record({ pi: distribution(k), p: arrayOf(k, arrayOf(j, distribution(c))) }),
);

/** In float64: m [J][C]. */
const marginal = ({ pi, p }: Case) =>
  p[0]!.map((row, o) => row.map((_, b) => pi.reduce((sum, share, a) => sum + share * p[a]![o]![b]!, 0)));

/** All that can be drawn: an action of probability 0 was not taken. */
const possible = ({ pi }: Case, least = 1e-9) => pi.flatMap((share, a) => (share > least ? [a] : []));

describe.each([
  // Each run compiles a graph.
  ['onnx', 15],
  ['cpu', 60],
])('for any policy and any predictions, on %s,', (backend, numRuns) => {
  const forAny = (cases: fc.Arbitrary<Case>, holds: (given: Case) => Promise<void>) =>
    fc.assert(fc.asyncProperty(cases, holds), { numRuns });

  it.each(DIVERGENCES)('%s is exactly 0 where the action changes nothing', async (divergence) => {
    const alike = sizes.chain(({ k, j, c }) =>
      fc.record({
        pi: distribution(k),
        p: arrayOf(j, distribution(c)).map((row) => Array.from({ length: k }, () => row)),
      }),
    );
    await forAny(alike, async (given) => {
      for (const value of (await influences(backend, divergence, given)).flat(2))
        expect(value === 0).toBe(true);
    });
  });

  it.each(DIVERGENCES)('%s is exactly 0 of an action that was certain', async (divergence) => {
    const certain = sizes.chain(({ k, j, c }) =>
      fc.record({
        pi: fc.integer({ min: 0, max: k - 1 }).map((a) => one(k, a)),
        p: arrayOf(k, arrayOf(j, distribution(c))),
      }),
    );
    await forAny(certain, async (given) => {
      const values = await influences(backend, divergence, given);
      for (const value of values[given.pi.indexOf(1)]!.flat()) expect(value === 0).toBe(true);
    });
  });

  it('KL is between 0 and -log pi(a), however unlikely that was', async () => {
    await forAny(anyCase, async (given) => {
      const values = await influences(backend, 'kl', given);
      for (const a of possible(given, 0)) {
        for (const value of values[a]!.flat()) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(-Math.log(given.pi[a]!) * (1 + 1e-6) + 1e-5);
        }
      }
    });
  });

  it('JSD is between 0 and log 2', async () => {
    await forAny(anyCase, async (given) => {
      const values = await influences(backend, 'jsd', given);
      for (const a of possible(given)) {
        for (const value of values[a]!.flat()) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(Math.LN2 + 1e-6);
        }
      }
    });
  });

  it('KL and JSD are those of float64', async () => {
    await forAny(anyCase, async (given) => {
      const kl = await influences(backend, 'kl', given);
      const jsd = await influences(backend, 'jsd', given);
      const m = marginal(given);
      for (const a of possible(given)) {
        given.p[a]!.forEach((row, o) => {
          const half = row.map((x, b) => (x + m[o]![b]!) / 2);
          // m is p(b | a) and what is added to it: what cancels leaves 1e-7 or so, and m is pi(a) p(b | a) at least.
          const tolerance = 1e-6 + 1e-7 / given.pi[a]!;
          expect(Math.abs(kl[a]![0]![o]! - KL([row, m[o]!]))).toBeLessThan(tolerance);
          expect(Math.abs(jsd[a]![0]![o]! - (KL([row, half]) + KL([m[o]!, half])) / 2)).toBeLessThan(
            tolerance,
          );
        });
      }
    });
  });

  it("KL's mean over one's own actions is the mutual information of the two actions", async () => {
    await forAny(anyCase, async (given) => {
      const { pi, p } = given;
      const kl = await influences(backend, 'kl', given);
      const m = marginal(given);
      p[0]!.forEach((row, o) => {
        // I = sum over a and b of p(a, b) log [p(a, b) / p(a) p(b)], from the joint distribution.
        let information = 0;
        for (const a of possible(given)) {
          row.forEach((_, b) => {
            const joint = pi[a]! * p[a]![o]![b]!;
            if (joint > 0) information += joint * Math.log(joint / (pi[a]! * m[o]![b]!));
          });
        }
        const mean = possible(given).reduce((sum, a) => sum + pi[a]! * kl[a]![0]![o]!, 0);
        expect(mean).toBeCloseTo(information, 5);
      });
    });
  });

  it('the mean of the pointwise form over what is done is KL', async () => {
    await forAny(anyCase, async (given) => {
      const kl = await influences(backend, 'kl', given);
      const pmi = await influences(backend, 'pmi', given);
      for (const a of possible(given)) {
        given.p[a]!.forEach((row, o) => {
          const mean = row.reduce((sum, share, b) => (share > 0 ? sum + share * pmi[a]![b]![o]! : sum), 0);
          expect(mean).toBeCloseTo(kl[a]![0]![o]!, 5);
        });
      }
    });
  });
});
