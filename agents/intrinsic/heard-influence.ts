/**
 * How much what one player said or did changes what another does that heard it: the listener's real policy, asked again
 * with each alternative, from the same recurrent state. Centralised: who computes it has everybody's network and memory.
 *
 * A signal comes in as one-hot rows of the LSTM's input (`networks/signals.ts`), so alternatives are `counterfactual.ts`'s.
 * They are what it costs: (N - 1) K a player step where all hear all, fewer where it is said who hears whom.
 */
import { elementsOf } from '../../shared/environment.ts';
import { type Call, float32, type Program, uint8 } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import { oneHot } from '../math/categorical.ts';
import { inRows } from '../networks/actor-critic.ts';
import type { Weights } from '../networks/parameters.ts';
import { byNetwork, sequencesByColumn, sequencesByNetwork } from '../networks/programs.ts';
import { playerIn, type SignalName } from '../networks/signal-names.ts';
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
  /**
   * [T, B, J] how much each other changed what the player does in the step; 0 where `pi` is zeros, and of others that the
   * player never hears.
   */
  readonly influence: Float32Array;
  /** Computes the second from the first and the rollout. */
  run(): Promise<void>;
}

/** Whether a player ever hears another. */
export type Hears = (player: number, other: number) => boolean;

/** A relative slot, and the players that hear whom it is for. */
interface Slot {
  /** From 1. */
  readonly slot: number;
  readonly players: readonly number[];
}

/** @param hears everybody everybody by default. */
export async function listenings(
  setup: IntrinsicSetup,
  signal: SignalName,
  divergence: Divergence,
  hears: Hears = () => true,
): Promise<Listening[]> {
  const slots = slotsOf(setup.shape.players, hears);
  const program = await listenProgram(setup, signal, divergence, slots);
  const choices = choicesOf(setup, signal);
  return setup.rollouts.map((rollout) => listeningOf(rollout, setup, choices, slots, program));
}

function slotsOf(players: number, hears: Hears): Slot[] {
  const all = Array.from({ length: players }, (_, player) => player);
  return all
    .slice(1)
    .map((slot) => ({
      slot,
      players: all.filter((player) => hears(player, playerIn(slot, player, players))),
    }))
    .filter((slot) => slot.players.length > 0);
}

const pairsOf = (slots: readonly Slot[]) => slots.reduce((sum, { players }) => sum + players.length, 0);

const choicesOf = ({ network }: Pick<IntrinsicSetup, 'network'>, signal: SignalName) =>
  network.signals.find(({ name }) => name === signal)!.choices;

/** One sequence of all columns of a shard. */
function listenProgram(
  { learner, network, shape }: IntrinsicSetup,
  signal: SignalName,
  divergence: Divergence,
  slots: readonly Slot[],
): Promise<Program> {
  const { sequence, environments, players, observation, actions, stateSize } = shape;
  const { networks } = network.layout;
  const others = players - 1;
  const choices = choicesOf({ network }, signal);
  const firstRow = network.features + signalOffset(network.signals, signal);
  const units = stateSize / 2;
  const rows = [sequence, environments, players];
  const along = (tensor: tf.Tensor) => (sequence === 1 ? [tensor] : tf.split(tensor, sequence, 1));
  const whole = (some: readonly number[]) => some.length === players;
  /** Of [.., N, ..] along `axis`. */
  const taking = (x: tf.Tensor, some: readonly number[], axis: number) =>
    whole(some) ? x : tf.gather(x, tf.tensor1d([...some], 'int32'), axis);
  /** Of what networks have, [G, ..]: one network is everybody's. */
  const networksOf = (x: tf.Tensor, some: readonly number[]) => (networks === 1 ? x : taking(x, some, 0));
  /** Of a step [G, B, K], as [G', B', K]. */
  const columnsOf = (x: tf.Tensor, some: readonly number[]) => {
    if (networks > 1 || whole(some)) return networksOf(x, some);
    const width = x.shape[2]!;
    const apart = tf.reshape(x, [environments, players, width]);
    return tf.reshape(taking(apart, some, 1), [1, environments * some.length, width]);
  };
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
      const asked = slots.map((slot) => askedOf(slot, inputs, weights));
      walk(weights, 'lstm', x, byNetwork(inputs.state!, networks), grouped('keep'), (z, cBefore, t) => {
        for (const { some, own, rows, each, logits } of asked) {
          const h = alternatives(columnsOf(z, some), columnsOf(cBefore, some), rows, each[t]!);
          const [groups, columns] = h.shape as [number, number];
          logits.push(network.policy(own, tf.reshape(h, [groups, columns * choices, units])));
        }
      });
      const found = asked.map(({ some, taken, pi, done, logits }) => {
        const all = logits.length === 1 ? logits[0]! : tf.concat(logits, 1);
        const [groups, samples] = taken.shape as [number, number];
        const p = tf.reshape(tf.softmax(all), [groups, samples, choices, 1, actions]);
        const influences = influence(divergence, p, taken, pi, done);
        return tf.reshape(sequencesByColumn(influences, l, some.length), [l, environments, some.length]);
      });
      return { influence: found.length === 1 ? found[0]! : tf.concat(found, 2) };
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

  /** What a slot's players are asked, and with what; B' of their columns, of G' networks. */
  function askedOf(
    { slot, players: some }: Slot,
    inputs: Readonly<Record<string, tf.Tensor>>,
    weights: Weights,
  ) {
    const ofSome = (x: tf.Tensor) => sequencesByNetwork(taking(x, some, 2), networks === 1 ? 1 : some.length);
    /** [L, E, N, slots, ..] at one of them, [G', L * B', width]. */
    const ofSlot = (x: tf.Tensor, at: number, width: number) => {
      const sizes = x.shape.map((side, axis) => (axis === 3 ? 1 : side));
      const found = ofSome(tf.slice(x, [0, 0, 0, at], sizes));
      return tf.reshape(found, [found.shape[0]!, found.shape[1]! * found.shape[2]!, width]);
    };
    const asRows = (x: tf.Tensor, depth: number) => oneHot(tf.squeeze(x, [2]), depth);
    const taken = asRows(ofSlot(inputs[signal]!, slot, 1), choices);
    const action = tf.expandDims(inputs.action!, -1);
    const first = firstRow + slot * choices;
    const kernel = weights['lstm/x']! as tf.Tensor3D;
    return {
      some,
      /** Weights of those who are asked. */
      own: Object.fromEntries(Object.entries(weights).map(([name, x]) => [name, networksOf(x, some)])),
      // What stands in a slot of its own has rows of its own.
      rows: networksOf(tf.slice(kernel, [0, first, 0], [networks, choices, 4 * units]), some),
      taken,
      each: along(taken),
      pi: ofSlot(inputs.pi!, slot - 1, choices),
      done: tf.expandDims(asRows(ofSlot(action, 0, 1), actions), 2),
      /** [G', B' * K, A] of each step. */
      logits: [] as tf.Tensor[],
    };
  }
}

function listeningOf(
  rollout: Rollout,
  { network, theta }: IntrinsicSetup,
  choices: number,
  slots: readonly Slot[],
  program: Program,
): Listening {
  const { shape, columns, observations, fields, actions, states, starts } = rollout;
  const { steps, sequence, environments, players, observation, stateSize } = shape;
  const others = players - 1;
  const keep = new Float32Array(steps * columns);
  const pi = new Float32Array(steps * columns * others * choices);
  const influence = new Float32Array(steps * columns * others);
  const pairs = pairsOf(slots);
  const found = new Float32Array(steps * environments * pairs);
  /** [pairs] where each is among the [N, J] of an environment. */
  const places = Uint32Array.from(
    slots.flatMap(({ slot, players: some }) => some.map((player) => player * others + slot - 1)),
  );
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
      {
        influence: found.subarray(
          (from / players) * pairs,
          (from / players + sequence * environments) * pairs,
        ),
      },
    );
  });
  return {
    rollout,
    pi,
    influence,
    async run() {
      for (let i = 0; i < keep.length; i++) keep[i] = 1 - starts[i]!;
      for (const call of calls) await call.run();
      for (let row = 0; row < steps * environments; row++) {
        for (let k = 0; k < pairs; k++)
          influence[row * players * others + places[k]!] = found[row * pairs + k]!;
      }
    },
  };
}
