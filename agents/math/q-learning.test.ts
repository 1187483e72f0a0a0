import { beforeAll, describe, expect, it } from 'vitest';
import * as tf from '../engine/tf.ts';
import { chosen } from './categorical.ts';
import { gradientError } from './finite-differences.ts';
import { doubleQTargets, dueling, qTargets } from './q-learning.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const list = (tensor: tf.Tensor) => [...tensor.dataSync()];

describe('errors agree with rlax', () => {
  // Discounts 0 and 1: the first transition terminated.
  const transition = () => ({
    rewards: tf.tensor([1, 1]),
    discounts: tf.tensor([1, 1]),
    terminated: tf.tensor([1, 0]),
  });
  const q = () =>
    chosen(
      tf.tensor([
        [1, 1, 0],
        [1, 2, 0],
      ]),
      tf.tensor([0, 1], [2], 'int32'),
    );
  const value = () =>
    tf.tensor([
      [99, 1, 98],
      [91, 2, 66],
    ]);
  const selector = () =>
    tf.tensor([
      [2, 10, 1],
      [11, 20, 1],
    ]);

  it('of Q-learning', () => {
    expect(
      list(
        tf.sub(
          qTargets(
            transition(),
            tf.tensor([
              [0, 1, 0],
              [1, 2, 0],
            ]),
          ),
          q(),
        ),
      ),
    ).toEqual([0, 1]);
  });

  it('of double Q-learning', () => {
    expect(list(tf.sub(doubleQTargets(transition(), selector(), value()), q()))).toEqual([0, 1]);
  });

  it('of Q-learning where double Q-learning would not believe the largest value', () => {
    expect(list(tf.sub(qTargets(transition(), value()), q()))).toEqual([0, 90]);
  });
});

describe('targets', () => {
  it('discount the next value and nothing else', () => {
    const next = tf.tensor([
      [1, 4],
      [3, 2],
    ]);
    const transition = { rewards: tf.tensor([1, 2]), discounts: 0.5, terminated: tf.tensor([0, 0]) };
    expect(list(qTargets(transition, next))).toEqual([3, 3.5]);
  });

  it('take a discount a transition, for n steps that were cut', () => {
    const next = tf.tensor([[4], [4]]);
    const discounts = tf.tensor([0.25, 0.5]);
    const transition = { rewards: tf.tensor([0, 0]), discounts, terminated: tf.tensor([0, 0]) };
    expect(list(qTargets(transition, next))).toEqual([1, 2]);
  });

  it('double: of actions that look equal to the online net the first is valued', () => {
    const transition = { rewards: tf.tensor([0]), discounts: 1, terminated: tf.tensor([0]) };
    expect(list(doubleQTargets(transition, tf.tensor([[5, 5]]), tf.tensor([[1, 2]])))).toEqual([1]);
  });

  it('double with the same net twice is plain', () => {
    const next = tf.tensor([
      [0.1, -3, 2.5],
      [7, 1, 2],
    ]);
    const transition = { rewards: tf.tensor([1, 2]), discounts: 0.9, terminated: tf.tensor([0, 0]) };
    expect(list(doubleQTargets(transition, next, next))).toEqual(list(qTargets(transition, next)));
  });
});

describe('dueling', () => {
  it('agrees with a row by hand', () => {
    expect(list(dueling(tf.tensor([[10]]), tf.tensor([[1, 2, 6]])))).toEqual([8, 9, 13]);
  });

  it('does not see a constant in the advantages', () => {
    const values = tf.tensor([[10], [20]]);
    const q = dueling(
      values,
      tf.tensor([
        [1, 2, 6],
        [0, 3, 0],
      ]),
    );
    expect(list(q)).toEqual(
      list(
        dueling(
          values,
          tf.tensor([
            [101, 102, 106],
            [50, 53, 50],
          ]),
        ),
      ),
    );
  });

  it('its gradient agrees with finite differences', () => {
    const weights = tf.tensor([[0.3, -1, 0.4]]);
    const loss = (x: tf.Tensor) =>
      tf.sum<tf.Scalar>(tf.mul(tf.square(dueling(tf.tensor([[0.5]]), x)), weights));
    expect(gradientError(loss, tf.tensor([[0.2, -0.7, 0.9]]))).toBeLessThan(2e-3);
  });
});
