import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_TICKS_AHEAD } from '../shared/protocol/index.ts';
import { ActionBuffer } from './action-buffer.ts';

const STAY = 4;

test('without a tick number the last action counts for the next tick, once', () => {
  const buffer = new ActionBuffer(2);
  buffer.put(1, 2, 10);
  buffer.put(1, 3, 10);
  expect(buffer.take(1, 10, STAY)).toBe(3);
  expect(buffer.take(1, 11, STAY)).toBe(STAY);
  expect(buffer.take(0, 10, STAY)).toBe(STAY);
});

test('an action for a tick that has passed is late, one too far ahead early; neither is ever applied', () => {
  const buffer = new ActionBuffer(1);
  expect(buffer.put(0, 2, 10, 9)).toBe('late');
  expect(buffer.put(0, 2, 10, 10 + MAX_TICKS_AHEAD + 1)).toBe('early');
  for (let tick = 10; tick <= 30; tick++) expect(buffer.take(0, tick, STAY)).toBe(STAY);
});

test('an action with a tick number is applied at that tick and at no other', () => {
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.integer({ min: 0, max: MAX_TICKS_AHEAD }),
      fc.nat(7),
      (now, ahead, action) => {
        const buffer = new ActionBuffer(1);
        expect(buffer.put(0, action, now, now + ahead)).toBeNull();
        for (let tick = now; tick < now + 3 * MAX_TICKS_AHEAD; tick++) {
          expect(buffer.take(0, tick, 255)).toBe(tick === now + ahead ? action : 255);
        }
      },
    ),
  );
});

test('what a seat had waiting is forgotten when it changes hands, and only there', () => {
  const buffer = new ActionBuffer(2);
  buffer.put(0, 1, 5, 8);
  buffer.put(1, 1, 5, 8);
  buffer.clear(0);
  expect(buffer.take(0, 8, STAY)).toBe(STAY);
  expect(buffer.take(1, 8, STAY)).toBe(1);
});
