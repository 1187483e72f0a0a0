/** The runs of an experiment: which there are to be, in what order, and how far each one is. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CARD_FILE } from '../policies/card.ts';
import { hasCheckpoints, latestCheckpoint } from '../training/checkpoints.ts';
import type { Plan } from '../training/config.ts';
import { TrainingUsageError } from '../training/errors.ts';
import { RUN_FILE, readRunFolder } from '../training/run-folder.ts';
import { CheckpointError } from '../training/safetensors.ts';
import { type PlannedArm, withSeed } from './experiment.ts';
import { refuse } from './folder.ts';

const CONFIG_FILE = 'config.yaml';

/** One run of the experiment. */
export interface Task {
  readonly arm: string;
  readonly seed: number;
  /** `moa/seed-0`, below the experiment's folder. */
  readonly name: string;
  readonly folder: string;
  readonly plan: Plan;
  readonly state: RunState;
}

/** `begun`: there is a folder to go on in. `finished`: nothing is left to do. */
export type RunState = 'missing' | 'begun' | 'finished';

/**
 * Seed by seed, all arms of a seed before the next one: what is stopped early has whole comparisons.
 * @throws {TrainingUsageError} for a run with other settings, naming what differs.
 */
export function tasksOf(folder: string, arms: readonly PlannedArm[], seeds: readonly number[]): Task[] {
  return seeds.flatMap((seed) =>
    arms.map(({ arm, plan: first }) => {
      const plan = withSeed(first, seed);
      const name = join(arm.name, `seed-${seed}`);
      const path = join(folder, name);
      return { arm: arm.name, seed, name, folder: path, plan, state: stateOf(path, plan) };
    }),
  );
}

/** @throws {TrainingUsageError} */
function stateOf(folder: string, plan: Plan): RunState {
  if (!existsSync(join(folder, RUN_FILE))) {
    const others = existsSync(folder) ? readdirSync(folder).filter((name) => !isUnborn(name)) : [];
    if (others.length === 0) return 'missing';
    throw new TrainingUsageError(
      `${folder} has ${others[0]} and no ${RUN_FILE}: it is no run, choose another --out`,
    );
  }
  refuseOther(folder, plan);
  if (!hasCheckpoints(folder)) return 'begun';
  const total = Math.ceil(plan.config.steps / plan.stepsPerIteration);
  try {
    const { progress } = latestCheckpoint(folder);
    return progress.iterations >= total && stepsOfPolicy(folder) === progress.steps ? 'finished' : 'begun';
  } catch (error) {
    if (error instanceof CheckpointError) return 'begun';
    throw error;
  }
}

/** The policy is written last of all. */
function stepsOfPolicy(folder: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, CARD_FILE), 'utf8')).playerSteps;
  } catch {
    return null;
  }
}

/** What a run leaves that was killed in its first moment, before it had said what it is. */
const isUnborn = (name: string) => name === CONFIG_FILE || name.endsWith('.tmp');

/** Makes room for a run that is missing. */
export function clearUnborn(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (isUnborn(name)) rmSync(join(folder, name));
}

/** Its checkpoints mean something only with its settings. */
function refuseOther(folder: string, { config }: Plan): void {
  const before = flat(readRunFolder(folder).config);
  const now = flat(config);
  for (const path of new Set([...before.keys(), ...now.keys()])) {
    const [had, has] = [before.get(path) ?? 'unset', now.get(path) ?? 'unset'];
    if (had !== has) refuse(folder, path, had, has);
  }
}

/** Leaves of nested objects by dotted path, as JSON; lists are leaves. */
export function flat(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new Map([[path, JSON.stringify(value)]]);
  }
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [...flat(inner, path === '' ? key : `${path}.${key}`)]),
  );
}
