/**
 * The folder of an experiment: `experiment.json` says what was asked for, `<arm>/seed-<s>` are the runs. Asking for more
 * seeds or arms adds to it; other settings are another experiment, in another folder.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { explain } from '../../shared/definition.ts';
import { writeAtomic } from '../training/atomic-file.ts';
import { reason, TrainingUsageError, WriteError } from '../training/errors.ts';
import { makeFolder } from '../training/make-folder.ts';

export const EXPERIMENT_FORMAT = 1;
export const EXPERIMENT_FILE = 'experiment.json';
const LOCK_FILE = 'experiment.lock';

const recordSchema = z.object({
  format: z.literal(EXPERIMENT_FORMAT, {
    error: `of another version of the format than ${EXPERIMENT_FORMAT}`,
  }),
  experiment: z.string(),
  env: z.string(),
  /** Player steps of each run. */
  steps: z.int().min(1),
  /** All that were ever asked for, ascending. */
  seeds: z.array(z.int().min(0)).min(1),
  /** Likewise, in the experiment's order. */
  arms: z.array(z.string()).min(1),
  /** As typed. */
  set: z.array(z.string()),
  /** As typed, of the last time that it was asked to train. */
  command: z.string(),
});

export type ExperimentRecord = z.infer<typeof recordSchema>;

/** What a folder says of its experiment; null for one that is not there, empty, or only locked. @throws {TrainingUsageError} */
export function readRecord(folder: string): ExperimentRecord | null {
  const path = join(folder, EXPERIMENT_FILE);
  if (!existsSync(path)) {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found === undefined) return null;
    if (!found.isDirectory()) throw new TrainingUsageError(`${folder} is a file: choose another --out`);
    // A lock alone is of who is about to write a record, or was killed before it could.
    if (readdirSync(folder).every((name) => name === LOCK_FILE)) return null;
    throw new TrainingUsageError(
      `${folder} is not empty and has no ${EXPERIMENT_FILE}: it is something else, choose another --out`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new TrainingUsageError(`${path} cannot be read: ${reason(error)}`);
  }
  const result = recordSchema.safeParse(json);
  if (!result.success) throw new TrainingUsageError(`${path}: ${explain(result.error)}`);
  return result.data;
}

/** What the folder has and what is asked for, together. @throws {TrainingUsageError} for another experiment's folder. */
export function joinRecords(
  folder: string,
  before: ExperimentRecord | null,
  asked: ExperimentRecord,
  order: readonly string[],
): ExperimentRecord {
  if (before === null) return asked;
  for (const name of ['experiment', 'env', 'steps'] as const) {
    if (before[name] !== asked[name]) refuse(folder, name, before[name], asked[name]);
  }
  const sets = (record: ExperimentRecord) => record.set.toSorted().join(' ');
  if (sets(before) !== sets(asked))
    refuse(folder, '--set', sets(before) || 'nothing', sets(asked) || 'nothing');
  return {
    ...asked,
    seeds: [...new Set([...before.seeds, ...asked.seeds])].sort((a, b) => a - b),
    arms: order.filter((arm) => before.arms.includes(arm) || asked.arms.includes(arm)),
  };
}

export function refuse(folder: string, name: string, before: unknown, now: unknown): never {
  throw new TrainingUsageError(
    `${folder} has ${name} ${before}, not ${now}: an experiment goes on as it is, choose another --out for other settings`,
  );
}

/** @throws {WriteError} */
export async function writeRecord(folder: string, record: ExperimentRecord): Promise<void> {
  makeFolder(folder);
  await writeAtomic(join(folder, EXPERIMENT_FILE), `${JSON.stringify(record, null, 2)}\n`);
}

/** Keeps other processes from training in a folder. */
export interface FolderLock {
  /** A process of ours that works there too: it may outlive this one for as long as it takes to save. */
  add(pid: number): void;
  remove(pid: number): void;
  release(): void;
}

/**
 * Takes the folder until `release`. A process that was killed leaves its lock behind, which the next one sees and takes.
 * @throws {TrainingUsageError} where another process is at work. @throws {WriteError}
 */
export function lockFolder(folder: string): FolderLock {
  const path = join(folder, LOCK_FILE);
  for (let held = true; held; ) {
    try {
      writeFileSync(path, `${process.pid}\n`, { flag: 'wx' });
      held = false;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new WriteError(path, error);
      const holder = holdersOf(path).find(isAlive);
      if (holder !== undefined) {
        throw new TrainingUsageError(
          `process ${holder} is at work in ${folder} (it says so in ${path}): wait for it or stop it; --report-only may run meanwhile`,
        );
      }
      rmSync(path, { force: true });
    }
  }
  const pids = new Set([process.pid]);
  const write = () => writeFileSync(path, `${[...pids].join('\n')}\n`);
  return {
    add(pid) {
      pids.add(pid);
      write();
    },
    remove(pid) {
      pids.delete(pid);
      write();
    },
    release: () => rmSync(path, { force: true }),
  };
}

function holdersOf(path: string): number[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid > 0);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
