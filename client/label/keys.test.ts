import { expect, test } from 'vitest';
import { ActionKind } from '../../shared/grid/actions.ts';
import { DEFAULT_BINDINGS } from '../input/bindings.ts';
import { keyOf, saidBy } from './keys.ts';

test.each([
  ['KeyW', ActionKind.forward],
  ['ArrowLeft', ActionKind.left],
  ['KeyE', ActionKind.turnClockwise],
  ['Space', ActionKind.fine],
  ['KeyX', ActionKind.stay],
  ['KeyN', 'skip'],
  ['Backspace', 'undo'],
  ['KeyP', null],
] as const)('%s says %s', (code, said) => {
  expect(saidBy(code, DEFAULT_BINDINGS, 8)).toBe(said);
});

test('cleaning is said only where it can be done', () => {
  expect(saidBy('KeyC', DEFAULT_BINDINGS, 8)).toBeNull();
  expect(saidBy('KeyC', DEFAULT_BINDINGS, 9)).toBe(ActionKind.clean);
});

test('every action of a game has a key that says it', () => {
  for (let action = 0; action < 9; action++) {
    expect(keyOf(action, DEFAULT_BINDINGS, 9)).not.toBeNull();
  }
  expect(keyOf(ActionKind.forward, DEFAULT_BINDINGS, 9)).toBe('W');
});
