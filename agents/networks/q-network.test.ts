import { beforeAll, expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import * as tf from '../engine/tf.ts';
import type { NetworkOptions } from './actor-critic.ts';
import { qNetwork } from './q-network.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const SPEC = { dtype: 'float32', shape: [2], low: -1, high: 1 } as const;
const options: NetworkOptions = {
  filters: 0,
  dense: [8],
  lstm: 0,
  activation: 'relu',
  separateValue: false,
  perPlayer: false,
};

it('has values whose mean over actions is the value head, where it duels', () => {
  const { layout, values } = qNetwork(SPEC, 3, { ...options, dense: [] }, true, 1);
  const theta = new Float32Array(layout.size);
  layout.initialize(theta, new Random().seed(1));
  layout.view(theta, 'value/kernel').set([2, 3]);
  layout.view(theta, 'value/bias').set([0.5]);
  const q = values(layout.unpack(tf.tensor1d(theta)), tf.tensor3d([[[1, 10]]]));
  expect(tf.mean(q).dataSync()[0]).toBeCloseTo(32.5, 4);
});

it('has one network a player where that is asked for', () => {
  const one = qNetwork(SPEC, 3, options, false, 1).layout;
  const five = qNetwork(SPEC, 3, options, false, 5).layout;
  expect(five.size).toBe(5 * one.size);
});

it('refuses memory, which single steps do not have', () => {
  expect(() => qNetwork(SPEC, 3, { ...options, lstm: 128 }, false, 1)).toThrow(
    'network.lstm is 128: what is replayed are single steps, which have no memory; it must be 0',
  );
});

it('refuses layers for a value that it does not have', () => {
  expect(() => qNetwork(SPEC, 3, { ...options, separateValue: true }, false, 1)).toThrow(
    'network.separateValue needs algo.dueling',
  );
});
