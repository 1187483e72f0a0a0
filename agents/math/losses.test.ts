import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import * as tf from '../engine/tf.ts';
import { entropy, logProbabilityOf } from './categorical.ts';
import { gradientError } from './finite-differences.ts';
import {
  approximateKl,
  clippedSurrogate,
  explainedVariance,
  huber,
  maskedMean,
  policyGradientLoss,
  valueLoss,
} from './losses.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const value = (scalar: tf.Tensor) => scalar.dataSync()[0]!;
const logs = (...numbers: number[]) => tf.tensor(numbers.map(Math.log));

describe('maskedMean', () => {
  it('is the mean where there is no mask', () => {
    expect(value(maskedMean(tf.tensor([1, 2, 6]), null))).toBe(3);
  });

  it('is the mean of what counts', () => {
    expect(
      value(
        maskedMean(
          tf.tensor([
            [1, 2],
            [3, 40],
          ]),
          tf.tensor([
            [1, 0],
            [1, 0],
          ]),
        ),
      ),
    ).toBe(2);
  });

  it('is 0 where nothing counts', () => {
    expect(value(maskedMean(tf.tensor([1, 2]), tf.tensor([0, 0])))).toBe(0);
  });
});

describe('policyGradientLoss', () => {
  it('agrees with a sum by hand', () => {
    // -(2 log .5 - 1 log .25) / 2 = -(-2 log 2 + 2 log 2) / 2 = 0; with the second masked: 2 log 2.
    const logp = logs(0.5, 0.25);
    expect(value(policyGradientLoss(logp, tf.tensor([2, -1]), null))).toBeCloseTo(0, 6);
    const mask = tf.tensor([1, 0]);
    expect(value(policyGradientLoss(logp, tf.tensor([2, -1]), mask))).toBeCloseTo(2 * Math.LN2, 6);
  });

  it('its gradient by logits is (p - onehot) A / count', () => {
    // p = [1/2, 1/2]: a = 0 with A = 3 pushes logit 0 up, so its gradient is -3/2.
    const loss = (x: tf.Tensor) =>
      policyGradientLoss(logProbabilityOf(x, tf.tensor([0], [1], 'int32')), tf.tensor([3]), null);
    const gradient = tf
      .grad((x) => loss(x))(tf.zeros([1, 2]))
      .dataSync();
    expect(gradient[0]).toBeCloseTo(-1.5, 6);
    expect(gradient[1]).toBeCloseTo(1.5, 6);
  });
});

it('an entropy bonus is the mean over what counts', () => {
  // Rows with entropies log 2, 3/2 log 2 and log 3; the last is masked.
  const rows = tf.tensor([
    [0, 0, -1e9],
    [Math.LN2, 0, 0],
    [0, 0, 0],
  ]);
  expect(value(maskedMean(entropy(rows), tf.tensor([1, 1, 0])))).toBeCloseTo(1.25 * Math.LN2, 6);
});

describe('clippedSurrogate', () => {
  const actions = () => tf.tensor([0, 1, 2], [3], 'int32');
  const logp = () =>
    logProbabilityOf(
      tf.tensor([
        [1, 1, 1],
        [2, 0, 0],
        [-1, -2, -3],
      ]),
      actions(),
    );
  const oldLogp = () =>
    logProbabilityOf(
      tf.tensor([
        [1, 1, 1],
        [2, 0, 0],
        [-3, -2, -1],
      ]),
      actions(),
    );

  it.each([
    // Ratios 1, 1 and exp(-2): a good action that became rarer counts wholly, a bad one no further than 0.8.
    [1, -0.171178],
    [-1, 0.193333],
  ])('agrees with rlax, advantages times %i', (sign, expected) => {
    const advantages = tf.tensor([0.3, 0.2, 0.1].map((a) => a * sign));
    const { loss, clipFraction } = clippedSurrogate(logp(), oldLogp(), advantages, 0.2, null);
    expect(value(loss)).toBeCloseTo(expected, 5);
    expect(value(clipFraction)).toBeCloseTo(1 / 3, 6);
  });

  it.each([
    // rho, A, min(rho A, clip(rho) A), clip .2.
    [2, 1, 1.2],
    [2, -1, -2],
    [0.5, 1, 0.5],
    [0.5, -1, -0.8],
    [1.1, 3, 3.3],
    [0.9, -3, -2.7],
  ])('a ratio of %f with advantage %f gains %f', (ratio, advantage, gain) => {
    const { loss } = clippedSurrogate(logs(ratio), logs(1), tf.tensor([advantage]), 0.2, null);
    expect(value(loss)).toBeCloseTo(-gain, 5);
  });

  it('takes a clip that is a tensor', () => {
    const { loss } = clippedSurrogate(logs(2), logs(1), tf.tensor([1]), tf.scalar(0.5), null);
    expect(value(loss)).toBeCloseTo(-1.5, 6);
  });

  it('passes over what the mask leaves out', () => {
    const mask = tf.tensor([1, 0]);
    const result = clippedSurrogate(logs(1.1, 9), logs(1, 1), tf.tensor([1, 1]), 0.2, mask);
    expect(value(result.loss)).toBeCloseTo(-1.1, 6);
    expect(value(result.clipFraction)).toBe(0);
  });

  it('a first step with ratio 1 is the policy gradient', () => {
    const advantages = tf.tensor([0.3, -0.2, 0.1]);
    const surrogate = tf.grad((x) => clippedSurrogate(x, logp(), advantages, 0.2, null).loss)(logp());
    const plain = tf.grad((x) => policyGradientLoss(x, advantages, null))(logp());
    surrogate.dataSync().forEach((gradient, i) => {
      expect(gradient).toBeCloseTo(plain.dataSync()[i]!, 6);
    });
  });
});

describe('valueLoss', () => {
  it('is half the mean square', () => {
    expect(value(valueLoss(tf.tensor([1, 5]), tf.tensor([3, 4]), null, null))).toBe(1.25);
  });

  it('takes the larger square of the value and the clipped value', () => {
    // V 2 clipped to .5 about 0, G 3: squares 1 and 6.25. V -1 clipped to -.5, G 0: squares 1 and .25.
    const clipping = { oldValues: tf.tensor([0, 0]), clip: 0.5 };
    expect(value(valueLoss(tf.tensor([2, -1]), tf.tensor([3, 0]), clipping, null))).toBe((6.25 + 1) / 4);
  });

  it('passes over what the mask leaves out', () => {
    expect(value(valueLoss(tf.tensor([1, 5]), tf.tensor([3, 4]), null, tf.tensor([0, 1])))).toBe(0.5);
  });
});

describe('huber', () => {
  it('is a parabola inside and a line outside', () => {
    const errors = tf.tensor([0, 0.5, -0.5, 1, 3, -3]);
    expect([...huber(errors).dataSync()]).toEqual([0, 0.125, 0.125, 0.5, 2.5, 2.5]);
    expect([...huber(errors, 2).dataSync()]).toEqual([0, 0.125, 0.125, 0.5, 4, 4]);
  });

  it('its gradient is the clipped error', () => {
    const gradient = tf.grad((x) => tf.sum(huber(x)))(tf.tensor([0.5, 3, -3]));
    expect([...gradient.dataSync()]).toEqual([0.5, 1, -1]);
  });
});

describe('approximateKl', () => {
  it('agrees with a mean by hand', () => {
    // Ratios 2 and 1/2: (1 - log 2 + -1/2 + log 2) / 2.
    expect(value(approximateKl(logs(0.8, 0.2), logs(0.4, 0.4), null))).toBeCloseTo(0.25, 6);
  });

  it('is never negative', () => {
    const logp = fc.double({ min: -9, max: 0, noNaN: true });
    const pairs = fc.array(fc.tuple(logp, logp), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(pairs, (list) => {
        const estimate = tf.tidy(() =>
          value(approximateKl(tf.tensor(list.map(([p]) => p)), tf.tensor(list.map(([, q]) => q)), null)),
        );
        // Rounding of rho near 1 and of large rho.
        expect(estimate).toBeGreaterThan(-1e-6);
      }),
    );
  });
});

describe('gradients agree with finite differences', () => {
  // Away from the corners of clips and minima by more than the step of the differences.
  const x = () => tf.tensor([-0.9, -1.6, -0.4, -1.05, -2, -0.2]);
  const old = () => tf.tensor([-1, -1, -1, -1, -1, -1]);
  const weights = () => tf.tensor([0.7, -1.1, 1.3, 0.4, 0.9, -0.6]);
  const mask = () => tf.tensor([1, 1, 1, 0, 1, 1]);

  it.each<[string, (x: tf.Tensor) => tf.Scalar]>([
    ['policyGradientLoss', (x) => policyGradientLoss(x, weights(), mask())],
    ['clippedSurrogate', (x) => clippedSurrogate(x, old(), weights(), 0.2, mask()).loss],
    ['clippedSurrogate, clip fed', (x) => clippedSurrogate(x, old(), weights(), tf.scalar(0.2), null).loss],
    ['valueLoss', (x) => valueLoss(x, weights(), null, mask())],
    ['valueLoss, clipped', (x) => valueLoss(x, weights(), { oldValues: old(), clip: 0.3 }, null)],
    ['huber', (x) => maskedMean(huber(tf.sub(x, weights())), mask())],
    ['approximateKl', (x) => approximateKl(x, old(), mask())],
  ])('%s', (_, loss) => {
    expect(gradientError(loss, x())).toBeLessThan(2e-3);
  });
});

describe('explainedVariance', () => {
  const targets = Float32Array.of(1, 2, 3, 4);

  it.each([
    ['all of it by the targets themselves', [1, 2, 3, 4], 1],
    ['all of it by the targets and a constant', [11, 12, 13, 14], 1],
    ['nothing by a constant', [2, 2, 2, 2], 0],
    // Errors -3, -1, 1, 3 are twice the targets' deviations: 1 - 4.
    ['less than nothing by the targets turned round', [4, 3, 2, 1], -3],
    // Errors [0, 0, 1, 1]: variance 1/4 of 5/4.
    ['four fifths', [1, 2, 2, 3], 0.8],
  ])('%s', (_, values, expected) => {
    expect(explainedVariance(Float32Array.from(values), targets)).toBeCloseTo(expected, 12);
  });

  it('passes over what the mask leaves out', () => {
    const values = Float32Array.of(1, 2, 3, -100);
    expect(explainedVariance(values, targets, Uint8Array.of(1, 1, 1, 0))).toBe(1);
  });

  it('is not a number where there is nothing to explain', () => {
    expect(explainedVariance(targets, new Float32Array(4))).toBeNaN();
  });
});
