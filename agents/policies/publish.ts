/** A run's policy for others: the ONNX file always, weights in the format that is asked for, and a page about them. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { definitionOf } from '../../shared/registry.ts';
import { evaluate } from '../evaluate.ts';
import { scoresOf } from '../scores.ts';
import { writeAtomic } from '../training/atomic-file.ts';
import { makeFolder } from '../training/make-folder.ts';
import { encodeSafetensors, type Tensor } from '../training/safetensors.ts';
import { CARD_FILE, PolicyError, type Scores } from './card.ts';
import type { PolicyFiles } from './files.ts';
import { openPolicy } from './load.ts';
import type { NamedWeight } from './network-file.ts';
import { readmeOf } from './readme.ts';
import type { Snapshot } from './snapshot.ts';
import { policyFiles, writePolicy } from './write.ts';

export const FORMATS = ['onnx', 'safetensors', 'tfjs'] as const;
export type Format = (typeof FORMATS)[number];

const README = 'README.md';

export interface Publication {
  readonly folder: string;
  readonly format: Format;
  readonly name: string;
  /** How to evaluate the policy for its card; null leaves that out. */
  readonly evaluation: { readonly episodes: number; readonly seed: number } | null;
  /** Refuses what should not be written. */
  readonly check?: (files: PolicyFiles) => void;
}

/** @returns the names of the files written. @throws {PolicyError} for a folder that has something else in it. @throws {WriteError} */
export async function publish(
  snapshot: Snapshot,
  { folder, format, name, evaluation, check }: Publication,
): Promise<{ files: string[]; scores: Scores | null }> {
  if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(join(folder, CARD_FILE))) {
    throw new PolicyError(`${folder} is not empty and no policy is in it: choose another folder`);
  }
  const files = policyFiles(snapshot, name);
  check?.(files);
  const scores = evaluation === null ? null : await scored(files, evaluation);
  const about: Record<string, string> = {};
  files.card.files.forEach((file, network) => {
    about[file.name] = `the network${of(files.card.files.length, network)} for ONNX Runtime, any batch`;
  });
  files.card.moa?.files.forEach((file, network, all) => {
    about[file.name] = `the model of the other players${of(all.length, network)} for ONNX Runtime, any batch`;
  });
  about[CARD_FILE] = 'what it is for and where it comes from, for programs';
  await writePolicy(folder, files, scores);
  for (const [path, what, contents] of await extras(snapshot, format)) {
    about[path] = what;
    makeFolder(join(folder, path, '..'));
    await writeAtomic(join(folder, path), contents);
  }
  await writeAtomic(join(folder, README), readmeOf({ ...files.card, scores }, about));
  return { files: [...Object.keys(about), README], scores };
}

const of = (networks: number, network: number) => (networks === 1 ? '' : ` of player ${network}`);

/** What of a fresh evaluation goes into the card. */
async function scored(
  files: PolicyFiles,
  { episodes, seed }: { readonly episodes: number; readonly seed: number },
): Promise<Scores> {
  const policy = await openPolicy(files, files.card.name);
  const { env } = files.card;
  const reports = await evaluate({
    environment: env.name,
    options: env.options,
    policies: [policy],
    episodes,
    seed,
  });
  await policy.release();
  const { measures } = scoresOf(reports, definitionOf(env.name).kind, seed);
  return { episodes, seed, greedy: false, measures };
}

/** Paths, what they are, and contents of what a format has beside the ONNX files. */
async function extras(
  snapshot: Snapshot,
  format: Format,
): Promise<(readonly [string, string, Uint8Array | string])[]> {
  const { networks } = snapshot;
  switch (format) {
    case 'onnx':
      return [];
    case 'safetensors':
      return [['weights.safetensors', 'weights by name, for any framework', weightsFile(snapshot)]];
    case 'tfjs': {
      const { layersModel } = await import('./layers-model.ts');
      const all = await Promise.all(networks.map((_, network) => layersModel(snapshot, network)));
      return all.flatMap((model, network) => {
        const below = networks.length === 1 ? 'tfjs' : `tfjs-${network}`;
        const what = `of the layers model${of(networks.length, network)} for TensorFlow.js`;
        return [
          [`${below}/model.json`, `layers ${what}`, model['model.json']],
          [`${below}/weights.bin`, `weights ${what}`, model['weights.bin']],
        ] as const;
      });
    }
  }
}

/** Tensors by name, those of models too: of one network as they are called there, of several below `player<k>/`. */
function weightsFile({ learned, plan, progress }: Snapshot): Uint8Array {
  const tensors: Record<string, Tensor> = {};
  learned.forEach((weights: readonly NamedWeight[], network) => {
    const prefix = learned.length === 1 ? '' : `player${network}/`;
    for (const { name, shape, data } of weights)
      tensors[prefix + name] = { shape, data: Float32Array.from(data) };
  });
  const { env, algo } = plan.config;
  return encodeSafetensors(tensors, {
    env: env.name,
    algo: algo.name,
    playerSteps: String(progress.steps),
    gates: 'i, f, o, g',
  });
}
