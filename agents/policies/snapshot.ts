/** What a run had learned at some moment: the plan, the weights of each network, and where they come from. */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { explain } from '../../shared/definition.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import { PopArt } from '../math/running.ts';
import { ParameterLayout, type ParameterSpec } from '../networks/parameters.ts';
import { type Checkpoint, latestCheckpoint, type Progress, readCheckpoint } from '../training/checkpoints.ts';
import type { Plan } from '../training/config.ts';
import { reason } from '../training/errors.ts';
import { RUN_FILE, readRunFolder } from '../training/run-folder.ts';
import { type Actor, actorOf, networksOf } from './actor.ts';
import { PolicyError } from './card.ts';
import type { NamedWeight } from './network-file.ts';
import { refuseDisguise } from './structure.ts';

export interface Snapshot {
  /** The run's name. */
  readonly name: string;
  readonly plan: Plan;
  readonly actor: Actor;
  /** [G] of what acts. */
  readonly networks: readonly (readonly NamedWeight[])[];
  /** [G] of all that was learned: with the models beside what acts. */
  readonly learned: readonly (readonly NamedWeight[])[];
  readonly progress: Progress;
  /** Of the value head; see the card. */
  readonly value: { readonly mean: number; readonly deviation: number };
  readonly provenance: { readonly versions: Readonly<Record<string, string>>; readonly command: string };
}

const provenanceSchema = z.looseObject({
  versions: z.record(z.string(), z.string()),
  command: z.string(),
});

/** @param shared what the run's learners share. @throws {PolicyError} for weights of another network. */
export function snapshotOf(run: string, plan: Plan, progress: Progress, shared: Saved): Snapshot {
  const actor = actorOf(plan);
  const layout = new ParameterLayout(actor.learned, networksOf(plan));
  const { theta, popArt } = shared;
  if (!(theta instanceof Float32Array) || theta.length !== layout.size) {
    throw new PolicyError(
      `the weights of ${run} are ${theta?.length ?? 'missing'}${theta === undefined ? '' : ' numbers'}, its network has ${layout.size}`,
    );
  }
  const weights = (specs: readonly ParameterSpec[]) =>
    Array.from({ length: layout.networks }, (_, network) =>
      specs.map(({ name, shape }) => ({ name, shape, data: layout.view(theta, name, network) })),
    );
  return {
    name: basename(run) || 'policy',
    plan,
    actor,
    networks: weights(actor.layout.specs),
    learned: weights(layout.specs),
    progress,
    value: popArt instanceof Float64Array ? scaleOf(new PopArt(1, popArt)) : { mean: 0, deviation: 1 },
    provenance: provenanceOf(run),
  };
}

/** @param path a run's folder, for its last checkpoint, or a checkpoint in one. @throws {TrainingUsageError | PolicyError} */
export function readSnapshot(path: string): Snapshot {
  const file = existsSync(path) && statSync(path).isFile();
  if (file) refuseDisguise(firstBytes(path), path);
  const run = file ? dirname(dirname(path)) : path;
  if (file && !existsSync(join(run, RUN_FILE))) {
    throw new PolicyError(
      `${path} is not in the folder of its run: ${join(run, RUN_FILE)} is missing, which says what network it is of`,
    );
  }
  const plan = readRunFolder(run);
  const checkpoint = file ? readCheckpoint(path) : latestCheckpoint(run);
  refuseOther(checkpoint, plan);
  return snapshotOf(run, plan, checkpoint.progress, checkpoint.state.shared);
}

/** As many as tell what a file is, however large it is. */
function firstBytes(path: string): Uint8Array {
  const handle = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(4);
    return bytes.subarray(0, readSync(handle, bytes));
  } finally {
    closeSync(handle);
  }
}

const scaleOf = ({ mean, deviation }: PopArt) => ({ mean, deviation });

function refuseOther({ path, env, algo }: Checkpoint, { config }: Plan): void {
  if (env === config.env.name && algo === config.algo.name) return;
  throw new PolicyError(
    `${path} is of ${algo} on ${env}, its run is of ${config.algo.name} on ${config.env.name}`,
  );
}

function provenanceOf(run: string): Snapshot['provenance'] {
  const path = join(run, RUN_FILE);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new PolicyError(`${path} cannot be read: ${reason(error)}`);
  }
  const result = provenanceSchema.safeParse(json);
  if (!result.success) throw new PolicyError(`${path} is not what describes a run: ${explain(result.error)}`);
  return { versions: result.data.versions, command: result.data.command };
}
