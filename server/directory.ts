/** The rooms of this process, as the lobby, the HTTP interface and the metrics see them; and what limits them. */
import { randomUUID } from 'node:crypto';
import type { RoomSummary } from '../shared/protocol/index.ts';

export interface ListedRoom {
  /** Without the preview, which costs a copy of the map. */
  summary(): RoomSummary;
  /** With it. */
  picture(): RoomSummary;
}

export interface Limits {
  readonly maxRooms: number;
  readonly maxClientsPerRoom: number;
}

class Directory {
  readonly rooms = new Set<ListedRoom>();
  lobbyClients = 0;
  limits: Limits = { maxRooms: 500, maxClientsPerRoom: 2000 };
  /** Proves that a room was asked for by this process itself: such rooms stay when nobody is in them. */
  readonly secret: string = randomUUID();
}

export const directory = new Directory();
