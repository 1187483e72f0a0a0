/** Rooms as agents find and make them. */
import { matchMaker, ServerError } from '@colyseus/core';
import * as z from 'zod';
import { type Created, createSchema } from '../../shared/protocol/agents/index.ts';
import { PROTOCOL_VERSION, type RoomOptions } from '../../shared/protocol/index.ts';
import { directory } from '../directory.ts';
import type { AgentConnection } from './connection.ts';
import { type Refused, refuse } from './links.ts';

export function serveRooms(connection: AgentConnection): void {
  connection.on('rooms', z.strictObject({}), null, () =>
    Array.from(directory.rooms, (room) => room.summary()),
  );
  connection.on('create', createSchema, 'play', ({ room }) => create(room));
}

/** A room that lives as long as somebody is in it, and some seconds until somebody first is. */
async function create(room: RoomOptions): Promise<Created | Refused> {
  try {
    const { roomId } = await matchMaker.createRoom('arena', { protocol: PROTOCOL_VERSION, room });
    const made = directory.room(roomId);
    if (made === undefined) return refuse('fault', 'the room was gone as soon as it was made');
    return { room: roomId, key: made.handOver() };
  } catch (error) {
    const cause = ((error as Error).cause ?? error) as Error;
    if (!(cause instanceof ServerError)) throw error;
    return refuse(cause.code === 429 ? 'too-much' : 'bad-options', cause.message);
  }
}
