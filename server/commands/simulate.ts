/** `arena simulate`: plays episodes headless and prints what they come to. */
import * as z from 'zod';
import { type EpisodeReport, evaluate } from '../../agents/evaluate.ts';
import { type Summary, summarize } from '../../agents/statistics.ts';
import { POLICY_NAMES } from '../../shared/policies/index.ts';
import { DILEMMAS, definitionOf } from '../../shared/registry.ts';
import { UsageError, whole } from '../config.ts';

const flagsSchema = z.object({
  env: z.string(),
  preset: z.string(),
  players: whole(1, 240),
  policy: z
    .string()
    .transform((names) => names.split(',').map((name) => name.trim()))
    .pipe(
      z.array(
        z.enum(POLICY_NAMES, {
          error: (issue) => `${JSON.stringify(issue.input)} is unknown, there are ${POLICY_NAMES.join(', ')}`,
        }),
      ),
    ),
  episodes: whole(1, 1_000_000),
  seed: whole(0, Number.MAX_SAFE_INTEGER),
  set: z.array(z.string()).default([]),
  json: z.boolean().default(false),
});

/** What is printed of an episode, with its unit; every one is a number of `SocialOutcome`. */
const MEASURES = [
  ['collectiveReturn', 'return', 'raw reward of all players together'],
  ['efficiency', 'efficiency', 'return per step'],
  ['equality', 'equality', '1 where all eat alike, to 0'],
  ['sustainability', 'sustainability', 'mean step at which they eat'],
  ['peace', 'peace', 'players not timed out, of all'],
  ['finesPerPlayerStep', 'fines', 'fining beams a player step'],
  ['hitsPerPlayerStep', 'hits', 'players hit a player step'],
] as const;

export function simulate(raw: unknown): void {
  const parsed = flagsSchema.safeParse(raw);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new UsageError(`--${String(path[0])}: ${message}`);
  }
  const flags = parsed.data;
  const definition = definitionOf(flags.env);
  if (definition.kind !== 'dilemma') {
    throw new UsageError(
      `--env: ${definition.name} has no windows of class ids, which scripted policies see by, there are ${DILEMMAS.map(({ name }) => name).join(', ')}`,
    );
  }
  const start = performance.now();
  const reports = evaluate({
    environment: definition.name,
    options: { ...settings(flags.set), preset: flags.preset, players: flags.players },
    policies: flags.policy,
    episodes: flags.episodes,
    seed: flags.seed,
  });
  const seconds = (performance.now() - start) / 1000;
  const summaries = MEASURES.map(([field]) => summarize(reports.map((report) => report.outcome[field])));
  if (flags.json) printJson(reports, summaries);
  else print(flags, definition.title, summaries, reports, seconds);
}

/** `name=value` pairs as options; values are JSON, or text where they are not. */
function settings(pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new UsageError(`--set ${pair}: give name=value, for example --set regrowth=lab2d`);
      const text = pair.slice(at + 1);
      const flag = ['players', 'preset'].find((name) => pair.startsWith(`${name}=`));
      if (flag !== undefined) throw new UsageError(`--set ${pair}: use --${flag} ${text}`);
      try {
        return [pair.slice(0, at), JSON.parse(text)];
      } catch {
        return [pair.slice(0, at), text];
      }
    }),
  );
}

function printJson(reports: readonly EpisodeReport[], summaries: readonly Summary[]): void {
  for (const [episode, report] of reports.entries()) {
    const line = { episode, seed: report.seed, ...report.outcome, returns: Array.from(report.returns) };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
  const summary = Object.fromEntries(MEASURES.map(([field], k) => [field, finite(summaries[k]!)]));
  process.stdout.write(`${JSON.stringify({ episodes: reports.length, confidence: 0.95, summary })}\n`);
}

/** JSON has no infinity: the interval of a single episode is null. */
function finite({ low, high, ...rest }: Summary) {
  return { ...rest, low: Number.isFinite(low) ? low : null, high: Number.isFinite(high) ? high : null };
}

function print(
  flags: z.infer<typeof flagsSchema>,
  title: string,
  summaries: readonly Summary[],
  reports: readonly EpisodeReport[],
  seconds: number,
): void {
  const steps = reports.reduce((sum, report) => sum + report.outcome.steps, 0);
  const rows = MEASURES.map(([, name, unit], k) => {
    const { mean, deviation, low, high } = summaries[k]!;
    return [
      name,
      digits(mean),
      digits(deviation),
      Number.isFinite(low) ? `${digits(low)} to ${digits(high)}` : 'one episode',
      unit,
    ];
  });
  const table = [['', 'mean', 'deviation', '95% interval', ''], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === 4 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
  const neverAte = reports.reduce((sum, report) => sum + report.outcome.neverAte, 0);
  process.stdout.write(
    [
      `${title} (${flags.preset}), ${flags.players} players: ${flags.policy.join(', ')}`,
      `${flags.episodes} episode${flags.episodes === 1 ? '' : 's'} from seed ${flags.seed}, ${steps} environment steps in ${seconds.toFixed(1)} s`,
      '',
      ...lines,
      ...(neverAte > 0
        ? [
            '',
            `${neverAte} of ${reports.length * flags.players} players never ate: sustainability leaves them out`,
          ]
        : []),
      '',
    ].join('\n'),
  );
}

/** Four significant digits, and no exponent. */
function digits(value: number): string {
  return value === 0
    ? '0'
    : Math.abs(value) >= 1000
      ? value.toFixed(0)
      : Number(value.toPrecision(4)).toString();
}
