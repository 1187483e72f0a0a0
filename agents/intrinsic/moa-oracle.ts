/**
 * For tests: influence by a model of other agents once more, from its definition alone. Player by player and episode by
 * episode, in plain tfjs and float64: no masks, no batches over networks, no counterfactuals by difference. Slow.
 */
import * as tf from '../engine/tf.ts';
import type { Weights } from '../networks/parameters.ts';
import { ofNetwork, plainLstmStep, plainTorso } from '../networks/plain.ts';
import type { Divergence } from './divergence.ts';
import type { Segment } from './fixture.ts';
import type { IntrinsicSetup } from './intrinsic.ts';

export interface OracleOptions {
  readonly divergence: Divergence;
  readonly visibleOnly: boolean;
  /** How many dense layers the model has. */
  readonly layers: number;
}

/** One column's model: h and c [1, H] each. */
interface State {
  h: tf.Tensor;
  c: tf.Tensor;
}

export interface Expected {
  /** [T, B] */
  readonly values: Float64Array;
  /** [T, B, J] log-probability of what each other did next; NaN where the segment does not say. */
  readonly logLikelihoods: Float64Array;
  /** [T / L, B, 2H] before each sequence, 0 where its first step starts an episode. */
  readonly states: Float64Array;
}

/** What a model makes of one step: the weights of one network, without its axis. */
class PlainModel {
  readonly #weights: Weights;
  readonly #layers: number;
  readonly #actions: number;

  constructor(weights: Weights, layers: number, actions: number) {
    this.#layers = layers;
    this.#actions = actions;
    this.#weights = {
      'torso/conv/filter': weights['torso/conv/filter']!,
      'torso/conv/bias': weights['torso/conv/bias']!,
      ...Object.fromEntries(
        Array.from({ length: layers }, (_, k) => k + 1).flatMap((k) => [
          [`torso/dense${k}/kernel`, weights[`moa/dense${k}/kernel`]!],
          [`torso/dense${k}/bias`, weights[`moa/dense${k}/bias`]!],
        ]),
      ),
      ...Object.fromEntries(['x', 'h', 'bias'].map((part) => [`lstm/${part}`, weights[`moa-lstm/${part}`]!])),
      kernel: weights['moa-head/kernel']!,
      bias: weights['moa-head/bias']!,
    };
  }

  features(window: tf.Tensor): tf.Tensor {
    return plainTorso(this.#weights, window, this.#layers, 'tanh');
  }

  /** @param joint what all do, oneself first, then those behind one. @returns what is said of each other, [J][A]. */
  step(features: tf.Tensor, joint: readonly number[], { h, c }: State): { said: number[][]; after: State } {
    const heard = joint.map((action) =>
      tf.oneHot(tf.tensor1d([action], 'int32'), this.#actions, 1, 0, 'float32'),
    );
    const after = plainLstmStep(this.#weights, tf.concat([features, ...heard], 1), h, c);
    const logits = tf.add(tf.matMul(after.h, this.#weights.kernel!), this.#weights.bias!);
    const rows = tf.softmax(tf.reshape(logits, [joint.length - 1, this.#actions]));
    return { said: rows.arraySync() as number[][], after };
  }
}

const sum = (values: readonly number[]) => values.reduce((total, x) => total + x, 0);
const kl = (p: readonly number[], q: readonly number[]) =>
  sum(p.map((x, b) => (x > 0 ? x * Math.log(x / q[b]!) : 0)));

function divergenceOf(
  divergence: Divergence,
  p: readonly number[],
  m: readonly number[],
  done: number | null,
): number {
  if (divergence === 'kl') return kl(p, m);
  if (divergence === 'pmi') return done === null ? 0 : Math.log(p[done]! / m[done]!);
  const half = p.map((x, b) => (x + m[b]!) / 2);
  return (kl(p, half) + kl(m, half)) / 2;
}

/** Follows all columns of a shard from segment to segment. */
export class MoaOracle {
  readonly #setup: IntrinsicSetup;
  readonly #options: OracleOptions;
  /** [B] null where an episode is about to start. */
  readonly #states: (State | null)[];

  constructor(setup: IntrinsicSetup, options: OracleOptions) {
    this.#setup = setup;
    this.#options = options;
    this.#states = Array.from({ length: setup.shape.environments * setup.shape.players }, () => null);
  }

  /** What a segment's rewards, predictions and states must be. Runs on tfjs' JavaScript backend. */
  async segment(segment: Segment): Promise<Expected> {
    await tf.setBackend('cpu');
    const { shape, network } = this.#setup;
    const { steps, sequence, environments, players, actions } = shape;
    const columns = environments * players;
    const { networks } = network.layout;
    const units = network.layout.specs.find(({ name }) => name === 'moa-lstm/h')!.shape[0]!;
    const expected: Expected = {
      values: new Float64Array(steps * columns),
      logLikelihoods: new Float64Array(steps * columns * (players - 1)).fill(Number.NaN),
      states: new Float64Array((steps / sequence) * columns * 2 * units),
    };
    const [height, width] = shape.observation.shape as [number, number];
    tf.tidy(() => {
      const all = network.layout.unpack(tf.tensor1d(segment.theta));
      const models = Array.from(
        { length: networks },
        (_, g) => new PlainModel(ofNetwork(all, g), this.#options.layers, actions),
      );
      for (let column = 0; column < columns; column++) {
        const player = column % players;
        const first = column - player;
        const model = models[networks === 1 ? 0 : player]!;
        const rows = Array.from({ length: steps }, (_, t) => t * columns + column);
        const size = height * width;
        const windows = rows.flatMap((i) => [...segment.observations.subarray(i * size, (i + 1) * size)]);
        const features = model.features(tf.tensor(windows, [steps, height, width], 'int32'));
        for (const [t, i] of rows.entries()) {
          if (segment.starts[i] === 1) this.#forget(column);
          const state = this.#states[column] ?? { h: tf.zeros([1, units]), c: tf.zeros([1, units]) };
          if (t % sequence === 0) {
            const at = ((t / sequence) * columns + column) * 2 * units;
            expected.states.set([...state.h.dataSync(), ...state.c.dataSync()], at);
          }
          const order = Array.from({ length: players }, (_, slot) => first + ((player + slot) % players));
          const joint = order.map((of) => segment.actions[t * columns + of]!);
          const row = tf.slice(features, [t, 0], [1, -1]);
          const { said, after } = model.step(row, joint, state);
          // Whatever else the player could have done, from the same state.
          const other = Array.from(
            { length: actions },
            (_, action) => model.step(row, [action, ...joint.slice(1)], state).said,
          );
          const pi = segment.probabilities.subarray(i * actions, (i + 1) * actions);
          const known = t + 1 < steps;
          const next = order.slice(1).map((of) => (known ? segment.actions[(t + 1) * columns + of]! : null));
          const seen = order
            .slice(1)
            .map(
              (of) => !this.#options.visibleOnly || segment.fields.visible![i * players + of - first]! === 1,
            );
          const edge = segment.starts[i] === 1 || segment.ended[i] === 1;
          said.forEach((p, j) => {
            const m = p.map((_, b) => sum(other.map((rows_, action) => pi[action]! * rows_[j]![b]!)));
            if (!edge && seen[j]) {
              expected.values[i]! += divergenceOf(this.#options.divergence, p, m, next[j]!);
            }
            if (known) expected.logLikelihoods[i * (players - 1) + j] = Math.log(p[next[j]!]!);
          });
          this.#forget(column);
          this.#states[column] = { h: tf.keep(after.h.clone()), c: tf.keep(after.c.clone()) };
        }
      }
    });
    return expected;
  }

  #forget(column: number): void {
    const state = this.#states[column];
    if (state === null || state === undefined) return;
    state.h.dispose();
    state.c.dispose();
    this.#states[column] = null;
  }
}
