/** The one place that talks to the server: lobby, rooms by id, rooms of one's own, and what the arena has. */
import { Client } from '@colyseus/sdk';
import { PROTOCOL_VERSION, type RoomOptionsInput } from '../shared/protocol/index.ts';
import type { PolicyList } from '../shared/protocol/policies.ts';
import type { Greeting, RoomLink } from './session.ts';

// The page's own folder, so that an arena below a path of somebody's web server finds itself.
const home = new URL('.', location.href.split('#')[0]).href;
const client = new Client(home);

export async function enterLobby(protocol: number): Promise<RoomLink> {
  return (await client.joinOrCreate('lobby', { protocol })) as unknown as RoomLink;
}

export async function enterRoom(roomId: string, greeting: Greeting): Promise<RoomLink> {
  return (await client.joinById(roomId, greeting)) as unknown as RoomLink;
}

/** Where a trainer asks people; see `client/label`. */
export async function enterLabels(session: string): Promise<RoomLink> {
  return (await client.joinOrCreate('label', { protocol: PROTOCOL_VERSION, session })) as unknown as RoomLink;
}

export async function createRoom(room: RoomOptionsInput, greeting: Greeting): Promise<RoomLink> {
  return (await client.create('arena', { ...greeting, room })) as unknown as RoomLink;
}

/** @throws {Error} that says to people why there is no list. */
export async function fetchPolicies(): Promise<PolicyList> {
  const answer = await fetch(new URL('api/policies', home)).catch(() => null);
  if (answer === null) throw new Error('The arena does not answer.');
  if (!answer.ok) throw new Error(`The arena does not say which agents it has (HTTP ${answer.status}).`);
  return (await answer.json()) as PolicyList;
}
