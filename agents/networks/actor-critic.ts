/**
 * Policies with a value: a torso (convolution where observations are windows, dense layers), memory if wanted, a head for
 * the policy's logits and one for the value. The default is the network of the social influence paper (Jaques et al.
 * 2019): 6 filters 3x3, dense 32 and 32, LSTM 128.
 *
 * Two things may come in and go out beside: signals, what others did or said, one-hot behind the dense layers; and symbols
 * that are spoken, a second pair of heads.
 */
import * as z from 'zod';
import type { ArraySpec } from '../../shared/environment.ts';
import * as tf from '../engine/tf.ts';
import { ACTIVATIONS, dense, denseParameters } from './layers.ts';
import { lstmParameters, lstmSequence, lstmStep } from './lstm.ts';
import { ParameterLayout, type ParameterSpec, type Weights } from './parameters.ts';
import { type Signal, type SignalTensors, signalRows, signalsWidth } from './signals.ts';
import { type Purpose, type Seen, torso } from './torso.ts';

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

/** The heads of actions, and those of symbols where they are spoken. */
export interface AllHeads extends Heads {
  readonly symbols: Heads | null;
}

/** What a network has beside the default. */
export interface NetworkExtras {
  /** What comes in behind the dense layers. */
  readonly signals?: readonly Signal[];
  /** How many symbols can be spoken; 0 for a network that does not speak. */
  readonly symbols?: number;
  /** Of models that are learned with it. */
  readonly parameters?: readonly ParameterSpec[];
}

export interface ActorCritic {
  readonly layout: ParameterLayout;
  /** Numbers of recurrent state a column has: h, then c; 0 without memory. */
  readonly stateSize: number;
  readonly signals: readonly Signal[];
  readonly symbols: number;
  /** Width of what comes out of the dense layers: signals follow it in the input of the LSTM. */
  readonly features: number;
  /** What the convolution sees, which models share: [G, M, ...]. */
  see(weights: Weights, observation: tf.Tensor, purpose: Purpose): Seen;
  /** What goes into the LSTM, or into the heads where there is none: of M rows, [G, M, D]. */
  input(weights: Weights, seen: Seen, signals: SignalTensors): tf.Tensor;
  /** Logits of actions [G, M, A] from the LSTM's output [G, M, H]. */
  policy(weights: Weights, h: tf.Tensor): tf.Tensor;
  /** One step: observation [G, B, ...], state [G, B, S], signals [G, B, slots] each. */
  act(
    weights: Weights,
    observation: tf.Tensor,
    state: tf.Tensor | null,
    signals?: SignalTensors,
  ): AllHeads & { readonly state: tf.Tensor | null };
  /**
   * Sequences: observation [G, T, B, ...], state [G, B, S], keep [G, T, B] 0 where an episode starts, signals [G, T, B,
   * slots] each. M = T * B.
   */
  learn(
    weights: Weights,
    observation: tf.Tensor,
    state: tf.Tensor | null,
    keep: tf.Tensor | null,
    signals?: SignalTensors,
  ): AllHeads & { readonly seen: Seen };
}

/** @param networks G: 1, or one a player. */
export function actorCritic(
  observation: ArraySpec,
  actions: number,
  options: NetworkOptions,
  networks: number,
  extras: NetworkExtras = {},
): ActorCritic {
  const { lstm } = options;
  const { signals = [], symbols = 0 } = extras;
  const policyTorso = torso('torso', observation, options);
  const valueTorso = options.separateValue ? torso('value-torso', observation, options) : null;
  const inputs = policyTorso.units + signalsWidth(signals);
  const memory = lstm > 0 ? lstmParameters('lstm', inputs, lstm) : [];
  const features = lstm > 0 ? lstm : inputs;
  const valueFeatures = lstm > 0 || valueTorso === null ? features : valueTorso.units;
  if (lstm > 0 && valueTorso !== null) throw new RangeError('network: separateValue goes without an lstm');
  const layout = new ParameterLayout(
    [
      ...policyTorso.parameters,
      ...(valueTorso?.parameters ?? []),
      ...memory,
      ...denseParameters('policy', features, actions, 0.01),
      ...denseParameters('value', valueFeatures, 1, 1),
      ...(symbols === 0
        ? []
        : [
            ...denseParameters('symbol-policy', features, symbols, 0.01),
            ...denseParameters('symbol-value', features, 1, 1),
          ]),
      ...(extras.parameters ?? []),
    ],
    networks,
  );

  const scalars = (weights: Weights, name: string, x: tf.Tensor) => {
    const values = dense(weights, name, x);
    return tf.reshape(values, values.shape.slice(0, 2));
  };
  const heads = (weights: Weights, policy: tf.Tensor, value: tf.Tensor): AllHeads => ({
    logits: dense(weights, 'policy', policy),
    values: scalars(weights, 'value', value),
    symbols:
      symbols === 0
        ? null
        : {
            logits: dense(weights, 'symbol-policy', policy),
            values: scalars(weights, 'symbol-value', policy),
          },
  });
  const input = (weights: Weights, seen: Seen, given: SignalTensors) => {
    const x = policyTorso.dense(weights, seen);
    return signals.length === 0 ? x : tf.concat([x, signalRows(signals, given)], -1);
  };

  return {
    layout,
    stateSize: 2 * lstm,
    signals,
    symbols,
    features: policyTorso.units,
    see: policyTorso.see,
    input,
    policy: (weights, h) => dense(weights, 'policy', h),
    act(weights, observations, state, given = {}) {
      const x = input(weights, policyTorso.see(weights, observations, 'act'), given);
      if (state === null) {
        return { ...heads(weights, x, valueTorso?.apply(weights, observations, 'act') ?? x), state: null };
      }
      const step = lstmStep(weights, 'lstm', x, state);
      return { ...heads(weights, step.h, step.h), state: step.state };
    },
    learn(weights, observations, state, keep, given = {}) {
      const [g, t, b, ...shape] = observations.shape as [number, number, number, ...number[]];
      const rows = tf.reshape(observations, [g, t * b, ...shape]);
      const seen = policyTorso.see(weights, rows);
      const x = input(weights, seen, inRows(given));
      if (state === null || keep === null) {
        return { ...heads(weights, x, valueTorso?.apply(weights, rows) ?? x), seen };
      }
      const h = lstmSequence(weights, 'lstm', tf.reshape(x, [g, t, b, inputs]), state, keep);
      const flat = tf.reshape(h, [g, t * b, lstm]);
      return { ...heads(weights, flat, flat), seen };
    },
  };
}

/** [G, T, B, ...] as [G, T * B, ...] each. */
export function inRows(tensors: SignalTensors): SignalTensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, x]) => {
      const [g, t, b, ...rest] = x.shape as [number, number, number, ...number[]];
      return [name, tf.reshape(x, [g, t * b, ...rest])];
    }),
  );
}
