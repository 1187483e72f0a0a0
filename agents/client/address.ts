/** An arena from any address of its pages. */
import { ArenaError } from './errors.ts';

export interface ArenaAddress {
  /** Scheme, host and port. */
  readonly origin: string;
  /** The folder of its page on that host, from `/` to `/`. */
  readonly folder: string;
  /** The room of a room's page, and the key of its seats where the link has one. */
  readonly room: string | null;
  readonly key: string | null;
}

const ROOM = /^#\/room\/([\w-]{1,64})(?:\?(.*))?$/;

/**
 * @param url such as `http://127.0.0.1:2567` or `http://127.0.0.1:2567/#/room/k3f9`.
 * @throws {ArenaError} `bad-address`
 */
export function arenaAddress(url: string): ArenaAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new ArenaError(
      'bad-address',
      `${JSON.stringify(url)} is no address of an arena: give one such as http://127.0.0.1:2567`,
    );
  }
  const { origin, pathname, hash } = parsed;
  const [, room = null, query = ''] = ROOM.exec(hash) ?? [];
  return {
    origin,
    folder: pathname.slice(0, pathname.lastIndexOf('/') + 1),
    room,
    key: new URLSearchParams(query).get('key'),
  };
}

/**
 * The arena's address and a room's id, from the address of a room's page, or from an id alone.
 * @param arena the arena of an id that stands alone. @throws {ArenaError} `bad-address`
 */
export function roomAddress(
  room: string,
  arena?: string,
): { readonly url: string; readonly room: string; readonly key: string | null } {
  if (/^[\w-]{1,64}$/.test(room)) {
    if (arena !== undefined) return { url: arena, room, key: null };
    throw new ArenaError('bad-address', `room ${room}: give the address of its arena too, or of its page`);
  }
  const { origin, folder, room: id, key } = arenaAddress(room);
  if (id !== null) return { url: origin + folder, room: id, key };
  throw new ArenaError(
    'bad-address',
    `${JSON.stringify(room)} names no room: give an id, or an address such as http://127.0.0.1:2567/#/room/k3f9`,
  );
}
