/** `arena evaluate`: what policies score, scripted and trained ones in any mix; `arena simulate` is its other name. */
import * as z from 'zod';
import {
  type EpisodeReport,
  evaluateAndMeasure,
  MEASURES,
  type Measured,
  SIGHTS,
} from '../../agents/evaluate.ts';
import { PolicyError } from '../../agents/policies/card.ts';
import { type Contestant, openPolicies } from '../../agents/policies/names.ts';
import { measuresOf, type Score, type Scores, scoresOf } from '../../agents/scores.ts';
import type { EnvironmentDefinition, OptionsInput } from '../../shared/definition.ts';
import { DILEMMAS, definitionOf } from '../../shared/registry.ts';
import { parseFlags, UsageError, whole } from '../config.ts';
import { measuredTables } from './measures.ts';
import { settings } from './settings.ts';
import { digits, table } from './table.ts';

/** Our bootstrap intervals of normal values cover the mean in 48% of cases from 2, 84% from 5, 91% from 10, 94% from 32. */
const ENOUGH_EPISODES = 10;

export const flagsSchema = z.object({
  env: z.string().optional(),
  preset: z.string().optional(),
  players: whole(1, 240).optional(),
  policy: z
    .string()
    .transform((names) => names.split(',').map((name) => name.trim()))
    .optional(),
  episodes: whole(1, 1_000_000).default(10),
  seed: whole(0, Number.MAX_SAFE_INTEGER).default(1),
  set: z.array(z.string()).default([]),
  greedy: z.boolean().default(false),
  sight: z.enum([...SIGHTS, 'all']).default('own'),
  measures: z
    .string()
    .transform((names) => names.split(',').map((name) => name.trim()))
    .pipe(
      z.array(
        z.enum(MEASURES, { error: ({ input }) => `${input} is unknown, there are ${MEASURES.join(', ')}` }),
      ),
    )
    .default([]),
  json: z.boolean().default(false),
});

export type Flags = z.infer<typeof flagsSchema>;

export async function evaluate(raw: unknown): Promise<void> {
  const flags = parseFlags(flagsSchema, raw);
  if (flags.policy === undefined) {
    const { evaluateZoo } = await import('./zoo.ts');
    return evaluateZoo(flags);
  }
  const policies = await named(flags.policy);
  const { definition, options } = chosenGame(flags, policies);
  if (definition.kind !== 'dilemma' && policies.some((policy) => typeof policy === 'string')) {
    throw new UsageError(
      `--env: ${definition.name} has no windows of class ids, which scripted policies see by, there are ${DILEMMAS.map(({ name }) => name).join(', ')}`,
    );
  }
  const { episodes, seed, greedy } = flags;
  const results: Result[] = [];
  for (const sight of flags.sight === 'all' ? SIGHTS : [flags.sight]) {
    const start = performance.now();
    const game = { environment: definition.name, options, policies, episodes, seed, greedy, sight };
    const { reports, measured } = await asked(() => evaluateAndMeasure(game, flags.measures));
    const seconds = (performance.now() - start) / 1000;
    results.push({ sight, reports, measured, scores: scoresOf(reports, definition.kind, seed), seconds });
  }
  for (const policy of new Set(policies)) if (typeof policy !== 'string') await policy.release();
  if (flags.json) printJson(results, flags.measures.length > 0);
  else print(flags, flags.policy, definition, results);
  warnOfFew(episodes);
}

/** Says that intervals of so few are not to be relied on; a single episode has none. */
export function warnOfFew(episodes: number): void {
  if (episodes < 2 || episodes >= ENOUGH_EPISODES) return;
  process.stderr.write(
    `note: 95% intervals of ${episodes} episodes are too narrow, ask for ${ENOUGH_EPISODES} or more with --episodes\n`,
  );
}

interface Result {
  readonly sight: string;
  readonly reports: readonly EpisodeReport[];
  readonly measured: Measured;
  readonly scores: Scores;
  readonly seconds: number;
}

async function named(names: readonly string[]): Promise<Contestant[]> {
  try {
    return await openPolicies(names);
  } catch (error) {
    if (error instanceof PolicyError) throw new UsageError(`--policy: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Faults of what was asked for as such. */
async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PolicyError || error instanceof RangeError) {
      throw new UsageError(error.message, { cause: error });
    }
    throw error;
  }
}

/** What is not said is what the first trained policy learned on, or five players in Harvest. */
function chosenGame(
  { env, preset, players, set }: Flags,
  policies: readonly Contestant[],
): { definition: EnvironmentDefinition; options: OptionsInput } {
  const trained = policies.find((policy) => typeof policy !== 'string');
  const name = env ?? trained?.card.env.name ?? 'harvest';
  const own = trained !== undefined && trained.card.env.name === name && preset === undefined;
  const options = {
    ...(own ? trained.card.env.options : {}),
    ...(preset === undefined ? {} : { preset }),
    ...(players === undefined ? {} : { players }),
    ...settings(set),
  };
  return { definition: definitionOf(name), options };
}

function printJson(results: readonly Result[], asked: boolean): void {
  const write = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const many = results.length > 1;
  for (const { sight, reports, measured, scores } of results) {
    const which = many ? { sight } : {};
    for (const [episode, { seed, outcome, returns }] of reports.entries()) {
      write({ ...which, episode, seed, ...outcome, returns: Array.from(returns) });
    }
    const { measures, seats } = scores;
    const beside = asked ? { measured } : {};
    write({ ...which, episodes: reports.length, confidence: 0.95, summary: measures, seats, ...beside });
  }
}

/** `12 to 14`, or why there is no interval. */
export const interval = ({ low, high }: Score): string =>
  low === null || high === null ? 'one episode' : `${digits(low)} to ${digits(high)}`;

function print(
  flags: Flags,
  names: readonly string[],
  { title, kind }: EnvironmentDefinition,
  results: readonly Result[],
): void {
  const [{ reports, scores, seconds }] = results as [Result];
  const players = reports[0]!.returns.length;
  const steps = reports.reduce((sum, { outcome }) => sum + outcome.steps, 0);
  const count = reports.length;
  const seats = Array.from({ length: players }, (_, i) => names[i % names.length]!);
  const neverAte = reports.reduce((sum, { outcome }) => sum + outcome.neverAte, 0);
  const manners = [
    ...(flags.greedy ? ['trained policies take their most likely action'] : []),
    ...(results.length === 1 && flags.sight !== 'own' ? [`they see ${flags.sight} windows`] : []),
  ];
  const lines = [
    `${title}${flags.preset === undefined ? '' : ` (${flags.preset})`}, ${players} player${players === 1 ? '' : 's'}: ${names.join(', ')}`,
    `${count} episode${count === 1 ? '' : 's'} from seed ${flags.seed}, ${steps} environment steps in ${seconds.toFixed(1)} s`,
    ...(manners.length > 0 ? [manners.join('; ')] : []),
    '',
    ...(results.length > 1 ? sightTable(kind, results) : scoreTable(kind, scores)),
    ...(results.length === 1 && players > 1 ? ['', ...seatTable(seats, scores)] : []),
    ...(kind === 'dilemma' && neverAte > 0
      ? ['', `${neverAte} of ${count * players} players never ate: sustainability leaves them out`]
      : []),
    ...results.flatMap(({ sight, measured }) =>
      measuredTables(measured, players).flatMap((paragraph, k) => [
        '',
        ...(k === 0 && results.length > 1 ? [`who sees ${sight} windows:`] : []),
        ...paragraph,
      ]),
    ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function scoreTable(kind: EnvironmentDefinition['kind'], { measures }: Scores): string[] {
  const rows = measuresOf(kind).map(({ name, label, unit }) => {
    const score = measures[name]!;
    return [label, digits(score.mean), digits(score.deviation), interval(score), unit];
  });
  return table([['', 'mean', 'deviation', '95% interval', ''], ...rows], [0, 4]);
}

function seatTable(names: readonly string[], { seats }: Scores): string[] {
  const rows = seats.map((score, seat) => [
    `seat ${seat}`,
    digits(score.mean),
    digits(score.deviation),
    interval(score),
    names[seat]!,
  ]);
  return table([['return of', 'mean', 'deviation', '95% interval', ''], ...rows], [0, 4]);
}

/** What is seen as columns, for what changes with it. */
function sightTable(kind: EnvironmentDefinition['kind'], results: readonly Result[]): string[] {
  const rows = measuresOf(kind).map(({ name, label, unit }) => [
    label,
    ...results.flatMap(({ scores }) => {
      const score = scores.measures[name]!;
      return [digits(score.mean), interval(score)];
    }),
    unit,
  ]);
  const head = ['', ...results.flatMap(({ sight }) => [sight, '95% interval']), ''];
  return table([head, ...rows], [0, head.length - 1]);
}
