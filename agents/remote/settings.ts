/** Where a run learns that does not make its environments itself. All of it crosses to worker threads; the token goes nowhere else. */
import { PACKED_PLAYERS, type Packing } from '../../shared/protocol/agents/index.ts';

export interface ArenaSettings {
  /** Address of the arena's page. */
  readonly url: string;
  readonly token: string;
  /** Seconds for which a connection that was lost is tried again. */
  readonly patience: number;
  /** The room to learn in, beside whoever else is there; private environments where there is none. */
  readonly room?: RoomSettings;
}

/** Settings in a worker of a run, which hears how the connection is. */
export interface ArenaLine extends ArenaSettings {
  /** Is told why it was lost while it is tried again, and null once it is back; always in turn. */
  readonly hear?: (lost: string | null) => void;
}

export interface RoomSettings {
  readonly id: string;
  /** S, how many seats are taken, whichever are free. */
  readonly seats: number;
  /** Of a room whose seats go by link. */
  readonly key?: string;
}

/** What of it a run's folder keeps: nothing that is secret. */
export interface ArenaRecord {
  readonly url: string;
  readonly room?: { readonly id: string; readonly seats: number };
}

export function recordOf({ url, room }: ArenaSettings): ArenaRecord {
  return room === undefined ? { url } : { url, room: { id: room.id, seats: room.seats } };
}

/** Windows of class ids go two cells a byte, where they have codes for all players. */
export function packingOf(kind: string, encoding: string, players: number): Packing {
  return kind === 'dilemma' && encoding === 'ids' && players <= PACKED_PLAYERS ? 'nibbles' : 'plain';
}
