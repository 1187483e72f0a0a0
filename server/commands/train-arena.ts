/** What `arena train` is told of an arena to learn on, and of a room there. */
import { roomAddress } from '../../agents/client/address.ts';
import { ArenaError } from '../../agents/client/errors.ts';
import type { ArenaRecord, ArenaSettings, RoomSettings } from '../../agents/remote/settings.ts';
import { arenaOf } from '../../agents/training/run-folder.ts';
import { UsageError } from '../config.ts';

/** Flags as they were checked. */
export interface ArenaFlags {
  readonly arena?: string | undefined;
  readonly token?: string | undefined;
  readonly patience: number;
  readonly room?: string | undefined;
  readonly seats?: number | undefined;
  readonly key?: string | undefined;
}

/**
 * Where the environments are; null for those of the run's own.
 * @param resumed the folder of a run that goes on: where its environments were, they are by default.
 * @throws {UsageError}
 */
export function chosenArena(flags: ArenaFlags, resumed: string | null): ArenaSettings | null {
  const before = resumed === null ? null : arenaOf(resumed);
  if (resumed !== null) refuseMove(flags, before);
  const place = placeOf(flags, before);
  if (place === null) return null;
  const token = flags.token ?? process.env.ARENA_TOKEN;
  if (token === undefined || token === '') {
    throw new UsageError(
      'an arena wants a token: make one with `npx arena token create`, and give it with --token or ARENA_TOKEN',
    );
  }
  return { ...place, token, patience: flags.patience };
}

type Place = Pick<ArenaSettings, 'url' | 'room'>;

function placeOf({ arena, room, seats, key, token }: ArenaFlags, before: ArenaRecord | null): Place | null {
  if (room !== undefined || before?.room !== undefined) {
    const address = addressOf(room ?? before!.room!.id, arena ?? before?.url);
    const count = seats ?? before?.room?.seats ?? 1;
    const secret = key ?? address.key;
    const chosen: RoomSettings = { id: address.room, seats: count, ...(secret !== null && { key: secret }) };
    return { url: address.url, room: chosen };
  }
  if (seats !== undefined) throw new UsageError('--seats is of a room: name one with --room');
  if (key !== undefined) throw new UsageError('--key is of a room: name one with --room');
  const url = arena ?? before?.url;
  if (url !== undefined) return { url };
  if (token !== undefined) throw new UsageError('--token is for an arena: give its address with --arena');
  return null;
}

function addressOf(room: string, arena: string | undefined) {
  try {
    return roomAddress(room, arena);
  } catch (error) {
    if (!(error instanceof ArenaError)) throw error;
    throw new UsageError(`--room: ${error.message}; give it with --arena`);
  }
}

/** A run goes on where it was: its checkpoints mean something only there. @throws {UsageError} */
function refuseMove({ arena, room, seats }: ArenaFlags, before: ArenaRecord | null): void {
  const refuse = (flag: string, why: string) => {
    throw new UsageError(`${flag}: ${why}; leave it out, or start another run`);
  };
  if (before === null && arena !== undefined) refuse('--arena', 'the run has its environments here');
  if (before?.room === undefined && room !== undefined) refuse('--room', 'the run is not in a room');
  if (seats !== undefined && seats !== before?.room?.seats) {
    refuse('--seats', `the run has ${before?.room?.seats ?? 'no'} seats`);
  }
}
