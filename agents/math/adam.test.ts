import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import * as tf from '../engine/tf.ts';
import { adam, biasCorrection, clipByGlobalNorm } from './adam.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Steps of one parameter under the given gradients; theta after each of them. */
function path(theta: number, gradients: readonly number[], learningRate: number, epsilon: number): number[] {
  const settings = { beta1: 0.9, beta2: 0.999, epsilon };
  let state: ReturnType<typeof adam> = { theta: tf.tensor([theta]), m: tf.zeros([1]), v: tf.zeros([1]) };
  return gradients.map((gradient, i) => {
    const step = {
      learningRate: tf.scalar(learningRate),
      correction1: tf.scalar(biasCorrection(settings.beta1, i + 1)),
      correction2: tf.scalar(biasCorrection(settings.beta2, i + 1)),
    };
    state = adam(state.theta, tf.tensor([gradient]), state.m, state.v, step, settings);
    return state.theta.dataSync()[0]!;
  });
}

describe('adam', () => {
  it('first goes by the learning rate against the gradient’s sign, however large it is', () => {
    expect(path(1, [1000], 0.01, 1e-8)[0]).toBeCloseTo(0.99, 6);
    expect(path(1, [-0.001], 0.01, 1e-8)[0]).toBeCloseTo(1.01, 6);
  });

  it('agrees with two steps by hand', () => {
    // g = 1, then 3: m = .1, .39; v = .001, .009999; corrections .19 and .001999.
    // m / .19 = 2.0526316, sqrt(v / .001999) = 2.2365154: the second step is 0.1 * 0.9177811.
    const [first, second] = path(0, [1, 3], 0.1, 0);
    expect(first).toBeCloseTo(-0.1, 6);
    expect(second).toBeCloseTo(-0.1917781, 6);
  });

  it('adds epsilon after the correction and the root, as PyTorch does', () => {
    // g = 1: m / .1 = 1, sqrt(v / .001) = 1: lr / (1 + eps). Before the correction it would be lr / (1 + 31.6 eps).
    expect(path(0, [1], 0.1, 0.25)[0]).toBeCloseTo(-0.08, 6);
  });

  it('returns the moments, and leaves its arguments as they were', () => {
    const theta = tf.tensor([1, 2]);
    const m = tf.tensor([1, 0]);
    const v = tf.tensor([1, 0]);
    const step = { learningRate: tf.scalar(0.1), correction1: tf.scalar(1), correction2: tf.scalar(1) };
    const after = adam(theta, tf.tensor([2, -1]), m, v, step, { beta1: 0.5, beta2: 0.75, epsilon: 0 });
    expect([...after.m.dataSync()]).toEqual([1.5, -0.5]);
    expect([...after.v.dataSync()]).toEqual([1.75, 0.25]);
    expect([...theta.dataSync(), ...m.dataSync(), ...v.dataSync()]).toEqual([1, 2, 1, 0, 1, 0]);
  });

  it('with no gradient stays', () => {
    expect(path(3, [0, 0], 0.1, 1e-8)).toEqual([3, 3]);
  });

  it('finds the bottom of a parabola', () => {
    let state = { theta: tf.tensor([5]) as tf.Tensor, m: tf.zeros([1]), v: tf.zeros([1]) };
    for (let t = 1; t <= 400; t++) {
      const step = {
        learningRate: tf.scalar(0.1),
        correction1: tf.scalar(biasCorrection(0.9, t)),
        correction2: tf.scalar(biasCorrection(0.999, t)),
      };
      // (theta - 2)^2.
      const gradient = tf.mul(2, tf.sub(state.theta, 2));
      state = adam(state.theta, gradient, state.m, state.v, step, {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
      });
    }
    expect(state.theta.dataSync()[0]).toBeCloseTo(2, 2);
  });
});

it('the bias correction is 1 - beta at first and 1 in the end', () => {
  expect(biasCorrection(0.999, 1)).toBeCloseTo(0.001, 15);
  expect(biasCorrection(0.9, 2)).toBeCloseTo(0.19, 15);
  expect(biasCorrection(0.9, 1e6)).toBe(1);
});

describe('clipByGlobalNorm', () => {
  it('shortens what is too long and tells how long it was', () => {
    const { gradient, norm } = clipByGlobalNorm(tf.tensor([3, 4]), 0.5);
    expect(norm.dataSync()[0]).toBe(5);
    expect(gradient.dataSync()[0]).toBeCloseTo(0.3, 5);
    expect(gradient.dataSync()[1]).toBeCloseTo(0.4, 5);
  });

  it('leaves what is short enough', () => {
    const { gradient, norm } = clipByGlobalNorm(tf.tensor([3, 4]), 40);
    expect([...gradient.dataSync()]).toEqual([3, 4]);
    expect(norm.dataSync()[0]).toBe(5);
  });

  it('takes a gradient of 0', () => {
    expect([...clipByGlobalNorm(tf.zeros([2]), 0.5).gradient.dataSync()]).toEqual([0, 0]);
  });

  it('never leaves more than the norm that is allowed', () => {
    const vectors = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(vectors, fc.double({ min: 0.01, max: 50, noNaN: true }), (vector, maxNorm) => {
        const clipped = tf.tidy(() => clipByGlobalNorm(tf.tensor(vector), maxNorm).gradient.dataSync());
        expect(Math.hypot(...clipped)).toBeLessThanOrEqual(maxNorm * (1 + 1e-5));
      }),
    );
  });
});
