/** Two small networks over observations: one of random weights that stay, and one that learns to say what it says. */
import type { ArraySpec } from '../../shared/environment.ts';
import * as tf from '../engine/tf.ts';
import { type Activation, dense, denseParameters } from '../networks/layers.ts';
import type { ParameterSpec, Weights } from '../networks/parameters.ts';
import { type Purpose, torso } from '../networks/torso.ts';

export interface DistillationShape {
  readonly observation: ArraySpec;
  readonly filters: number;
  readonly dense: readonly number[];
  /** F */
  readonly features: number;
  readonly activation: Activation;
}

/** Observations are [G, M, ...], features [G, M, F]. */
export interface Distillation {
  readonly parameters: readonly ParameterSpec[];
  target(weights: Weights, observation: tf.Tensor): tf.Tensor;
  predict(weights: Weights, observation: tf.Tensor, purpose: Purpose): tf.Tensor;
}

export const TARGET = 'rnd-target';
export const PREDICTOR = 'rnd-predictor';

export function distillation(shape: DistillationShape): Distillation {
  const target = side(TARGET, shape);
  const predictor = side(PREDICTOR, shape);
  return {
    parameters: [...target.parameters, ...predictor.parameters],
    // Nothing is learned through it, so it may go the way that has no gradient worth taking.
    target: (weights, observation) => target.features(weights, observation, 'act'),
    predict: predictor.features,
  };
}

function side(name: string, shape: DistillationShape) {
  const body = torso(name, shape.observation, shape);
  return {
    parameters: [...body.parameters, ...denseParameters(`${name}/head`, body.units, shape.features, 1)],
    features: (weights: Weights, observation: tf.Tensor, purpose: Purpose) =>
      dense(weights, `${name}/head`, body.apply(weights, observation, purpose)),
  };
}

/** Mean over features of (prediction - target)^2: [G, M, F] each to [G, M]. */
export const featureError = (prediction: tf.Tensor, target: tf.Tensor) =>
  tf.mean(tf.square(tf.sub(prediction, target)), -1);
