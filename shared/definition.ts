/** What the registry holds: an environment as a thing that can be described, checked and made. */
import type * as z from 'zod';
import type { Environment } from './environment.ts';
import type { RewardOptions } from './rewards.ts';
import type { VectorEnvironment } from './vector.ts';

export type CommonOptions = RewardOptions & { readonly players: number; readonly episodeLength: number };

/** Options as a user gives them: a preset's name and whatever differs from it. */
export type OptionsInput = Readonly<Record<string, unknown>> & { readonly preset?: string | undefined };

export interface VectorSettings {
  /** Whether windows are copied by the WebAssembly kernel; the bytes are the same either way. */
  readonly kernel?: boolean;
  /** Bytes set aside for `VectorEnvironment.allocate`. */
  readonly reserve?: number;
}

/**
 * - `dilemma`: several players on a grid. Rooms can be made of it, and scripted policies play it.
 * - `control`: one player and a few numbers, with nothing to draw: for learning only. Learners are held against it, for
 *   what they should reach is known.
 * - `matrix`: the same for several players, whose payoffs fit in a small table.
 */
export type EnvironmentKind = 'dilemma' | 'control' | 'matrix';

export interface EnvironmentDefinition<O extends CommonOptions = CommonOptions> {
  readonly name: string;
  readonly kind: EnvironmentKind;
  readonly title: string;
  /** What the dilemma or the task is, in two or three sentences. */
  readonly summary: string;
  /** Where the rules come from. */
  readonly source: string;
  /** The numbers of the rules for documentation, a line of Markdown each. */
  readonly details: readonly string[];
  readonly schema: z.ZodType<O>;
  /** Options that differ from the defaults, by preset; `default` is always there. */
  readonly presets: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Labels of the actions, with the default options. */
  readonly actions: readonly string[];
  /** What it takes at least. */
  readonly minPlayers: number;
  /** What an environment with these options can take at most. */
  maxPlayers(options: O): number;
  create(options: O): Environment;
  /** Bytes that `createVector` takes for so many environments, about, without what is reserved. */
  vectorBytes(options: O, environments: number): number;
  createVector(options: O, environments: number, settings: VectorSettings): VectorEnvironment;
}

/** Options that are not what an environment takes: says which, why, and what would be right. */
export class OptionsError extends Error {
  override name = 'OptionsError';
}

/** @throws {OptionsError} */
export function parseOptions<O extends CommonOptions>(
  definition: EnvironmentDefinition<O>,
  input: OptionsInput,
): O {
  const { preset = 'default', ...rest } = input;
  const presets = Object.keys(definition.presets);
  if (typeof preset !== 'string' || !presets.includes(preset)) {
    throw new OptionsError(
      `preset ${JSON.stringify(preset)} of ${definition.name} is unknown, there are ${presets.join(', ')}`,
    );
  }
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const result = definition.schema.safeParse({ ...definition.presets[preset], ...given });
  if (!result.success) throw new OptionsError(`options of ${definition.name}: ${explain(result.error)}`);
  return result.data;
}

/** A zod error as one line: where and what, for each issue. */
export function explain(error: z.ZodError): string {
  return error.issues
    .map((issue) => {
      const words = wordsOf(issue);
      return issue.path.length > 0 ? `${issue.path.join('.')}: ${words}` : words;
    })
    .join('; ');
}

/** What zod says of a type when a schema has no words of its own. */
const WRONG_TYPE = /^Invalid input: expected .*, received (.*)$/;

/** Names of types that are not everybody's. */
const TYPES: Readonly<Record<string, string>> = {
  int: 'whole number',
  record: 'object',
  array: 'list',
  string: 'text',
};

/** What is wrong, in words. Zod says "Invalid input: expected number, received string" of text in a number's place. */
export function wordsOf(issue: z.core.$ZodIssue): string {
  const { message } = issue;
  if (issue.code === 'invalid_union' && message === 'Invalid input') {
    const ways = issue.errors.map((issues) => issues.map(wordsOf).join(' and '));
    return ways.length === 0 ? message : [...new Set(ways)].join(', or ');
  }
  const received = issue.code === 'invalid_type' ? WRONG_TYPE.exec(message)?.[1] : undefined;
  if (issue.code !== 'invalid_type' || received === undefined) return message;
  const wanted = `${TYPES[issue.expected] ?? issue.expected} is wanted`;
  const article = /^[aeiou]/.test(wanted) ? 'an' : 'a';
  return received === 'undefined' ? `${article} ${wanted}, and there is none` : `${article} ${wanted}`;
}
