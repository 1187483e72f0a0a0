import { expect, test } from 'vitest';
import type { PolicySummary } from '../../shared/protocol/policies.ts';
import { roomOptionsSchema } from '../../shared/protocol/rooms.ts';
import { learned } from './fixture.ts';
import { against, among, quickMatch } from './games.ts';

const MOA = learned('zoo/harvest-moa', { models: true, signals: ['lastActions'], value: 291 });
const TALKER = learned('zoo/harvest-communication', { symbols: 10, signals: ['heardSymbols'], value: 282 });
const TEAM = learned('zoo/harvest-team', { value: 888 });
const SELFISH = learned('zoo/harvest-selfish', { value: 437 });
const CLEANER = learned('zoo/cleanup-team', { environment: 'cleanup', value: 539 });

const seats = (...policies: PolicySummary[]) => quickMatch(policies, 'ann').room.bots;

test('a quick match has half its seats for those with models, then a talker, then the best', () => {
  expect(seats(SELFISH, CLEANER, MOA, TEAM, TALKER)).toEqual([
    'open',
    'zoo/harvest-moa',
    'zoo/harvest-moa',
    'zoo/harvest-communication',
    'zoo/harvest-team',
  ]);
});

test('fewer than four play several seats', () => {
  expect(seats(SELFISH, TEAM)).toEqual(['open', TEAM.name, SELFISH.name, TEAM.name, SELFISH.name]);
});

test('what was put in by hand plays where nothing is shipped for it', () => {
  const mine = learned('own/mine', { value: 1000 });
  expect(seats(mine, TEAM)).not.toContain(mine.name);
  expect(seats(mine)).toEqual(['open', mine.name, mine.name, mine.name, mine.name]);
});

test('an environment that has no policy is passed over', () => {
  const { room, note } = quickMatch([CLEANER], 'ann');
  expect(room.environment).toBe('cleanup');
  expect(note).toBeNull();
});

test('the room shows last actions only to those who learned to see them', () => {
  expect(quickMatch([MOA], 'ann').room.options).toEqual({ revealActions: true });
  expect(quickMatch([TEAM], 'ann').room.options).toEqual({});
});

test('those who know three players cannot play among five', () => {
  const three = learned('zoo/trio', { players: 3, signals: ['lastActions'] });
  expect(quickMatch([three], 'ann').note).toContain('no trained agents');
});

test('without trained policies bots play, and a note says why', () => {
  const { room, note } = quickMatch([], 'ann');
  expect(room.bots).toEqual(['open', 'sustainable', 'greedy', 'sustainable', 'greedy']);
  expect(note).toBe('There are no trained agents here yet, so four scripted bots play.');
  expect(quickMatch(null, 'ann').note).toContain('does not say');
});

test('the longest names still make a title that is short enough', () => {
  const named = learned(`own/${'n'.repeat(64)}`, {});
  const rooms = [against(named), among(named), quickMatch([named], 'w'.repeat(24)).room];
  for (const room of rooms) expect(roomOptionsSchema.safeParse(room).error).toBeUndefined();
});

test('a policy plays where it learned: its own number of players and its own rules', () => {
  const policy = learned('own/few', { players: 3, options: { regrowth: 'hughes', windowAhead: 7 } });
  expect(against(policy)).toMatchObject({
    environment: 'harvest',
    players: 3,
    bots: ['open', 'own/few', 'own/few'],
    options: { regrowth: 'hughes' },
  });
  expect(Object.keys(against(policy).options!)).toEqual(['regrowth']);
  expect(among(policy).bots).toEqual(['own/few']);
});
