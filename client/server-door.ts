/** The one place that talks to the SDK: lobby, rooms by id, rooms of one's own. */
import { Client } from '@colyseus/sdk';
import type { RoomOptionsInput } from '../shared/protocol/index.ts';
import type { Greeting, RoomLink } from './session.ts';

// The page's own folder, so that an arena below a path of somebody's web server finds itself.
const client = new Client(new URL('.', location.href.split('#')[0]).href);

export async function enterLobby(protocol: number): Promise<RoomLink> {
  return (await client.joinOrCreate('lobby', { protocol })) as unknown as RoomLink;
}

export async function enterRoom(roomId: string, greeting: Greeting): Promise<RoomLink> {
  return (await client.joinById(roomId, greeting)) as unknown as RoomLink;
}

export async function createRoom(room: RoomOptionsInput, greeting: Greeting): Promise<RoomLink> {
  return (await client.create('arena', { ...greeting, room })) as unknown as RoomLink;
}
