/** Whether a room can be made as asked, by the schemas of the protocol and of the environment, field by field. */
import { type EnvironmentDefinition, OptionsError, wordsOf } from '../../shared/definition.ts';
import { type RoomOptionsInput, roomOptionsSchema } from '../../shared/protocol/index.ts';
import { definitionOf } from '../../shared/registry.ts';

/** What is wrong, by the name of the field; of the environment's own options as `options.NAME`. */
export type Problems = ReadonlyMap<string, string>;

/** @param input with an environment that there is; everything else may be wrong. */
export function checkRoom(input: RoomOptionsInput & { readonly environment: string }): Problems {
  const problems = new Map<string, string>();
  const room = roomOptionsSchema.safeParse(input);
  for (const issue of room.error?.issues ?? []) note(problems, String(issue.path[0]), wordsOf(issue));
  const definition = definitionOf(input.environment);
  const preset = definition.presets[input.preset ?? 'default'];
  if (preset === undefined) {
    note(problems, 'preset', `there are ${Object.keys(definition.presets).join(', ')}`);
    return problems;
  }
  // What the room's own fields say must also suit the environment; what is wrong with them already is left out.
  const shared = Object.fromEntries(
    (['players', 'episodeLength'] as const)
      .filter((name) => input[name] !== undefined && !problems.has(name))
      .map((name) => [name, input[name]]),
  );
  const options = definition.schema.safeParse({ ...preset, ...input.options, ...shared });
  for (const issue of options.error?.issues ?? []) {
    const name = String(issue.path[0]);
    note(problems, name in shared ? name : `options.${name}`, wordsOf(issue));
  }
  if (options.success) checkMap(definition, options.data, problems);
  return problems;
}

/** A map is known to be good by making the environment; the standard one can only be too small. */
function checkMap(
  definition: EnvironmentDefinition,
  options: ReturnType<EnvironmentDefinition['schema']['parse']>,
  problems: Map<string, string>,
): void {
  if (!('map' in options) || options.map === undefined) {
    const most = definition.maxPlayers(options);
    if (options.players > most)
      note(problems, 'players', `at most ${most}: the map has as many spawn points`);
    return;
  }
  try {
    definition.create(options);
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    note(problems, 'options.map', error.message);
  }
}

function note(problems: Map<string, string>, field: string, message: string): void {
  if (!problems.has(field)) problems.set(field, message);
}
