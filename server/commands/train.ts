/** `arena train`: learns, and says how it goes. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { chooseBackend } from '../../agents/engine/index.ts';
import { readRecordings } from '../../agents/imitation/data.ts';
import type { ArenaSettings } from '../../agents/remote/settings.ts';
import { type Plan, readNames, readPlan } from '../../agents/training/config.ts';
import { reason } from '../../agents/training/errors.ts';
import { presetText } from '../../agents/training/presets.ts';
import { RUN_FILE, readRunFolder } from '../../agents/training/run-folder.ts';
import { train as run } from '../../agents/training/trainer.ts';
import { formatConfig } from '../../agents/training/yaml-config.ts';
import { parseFlags, UsageError, whole } from '../config.ts';
import { arenaUrl, commandLine, playerSteps, seedRange } from './run-flags.ts';
import { chosenArena } from './train-arena.ts';

const flagsSchema = z.object({
  env: z.string().optional(),
  algo: z.string().optional(),
  steps: playerSteps.optional(),
  seed: whole(0, Number.MAX_SAFE_INTEGER).optional(),
  seeds: seedRange.optional(),
  out: z.string().min(1).optional(),
  config: z.string().optional(),
  preset: z.string().optional(),
  set: z.array(z.string()).default([]),
  data: z.array(z.string().min(1)).optional(),
  expert: z.string().optional(),
  workers: whole(1, 256).optional(),
  backend: z.string().optional(),
  resume: z.boolean().default(false),
  arena: arenaUrl.optional(),
  token: z.string().min(1).optional(),
  patience: whole(0, 86_400).default(60),
  room: z.string().min(1).optional(),
  seats: whole(1, 240).optional(),
  key: z.string().min(1).optional(),
});

export async function train(raw: unknown): Promise<void> {
  const flags = parseFlags(flagsSchema, raw);
  if (flags.seed !== undefined && flags.seeds !== undefined) {
    throw new UsageError('--seeds and --seed exclude one another');
  }
  if (flags.config !== undefined && flags.preset !== undefined) {
    throw new UsageError('--config and --preset exclude one another');
  }
  let backend: ReturnType<typeof chooseBackend>;
  try {
    backend = chooseBackend(flags.backend);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const abort = new AbortController();
  const interrupted = (signal: NodeJS.Signals) => {
    if (abort.signal.aborted) {
      // By the signal itself: an orderly exit in the middle of a computation of ONNX Runtime's ends in SIGABRT.
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      process.kill(process.pid, signal);
      return;
    }
    process.stderr.write('\nsaving a checkpoint; once more leaves at once\n');
    abort.abort();
  };
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);
  for (const seed of flags.seeds ?? [undefined]) {
    const { plan, folder, resume, arena } = await chosenRun(flags, seed);
    const outcome = await run({
      plan,
      folder,
      backend,
      workers: Math.min(flags.workers ?? availableParallelism(), plan.config.shards),
      resume,
      ...(arena === null ? {} : { arena }),
      command: commandLine(),
      signal: abort.signal,
    });
    const { progress } = outcome;
    if (!outcome.finished) {
      process.stdout.write(
        `stopped after ${progress.steps} player steps; go on with: npx arena train --resume --out ${folder}\n`,
      );
      process.exitCode = 130;
      return;
    }
    process.stdout.write(
      `done: ${progress.steps} player steps in ${progress.seconds.toFixed(0)} s; see npx arena plot ${folder}\n`,
    );
  }
}

type Flags = z.infer<typeof flagsSchema>;

/** What is needed for a network is loaded where there is one. */
const rooms = () => import('../../agents/remote/room.ts');

interface ChosenRun {
  readonly plan: Plan;
  readonly folder: string;
  readonly resume: boolean;
  readonly arena: ArenaSettings | null;
}

/** What to run and where: a new run, or one that is there. */
async function chosenRun(flags: Flags, seed: number | undefined): Promise<ChosenRun> {
  const { out, seeds } = flags;
  if (flags.resume && out === undefined) {
    throw new UsageError('--resume: name the folder of the run with --out');
  }
  const base = out !== undefined && seeds !== undefined ? join(out, `seed-${seed}`) : out;
  // One command for many seeds goes on with those that were begun and begins the others.
  if (base !== undefined && flags.resume && (seeds === undefined || existsSync(join(base, RUN_FILE)))) {
    const plan = readRunFolder(base);
    const arena = chosenArena(flags, base);
    refuseChange(plan, base, overrides(flags, seed), arena?.room?.seats ?? null);
    if (arena?.room !== undefined) {
      const { gameOf, refuseGame } = await rooms();
      refuseGame(plan, await gameOf(arena, arena.room));
    }
    return { plan, folder: base, resume: true, arena };
  }
  const { text, source } = configuration(flags);
  const arena = chosenArena(flags, null);
  const plan =
    arena?.room === undefined
      ? readPlan(text, source, overrides(flags, seed))
      : await (await rooms()).planInRoom(arena, arena.room, {
          text,
          source,
          overrides: overrides(flags, seed),
        });
  const { env, algo, seed: chosen } = plan.config;
  return { plan, folder: base ?? join('runs', `${env.name}-${algo.name}-${chosen}`), resume: false, arena };
}

function configuration({ config, preset }: Flags): { text: string; source: string } {
  if (preset !== undefined) return { text: presetText(preset), source: `preset ${preset}` };
  if (config === undefined) return { text: '', source: 'the command line' };
  try {
    return { text: readFileSync(config, 'utf8'), source: config };
  } catch (error) {
    throw new UsageError(`--config ${config} cannot be read: ${reason(error)}`);
  }
}

function overrides(flags: Flags, seed: number | undefined): string[] {
  const chosen = seed ?? flags.seed;
  return [
    // Of the shards each has labels of its own, and people answer one.
    ...(flags.algo === 'dagger' && !flags.resume ? ['shards=1'] : []),
    ...recorded(flags),
    ...(flags.env === undefined ? [] : [`env.name=${flags.env}`]),
    ...(flags.algo === undefined ? [] : [`algo.name=${flags.algo}`]),
    ...(flags.steps === undefined ? [] : [`steps=${flags.steps}`]),
    ...(chosen === undefined ? [] : [`seed=${chosen}`]),
    ...(flags.expert === undefined ? [] : [`algo.expert=${flags.expert}`]),
    ...flags.set,
  ];
}

const LEARN_FROM_DATA = ['bc', 'dagger'];

/** Recordings as settings: where they are, and the environment that they are of unless another is named. */
function recorded({ data, algo, env, config, preset, resume }: Flags): string[] {
  if (data === undefined) return [];
  const paths = data.map((path) => resolve(path));
  if (algo !== undefined && !LEARN_FROM_DATA.includes(algo)) {
    throw new UsageError(`--data: ${algo} learns from no recordings, ${LEARN_FROM_DATA.join(' and ')} do`);
  }
  const settings = [`algo.data=${JSON.stringify(paths)}`];
  if (env !== undefined || config !== undefined || preset !== undefined || resume) return settings;
  const { environment, options } = readRecordings(paths)[0]!.header;
  return [
    ...settings,
    `env.name=${environment}`,
    ...Object.entries(options).map(([name, value]) => `env.${name}=${JSON.stringify(value)}`),
  ];
}

/**
 * A run goes on as it is: its checkpoints mean something only with its settings.
 * @param folder of the run. @param overrides what is asked for on top of its settings.
 * @throws {UsageError} naming one that differs.
 */
function refuseChange(
  { config }: Plan,
  folder: string,
  overrides: readonly string[],
  seats: number | null,
): void {
  const refuse = (name: string, before: unknown, now: unknown) => {
    throw new UsageError(
      `--resume: the run has ${name} ${before}, not ${now}; a run goes on as it is, start another for other settings`,
    );
  };
  const text = formatConfig(config);
  // Before its settings are held against what another environment or algorithm knows.
  const names = readNames(text, folder, overrides);
  for (const part of ['env', 'algo'] as const) {
    if (names[part].name !== config[part].name) refuse(`${part}.name`, config[part].name, names[part].name);
  }
  const before = flat(config);
  for (const [name, value] of flat(readPlan(text, folder, overrides, seats).config)) {
    if (before.get(name) !== value) refuse(name, before.get(name) ?? 'unset', value);
  }
}

function flat(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new Map([[path, JSON.stringify(value)]]);
  }
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [...flat(inner, path === '' ? key : `${path}.${key}`)]),
  );
}
