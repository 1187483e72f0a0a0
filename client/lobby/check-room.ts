/** Whether a room can be made as asked, by the schemas of the protocol and of the environment, field by field. */
import type * as z from 'zod';
import { OptionsError } from '../../shared/definition.ts';
import { type RoomOptionsInput, roomOptionsSchema } from '../../shared/protocol/index.ts';
import { definitionOf } from '../../shared/registry.ts';

/** What is wrong, by the name of the field; of the environment's own options as `options.NAME`. */
export type Problems = ReadonlyMap<string, string>;

export function checkRoom(input: RoomOptionsInput): Problems {
  const problems = new Map<string, string>();
  const room = roomOptionsSchema.safeParse(input);
  if (!room.success) {
    for (const issue of room.error.issues)
      note(problems, String(issue.path[0] ?? 'environment'), issue.message);
    return problems;
  }
  const { environment, preset, players, episodeLength, options } = room.data;
  const definition = definitionOf(environment);
  const known = definition.presets[preset];
  if (known === undefined) {
    note(problems, 'preset', `there are ${Object.keys(definition.presets).join(', ')}`);
    return problems;
  }
  const own = definition.schema.safeParse({ ...known, ...options, players, episodeLength });
  if (!own.success) {
    for (const issue of own.error.issues) note(problems, place(issue), issue.message);
    return problems;
  }
  const most = definition.maxPlayers(own.data);
  if (players > most && options.map === undefined) {
    note(problems, 'players', `at most ${most}: the map has as many spawn points`);
  } else if (options.map !== undefined) {
    try {
      definition.create(own.data);
    } catch (error) {
      if (!(error instanceof OptionsError)) throw error;
      note(problems, 'options.map', error.message);
    }
  }
  return problems;
}

function place(issue: z.core.$ZodIssue): string {
  const name = String(issue.path[0] ?? '');
  return name === 'players' || name === 'episodeLength' ? name : `options.${name}`;
}

function note(problems: Map<string, string>, field: string, message: string): void {
  if (!problems.has(field)) problems.set(field, message);
}
