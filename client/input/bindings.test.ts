import { expect, test } from 'vitest';
import { CONTROLS, controlOf, DEFAULT_BINDINGS, keyLabel, readBindings, rebind } from './bindings.ts';

test('WASD and the arrows both move', () => {
  expect(controlOf(DEFAULT_BINDINGS, 'KeyW')).toBe('up');
  expect(controlOf(DEFAULT_BINDINGS, 'ArrowUp')).toBe('up');
  expect(controlOf(DEFAULT_BINDINGS, 'KeyZ')).toBeNull();
});

test('a key that is bound anew does one thing only', () => {
  const bindings = rebind(DEFAULT_BINDINGS, 'fine', 'KeyW');
  expect(controlOf(bindings, 'KeyW')).toBe('fine');
  expect(CONTROLS.filter((control) => bindings[control].includes('KeyW'))).toEqual(['fine']);
  expect(controlOf(bindings, 'ArrowUp')).toBe('up');
});

test('bindings survive being remembered', () => {
  const bindings = rebind(DEFAULT_BINDINGS, 'turnLeft', 'KeyJ');
  expect(readBindings(JSON.stringify(bindings))).toEqual(bindings);
});

test.each([null, 'nonsense', '{}', '{"up":"KeyW"}', '[]', 'null'])(
  '%s in the memory means the defaults',
  (text) => {
    expect(readBindings(text)).toEqual(DEFAULT_BINDINGS);
  },
);

test('keys are called as they are written on a keyboard', () => {
  expect([
    keyLabel('KeyQ'),
    keyLabel('Digit1'),
    keyLabel('ArrowUp'),
    keyLabel('Space'),
    keyLabel(undefined),
  ]).toEqual(['Q', '1', '↑', 'Space', 'none']);
});
