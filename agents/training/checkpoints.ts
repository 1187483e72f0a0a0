/** A run's checkpoints: complete, atomic, kept by age and by score. */
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { explain } from '../../shared/definition.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import { writeAtomic } from './atomic-file.ts';
import type { RunState } from './crew.ts';
import { reason } from './errors.ts';
import { makeFolder } from './make-folder.ts';
import {
  CheckpointError,
  decodeSafetensors,
  encodeSafetensors,
  type Tensor,
  type TensorFile,
} from './safetensors.ts';

export const CHECKPOINT_FORMAT = 1;
const FOLDER = 'checkpoints';
const BEST = 'best.safetensors';
/** Twelve digits, so that names sort as numbers. */
const NAME = /^step-(\d{12})\.safetensors$/;

/** Where a run stands. */
export interface Progress {
  /** Player steps. */
  readonly steps: number;
  readonly iterations: number;
  /** Of training, all parts of a run that was resumed. */
  readonly seconds: number;
  /** Mean collective return between two checkpoints, the highest so far; null before the first. */
  readonly bestScore: number | null;
  /** Collective returns reported since the last checkpoint that was scored. */
  readonly window: { readonly sum: number; readonly count: number };
}

/** Of a run that has not begun. */
export const NO_PROGRESS: Progress = {
  steps: 0,
  iterations: 0,
  seconds: 0,
  bestScore: null,
  window: { sum: 0, count: 0 },
};

const metadataSchema = z.object({
  format: z.literal(String(CHECKPOINT_FORMAT), {
    error: `of another version of the format than ${CHECKPOINT_FORMAT}`,
  }),
  env: z.string(),
  algo: z.string(),
  progress: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'no JSON' });
        return z.NEVER;
      }
    })
    .pipe(
      z.object({
        steps: z.int().min(0),
        iterations: z.int().min(0),
        seconds: z.number().min(0),
        bestScore: z.number().nullable(),
        // Checkpoints of earlier versions do not have it.
        window: z.object({ sum: z.number(), count: z.int().min(0) }).default(NO_PROGRESS.window),
      }),
    ),
});

export interface Checkpoint {
  readonly path: string;
  readonly env: string;
  readonly algo: string;
  readonly progress: Progress;
  readonly state: RunState;
}

export function encodeCheckpoint(env: string, algo: string, progress: Progress, state: RunState): Uint8Array {
  const tensors: Record<string, Tensor> = {};
  const add = (prefix: string, saved: Saved) => {
    for (const [name, data] of Object.entries(saved))
      tensors[`${prefix}/${name}`] = { shape: [data.length], data: data as Tensor['data'] };
  };
  add('shared', state.shared);
  state.shards.forEach((saved, shard) => {
    add(`shard${shard}`, saved);
  });
  return encodeSafetensors(tensors, {
    format: String(CHECKPOINT_FORMAT),
    env,
    algo,
    progress: JSON.stringify(progress),
  });
}

/** @throws {CheckpointError} for a file that is missing, damaged or something else. */
export function readCheckpoint(path: string): Checkpoint {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new CheckpointError(`${path} cannot be read: ${reason(error)}`);
  }
  const file = decodeSafetensors(bytes, path);
  const metadata = metadataSchema.safeParse(file.metadata);
  if (!metadata.success) {
    throw new CheckpointError(`${path} is no checkpoint of a run: ${explain(metadata.error)}`);
  }
  const { env, algo, progress } = metadata.data;
  return { path, env, algo, progress, state: stateOf(file) };
}

function stateOf({ tensors }: TensorFile): RunState {
  const shared: Saved = {};
  const shards: Saved[] = [];
  for (const [name, { data }] of tensors) {
    const at = name.indexOf('/');
    const owner = name.slice(0, at);
    const target = owner === 'shared' ? shared : (shards[Number(owner.slice('shard'.length))] ??= {});
    target[name.slice(at + 1)] = data as Saved[string];
  }
  return { shared, shards };
}

export class Checkpoints {
  readonly folder: string;
  readonly #env: string;
  readonly #algo: string;
  readonly #keep: number;

  /** @param run the run's folder. @param keep how many of the latest stay. */
  constructor(run: string, env: string, algo: string, keep: number) {
    this.folder = join(run, FOLDER);
    this.#env = env;
    this.#algo = algo;
    this.#keep = keep;
    makeFolder(this.folder);
  }

  /**
   * Writes the checkpoint, and as the best one too where it is; older ones go once the new one is there.
   * @throws {WriteError}
   */
  async write(progress: Progress, state: RunState, best: boolean): Promise<string> {
    const bytes = encodeCheckpoint(this.#env, this.#algo, progress, state);
    const path = join(this.folder, `step-${String(progress.steps).padStart(12, '0')}.safetensors`);
    // The best one first: what goes on from the other knows its score, and would not write it again.
    if (best) await writeAtomic(join(this.folder, BEST), bytes);
    await writeAtomic(path, bytes);
    const old = listCheckpoints(this.folder).slice(0, -this.#keep);
    await Promise.all(old.map((name) => rm(join(this.folder, name), { force: true })));
    return path;
  }
}

/** Names in a folder of checkpoints, oldest first, without the best. */
function listCheckpoints(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => NAME.test(name))
      .sort();
  } catch {
    return [];
  }
}

export function bestCheckpoint(run: string): string {
  return join(run, FOLDER, BEST);
}

/** Whether a run has got as far as a checkpoint. */
export function hasCheckpoints(run: string): boolean {
  return listCheckpoints(join(run, FOLDER)).length > 0;
}

/**
 * The latest checkpoint of a run that can be read. @param say told of each that cannot.
 * @throws {CheckpointError} where there is none.
 */
export function latestCheckpoint(run: string, say: (problem: string) => void = () => {}): Checkpoint {
  const folder = join(run, FOLDER);
  for (const name of listCheckpoints(folder).reverse()) {
    try {
      return readCheckpoint(join(folder, name));
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      say(`${error.message}; the one before it is used`);
    }
  }
  throw new CheckpointError(`${run} has no checkpoint that can be read`);
}
