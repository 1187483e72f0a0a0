/** Which mind is shown with which step. */
import { describe, expect, test } from 'vitest';
import type { Mind } from '../shared/protocol/index.ts';
import { MindFeed } from './mind-feed.ts';

function mind(tick: number, seat = 2, episode = 0): Mind {
  return {
    episode,
    tick,
    seat,
    action: 0,
    symbol: null,
    value: tick,
    probabilities: new Float32Array(8),
    predictions: new Float32Array(0),
    influence: new Float32Array(0),
    checked: new Uint32Array(0),
    right: new Uint32Array(0),
  };
}

/** A feed that asks for seat 2. */
function asking(): MindFeed {
  const feed = new MindFeed();
  feed.want([2]);
  return feed;
}

test('a mind shows with the step that its action led to', () => {
  const feed = asking();
  feed.add(mind(4));
  feed.show(0, 4);
  expect(feed.of(2)).toBeNull();
  feed.show(0, 5);
  expect(feed.of(2)!.tick).toBe(4);
});

test('one that comes after its step is shown at once, and told', () => {
  const feed = asking();
  feed.show(0, 5);
  let told = 0;
  feed.changed.on(() => told++);
  feed.add(mind(4));
  expect(feed.of(2)!.tick).toBe(4);
  expect(told).toBe(1);
});

test('minds wait while what is shown is held back', () => {
  const feed = asking();
  feed.show(0, 1);
  for (let tick = 0; tick < 30; tick++) feed.add(mind(tick));
  expect(feed.of(2)!.tick).toBe(0);
  feed.show(0, 20);
  expect(feed.of(2)!.tick).toBe(19);
});

test('a missing one leaves the last in sight for four ticks, and then nothing', () => {
  const feed = asking();
  feed.add(mind(9));
  feed.show(0, 14);
  expect(feed.of(2)!.tick).toBe(9);
  feed.show(0, 15);
  expect(feed.of(2)).toBeNull();
});

describe('across episodes', () => {
  test('minds of the last episode are not shown in the next', () => {
    const feed = asking();
    feed.add(mind(999));
    feed.show(0, 1000);
    feed.show(1, 0);
    expect(feed.of(2)).toBeNull();
  });

  test('those of the next wait for it', () => {
    const feed = asking();
    feed.show(0, 1000);
    feed.add(mind(0, 2, 1));
    expect(feed.of(2)).toBeNull();
    feed.show(1, 1);
    expect(feed.of(2)!.episode).toBe(1);
  });
});

describe('what is asked for', () => {
  test('minds of a seat that is no longer asked for are forgotten, and not taken', () => {
    const feed = asking();
    feed.show(0, 5);
    feed.add(mind(4));
    expect(feed.want([])).toBe(true);
    expect(feed.of(2)).toBeNull();
    feed.add(mind(4));
    expect(feed.of(2)).toBeNull();
  });

  test('the same seats again are no change', () => {
    expect(asking().want([2])).toBe(false);
  });
});
