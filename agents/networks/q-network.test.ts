import { beforeAll, expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import { openEngine } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import type { NetworkOptions } from './actor-critic.ts';
import { qNetwork, qProgram } from './q-network.ts';

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

it.each([1, 2])('values a window alike for acting and for learning, with %i networks', async (networks) => {
  const window = { dtype: 'uint8', shape: [5, 4], low: 0, high: 255 } as const;
  const { layout, values } = qNetwork(
    window,
    3,
    { ...options, filters: 3, separateValue: true },
    true,
    networks,
  );
  const theta = new Float32Array(layout.size);
  layout.initialize(theta, new Random().seed(1));
  const weights = layout.unpack(tf.tensor1d(theta));
  const ids = Int32Array.from({ length: networks * 2 * 20 }, (_, k) => k % 7);
  const observation = tf.tensor(ids, [networks, 2, 5, 4], 'int32');
  const [acting, learning] = [values(weights, observation, 'act'), values(weights, observation, 'learn')];
  expect(tf.max(tf.abs(learning)).dataSync()[0]).toBeGreaterThan(0.01);
  expect(tf.max(tf.abs(tf.sub(acting, learning))).dataSync()[0]).toBeLessThan(1e-6);
});

it('acts by the convolution that is made for it', async () => {
  const window = { dtype: 'uint8', shape: [5, 4], low: 0, high: 255 } as const;
  const network = qNetwork(window, 3, { ...options, filters: 3 }, false, 1);
  const program = await qProgram(await openEngine('onnx'), network, window, 1, 1);
  expect(Buffer.from(program.onnx!).includes('Conv')).toBe(true);
  await program.release();
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
