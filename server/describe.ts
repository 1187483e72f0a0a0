/** Environments as JSON, for `/api/environments` and `arena environments`. */
import * as z from 'zod';
import { type EnvironmentDefinition, type EnvironmentKind, parseOptions } from '../shared/definition.ts';
import { type ActionSpec, type ArraySpec, actionElements } from '../shared/environment.ts';

export interface EnvironmentDescription {
  readonly name: string;
  readonly kind: EnvironmentKind;
  readonly title: string;
  readonly summary: string;
  readonly source: string;
  readonly players: { readonly default: number; readonly min: number; readonly max: number };
  readonly episodeLength: number;
  readonly presets: readonly string[];
  readonly actions: ActionSpec;
  readonly observations: Readonly<Record<string, ArraySpec>>;
  readonly actionElements: number;
  /** JSON schema of the options. */
  readonly options: unknown;
}

export function describeEnvironments(
  definitions: readonly EnvironmentDefinition[],
): EnvironmentDescription[] {
  return definitions.map((definition) => {
    const options = parseOptions(definition, {});
    const environment = definition.create(options);
    return {
      name: definition.name,
      kind: definition.kind,
      title: definition.title,
      summary: definition.summary,
      source: definition.source,
      players: {
        default: options.players,
        min: definition.minPlayers,
        max: definition.maxPlayers(options),
      },
      episodeLength: options.episodeLength,
      presets: Object.keys(definition.presets),
      actions: environment.actionSpec,
      observations: environment.observationSpecs,
      actionElements: actionElements(environment.actionSpec),
      options: z.toJSONSchema(definition.schema, { io: 'input' }),
    };
  });
}
