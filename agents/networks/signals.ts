/**
 * Signals: what a player knows of the others beside what it sees, as one choice a player. Each is a uint8 array with a slot
 * a player, and becomes one-hot rows behind the dense layers.
 *
 * Slots are relative: slot i of player k is player (k + i) mod N, so slot 0 is oneself, and one network can serve all
 * players. What there is not (before the first step, say) is the number of choices, whose one-hot row is all zeros.
 */
import * as tf from '../engine/tf.ts';
import { oneHot } from '../math/categorical.ts';
import type { SignalName } from './signal-names.ts';

export interface Signal {
  readonly name: SignalName;
  /** Of a slot: A actions, or M symbols. */
  readonly choices: number;
  /** N. */
  readonly slots: number;
}

/** [..., slots] int32 by name. */
export type SignalTensors = Readonly<Record<string, tf.Tensor>>;

/** Width of all of them one-hot. */
export function signalsWidth(signals: readonly Signal[]): number {
  return signals.reduce((sum, { choices, slots }) => sum + choices * slots, 0);
}

/** Where the rows of a signal begin among those of all. @throws {RangeError} for one that is not among them. */
export function signalOffset(signals: readonly Signal[], name: SignalName): number {
  const index = signals.findIndex((signal) => signal.name === name);
  if (index === -1) throw new RangeError(`there is no signal ${name}`);
  return signalsWidth(signals.slice(0, index));
}

/** One-hot rows of all signals, one after another: [G, M, slots] each to [G, M, width]. */
export function signalRows(signals: readonly Signal[], given: SignalTensors): tf.Tensor {
  const rows = signals.map(({ name, choices }) => oneHotSlots(given[name]!, choices));
  return rows.length === 1 ? rows[0]! : tf.concat(rows, -1);
}

/** [G, M, slots] to [G, M, slots * choices]; an index that is no choice to zeros. */
export function oneHotSlots(x: tf.Tensor, choices: number): tf.Tensor {
  const [g, m, slots] = x.shape as [number, number, number];
  return tf.reshape(oneHot(x, choices), [g, m, slots * choices]);
}
