/** What a room asks before it opens, and before it lets somebody in. */
import { ServerError } from '@colyseus/core';
import * as z from 'zod';
import { PolicyError } from '../../agents/policies/card.ts';
import { explain, OptionsError } from '../../shared/definition.ts';
import { type Enter, enterSchema, type RoomOptions, roomOptionsSchema } from '../../shared/protocol/index.ts';
import { directory } from '../directory.ts';
import { Match } from '../match.ts';
import type { OpenPolicy } from '../policies/index.ts';
import { openFillings, releaseAll } from '../policies/room.ts';

/** What a client says when it asks for a room. */
const createSchema = z.object({
  ...enterSchema.shape,
  room: roomOptionsSchema.prefault({}),
  /** The process's own secret: a demo room, that stays when nobody is in it. */
  internal: z.literal(directory.secret).optional(),
});

/** HTTP-like code of a refusal to create or enter a room. */
const BAD_REQUEST = 400;
const TOO_MANY = 429;

/** @throws {ServerError} that says what is wrong with what a client says on entering, and where. */
export function readEntry(raw: unknown): Enter {
  return parse(enterSchema, raw, 'enter');
}

/** @throws {ServerError} that says what is wrong with a wish for a room, and where. */
export function readWish(raw: unknown): z.infer<typeof createSchema> {
  return parse(createSchema, raw, 'room');
}

/** @throws {ServerError} where one room more is one too many. */
export function refuseTooMany(): void {
  const { rooms, limits } = directory;
  if (rooms.size < limits.maxRooms) return;
  throw new ServerError(
    TOO_MANY,
    `there are ${rooms.size} rooms, as many as this arena takes: join one of them`,
  );
}

/** @throws {ServerError} for trained policies that there are not, or that do not fit the room. */
export async function openPolicies(match: Match): Promise<readonly (OpenPolicy | null)[]> {
  let opened: readonly (OpenPolicy | null)[] = [];
  try {
    opened = await openFillings(match);
    // Others may have been made meanwhile.
    refuseTooMany();
    return opened;
  } catch (error) {
    releaseAll(opened);
    throw error instanceof PolicyError ? new ServerError(BAD_REQUEST, `room: bots: ${error.message}`) : error;
  }
}

/** @throws {ServerError} for options that the environment does not take. */
export function makeMatch(options: RoomOptions): Match {
  try {
    return new Match(options);
  } catch (error) {
    throw error instanceof OptionsError ? new ServerError(BAD_REQUEST, error.message) : error;
  }
}

/** @throws {ServerError} that says what is wrong with `raw` and where. */
function parse<T>(schema: z.ZodType<T>, raw: unknown, what: string): T {
  const result = schema.safeParse(raw ?? {});
  if (!result.success) throw new ServerError(BAD_REQUEST, `${what}: ${explain(result.error)}`);
  return result.data;
}
