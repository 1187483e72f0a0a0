/** What clients ask of an arena room, and what it answers. */
import type { Client } from '@colyseus/core';
import * as z from 'zod';
import {
  actSchema,
  consentSchema,
  fillSchema,
  MAX_TICKS_AHEAD,
  Message,
  mindsSchema,
  sitSchema,
} from '../../shared/protocol/index.ts';
import type { Audience } from '../audience.ts';
import type { Door, Refusal } from '../door.ts';
import type { Match } from '../match.ts';
import type { MindAskers } from '../policies/minds.ts';
import type { RoomPolicies } from '../policies/room.ts';
import type { Recorder } from '../recordings/recorder.ts';
import type { Seating, Sitting } from '../seating.ts';
import type { SeatRefusal } from '../seats.ts';

/** The room, as far as it answers. */
export interface Desk {
  readonly match: Match;
  readonly seating: Seating;
  readonly audience: Audience;
  readonly policies: RoomPolicies;
  readonly minds: MindAskers;
  /** Null in a room that records nobody. */
  readonly recorder: Recorder | null;
  /** A client holds a seat from now on, or none. */
  seated(client: Client, seat: number | null, token: string | null): void;
  /** Gives a seat back to whoever has its token. */
  reclaim(holder: string, token: string): Sitting | SeatRefusal;
  seatsChanged(): void;
  acted(): void;
}

export function answerRequests(door: Door, desk: Desk): void {
  answerPlayers(door, desk);
  answerSitters(door, desk);
  answerWatchers(door, desk);
}

function answerPlayers(door: Door, { match, acted }: Desk): void {
  const { seats, environment } = match;
  const { labels } = environment.actionSpec as { labels: readonly string[] };
  door.on(Message.act, actSchema, (client, { action, tick }) => {
    const seat = seats.seatOf(client.sessionId);
    if (seat < 0) return { code: 'no-seat', message: 'you hold no seat: send `sit` first' };
    const result = match.put(seat, action, tick);
    if (result === 'bad-action') {
      return { code: result, message: `action ${action} is unknown, there are 0 to ${labels.length - 1}` };
    }
    if (result === 'late' || result === 'early') {
      const now = match.tick;
      const message = `the action is for tick ${tick}, the next is ${now}: give ${now} to ${now + MAX_TICKS_AHEAD}`;
      return { code: result, message, tick: tick! };
    }
    acted();
    return null;
  });
}

function answerSitters(door: Door, desk: Desk): void {
  const { match, seating, audience, recorder } = desk;
  const { seats } = match;
  const sat = (client: Client, outcome: Sitting | SeatRefusal): Refusal | null => {
    if ('code' in outcome) return outcome;
    desk.seated(client, outcome.seat, outcome.token);
    desk.seatsChanged();
    return null;
  };

  door.on(Message.sit, sitSchema, (client, { seat, token, key, name, record = false }) => {
    if (token !== undefined) return sat(client, desk.reclaim(client.sessionId, token));
    if (audience.isBlind(client)) {
      return {
        code: 'holds-seat',
        message: 'you hold a seat here in another tab: one person sees one window',
      };
    }
    const who = name ?? audience.nameOf(client.sessionId);
    const taken = seating.sit(client.sessionId, who, seat, key, 'human');
    if ('seat' in taken) seats.consent(client.sessionId, record && recorder !== null);
    return sat(client, taken);
  });

  door.on(Message.consent, consentSchema, (client, { record }) => {
    const seat = seats.seatOf(client.sessionId);
    if (seat < 0) return { code: 'no-seat', message: 'you hold no seat: nothing of you is recorded' };
    if (record && recorder === null) {
      return { code: 'bad-message', message: 'this room records nobody: make one with `record`' };
    }
    seats.consent(client.sessionId, record);
    if (!record) recorder?.withdraw(seat);
    desk.seatsChanged();
    return null;
  });

  door.on(Message.stand, z.unknown(), (client) => {
    if (seating.stand(client.sessionId) < 0) return { code: 'no-seat', message: 'you hold no seat' };
    desk.seated(client, null, null);
    desk.seatsChanged();
    return null;
  });
}

function answerWatchers(door: Door, { match, seating, policies, minds, seatsChanged }: Desk): void {
  const { players } = match.environment;

  door.on(Message.fill, fillSchema, (client, { seat, filling, key }) => {
    if (key !== seating.key) {
      return { code: 'wrong-key', message: 'only whoever made the room says what plays its seats' };
    }
    // A policy may have to be opened first.
    void policies.fill(seat, filling).then((refusal) => {
      if (refusal === null) seatsChanged();
      else door.refuse(client, { ...refusal, about: Message.fill });
    });
    return null;
  });

  door.on(Message.minds, mindsSchema, (client, { seats }) => {
    const none = seats.find((seat) => seat >= players);
    if (none !== undefined) {
      return { code: 'no-seat', message: `there is no seat ${none}, the room has 0 to ${players - 1}` };
    }
    minds.set(client.sessionId, seats);
    return null;
  });
}
