/**
 * The model of other agents: dense layers behind the policy's convolution, an LSTM that also hears what everybody does, and
 * for each other player a distribution over what it does next.
 */
import type { ArraySpec } from '../../shared/environment.ts';
import * as tf from '../engine/tf.ts';
import { oneHot } from '../math/categorical.ts';
import { type Activation, dense, denseParameters } from '../networks/layers.ts';
import { lstmParameters, lstmSequence } from '../networks/lstm.ts';
import type { ParameterSpec, Weights } from '../networks/parameters.ts';
import { oneHotSlots } from '../networks/signals.ts';
import { type Seen, torso } from '../networks/torso.ts';
import { alternatives, walk } from './counterfactual.ts';
import { type Divergence, influence } from './divergence.ts';

export interface MoaShape {
  /** N */
  readonly players: number;
  /** A */
  readonly actions: number;
  readonly observation: ArraySpec;
  /** Of the policy, whose convolution it shares. */
  readonly filters: number;
  readonly activation: Activation;
  readonly dense: readonly number[];
  /** H */
  readonly lstm: number;
}

/** What the model says of L steps of B columns, and what came of it. J = N - 1 others, in relative slots 1 to J. */
export interface Predicted {
  /** [G, L * B, J, A] how likely each of the others does what next, given all that was done. */
  readonly factual: tf.Tensor;
  /** [G, L * B, J] */
  readonly influence: tf.Tensor;
  /** [G, L * B, J] log-probability of what was done next. */
  readonly logLikelihood: tf.Tensor;
  /** [G, L * B, J] 1 where that was the likeliest. */
  readonly hit: tf.Tensor;
  /** [G, B, 2H] */
  readonly state: tf.Tensor;
}

export interface MoaNetwork {
  readonly parameters: readonly ParameterSpec[];
  /** 2H */
  readonly stateSize: number;
  /**
   * Logits of the others' next actions, [G, L * B, J, A]. @param joint [G, L, B, N] everybody's actions, in relative slots.
   * @param state [G, B, 2H] @param keep [G, L, B] 0 where an episode starts.
   */
  learn(weights: Weights, seen: Seen, joint: tf.Tensor, state: tf.Tensor, keep: tf.Tensor): tf.Tensor;
  /**
   * The influence of each player's own action, and how good the predictions were; parameters as of `learn`.
   * @param pi [G, L, B, A] the player's own policy. @param next [G, L, B, J] what the others did next.
   */
  predict(
    weights: Weights,
    seen: Seen,
    joint: tf.Tensor,
    state: tf.Tensor,
    keep: tf.Tensor,
    pi: tf.Tensor,
    next: tf.Tensor,
    divergence: Divergence,
  ): Predicted;
}

const LSTM = 'moa-lstm';
const HEAD = 'moa-head';

export function moaNetwork(shape: MoaShape): MoaNetwork {
  const { players, actions, lstm } = shape;
  const others = players - 1;
  const body = torso('moa', shape.observation, shape, 'torso');
  const width = body.units + players * actions;

  const input = (weights: Weights, seen: Seen, joint: tf.Tensor) => {
    const [g, l, b] = joint.shape as [number, number, number];
    const heard = oneHotSlots(tf.reshape(joint, [g, l * b, players]), actions);
    return tf.concat([body.dense(weights, seen), heard], -1);
  };
  /** h [G, M, H] to logits [G, M, J, A]. */
  const head = (weights: Weights, h: tf.Tensor) => {
    const logits = dense(weights, HEAD, h);
    return tf.reshape(logits, [...logits.shape.slice(0, 2), others, actions]);
  };

  return {
    parameters: [
      ...body.parameters,
      ...lstmParameters(LSTM, width, lstm),
      ...denseParameters(HEAD, lstm, others * actions, 0.01),
    ],
    stateSize: 2 * lstm,
    learn(weights, seen, joint, state, keep) {
      const [g, l, b] = joint.shape as [number, number, number];
      const x = tf.reshape(input(weights, seen, joint), [g, l, b, width]);
      const h = lstmSequence(weights, LSTM, x, state, keep);
      return head(weights, tf.reshape(h, [g, l * b, lstm]));
    },
    predict(weights, seen, joint, state, keep, pi, next, divergence) {
      const [g, l, b] = joint.shape as [number, number, number];
      // The own action is in slot 0, right behind what the dense layers give.
      const own = tf.slice(weights[`${LSTM}/x`]! as tf.Tensor3D, [0, body.units, 0], [g, actions, 4 * lstm]);
      const ownAction = tf.reshape(tf.slice(joint, [0, 0, 0, 0], [g, l, b, 1]), [g, l * b]);
      const tooks = tf.reshape(oneHot(ownAction, actions), [g, l * b, actions]);
      const each = l === 1 ? [tooks] : tf.split(tooks, l, 1);
      const logits: tf.Tensor[] = [];
      const after = walk(weights, LSTM, input(weights, seen, joint), state, keep, (z, cBefore, t) => {
        const h = alternatives(z, cBefore, own, each[t]!);
        logits.push(dense(weights, HEAD, tf.reshape(h, [g, b * actions, lstm])));
      });
      // Logits are small: what is made of them is made of all steps at once, which is half of the nodes.
      const all = logits.length === 1 ? logits[0]! : tf.concat(logits, 1);
      const p = tf.softmax(tf.reshape(all, [g, l * b, actions, others, actions]));
      const done = oneHot(tf.reshape(next, [g, l * b, others]), actions);
      const factual = tf.sum(tf.mul(p, tf.reshape(tooks, [g, l * b, actions, 1, 1])), 2);
      const likelihood = tf.sum(tf.mul(factual, done), -1);
      return {
        factual,
        influence: influence(divergence, p, tooks, tf.reshape(pi, [g, l * b, actions]), done),
        logLikelihood: tf.log(tf.maximum(likelihood, 1e-30)),
        hit: tf.cast(tf.greaterEqual(likelihood, tf.max(factual, -1)), 'float32'),
        state: after,
      };
    },
  };
}
