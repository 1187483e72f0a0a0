import { expect, test } from 'vitest';
import type { SeatInfo } from '../../shared/protocol/index.ts';
import { briefNameOf, isFree, kindOf, nameOf } from './names.ts';

const seat = (seat: number, kind: SeatInfo['kind'], name: string, keptUntil = 0): SeatInfo => ({
  seat,
  kind,
  name,
  filling: 'greedy',
  recorded: false,
  keptUntil,
  botEarned: 0,
});
const SEATS = [
  seat(0, 'human', 'ann'),
  seat(1, 'agent', 'my learner'),
  seat(2, 'trained', 'zoo/harvest-moa'),
  seat(3, 'bot', 'greedy'),
  seat(4, 'open', 'open'),
];

test('people and programs go by their own names, policies by theirs and the seat', () => {
  expect(SEATS.map((_, player) => nameOf(SEATS, player))).toEqual([
    'ann',
    'my learner',
    'harvest-moa 3',
    'greedy 4',
    'seat 5',
  ]);
});

test('each kind has its word, and one’s own seat is told first', () => {
  expect(SEATS.map((one) => kindOf(one, null))).toEqual(['person', 'agent', 'trained', 'bot', 'open']);
  expect(kindOf(SEATS[0]!, 0)).toBe('you');
  expect(kindOf(seat(0, 'bot', 'ann', 1), null)).toBe('away');
});

test('a trained one that cannot be played is broken, whoever sits in its place is not', () => {
  expect(kindOf(SEATS[2]!, null, 'policy.onnx is cut off')).toBe('broken');
  expect(kindOf(SEATS[0]!, null, 'policy.onnx is cut off')).toBe('person');
});

test('a seat is free unless somebody sits there or it is kept', () => {
  expect(SEATS.map(isFree)).toEqual([false, false, true, true, true]);
  expect(isFree(seat(0, 'bot', 'ann', 1))).toBe(false);
});

test('where room is dear, a trained policy goes without the name of its game', () => {
  expect(briefNameOf(SEATS, 2, 'harvest')).toBe('moa 3');
  expect(briefNameOf(SEATS, 2, 'cleanup')).toBe('harvest-moa 3');
});
