import { expect, test } from 'vitest';
import type { RoomSummary } from '../../shared/protocol/index.ts';
import { whoPlays } from './card.ts';

const room = (humans: number, agents: number, trained: number, players = 5) =>
  whoPlays({ humans, agents, trained, players } as RoomSummary);

test('people, programs and trained agents are counted apart, and whoever is left', () => {
  expect(room(2, 1, 1)).toBe('2 people, 1 agent, 1 trained, 1 more');
  expect(room(1, 0, 4)).toBe('1 person, 4 trained');
  expect(room(0, 2, 0)).toBe('2 agents, 3 more');
});

test('a room of bots alone says how many players there are', () => {
  expect(room(0, 0, 0)).toBe('5 players');
  expect(room(0, 0, 0, 1)).toBe('1 player');
});
