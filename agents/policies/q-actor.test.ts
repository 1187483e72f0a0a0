import { beforeAll, expect, it } from 'vitest';
import * as tf from '../engine/tf.ts';
import { explored } from './q-actor.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const q = (...values: number[]) => tf.tensor3d([[values]]);
const rounded = (x: tf.Tensor) => [...x.dataSync()].map((value) => Number(value.toFixed(6)));

it('gives the best action what exploration leaves', () => {
  expect(rounded(explored(q(1, 3, 2, 0), { kind: 'epsilon-greedy', epsilon: 0.2 }))).toEqual([
    0.05, 0.85, 0.05, 0.05,
  ]);
});

it('gives it to the first of equals only', () => {
  expect(rounded(explored(q(3, 3), { kind: 'epsilon-greedy', epsilon: 0 }))).toEqual([1, 0]);
});

it('weighs by values over the temperature', () => {
  // Values apart by the temperature are apart by a factor of e.
  expect(rounded(explored(q(1, 1.5), { kind: 'boltzmann', temperature: 0.5 }))).toEqual([0.268941, 0.731059]);
});
