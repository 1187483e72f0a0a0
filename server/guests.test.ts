import { describe, expect, it } from 'vitest';
import { Message, roomOptionsSchema, type Welcome } from '../shared/protocol/index.ts';
import { type Guest, Guests, type Host } from './guests.ts';
import { Match } from './match.ts';
import { Seating } from './seating.ts';

/** A room of two without a network. */
function room() {
  const match = new Match(roomOptionsSchema.parse({ seed: 1, players: 2, bots: ['open'] }));
  match.startEpisode();
  const seating = new Seating(match);
  const host: Host = {
    match,
    partial: false,
    welcome: () => ({}) as Welcome,
    sit: (holder, name, wanted, key) => seating.sit(holder, name, wanted, key, 'agent'),
    takeBack: (holder, token) => match.seats.takeBack(holder, token),
    stand: (holder) => seating.stand(holder),
    acted: () => {},
    greeting: () => ({ history: [], keyframe: new Uint8Array() }),
    changed: () => {},
  };
  return { match, guests: new Guests(host) };
}

function guest(id: string, told: string[], overrides: Partial<Guest> = {}): Guest {
  return {
    id,
    identity: id,
    name: id,
    observe: (when) => told.push(`${id} ${when}`),
    show: (type) => told.push(`${id} ${type}`),
    choked: () => false,
    lost: (seat) => told.push(`${id} lost ${seat}`),
    ended: ({ code }) => told.push(`${id} ${code}`),
    ...overrides,
  };
}

describe('guests of a room', () => {
  it('who fails to look is out and its seat free, and the others see the step', () => {
    const { match, guests } = room();
    const told: string[] = [];
    const failing = () => {
      throw new Error('a fault of ours');
    };
    guests.admit(guest('bad', told, { observe: failing })).sit(undefined, undefined);
    guests.admit(guest('good', told)).sit(undefined, undefined);
    guests.observe('stepped');
    expect(told).toEqual(['bad fault', 'good stepped']);
    expect(guests.size).toBe(1);
    expect(match.seats.free).toBe(1);
  });

  it('who does not keep up is left out, and starts again from a keyframe', () => {
    const { guests } = room();
    const told: string[] = [];
    let choked = false;
    guests.admit(guest('slow', told, { choked: () => choked })).watch();
    expect(told).toEqual([`slow ${Message.history}`, `slow ${Message.keyframe}`]);
    choked = true;
    guests.show(Message.tick, new Uint8Array());
    choked = false;
    told.length = 0;
    guests.show(Message.tick, new Uint8Array());
    guests.show(Message.tick, new Uint8Array());
    expect(told).toEqual([`slow ${Message.history}`, `slow ${Message.keyframe}`, `slow ${Message.tick}`]);
  });

  it('who plays is told that the match is over and holds nothing, who watches stays', () => {
    const { match, guests } = room();
    const told: string[] = [];
    guests.admit(guest('player', told)).sit(1, undefined);
    guests.admit(guest('watcher', [])).watch();
    guests.finish('over');
    expect(told).toEqual(['player match-over']);
    expect([guests.size, guests.watchers, match.seats.count()]).toEqual([1, 1, 0]);
  });

  it('whoever sits where another had sat ousts only that one', () => {
    const { guests } = room();
    const told: string[] = [];
    const visit = guests.admit(guest('first', told));
    visit.sit(0, undefined);
    guests.oust('first/0');
    guests.oust('nobody');
    expect(told).toEqual(['first lost 0']);
    expect(visit.act(0, 1, 0, 0)).toBe('no-seat');
  });
});
