import { expect, test } from 'vitest';
import { misfit, needsReveal, placeOf } from './fit.ts';
import { learned } from './fixture.ts';

const WINDOW = { windowAhead: 7, windowBehind: 7, windowLeft: 7, windowRight: 7 };
const HARVEST = placeOf({ environment: 'harvest' });

test('a room of defaults has five players who see 15 by 15 cells', () => {
  expect(HARVEST).toEqual({
    environment: 'harvest',
    players: 5,
    view: 'full',
    window: { ahead: 7, behind: 7, left: 7, right: 7 },
  });
});

test('a policy fits the environment that it learned', () => {
  expect(misfit(learned('zoo/a', { options: WINDOW }), HARVEST)).toBeNull();
  expect(misfit(learned('zoo/a', { environment: 'cleanup' }), HARVEST)).toBe('It plays cleanup.');
});

test('another window than it learned with is none that it can read', () => {
  const place = placeOf({ environment: 'harvest', options: { windowAhead: 5 } });
  expect(misfit(learned('zoo/a', { options: WINDOW }), place)).toBe(
    'It sees 15 x 15 cells, players here 15 x 13.',
  );
});

test('only those who hear of others care how many there are', () => {
  const twelve = placeOf({ environment: 'harvest', players: 12 });
  expect(misfit(learned('zoo/a', { options: WINDOW }), twelve)).toBeNull();
  expect(misfit(learned('zoo/a', { signals: ['lastActions'] }), twelve)).toBe(
    'It knows 5 players, here are 12.',
  );
});

test('wrong options leave open what players see', () => {
  expect(placeOf({ environment: 'harvest', options: { windowAhead: -1 } }).window).toBeNull();
});

test('last actions are told where a policy learned by them, and in partial view to all who hear of others', () => {
  const moa = learned('zoo/moa', { signals: ['lastActions'] });
  const talker = learned('zoo/talker', { signals: ['heardSymbols'] });
  expect([needsReveal(moa, 'full'), needsReveal(talker, 'full')]).toEqual([true, false]);
  expect([needsReveal(moa, 'partial'), needsReveal(talker, 'partial')]).toEqual([true, true]);
  expect(needsReveal(learned('zoo/a', {}), 'partial')).toBe(false);
});
