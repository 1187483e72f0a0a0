import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import * as tf from '../engine/tf.ts';
import { gradientError } from '../math/finite-differences.ts';
import type { NetworkOptions } from '../networks/actor-critic.ts';
import { qNetwork } from '../networks/q-network.ts';
import { tdGradient, tdLoss, tdTargets } from './dqn-update.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const options: NetworkOptions = {
  filters: 0,
  dense: [],
  lstm: 0,
  activation: 'tanh',
  separateValue: false,
  perPlayer: false,
};
const SPEC = { dtype: 'float32', shape: [2], low: -1, high: 1 } as const;

/** Two observations as unit vectors, so that the kernel's rows are their values of actions. */
const linear = qNetwork(SPEC, 2, options, false, 1);
const weights = (rows: readonly (readonly number[])[]) => tf.tensor1d([...rows.flat(), 0, 0]);

const batch = () => ({
  // Two transitions: from the first state to the second, and the other way round.
  observation: tf.tensor3d([
    [
      [1, 0],
      [0, 1],
    ],
  ]),
  nextObservation: tf.tensor3d([
    [
      [0, 1],
      [1, 0],
    ],
  ]),
  action: tf.tensor2d([[0, 1]], [1, 2], 'int32'),
  reward: tf.tensor2d([[1, 2]]),
  discount: tf.tensor2d([[0.5, 0.5]]),
  terminated: tf.tensor2d([[0, 1]]),
});

// The online network would take action 0 in the second state, the target network values action 1 most there.
const inputs = () => ({
  theta: weights([
    [1, 2],
    [4, 3],
  ]),
  target: weights([
    [10, 20],
    [30, 40],
  ]),
  ...batch(),
});

describe('targets', () => {
  it('take the best of the target network', () => {
    // 1 + 0.5 * 40; the other terminated: 2.
    expect([...tdTargets({ double: false }, linear, inputs()).dataSync()]).toEqual([21, 2]);
  });

  it("take the target network's value of the online network's choice where they are double", () => {
    // 1 + 0.5 * 30.
    expect([...tdTargets({ double: true }, linear, inputs()).dataSync()]).toEqual([16, 2]);
  });

  it('use what the discount of several steps is', () => {
    const given = { ...inputs(), reward: tf.tensor2d([[1.75, 2]]), discount: tf.tensor2d([[0.125, 0.125]]) };
    // Rewards 1, 1, 1 at gamma 0.5 are 1.75, and 0.5^3 * 30 more.
    expect([...tdTargets({ double: true }, linear, given).dataSync()]).toEqual([5.5, 2]);
  });
});

describe('the loss', () => {
  const target = () => tf.tensor2d([[4, 3.5]]);

  it('is half the square of the error', () => {
    // Q is 1 and 3: errors -3 and -0.5.
    const { loss, q } = tdLoss({ huber: false }, linear, inputs(), target());
    expect([loss.dataSync()[0], q.dataSync()[0]]).toEqual([(4.5 + 0.125) / 2, 2]);
  });

  it("is Huber's function of it", () => {
    const { loss } = tdLoss({ huber: true }, linear, inputs(), target());
    expect(loss.dataSync()[0]).toBe((2.5 + 0.125) / 2);
  });

  it('sends nothing through the targets', () => {
    const { gradient } = tdGradient({ double: true, huber: false }, linear, inputs());
    // Errors 1 - 16 and 3 - 2, half of each: of Q(first, 0) and Q(second, 1) and their biases only.
    expect([...gradient.dataSync()]).toEqual([-7.5, 0, 0, 0.5, -7.5, 0.5]);
  });

  it('of each network is a mean of its own', () => {
    const two = qNetwork(SPEC, 2, options, false, 2);
    const twice = (x: tf.Tensor) => tf.concat([x, x], 0);
    const { theta, target: old, ...given } = inputs();
    // Weights lie by parameter, then network.
    const both = (x: tf.Tensor) => {
      const [kernel, bias] = tf.split(x, [4, 2]) as [tf.Tensor, tf.Tensor];
      return tf.concat([kernel, kernel, bias, bias]);
    };
    const { gradient } = tdGradient({ double: true, huber: false }, two, {
      theta: both(theta),
      target: both(old),
      ...Object.fromEntries(Object.entries(given).map(([name, x]) => [name, twice(x)])),
    });
    expect([...gradient.dataSync()]).toEqual([-7.5, 0, 0, 0.5, -7.5, 0, 0, 0.5, -7.5, 0.5, -7.5, 0.5]);
  });
});

describe.each([
  ['plain', false, false],
  ['dueling', true, false],
  ['dueling with layers for the value', true, true],
])('the gradient agrees with finite differences: %s', (_, duel, separateValue) => {
  const network = qNetwork(SPEC, 3, { ...options, dense: [5, 4], separateValue }, duel, 1);
  it.each([
    ['squares', false],
    ['Huber', true],
  ])('%s', (_name, huber) => {
    const random = new Random().seed(5);
    const theta = new Float32Array(network.layout.size);
    network.layout.initialize(theta, random);
    const numbers = (...shape: number[]) =>
      tf.tensor(
        Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 2 * random.uniform() - 1),
        shape,
      );
    const observation = numbers(1, 6, 2);
    const action = tf.tensor2d([[0, 1, 2, 0, 1, 2]], [1, 6], 'int32');
    const target = tf.mul(numbers(1, 6), 3);
    const loss = (x: tf.Tensor) => tdLoss({ huber }, network, { theta: x, observation, action }, target).loss;
    expect(gradientError(loss, tf.tensor1d(theta))).toBeLessThan(2e-3);
  });
});
