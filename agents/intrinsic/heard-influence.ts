/**
 * How much what one player said or did changes what another does that heard it: the listener's real policy, asked again
 * with each alternative, from the same recurrent state. Centralised: who computes it has everybody's network and memory.
 *
 * A signal comes in as one-hot rows of the LSTM's input (`networks/signals.ts`), so alternatives are `counterfactual.ts`'s.
 */
import { elementsOf } from '../../shared/environment.ts';
import { type Call, float32, type Program, uint8 } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import { inRows } from '../networks/actor-critic.ts';
import { byNetwork, sequencesByColumn, sequencesByNetwork } from '../networks/programs.ts';
import type { SignalName } from '../networks/signal-names.ts';
import { signalOffset } from '../networks/signals.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { alternatives, walk } from './counterfactual.ts';
import { type Divergence, influence } from './divergence.ts';
import type { IntrinsicSetup } from './intrinsic.ts';

/** Of one shard. J = N - 1 others, in relative slots 1 to J; K choices of the signal. */
export interface Listening {
  readonly rollout: Rollout;
  /** [T, B, J, K] how likely each choice of the others was, written by the caller; zeros where nothing was heard. */
  readonly pi: Float32Array;
  /** [T, B, J] how much each other changed what the player does in the step; 0 where `pi` is zeros. */
  readonly influence: Float32Array;
  /** Computes the second from the first and the rollout. */
  run(): Promise<void>;
}

export async function listenings(
  setup: IntrinsicSetup,
  signal: SignalName,
  divergence: Divergence,
): Promise<Listening[]> {
  const program = await listenProgram(setup, signal, divergence);
  const choices = choicesOf(setup, signal);
  return setup.rollouts.map((rollout) => listeningOf(rollout, setup, choices, program));
}

const choicesOf = ({ network }: IntrinsicSetup, signal: SignalName) =>
  network.signals.find(({ name }) => name === signal)!.choices;

/** One sequence of all columns of a shard. */
function listenProgram(
  { learner, network, shape }: IntrinsicSetup,
  signal: SignalName,
  divergence: Divergence,
): Promise<Program> {
  const { sequence, environments, players, observation, actions, stateSize } = shape;
  const { networks } = network.layout;
  const others = players - 1;
  const choices = choicesOf({ network } as IntrinsicSetup, signal);
  const firstRow = network.features + signalOffset(network.signals, signal);
  const units = stateSize / 2;
  const rows = [sequence, environments, players];
  return learner.engine.compile(
    `influence of ${signal}`,
    (inputs) => {
      const grouped = (name: string) => sequencesByNetwork(inputs[name]!, networks);
      const weights = network.layout.unpack(inputs.theta!);
      const observed = grouped('observation');
      const [g, l, b, ...sides] = observed.shape as [number, number, number, ...number[]];
      const seen = network.see(weights, tf.reshape(observed, [g, l * b, ...sides]), 'act');
      const heard = inRows(Object.fromEntries(network.signals.map(({ name }) => [name, grouped(name)])));
      const x = network.input(weights, seen, heard);
      const along = (tensor: tf.Tensor) => (l === 1 ? [tensor] : tf.split(tensor, l, 1));
      const inTime = (tensor: tf.Tensor, ...rest: number[]) => along(tf.reshape(tensor, [g, l * b, ...rest]));
      const pis = inTime(grouped('pi'), others, choices);
      const takens = inTime(oneHot(heard[signal]!, choices), players, choices);
      const dones = inTime(oneHot(grouped('action'), actions), 1, actions);
      // What stands in a slot of its own has rows of its own.
      const slots = tf.split(
        tf.slice(weights['lstm/x']!, [0, firstRow, 0], [g, players * choices, 4 * units]),
        players,
        1,
      );
      const found: tf.Tensor[] = [];
      walk(weights, 'lstm', x, byNetwork(inputs.state!, networks), grouped('keep'), (z, cBefore, t) => {
        const ofSlot = (tensor: tf.Tensor, slot: number) =>
          tf.reshape(tf.slice(tensor, [0, 0, slot, 0], [g, b, 1, choices]), [g, b, choices]);
        const each = Array.from({ length: others }, (_, j) => {
          const taken = ofSlot(takens[t]!, j + 1);
          const h = alternatives(z, cBefore, slots[j + 1]!, taken);
          const logits = network.policy(weights, tf.reshape(h, [g, b * choices, units]));
          const p = tf.reshape(tf.softmax(logits), [g, b, choices, 1, actions]);
          return influence(divergence, p, taken, ofSlot(pis[t]!, j), dones[t]!);
        });
        found.push(each.length === 1 ? each[0]! : tf.concat(each, -1));
      });
      const all = found.length === 1 ? found[0]! : tf.concat(found, 1);
      return { influence: sequencesByColumn(all, sequence, players) };
    },
    {
      theta: float32(network.layout.size),
      observation: { dtype: observation.dtype, shape: [...rows, ...observation.shape] },
      keep: float32(...rows),
      state: float32(environments, players, stateSize),
      action: uint8(...rows),
      pi: float32(...rows, others, choices),
      ...Object.fromEntries(network.signals.map(({ name, slots }) => [name, uint8(...rows, slots)])),
    },
  );
}

const oneHot = (x: tf.Tensor, depth: number) => tf.oneHot(x as tf.Tensor1D, depth, 1, 0, 'float32');

function listeningOf(
  rollout: Rollout,
  { network, theta }: IntrinsicSetup,
  choices: number,
  program: Program,
): Listening {
  const { shape, columns, observations, fields, actions, states, starts } = rollout;
  const { steps, sequence, players, observation, stateSize } = shape;
  const others = players - 1;
  const keep = new Float32Array(steps * columns);
  const pi = new Float32Array(steps * columns * others * choices);
  const influence = new Float32Array(steps * columns * others);
  const calls = Array.from({ length: steps / sequence }, (_, chunk): Call => {
    const from = chunk * sequence * columns;
    const part = <A extends Uint8Array | Float32Array>(array: A, width: number) =>
      array.subarray(from * width, (from + sequence * columns) * width) as A;
    const state = columns * stateSize;
    return program.bind(
      {
        theta,
        observation: part(observations as Uint8Array, elementsOf(observation)),
        keep: part(keep, 1),
        state: states.subarray(chunk * state, (chunk + 1) * state),
        action: part(actions, 1),
        pi: part(pi, others * choices),
        ...Object.fromEntries(
          network.signals.map(({ name, slots }) => [name, part(fields[name] as Uint8Array, slots)]),
        ),
      },
      { influence: part(influence, others) },
    );
  });
  return {
    rollout,
    pi,
    influence,
    async run() {
      for (let i = 0; i < keep.length; i++) keep[i] = 1 - starts[i]!;
      for (const call of calls) await call.run();
    },
  };
}
