import { beforeEach, expect, test } from 'vitest';
import { Playback } from './playback.ts';

let shown: string[];
let playback: Playback;
const tick = (name: string) => playback.push({ isTick: true, apply: () => void shown.push(name) });
const note = (name: string) => playback.push({ isTick: false, apply: () => void shown.push(name) });

beforeEach(() => {
  shown = [];
  playback = new Playback(100);
});

test('live, everything is shown at once', () => {
  tick('a');
  note('b');
  expect(shown).toEqual(['a', 'b']);
});

test('paused, nothing is shown and nothing is lost', () => {
  playback.rate = 0;
  tick('a');
  tick('b');
  playback.advance(0);
  playback.advance(10_000);
  expect(shown).toEqual([]);
  expect(playback.behind).toBe(2);
  playback.goLive();
  expect(shown).toEqual(['a', 'b']);
  expect(playback.live).toBe(true);
});

test('slow motion shows a tick every four intervals', () => {
  playback.rate = 0.25;
  for (const name of ['a', 'b', 'c']) tick(name);
  playback.advance(0);
  playback.advance(399);
  expect(shown).toEqual([]);
  playback.advance(400);
  expect(shown).toEqual(['a']);
  playback.advance(800);
  expect(shown).toEqual(['a', 'b']);
});

test('after a pause the room is shown late at its own speed, and what came meanwhile waits its turn', () => {
  playback.rate = 0;
  tick('a');
  playback.rate = 1;
  tick('b');
  expect(shown).toEqual([]);
  playback.advance(0);
  playback.advance(100);
  playback.advance(200);
  expect(shown).toEqual(['a', 'b']);
  tick('c');
  expect(shown).toEqual(['a', 'b', 'c']);
});

test('what belongs to a tick goes with it', () => {
  playback.rate = 0.25;
  tick('a');
  note('end of the episode');
  tick('b');
  playback.advance(0);
  playback.advance(400);
  expect(shown).toEqual(['a']);
  playback.advance(800);
  expect(shown).toEqual(['a', 'end of the episode', 'b']);
});

test('a very long pause lets the oldest ticks go by, in order', () => {
  playback.rate = 0;
  for (let k = 0; k < 2100; k++) tick(String(k));
  expect(playback.behind).toBe(2000);
  expect(shown).toEqual(Array.from({ length: 100 }, (_, k) => String(k)));
});
