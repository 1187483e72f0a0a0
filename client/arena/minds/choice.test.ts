/** Whose mind is looked at, against a session whose room is made of messages. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { SeatInfo } from '../../../shared/protocol/index.ts';
import { Signal } from '../../signal.ts';
import { MindChoice, type Minded } from './choice.ts';

function seat(index: number, kind: SeatInfo['kind']): SeatInfo {
  return { seat: index, kind, name: kind, filling: 'open', recorded: false, keptUntil: 0, botEarned: 0 };
}

/** What a choice knows of a session. */
class Room implements Minded {
  seats: readonly SeatInfo[] = [seat(0, 'human'), seat(1, 'trained'), seat(2, 'bot'), seat(3, 'trained')];
  inWindow = false;
  readonly changed = new Signal();
  readonly asked: (readonly number[])[] = [];

  watchMinds(seats: readonly number[]): void {
    this.asked.push(seats);
  }
}

let room: Room;
let choice: MindChoice;

beforeEach(() => {
  room = new Room();
  choice = new MindChoice(room);
  room.asked.length = 0;
});

test('only trained players have a mind to open', () => {
  choice.toggle(0);
  expect(choice.selected).toBeNull();
  choice.toggle(1);
  expect(choice.selected).toBe(1);
  expect(room.asked).toEqual([[1]]);
});

test('the next mind is that of the next trained player, round the table', () => {
  const seen = [1, 2, 3].map(() => {
    choice.next();
    return choice.selected;
  });
  expect(seen).toEqual([1, 3, 1]);
});

test('opening it again closes it, and nothing is asked for any more', () => {
  choice.toggle(3);
  choice.toggle(3);
  expect(room.asked).toEqual([[3], []]);
});

describe('all minds', () => {
  test('are those of all trained players', () => {
    choice.toggleAll();
    expect(room.asked).toEqual([[1, 3]]);
  });

  test('stay when the open one is closed, and go with the next', () => {
    choice.toggleAll();
    choice.toggle(1);
    choice.close();
    expect([choice.selected, choice.all]).toEqual([null, true]);
    choice.close();
    expect(choice.all).toBe(false);
    expect(room.asked.at(-1)).toEqual([]);
  });
});

test('a mind closes when somebody sits down in its place', () => {
  choice.toggle(1);
  room.seats = room.seats.map((one) => (one.seat === 1 ? seat(1, 'human') : one));
  room.changed.emit();
  expect(choice.selected).toBeNull();
  expect(room.asked.at(-1)).toEqual([]);
});

test('who sees an own window only sees no minds', () => {
  choice.toggleAll();
  room.inWindow = true;
  room.changed.emit();
  expect(choice.trained).toEqual([]);
  expect(room.asked.at(-1)).toEqual([]);
});

test('leaving the page asks for none', () => {
  choice.toggle(1);
  choice.destroy();
  expect(room.asked.at(-1)).toEqual([]);
});
