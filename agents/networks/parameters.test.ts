/** Weights in one vector: where they lie, and what they start as. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import { disagreement, resultsOf } from '../engine/agree.ts';
import { type Engine, openEngine } from '../engine/index.ts';
import { float32 } from '../engine/program.ts';
import { clipByNetwork, type Initializer, ParameterLayout } from './parameters.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('cpu');
});

const zero: Initializer = { kind: 'constant', value: 0 };
/** Two networks of a matrix [2, 3] and a bias [3]: P = 2 * 6 + 2 * 3. */
const layout = new ParameterLayout(
  [
    { name: 'kernel', shape: [2, 3], initializer: zero },
    { name: 'bias', shape: [3], initializer: zero },
  ],
  2,
);
const counted = () => Float32Array.from({ length: 18 }, (_, k) => k);

describe('a layout', () => {
  it('counts the weights of all networks', () => {
    expect(layout.size).toBe(18);
  });

  it.each([
    ['kernel', 0, [0, 1, 2, 3, 4, 5]],
    ['kernel', 1, [6, 7, 8, 9, 10, 11]],
    ['bias', 0, [12, 13, 14]],
    ['bias', 1, [15, 16, 17]],
  ] as const)('shows the %s of network %i', (name, network, elements) => {
    expect([...layout.view(counted(), name, network)]).toEqual(elements);
  });

  it('shows the vector itself, not a copy', () => {
    const theta = counted();
    layout.view(theta, 'bias', 1)[2] = -1;
    expect(theta[17]).toBe(-1);
  });

  it('knows no other names', () => {
    expect(() => layout.view(counted(), 'filter')).toThrow(new RangeError('there is no parameter filter'));
  });

  it('has no two of one name', () => {
    const spec = { name: 'twice', shape: [1], initializer: zero };
    expect(() => new ParameterLayout([spec, spec], 1)).toThrow('two parameters are called twice');
  });

  it('unpacks what it shows', async () => {
    const { outputs, results } = await resultsOf(
      engine,
      ({ theta }) => ({ ...layout.unpack(theta!) }),
      { theta: float32(18) },
      { theta: counted() },
    );
    expect(outputs).toEqual({ kernel: float32(2, 2, 3), bias: float32(2, 3) });
    expect([...results.kernel!, ...results.bias!]).toEqual([...counted()]);
  });
});

/** A matrix [rows, columns], or a filter of that many inputs, freshly drawn. */
function orthogonal(shape: readonly number[], gain: number, seed: number): Float32Array {
  const layout = new ParameterLayout([{ name: 'w', shape, initializer: { kind: 'orthogonal', gain } }], 1);
  const theta = new Float32Array(layout.size);
  layout.initialize(theta, new Random().seed(seed));
  return theta;
}

/** The largest |<u, v> - gain^2 [u = v]| over all pairs of rows, or of columns where those are fewer. */
function skew(w: Float32Array, rows: number, columns: number, gain: number): number {
  const byRow = rows <= columns;
  const count = Math.min(rows, columns);
  const at = (vector: number, k: number) => w[byRow ? vector * columns + k : k * columns + vector]!;
  let worst = 0;
  for (let u = 0; u < count; u++) {
    for (let v = 0; v < count; v++) {
      let product = 0;
      for (let k = 0; k < Math.max(rows, columns); k++) product += at(u, k) * at(v, k);
      worst = Math.max(worst, Math.abs(product - (u === v ? gain * gain : 0)));
    }
  }
  return worst;
}

describe('an orthogonal matrix', () => {
  it('has rows or columns, whichever are fewer, of the gain as length and at right angles', () => {
    const side = fc.integer({ min: 1, max: 24 });
    fc.assert(
      fc.property(
        side,
        side,
        fc.constantFrom(0.01, 1, Math.SQRT2),
        fc.nat(1e6),
        (rows, columns, gain, seed) => {
          expect(skew(orthogonal([rows, columns], gain, seed), rows, columns, gain)).toBeLessThan(1e-5);
        },
      ),
    );
  });

  it('is of a filter the one from what it sees to what it gives', () => {
    expect(skew(orthogonal([3, 3, 3, 6], 1, 7), 27, 6, 1)).toBeLessThan(1e-5);
  });

  it('of one number is the gain, with either sign', () => {
    const signs = new Set(Array.from({ length: 20 }, (_, seed) => orthogonal([1, 1], 1, seed)[0]));
    expect(signs).toEqual(new Set([1, -1]));
  });

  it('points anywhere: its elements have mean 0 and mean square gain^2 / side', () => {
    const side = 40;
    const w = orthogonal([side, side], 1, 3);
    const mean = w.reduce((sum, x) => sum + x, 0) / w.length;
    // The mean of 1600 elements of standard deviation 1 / sqrt(40) has one of 0.004.
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(w.reduce((sum, x) => sum + x * x, 0) / w.length).toBeCloseTo(1 / side, 6);
  });
});

describe('fresh weights', () => {
  const layout = new ParameterLayout(
    [
      { name: 'w', shape: [4, 4], initializer: { kind: 'orthogonal', gain: 1 } },
      { name: 'b', shape: [2], initializer: { kind: 'constant', value: 0.5 } },
      { name: 'v', shape: [3], initializer: { kind: 'values', values: [1, 2, 3] } },
    ],
    2,
  );
  const fresh = (seed: number) => {
    // Not zeros, so that what is left as it was shows.
    const theta = new Float32Array(layout.size).fill(9);
    layout.initialize(theta, new Random().seed(seed));
    return theta;
  };

  it('of the same seed are the same', () => {
    expect(fresh(5)).toEqual(fresh(5));
  });

  it('of another seed are others', () => {
    expect(layout.view(fresh(5), 'w')).not.toEqual(layout.view(fresh(6), 'w'));
  });

  it('differ from network to network', () => {
    const theta = fresh(5);
    expect(layout.view(theta, 'w', 0)).not.toEqual(layout.view(theta, 'w', 1));
  });

  it('are what was given where they were given', () => {
    const theta = fresh(5);
    expect([...layout.view(theta, 'b', 1), ...layout.view(theta, 'v', 1)]).toEqual([0.5, 0.5, 1, 2, 3]);
  });
});

describe('clipping by network', () => {
  it('scales each network by its own norm', async () => {
    const layout = new ParameterLayout(
      [
        { name: 'a', shape: [1], initializer: zero },
        { name: 'b', shape: [1], initializer: zero },
      ],
      2,
    );
    // Network 0 has (3, 4) of norm 5, network 1 (0.3, 0.4) of norm 0.5.
    const { results } = await resultsOf(
      engine,
      ({ gradient }) => clipByNetwork(layout, gradient!, 1),
      { gradient: float32(4) },
      { gradient: Float32Array.of(3, 0.3, 4, 0.4) },
    );
    const expected = { gradient: Float32Array.of(0.6, 0.3, 0.8, 0.4), norm: Float32Array.of(2.75) };
    expect(disagreement(results, expected)).toBeNull();
  });
});
