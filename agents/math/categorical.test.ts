import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import * as tf from '../engine/tf.ts';
import {
  argmax,
  chosen,
  entropy,
  klDivergence,
  logProbabilities,
  logProbabilityOf,
  sample,
} from './categorical.ts';
import { gradientError } from './finite-differences.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** The logits of probabilities, moved by a constant: softmax does not see it. */
const logitsOf = (...probabilities: number[]) => tf.tensor(probabilities.map((p) => Math.log(p) + 3));

describe('over logits', () => {
  it('log-probabilities do not change with a constant that is added to the logits', () => {
    const logs = logProbabilities(logitsOf(0.5, 0.3, 0.2)).dataSync();
    [0.5, 0.3, 0.2].forEach((p, i) => {
      expect(logs[i]).toBeCloseTo(Math.log(p), 5);
    });
  });

  it('log-probabilities of large logits do not overflow', () => {
    const logs = logProbabilities(tf.tensor([1000, 0])).dataSync();
    expect([...logs]).toEqual([0, -1000]);
  });

  it('picks each row’s action, whatever the leading axes', () => {
    const rows = tf.tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [2, 2, 3]);
    const picked = chosen(rows, tf.tensor([0, 1, 2, 0], [2, 2], 'int32'));
    expect(picked.shape).toEqual([2, 2]);
    expect([...picked.dataSync()]).toEqual([1, 5, 9, 10]);
  });

  it('log-probabilities of actions are those of their rows', () => {
    const logits = tf.stack([logitsOf(0.5, 0.3, 0.2), logitsOf(0.1, 0.1, 0.8)]);
    const logs = logProbabilityOf(logits, tf.tensor([1, 2], [2], 'int32')).dataSync();
    expect(logs[0]).toBeCloseTo(Math.log(0.3), 5);
    expect(logs[1]).toBeCloseTo(Math.log(0.8), 5);
  });

  it('the entropy of [1/2, 1/4, 1/4] is 3/2 log 2', () => {
    expect(entropy(logitsOf(0.5, 0.25, 0.25)).dataSync()[0]).toBeCloseTo(1.5 * Math.LN2, 5);
  });

  it('the entropy of a uniform distribution is the logarithm of its size', () => {
    expect(entropy(tf.zeros([4, 8])).dataSync()[2]).toBeCloseTo(Math.log(8), 6);
  });

  it('an action that is masked by its logit adds nothing to the entropy', () => {
    expect(entropy(tf.tensor([0, 0, -1e9])).dataSync()[0]).toBeCloseTo(Math.LN2, 6);
  });

  it('KL([.5, .3, .2] || [.4, .4, .2]) is .0252672', () => {
    const divergence = klDivergence(logitsOf(0.5, 0.3, 0.2), logitsOf(0.4, 0.4, 0.2)).dataSync()[0]!;
    expect(divergence).toBeCloseTo(0.0252672, 6);
  });

  it('the KL divergence is 0 from itself and never negative', () => {
    const logits = fc.array(fc.float({ min: -5, max: 5, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(logits, logits, (p, q) => {
        const [same, other] = tf.tidy(() => [
          klDivergence(tf.tensor(p), tf.tensor(p)).dataSync()[0]!,
          klDivergence(tf.tensor(p), tf.tensor(q)).dataSync()[0]!,
        ]);
        expect(same).toBe(0);
        expect(other).toBeGreaterThan(-1e-6);
      }),
    );
  });

  const logits = () => tf.tensor([0.3, -1.2, 0.8, 1.5, 0.1, -0.4], [2, 3]);
  const others = () => tf.tensor([-0.5, 0.2, 0.1, 0.4, -0.9, 1], [2, 3]);
  const total = (rows: tf.Tensor) => tf.sum<tf.Scalar>(rows);

  it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['logProbabilityOf', (x) => logProbabilityOf(x, tf.tensor([2, 0], [2], 'int32'))],
    ['entropy', entropy],
    ['klDivergence by the first', (x) => klDivergence(x, others())],
    ['klDivergence by the second', (x) => klDivergence(others(), x)],
  ])('the gradient of %s agrees with finite differences', (_, f) => {
    expect(gradientError((x) => total(f(x)), logits())).toBeLessThan(2e-3);
  });
});

describe('sample', () => {
  const probabilities = Float32Array.of(9, 0.25, 0, 0.5, 0.25, 9);

  it.each([
    [0, 0],
    [0.2499, 0],
    [0.25, 2],
    [0.7499, 2],
    [0.75, 3],
    [0.9999, 3],
  ])('at u = %f draws %i of [.25, 0, .5, .25]', (u, expected) => {
    expect(sample(probabilities, 1, 4, u)).toBe(expected);
  });

  it('gives what is missing from a sum of 1 to the last action that is possible', () => {
    expect(sample(Float32Array.of(0.3, 0.69, 0), 0, 3, 0.9999)).toBe(1);
  });

  it('never draws what has probability 0', () => {
    const weights = fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }).filter((list) => list.some(Boolean));
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (list, u) => {
        const sum = list.reduce((a, b) => a + b);
        const drawn = sample(
          Float32Array.from(list, (weight) => weight / sum),
          0,
          list.length,
          u,
        );
        expect(list[drawn]).toBeGreaterThan(0);
      }),
    );
  });
});

describe('argmax', () => {
  it('looks at its own values only', () => {
    expect(argmax(Float32Array.of(9, 1, 3, 2, 9), 1, 3)).toBe(1);
  });

  it('takes the first of equals', () => {
    expect(argmax(Float32Array.of(1, 2, 2), 0, 3)).toBe(1);
  });
});
