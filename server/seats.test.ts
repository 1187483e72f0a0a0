import { describe, expect, test } from 'vitest';
import { KEPT_MS, Seats } from './seats.ts';

const EPOCH = 0;

function seated(seats: Seats, client: string, wanted?: number) {
  const result = seats.sit(client, client, wanted);
  if ('code' in result) throw new Error(result.message);
  return result;
}

describe('Seats', () => {
  test('a bot plays a seat until a person sits there, and again when the person stands up', () => {
    const seats = new Seats(['greedy', 'open']);
    expect(seats.fillingOf(0)).toBe('greedy');
    seated(seats, 'ann', 0);
    expect(seats.fillingOf(0)).toBeNull();
    seats.stand('ann');
    expect(seats.fillingOf(0)).toBe('greedy');
  });

  test('nobody plays an open seat', () => {
    expect(new Seats(['open']).fillingOf(0)).toBeNull();
  });

  test('the first free seat is one that no bot plays', () => {
    expect(seated(new Seats(['greedy', 'open', 'open']), 'ann').seat).toBe(1);
  });

  test('two clients never hold one seat', () => {
    const seats = new Seats(['greedy', 'greedy']);
    seated(seats, 'ann', 0);
    expect(seats.sit('bob', 'bob', 0)).toMatchObject({ code: 'seat-taken' });
    expect(seats.seatOf('bob')).toBe(-1);
  });

  test('a client holds one seat at most', () => {
    const seats = new Seats(['greedy', 'greedy']);
    seated(seats, 'ann', 0);
    expect(seats.sit('ann', 'ann', 1)).toMatchObject({ code: 'already-seated' });
  });

  test('a seat that does not exist and a room without free seats are told apart', () => {
    const seats = new Seats(['greedy']);
    expect(seats.sit('ann', 'ann', 5)).toMatchObject({ code: 'no-seat' });
    seated(seats, 'ann');
    expect(seats.sit('bob', 'bob', undefined)).toMatchObject({ code: 'no-free-seat' });
  });

  test('a dropped seat is played by its bot at once and kept for 30 s: others are refused, the token takes it back', () => {
    const seats = new Seats(['sustainable']);
    const { token } = seated(seats, 'ann', 0);
    seats.drop('ann', 1000);
    expect(seats.fillingOf(0)).toBe('sustainable');
    expect(seats.sit('bob', 'bob', 0)).toMatchObject({ code: 'seat-taken' });
    expect(seats.expire(1000 + KEPT_MS - 1)).toBe(false);
    expect(seats.takeBack('ann again', token)).toMatchObject({ seat: 0, ousted: null });
    expect(seats.describe(EPOCH)[0]).toMatchObject({ kind: 'human', name: 'ann', keptUntil: 0 });
  });

  test('a seat meant to be open is played by a bot while its dropped person may come back', () => {
    const seats = new Seats(['open']);
    seated(seats, 'ann', 0);
    seats.drop('ann', 0);
    expect(seats.fillingOf(0)).toBe('greedy');
    seats.expire(KEPT_MS);
    expect(seats.fillingOf(0)).toBeNull();
  });

  test('after 30 s the seat is open to all and its token worth nothing', () => {
    const seats = new Seats(['greedy']);
    const { token } = seated(seats, 'ann', 0);
    seats.drop('ann', 0);
    expect(seats.expire(KEPT_MS)).toBe(true);
    expect(seats.takeBack('ann', token)).toMatchObject({ code: 'wrong-token' });
    expect(seated(seats, 'bob', 0).seat).toBe(0);
  });

  test('a token takes the seat also from the dead connection that still holds it', () => {
    const seats = new Seats(['greedy']);
    const { token } = seated(seats, 'old', 0);
    expect(seats.takeBack('new', token)).toMatchObject({ seat: 0, ousted: 'old' });
    expect(seats.seatOf('old')).toBe(-1);
    expect(seats.drop('old', 0)).toBe(-1);
    expect(seats.seatOf('new')).toBe(0);
  });

  test('only what the bot of a kept seat earns is shown as such', () => {
    const seats = new Seats(['greedy']);
    seats.earned(0, 5);
    seated(seats, 'ann', 0);
    seats.earned(0, 1);
    seats.drop('ann', 0);
    seats.earned(0, 3);
    seats.earned(0, -50);
    expect(seats.describe(EPOCH)[0]!.botEarned).toBe(-47);
    expect(seats.describe(EPOCH, () => true)[0]!.botEarned).toBe(0);
    seats.startEpisode();
    expect(seats.describe(EPOCH)[0]!.botEarned).toBe(0);
  });

  test('a person who consented is not recorded where a program takes the seat back', () => {
    const seats = new Seats(['open']);
    const { token } = seats.sit('ann', 'ann', 0) as { token: string };
    seats.consent('ann', true);
    seats.takeBack('ann again', token);
    expect(seats.isRecorded(0)).toBe(true);
    seats.takeBack('program', token, 'agent');
    expect(seats.isRecorded(0)).toBe(false);
    expect(seats.describe(0)[0]).toMatchObject({ kind: 'agent', recorded: false });
  });
});
