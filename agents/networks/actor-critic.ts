/**
 * Policies with a value: a torso (convolution where observations are windows, dense layers), memory if wanted, a head for
 * the policy's logits and one for the value. The default is the network of the social influence paper (Jaques et al.
 * 2019): 6 filters 3x3, dense 32 and 32, LSTM 128.
 */
import * as z from 'zod';
import type { ArraySpec } from '../../shared/environment.ts';
import * as tf from '../engine/tf.ts';
import { ACTIVATIONS, dense, denseParameters } from './layers.ts';
import { lstmParameters, lstmSequence, lstmStep } from './lstm.ts';
import { ParameterLayout, type Weights } from './parameters.ts';
import { torso } from './torso.ts';

export const networkSchema = z.strictObject({
  filters: z
    .int()
    .min(0)
    .max(256)
    .default(6)
    .describe('Filters of the 3x3 convolution over windows; 0 leaves it out'),
  dense: z
    .array(z.int().min(1).max(4096))
    .max(8)
    .default([32, 32])
    .describe('Units of the dense layers, in order'),
  lstm: z.int().min(0).max(4096).default(128).describe('Units of the LSTM; 0 for a network without memory'),
  activation: z.enum(ACTIVATIONS).default('relu').describe('Of convolution and dense layers'),
  separateValue: z
    .boolean()
    .default(false)
    .describe('Whether the value has layers of its own up to the LSTM, as in small control tasks'),
  perPlayer: z
    .boolean()
    .default(false)
    .describe('One network a player (the way of the paper) instead of one that all share'),
});

export type NetworkOptions = z.infer<typeof networkSchema>;

export interface Heads {
  /** [G, M, A] */
  readonly logits: tf.Tensor;
  /** [G, M] */
  readonly values: tf.Tensor;
}

export interface ActorCritic {
  readonly layout: ParameterLayout;
  /** Numbers of recurrent state a column has: h, then c; 0 without memory. */
  readonly stateSize: number;
  /** One step: observation [G, B, ...], state [G, B, S]. */
  act(weights: Weights, observation: tf.Tensor, state: tf.Tensor | null): Heads & { state: tf.Tensor | null };
  /** Sequences: observation [G, T, B, ...], state [G, B, S], keep [G, T, B] 0 where an episode starts. M = T * B. */
  learn(weights: Weights, observation: tf.Tensor, state: tf.Tensor | null, keep: tf.Tensor | null): Heads;
}

/** @param networks G: 1, or one a player. */
export function actorCritic(
  observation: ArraySpec,
  actions: number,
  options: NetworkOptions,
  networks: number,
): ActorCritic {
  const { lstm } = options;
  const policyTorso = torso('torso', observation, options);
  const valueTorso = options.separateValue ? torso('value-torso', observation, options) : null;
  const memory = lstm > 0 ? lstmParameters('lstm', policyTorso.units, lstm) : [];
  const features = lstm > 0 ? lstm : policyTorso.units;
  const valueFeatures = lstm > 0 || valueTorso === null ? features : valueTorso.units;
  if (lstm > 0 && valueTorso !== null) throw new RangeError('network: separateValue goes without an lstm');
  const layout = new ParameterLayout(
    [
      ...policyTorso.parameters,
      ...(valueTorso?.parameters ?? []),
      ...memory,
      ...denseParameters('policy', features, actions, 0.01),
      ...denseParameters('value', valueFeatures, 1, 1),
    ],
    networks,
  );

  const heads = (weights: Weights, policy: tf.Tensor, value: tf.Tensor): Heads => {
    const values = dense(weights, 'value', value);
    return { logits: dense(weights, 'policy', policy), values: tf.reshape(values, values.shape.slice(0, 2)) };
  };

  return {
    layout,
    stateSize: 2 * lstm,
    act(weights, observations, state) {
      const x = policyTorso.apply(weights, observations, 'act');
      if (state === null) {
        return { ...heads(weights, x, valueTorso?.apply(weights, observations, 'act') ?? x), state: null };
      }
      const step = lstmStep(weights, 'lstm', x, state);
      return { ...heads(weights, step.h, step.h), state: step.state };
    },
    learn(weights, observations, state, keep) {
      const [g, t, b, ...shape] = observations.shape as [number, number, number, ...number[]];
      const rows = tf.reshape(observations, [g, t * b, ...shape]);
      const x = policyTorso.apply(weights, rows);
      if (state === null || keep === null) {
        return heads(weights, x, valueTorso?.apply(weights, rows) ?? x);
      }
      const h = lstmSequence(weights, 'lstm', tf.reshape(x, [g, t, b, policyTorso.units]), state, keep);
      const flat = tf.reshape(h, [g, t * b, lstm]);
      return heads(weights, flat, flat);
    },
  };
}
