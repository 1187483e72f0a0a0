import { expect, test } from 'vitest';
import { FILLINGS, roomOptionsSchema } from '../../shared/protocol/index.ts';
import { checkRoom } from './check-room.ts';
import { fieldsOf } from './fields.ts';

test('a room of defaults is fine, for every environment and preset', () => {
  for (const environment of ['harvest', 'cleanup']) expect(checkRoom({ environment }).size).toBe(0);
  expect(checkRoom({ environment: 'harvest', preset: 'hughes', bots: [...FILLINGS] }).size).toBe(0);
});

test('each wrong field is named, all at once', () => {
  const problems = checkRoom({ environment: 'harvest', tickRate: 500, options: { beamLength: -1 } });
  expect([...problems.keys()].sort()).toEqual(['options.beamLength', 'tickRate']);
});

test('more players than the map has room for', () => {
  expect(checkRoom({ environment: 'harvest', players: 99 }).get('players')).toContain('at most 20');
  expect(checkRoom({ environment: 'cleanup', players: 10 }).size).toBe(0);
});

test('a word where a number belongs', () => {
  expect(checkRoom({ environment: 'harvest', tickRate: 'fast' as unknown as number }).get('tickRate')).toBe(
    'a number is wanted',
  );
});

test('an environment without a grid, which the list does not offer', () => {
  expect(checkRoom({ environment: 'cartpole', players: 1 }).get('environment')).toContain(
    'no grid to show and cannot be a room, there are harvest, cleanup',
  );
  const choices = fieldsOf(roomOptionsSchema).find((field) => field.name === 'environment')!.choices;
  expect(choices).toEqual(['harvest', 'cleanup']);
});

test('nobody leads in a room, where everybody acts at once', () => {
  const problems = checkRoom({ environment: 'harvest', options: { leaders: [0] } });
  expect(problems.get('options')).toBe(
    'in a room everybody acts at once, so nobody can lead: leave out leaders',
  );
  expect(checkRoom({ environment: 'harvest', options: { leaders: [] } }).size).toBe(0);
});

test('a preset of another environment', () => {
  expect(checkRoom({ environment: 'cleanup', preset: 'hughes' }).get('preset')).toContain('default');
});

test('a map that cannot be played says what is wrong with it', () => {
  const map = ['@@@@', '@P @', '@@@'];
  expect(checkRoom({ environment: 'harvest', players: 1, options: { map } }).get('options.map')).toContain(
    'row 2',
  );
  expect(
    checkRoom({ environment: 'harvest', players: 1, options: { map: ['@@@@', '@PA@', '@@@@'] } }).size,
  ).toBe(0);
});
