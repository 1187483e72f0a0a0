/**
 * What a trained policy in a seat thinks, as it goes to those who ask: one `mind` message a seat a tick. Little endian;
 * A actions, J others in relative slots 1 to J (the player `(seat + slot) mod N`).
 *
 * | bytes | what |
 * |---|---|
 * | varint | episode |
 * | varint | tick that the action is for |
 * | 1 | seat |
 * | 1 | action that was drawn, 255 where it came too late |
 * | 1 | symbol spoken, 255 for none |
 * | 1 | A |
 * | 1 | J, 0 without a model of others |
 * | 4 | value: the return that is expected from here on, float32, in units of the rewards it learned from |
 * | 4 A | probabilities of the actions, float32 |
 * | 4 J A | how likely each other does what at this tick, as foreseen at the last one, float32 |
 * | 4 J | influence of the own last action on what each other does at this tick, in nats, float32 |
 * | 8 J | for each other: predictions checked, and how many were right, uint32 each, in this episode since somebody asked |
 */
import { ByteReader, type ByteWriter } from './bytes.ts';

export const NO_SYMBOL = 255;

export interface Mind {
  readonly episode: number;
  readonly tick: number;
  readonly seat: number;
  /** Null where it came too late: the player stayed. */
  readonly action: number | null;
  readonly symbol: number | null;
  readonly value: number;
  /** [A] */
  readonly probabilities: Float32Array;
  /** [J, A] */
  readonly predictions: Float32Array;
  /** [J] nats */
  readonly influence: Float32Array;
  /** [J] each. */
  readonly checked: Uint32Array;
  readonly right: Uint32Array;
}

export function encodeMind(writer: ByteWriter, mind: Mind): Uint8Array {
  writer.reset();
  writer.varint(mind.episode);
  writer.varint(mind.tick);
  writer.uint8(mind.seat);
  writer.uint8(mind.action ?? 255);
  writer.uint8(mind.symbol ?? NO_SYMBOL);
  writer.uint8(mind.probabilities.length);
  writer.uint8(mind.influence.length);
  writer.float32(mind.value);
  for (const p of mind.probabilities) writer.float32(p);
  for (const p of mind.predictions) writer.float32(p);
  for (const nats of mind.influence) writer.float32(nats);
  for (let j = 0; j < mind.influence.length; j++) {
    writer.uint32(mind.checked[j]!);
    writer.uint32(mind.right[j]!);
  }
  return writer.finish();
}

/** @throws {RangeError} for bytes that are none. */
export function decodeMind(bytes: Uint8Array): Mind {
  const reader = new ByteReader(bytes);
  const episode = reader.varint();
  const tick = reader.varint();
  const seat = reader.uint8();
  const action = reader.uint8();
  const symbol = reader.uint8();
  const actions = reader.uint8();
  const others = reader.uint8();
  const value = reader.float32();
  const floats = (count: number) => Float32Array.from({ length: count }, () => reader.float32());
  const probabilities = floats(actions);
  const predictions = floats(others * actions);
  const influence = floats(others);
  const checked = new Uint32Array(others);
  const right = new Uint32Array(others);
  for (let j = 0; j < others; j++) {
    checked[j] = reader.uint32();
    right[j] = reader.uint32();
  }
  return {
    episode,
    tick,
    seat,
    action: action === 255 ? null : action,
    symbol: symbol === NO_SYMBOL ? null : symbol,
    value,
    probabilities,
    predictions,
    influence,
    checked,
    right,
  };
}
