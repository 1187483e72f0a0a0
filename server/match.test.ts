import { describe, expect, test } from 'vitest';
import { MAX_TICKS_AHEAD, roomOptionsSchema } from '../shared/protocol/index.ts';
import { Match } from './match.ts';

function begun(options: object = {}): Match {
  const match = new Match(roomOptionsSchema.parse({ seed: 1, bots: ['open'], episodeLength: 3, ...options }));
  match.startEpisode();
  return match;
}

const FORWARD = 2;

describe('an action by tick', () => {
  test('is taken for the next tick and for those ahead', () => {
    const match = begun();
    expect(match.act(0, FORWARD, 0, 0)).toBe('taken');
    expect(match.act(0, FORWARD, 0, MAX_TICKS_AHEAD)).toBe('taken');
  });

  test('is doubled for a tick that has one, and the second counts', () => {
    const match = begun();
    match.act(0, FORWARD, 0, 0);
    expect(match.act(0, 5, 0, 0)).toBe('doubled');
    match.step();
    expect(match.joint[0]).toBe(5);
  });

  test('is late once its tick is over', () => {
    const match = begun();
    match.step();
    expect(match.act(0, FORWARD, 0, 0)).toBe('late');
  });

  test('is late in an episode that is over, whatever its tick', () => {
    const match = begun();
    for (let t = 0; t < 3; t++) match.step();
    match.endEpisode();
    match.startEpisode();
    expect(match.act(0, FORWARD, 0, 2)).toBe('late');
    expect(match.act(0, FORWARD, 1, 0)).toBe('taken');
  });

  test('is early further ahead than the slots go, and for an episode to come', () => {
    const match = begun();
    expect(match.act(0, FORWARD, 0, MAX_TICKS_AHEAD + 1)).toBe('early');
    expect(match.act(0, FORWARD, 1, 0)).toBe('early');
  });

  test('is refused where there is no such action', () => {
    expect(begun().act(0, 8, 0, 0)).toBe('bad-action');
  });

  test('is late when the match is over', () => {
    const match = begun({ episodes: 1 });
    for (let t = 0; t < 3; t++) match.step();
    match.endEpisode();
    expect(match.act(0, FORWARD, 0, 2)).toBe('late');
  });
});

test('a step says who had acted, and that the others stayed', () => {
  const match = begun();
  match.act(2, FORWARD, 0, 0);
  match.step();
  expect([...match.acted]).toEqual([0, 0, 1, 0, 0]);
  expect([...match.joint]).toEqual([4, 4, FORWARD, 4, 4]);
});

test('rewards are as the options say, returns as the rules do', () => {
  const match = begun({ options: { reward: 'collective' }, bots: ['greedy'], episodeLength: 200 });
  let shared = 0;
  for (let t = 0; t < 200; t++) {
    match.step();
    shared += match.rewards[0]!;
  }
  const together = match.metrics.returns.reduce((sum, one) => sum + one, 0);
  expect(together).toBeGreaterThan(0);
  expect(shared).toBeGreaterThan(match.metrics.returns[0]!);
});
