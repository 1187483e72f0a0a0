import { expect, test } from 'vitest';
import { lookOf, luminance } from './players.ts';

test('no two of 56 players have the same colour and mark', () => {
  const looks = Array.from({ length: 56 }, (_, i) => `${lookOf(i).colour} ${lookOf(i).mark}`);
  expect(new Set(looks).size).toBe(56);
});

test('players that share a colour differ in their stripes', () => {
  expect(lookOf(0).colour).toBe(lookOf(7).colour);
  expect([lookOf(0).stripes, lookOf(7).stripes, lookOf(14).stripes]).toEqual([0, 1, 2]);
});

test('marks can be read on every colour: contrast of at least 3, as WCAG asks of graphics', () => {
  for (let i = 0; i < 7; i++) {
    const { colour, ink } = lookOf(i);
    const [light, dark] = [luminance(colour), luminance(ink)].sort((a, b) => b - a) as [number, number];
    expect((light + 0.05) / (dark + 0.05)).toBeGreaterThan(3);
  }
});
