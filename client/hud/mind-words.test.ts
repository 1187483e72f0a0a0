import { expect, test } from 'vitest';
import { likeliest, millinats, shortAction, valueText } from './mind-words.ts';

test('influence is told in thousandths of a nat, and a little is not nothing', () => {
  expect([0, 4e-6, 2.6e-5, 3.6e-4, 0.0153, 0.25].map(millinats)).toEqual([
    '0',
    '<0.01',
    '0.03',
    '0.36',
    '15.3',
    '250',
  ]);
});

test('values have a sign as wide as a digit, and no sign where they round to nothing', () => {
  expect([4.8123, -4.8123, -0.001, 123.4].map(valueText)).toEqual(['4.81', '−4.81', '0.00', '123']);
});

test('turns are told as the player turns', () => {
  expect(['turn clockwise', 'turn counter-clockwise', 'fine'].map(shortAction)).toEqual([
    'turn right',
    'turn left',
    'fine',
  ]);
});

test('of equally likely actions the first counts', () => {
  expect(likeliest(Float32Array.of(0.1, 0.45, 0.45))).toBe(1);
});
