/** Runs as figures need them: the settings of `run.json` and the curves of `metrics.jsonl`. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import * as z from 'zod';
import { explain } from '../../shared/definition.ts';
import { reason, TrainingUsageError } from '../training/errors.ts';
import { METRICS_FILE, type RecordedMetrics, readMetrics } from '../training/metrics-log.ts';

const RUN_FILE = 'run.json';

/** Of `run.json`, what a figure tells; the rest passes. */
const runSchema = z.looseObject({
  seed: z.number(),
  config: z.record(z.string(), z.unknown()),
  env: z.unknown(),
  algo: z.unknown(),
  backend: z.unknown(),
  versions: z.record(z.string(), z.unknown()).default({}),
});

export interface Run {
  /** The folder as it was given. */
  readonly path: string;
  /** Its last part. */
  readonly name: string;
  readonly seed: number;
  /**
   * All settings but the seed, flat: dotted paths of the configuration, and `env`, `algo` where it does not have them
   * itself. Values are JSON.
   */
  readonly settings: ReadonlyMap<string, string>;
  /** What computed; '' if unknown. */
  readonly backend: string;
  readonly versions: Readonly<Record<string, unknown>>;
  /** Those of a run that has reported nothing are none; figures are of runs with at least one. */
  readonly metrics: readonly RecordedMetrics[];
  /** What its line is called, where somebody has said so; else its settings say it. */
  readonly label?: string;
}

/**
 * The runs that a path means: itself, or those directly in it, by name.
 * @throws {TrainingUsageError} naming the path and what it lacks.
 */
export function runFolders(path: string): string[] {
  if (!existsSync(path)) throw new TrainingUsageError(`${path}: no such run`);
  if (!statSync(path).isDirectory()) throw new TrainingUsageError(`${path} is a file, a run is a folder`);
  if (existsSync(join(path, RUN_FILE))) return [path];
  const inside = readdirSync(path)
    .sort()
    .map((name) => join(path, name))
    .filter((folder) => existsSync(join(folder, RUN_FILE)));
  if (inside.length === 0) throw new TrainingUsageError(`${path} is not a run: it has no ${RUN_FILE}`);
  return inside;
}

/** @throws {TrainingUsageError} naming the file and what is wrong with it. */
export function readRun(path: string): Run {
  const file = join(path, RUN_FILE);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new TrainingUsageError(`${file} cannot be read: ${reason(error)}`);
  }
  const result = runSchema.safeParse(json);
  if (!result.success) throw new TrainingUsageError(`${file}: ${explain(result.error)}`);
  const { seed, config, env, algo, backend, versions } = result.data;
  const metricsFile = join(path, METRICS_FILE);
  const metrics = existsSync(metricsFile) ? readMetrics(metricsFile) : [];
  const { seed: _, ...others } = config;
  const settings = new Map(
    flatten({ ...(env === undefined ? {} : { env }), ...(algo === undefined ? {} : { algo }), ...others }),
  );
  return { path, name: basename(resolve(path)), seed, settings, backend: text(backend), versions, metrics };
}

/** Leaves of nested objects by dotted path; lists are leaves. */
function flatten(value: Readonly<Record<string, unknown>>, prefix = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]): [string, string][] => {
    const path = `${prefix}${key}`;
    return typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? flatten(inner as Record<string, unknown>, `${path}.`)
      : [[path, JSON.stringify(inner) ?? 'null']];
  });
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'object' && 'name' in value) return String(value.name);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
