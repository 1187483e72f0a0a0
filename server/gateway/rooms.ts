/** Rooms as agents find and make them. */
import { matchMaker, ServerError } from '@colyseus/core';
import * as z from 'zod';
import { type Created, createSchema } from '../../shared/protocol/agents/index.ts';
import { PROTOCOL_VERSION, type RoomOptions } from '../../shared/protocol/index.ts';
import { directory } from '../directory.ts';
import type { AgentConnection } from './connection.ts';
import { type Refused, refuse } from './links.ts';

/** HTTP-like code of an arena that has as many rooms as it takes. */
const TOO_MANY = 429;
/** What no room's id starts with. */
const WISH = 'wish ';

/** Makes rooms, so many for a token at a time: an arena takes a limited number in all. */
export class RoomMaker {
  readonly #limit: number;
  /** Of each token, those that it has made; some may be gone. */
  readonly #made = new Map<string, Set<string>>();
  #wishes = 0;

  /** @param limit rooms of one token at a time. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  serve(connection: AgentConnection): void {
    connection.on('rooms', z.strictObject({}), null, () =>
      Array.from(directory.rooms, (room) => room.summary()),
    );
    connection.on('create', createSchema, 'play', ({ room }) => this.#create(connection.token.id, room));
  }

  /** A room that lives as long as somebody is in it, and some seconds until somebody first is. */
  async #create(token: string, options: RoomOptions): Promise<Created | Refused> {
    const made = this.#of(token);
    if (made.size >= this.#limit) {
      return refuse(
        'too-much',
        `the token has made ${made.size} rooms that are still there, as many as it may: leave one, and it goes with the last who is in it`,
      );
    }
    // Counted before it is there, so that many wishes at once do not all come through.
    const wish = `${WISH}${this.#wishes++}`;
    made.add(wish);
    try {
      const { roomId } = await matchMaker.createRoom('arena', { protocol: PROTOCOL_VERSION, room: options });
      const room = directory.room(roomId);
      if (room === undefined) return refuse('fault', 'the room was gone as soon as it was made');
      made.add(roomId);
      return { room: roomId, key: room.handOver() };
    } catch (error) {
      const cause = ((error as Error).cause ?? error) as Error;
      if (!(cause instanceof ServerError)) throw error;
      return refuse(cause.code === TOO_MANY ? 'too-much' : 'bad-options', cause.message);
    } finally {
      made.delete(wish);
    }
  }

  /** Rooms that a token has made and that are still there, and those that are being made. */
  #of(token: string): Set<string> {
    let made = this.#made.get(token);
    if (made === undefined) {
      made = new Set();
      this.#made.set(token, made);
    }
    for (const room of made)
      if (!room.startsWith(WISH) && directory.room(room) === undefined) made.delete(room);
    return made;
  }
}
