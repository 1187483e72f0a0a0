/** Sends whoever looks for a room the list of them, with small pictures, about once a second. */
import { type Client, Room, ServerError } from '@colyseus/core';
import { explain } from '../../shared/definition.ts';
import { enterSchema, Message, type RoomSummary } from '../../shared/protocol/index.ts';
import { directory } from '../directory.ts';
import { log } from '../log.ts';

const EVERY_MS = 1000;
/** All come to one; another is made only while that one ends. Whoever asks for more of them gets none. */
const LOBBIES = 4;
const TOO_MANY = 429;
const lobbies = new Set<LobbyRoom>();
/** Rooms that get a picture: the liveliest come first. */
const PICTURES = 24;

export class LobbyRoom extends Room {
  override onCreate(): void {
    if (lobbies.size >= LOBBIES) throw new ServerError(TOO_MANY, 'there is a lobby: join it');
    lobbies.add(this);
    this.patchRate = null;
    this.setSimulationInterval(() => this.broadcast(Message.rooms, listRooms()), EVERY_MS);
    // Nothing that a client says here means anything, and none of it may be logged as a fault.
    this.onMessage('*', () => {});
  }

  override onJoin(client: Client, raw: unknown): void {
    const result = enterSchema.safeParse(raw ?? {});
    if (!result.success) throw new ServerError(400, `lobby: ${explain(result.error)}`);
    directory.lobbyClients++;
    client.send(Message.rooms, listRooms());
  }

  override onLeave(): void {
    directory.lobbyClients--;
  }

  override onDispose(): void {
    lobbies.delete(this);
  }

  override onUncaughtException(error: Error, method: string): void {
    // A refusal is an answer, not a fault.
    const cause = (error.cause ?? error) as Error;
    if (!(cause instanceof ServerError)) log.error({ method, error: cause.message }, 'lobby fault');
  }
}

/** People first, then demo rooms, then the rest. */
export function listRooms(): RoomSummary[] {
  const rooms = Array.from(directory.rooms, (room) => ({ room, summary: room.summary() }));
  const interest = (summary: RoomSummary) => 4 * summary.humans + summary.spectators + (summary.demo ? 2 : 0);
  rooms.sort(
    (a, b) => interest(b.summary) - interest(a.summary) || a.summary.title.localeCompare(b.summary.title),
  );
  return rooms.map(({ room, summary }, index) => (index < PICTURES ? room.picture() : summary));
}
