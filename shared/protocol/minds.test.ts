import { expect, test } from 'vitest';
import { ByteWriter } from './bytes.ts';
import { decodeMind, encodeMind, type Mind } from './minds.ts';

const mind: Mind = {
  episode: 3,
  tick: 417,
  seat: 4,
  action: 7,
  symbol: 2,
  value: 1.5,
  probabilities: Float32Array.of(0.25, 0.75),
  predictions: Float32Array.of(0.5, 0.5, 1, 0),
  influence: Float32Array.of(0.125, 0),
  checked: Uint32Array.of(416, 400),
  right: Uint32Array.of(300, 7),
};

test('a mind comes back as it was', () => {
  expect(decodeMind(encodeMind(new ByteWriter(), mind))).toEqual(mind);
});

test('a mind without a model, that came too late and is silent, comes back too', () => {
  const bare: Mind = {
    ...mind,
    action: null,
    symbol: null,
    predictions: new Float32Array(),
    influence: new Float32Array(),
    checked: new Uint32Array(),
    right: new Uint32Array(),
  };
  expect(decodeMind(encodeMind(new ByteWriter(), bare))).toEqual(bare);
});

test('bytes that end too soon are none', () => {
  const bytes = encodeMind(new ByteWriter(), mind);
  expect(() => decodeMind(bytes.subarray(0, bytes.length - 1))).toThrow(RangeError);
});
