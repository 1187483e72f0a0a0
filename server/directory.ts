/** The rooms of this process, as the lobby, the HTTP interface and the metrics see them; and what limits them. */
import { randomUUID } from 'node:crypto';
import type { RoomSummary } from '../shared/protocol/index.ts';
import type { Guest, Visit } from './guests.ts';

export interface ListedRoom {
  readonly roomId: string;
  /** Without the preview, which costs a copy of the map. */
  summary(): RoomSummary;
  /** With it. */
  picture(): RoomSummary;
  /** Lets somebody in who is no client of Colyseus; null where the room is full. */
  admit(guest: Guest): Visit | null;
  /** Gives the room to whoever had it made: its key. */
  handOver(): string;
}

export interface Limits {
  readonly maxRooms: number;
  readonly maxClientsPerRoom: number;
}

class Directory {
  readonly rooms = new Set<ListedRoom>();
  lobbyClients = 0;

  room(roomId: string): ListedRoom | undefined {
    for (const room of this.rooms) if (room.roomId === roomId) return room;
    return undefined;
  }

  /** Folder of what people let rooms record. */
  recordings = 'data/recordings';
  limits: Limits = { maxRooms: 500, maxClientsPerRoom: 2000 };
  /** Proves that a room was asked for by this process itself: such rooms stay when nobody is in them. */
  readonly secret: string = randomUUID();
}

export const directory = new Directory();
