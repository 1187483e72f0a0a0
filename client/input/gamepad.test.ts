import { expect, test } from 'vitest';
import { pressedOn } from './gamepad.ts';

const buttons = (...pressed: number[]) =>
  Array.from({ length: 16 }, (_, i) => ({ pressed: pressed.includes(i), touched: false, value: 0 }));

test('the stick counts as the direction that it leans to most', () => {
  expect([...pressedOn({ axes: [0.6, -0.9], buttons: buttons() })]).toEqual(['up']);
  expect([...pressedOn({ axes: [-0.9, 0.6], buttons: buttons() })]).toEqual(['left']);
});

test('a stick at rest presses nothing, even if it does not rest quite in the middle', () => {
  expect(pressedOn({ axes: [0.1, -0.2], buttons: buttons() }).size).toBe(0);
});

test('shoulders turn, A fines, cross moves', () => {
  expect([...pressedOn({ axes: [0, 0], buttons: buttons(0, 4, 13) })].sort()).toEqual([
    'down',
    'fine',
    'turnLeft',
  ]);
});
