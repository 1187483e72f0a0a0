import { beforeEach, expect, test } from 'vitest';
import { FeedModel, wordsOf } from './feed.ts';

let feed: FeedModel;
const name = (player: number) => `p${player}`;
const words = () => feed.lines.map((line) => wordsOf(line, name));

beforeEach(() => {
  feed = new FeedModel();
});

test('apples of one player are counted in one line', () => {
  for (let step = 1; step <= 3; step++) feed.step([{ kind: 'ate', player: 2, target: 0 }], [0, 0, 1], step);
  expect(words()).toEqual(['p2 ate ×3']);
});

test('much later it is news again', () => {
  feed.step([{ kind: 'ate', player: 0, target: 0 }], [1], 1);
  feed.step([{ kind: 'ate', player: 0, target: 0 }], [1], 100);
  feed.step([{ kind: 'ate', player: 0, target: 0 }], [1], 101);
  expect(words()).toEqual(['p0 ate', 'p0 ate ×2']);
});

test('a fine says who, whom and what it cost, and comes to the end of the list each time', () => {
  const fine = [
    { kind: 'fined', player: 0, target: 0 },
    { kind: 'hit', player: 0, target: 1 },
  ] as const;
  feed.step(fine, [-1, -50], 1);
  feed.step([{ kind: 'ate', player: 1, target: 0 }], [0, 1], 2);
  feed.step(fine, [-1, -50], 3);
  expect(words()).toEqual(['p1 ate', 'p0 fined p1 (−100) ×2']);
});

test('a beam that hits nobody is told as such', () => {
  feed.step([{ kind: 'fined', player: 0, target: 0 }], [-1], 1);
  expect(words()).toEqual(['p0 fined nobody']);
});

test('the list does not grow for ever', () => {
  for (let step = 0; step < 5000; step += 50)
    feed.step([{ kind: 'cleaned', player: 0, target: 0 }], [0], step);
  expect(feed.lines.length).toBeLessThanOrEqual(24);
});
