import { beforeEach, expect, test } from 'vitest';
import { ActionKind } from '../../shared/grid/actions.ts';
import { Pilot } from './pilot.ts';

let sent: number[];
let facing: number | null;
let pilot: Pilot;

beforeEach(() => {
  sent = [];
  facing = 0;
  pilot = new Pilot({
    get facing() {
      return facing;
    },
    steering: 'screen',
    actions: 8,
    send: (action) => void sent.push(action),
  });
});

test('a press is sent at once', () => {
  pilot.press('up');
  expect(sent).toEqual([ActionKind.forward]);
});

test('a held key is sent again after each tick, until it is released', () => {
  pilot.press('right');
  pilot.tick();
  pilot.tick();
  pilot.release('right');
  pilot.tick();
  expect(sent).toEqual([ActionKind.right, ActionKind.right, ActionKind.right]);
});

test('of two held keys the last pressed holds, and the first comes back when it is released', () => {
  pilot.press('up');
  pilot.press('right');
  pilot.tick();
  pilot.release('right');
  pilot.tick();
  expect(sent).toEqual([ActionKind.forward, ActionKind.right, ActionKind.right, ActionKind.forward]);
});

test('a held direction stays a direction of the screen when the player has turned', () => {
  pilot.press('up');
  facing = 1;
  pilot.tick();
  expect(sent).toEqual([ActionKind.forward, ActionKind.left]);
});

test('a key that repeats by itself is one press', () => {
  pilot.press('fine');
  pilot.press('fine');
  expect(sent).toEqual([ActionKind.fine]);
});

test('nothing is sent while nobody is steered, nor after everything was released', () => {
  facing = null;
  pilot.press('up');
  facing = 0;
  pilot.releaseAll();
  pilot.tick();
  expect(sent).toEqual([]);
});
