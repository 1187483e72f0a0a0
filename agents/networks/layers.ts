/** Layers without memory, over rows [G, M, ...] of G networks. */
import * as tf from '../engine/tf.ts';
import type { ParameterSpec, Weights } from './parameters.ts';

export const ACTIVATIONS = ['relu', 'tanh'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

export function activate(x: tf.Tensor, activation: Activation | null): tf.Tensor {
  return activation === null ? x : activation === 'relu' ? tf.relu(x) : tf.tanh(x);
}

/** What an orthogonal matrix is multiplied by so that activations keep their size. */
export const gainOf = (activation: Activation): number => (activation === 'relu' ? Math.SQRT2 : 5 / 3);

export function denseParameters(name: string, inputs: number, units: number, gain: number): ParameterSpec[] {
  return [
    { name: `${name}/kernel`, shape: [inputs, units], initializer: { kind: 'orthogonal', gain } },
    { name: `${name}/bias`, shape: [units], initializer: { kind: 'constant', value: 0 } },
  ];
}

/** x [G, M, in] to [G, M, out]. */
export function dense(weights: Weights, name: string, x: tf.Tensor): tf.Tensor {
  return tf.add(tf.matMul(x, weights[`${name}/kernel`]!), tf.expandDims(weights[`${name}/bias`]!, 1));
}
