/** A run's folder: what was run, with what, and where to find the rest. Self-describing, versioned. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import { explain } from '../../shared/definition.ts';
import type { ArenaRecord } from '../remote/settings.ts';
import { writeAtomic } from './atomic-file.ts';
import { type Plan, readPlan } from './config.ts';
import { reason, TrainingUsageError } from './errors.ts';
import { makeFolder } from './make-folder.ts';
import { formatConfig } from './yaml-config.ts';

export const RUN_FORMAT = 1;
export const RUN_FILE = 'run.json';
const CONFIG_FILE = 'config.yaml';

const runSchema = z.looseObject({
  format: z.literal(RUN_FORMAT, { error: `of another version of the format than ${RUN_FORMAT}` }),
  config: z.looseObject({}),
  arena: z
    .object({
      url: z.string(),
      room: z.object({ id: z.string(), seats: z.int().min(1) }).exactOptional(),
    })
    .optional(),
});

/** @throws {TrainingUsageError} for a folder that has something in it. @throws {WriteError} */
export async function createRunFolder(
  folder: string,
  plan: Plan,
  backend: string,
  command: string,
  arena: ArenaRecord | null = null,
): Promise<void> {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() && readdirSync(folder).length > 0) {
    throw new TrainingUsageError(
      existsSync(join(folder, RUN_FILE))
        ? `${folder} has a run already: add --resume to go on with it, or choose another --out`
        : `${folder} is not empty: choose another --out`,
    );
  }
  makeFolder(folder);
  const { config } = plan;
  await writeAtomic(join(folder, CONFIG_FILE), formatConfig(config));
  const run = {
    format: RUN_FORMAT,
    env: config.env.name,
    algo: config.algo.name,
    seed: config.seed,
    config,
    parameters: plan.parameters,
    backend,
    versions: versions(),
    processor: cpus()[0]?.model ?? 'unknown',
    command,
    ...(arena === null ? {} : { arena }),
    started: new Date().toISOString(),
  };
  await writeAtomic(join(folder, RUN_FILE), `${JSON.stringify(run, null, 2)}\n`);
}

/** The plan of a run that is there. @throws {TrainingUsageError} naming what is missing or wrong. */
export function readRunFolder(folder: string): Plan {
  // JSON is YAML too: what is wrong in it is said as of any configuration.
  const { config, arena } = readRun(folder);
  const seats = arena?.room?.seats ?? null;
  return readPlan(JSON.stringify(config), `${join(folder, RUN_FILE)}, config`, [], seats);
}

/** Where a run that is there has its environments; null for those of its own. @throws as `readRunFolder`. */
export function arenaOf(folder: string): ArenaRecord | null {
  return readRun(folder).arena ?? null;
}

function readRun(folder: string): z.infer<typeof runSchema> {
  const path = join(folder, RUN_FILE);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new TrainingUsageError(`${path} cannot be read: ${reason(error)}`);
  }
  const result = runSchema.safeParse(json);
  if (!result.success)
    throw new TrainingUsageError(`${path} is not what describes a run: ${explain(result.error)}`);
  return result.data;
}

function versions(): Record<string, string> {
  const { dependencies } = packageJson;
  return {
    'commons-arena': packageJson.version,
    node: process.versions.node,
    'onnxruntime-node': dependencies['onnxruntime-node'],
    '@tensorflow/tfjs': dependencies['@tensorflow/tfjs'],
    ...commit(),
  };
}

/** The commit of a checkout; nothing where there is none. */
function commit(): { commit?: string } {
  try {
    const head = execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return { commit: head.trim() };
  } catch {
    return {};
  }
}
