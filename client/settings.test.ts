import { expect, test } from 'vitest';
import { rebind } from './input/bindings.ts';
import { Settings, type Store, usableStore } from './settings.ts';

function memory(): Store {
  return usableStore(() => {
    throw new Error('storage is forbidden');
  });
}

test('identity and name are made once and remembered', () => {
  const local = memory();
  const first = new Settings(local, memory());
  expect(first.identity).toMatch(/^[0-9a-f]{32}$/);
  const second = new Settings(local, memory());
  expect(second.identity).toBe(first.identity);
  expect(second.name).toBe(first.name);
});

test('two browsers are two identities', () => {
  expect(new Settings(memory(), memory()).identity).not.toBe(new Settings(memory(), memory()).identity);
});

test('a name is trimmed, cut to what a room takes, and never empty', () => {
  const settings = new Settings(memory(), memory());
  settings.name = `  ${'x'.repeat(40)}`;
  expect(settings.name).toHaveLength(24);
  settings.name = '   ';
  expect(settings.name).toHaveLength(24);
});

test('no theme is chosen until somebody does, and a chosen one is remembered', () => {
  const local = memory();
  const settings = new Settings(local, memory());
  expect(settings.theme).toBeNull();
  settings.theme = 'dark';
  expect(new Settings(local, memory()).theme).toBe('dark');
});

test('keys of one’s own are remembered', () => {
  const local = memory();
  const settings = new Settings(local, memory());
  settings.bindings = rebind(settings.bindings, 'fine', 'KeyX');
  expect(new Settings(local, memory()).bindings.fine[0]).toBe('KeyX');
});

test('a seat’s token belongs to the tab and the room, and goes when it is given up', () => {
  const local = memory();
  const session = memory();
  const settings = new Settings(local, session);
  settings.setSeatToken('a', 'token');
  expect(settings.seatToken('a')).toBe('token');
  expect(settings.seatToken('b')).toBeNull();
  expect(new Settings(local, memory()).seatToken('a')).toBeNull();
  settings.setSeatToken('a', null);
  expect(settings.seatToken('a')).toBeNull();
});
