/** Policies as folders: an ONNX file a network, one a model of other agents, and the card that says what they are. */
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { parseOptions } from '../../shared/definition.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import { writeAtomic } from '../training/atomic-file.ts';
import type { Progress } from '../training/checkpoints.ts';
import type { Plan } from '../training/config.ts';
import { makeFolder } from '../training/make-folder.ts';
import { CARD_FILE, CARD_FORMAT, formatCard, type Scores } from './card.ts';
import { type PolicyFiles, sha256 } from './files.ts';
import { moaFile, moaOf } from './moa.ts';
import { networkFile } from './network-file.ts';
import { type Snapshot, snapshotOf } from './snapshot.ts';

/** @param name what the policy is called; the run's name by default. */
export function policyFiles(snapshot: Snapshot, name = snapshot.name): PolicyFiles {
  const { plan, actor, networks, learned, progress, value, provenance } = snapshot;
  const { config, task, definition } = plan;
  const { name: environment, ...options } = config.env;
  const { actionSpec, players } = definition.create(parseOptions(definition, options));
  const { dtype, shape, low, high } = task.observation;
  const about = {
    name,
    env: { name: environment, options },
    players,
    encoding: task.encoding,
    observation: { dtype, shape: [...shape], low, high },
    actions: actionSpec.kind === 'discrete' ? [...actionSpec.labels] : [],
    stateSize: actor.stateSize,
    signals: actor.signals.map((signal) => ({ ...signal })),
    symbols: actor.symbols,
    acting: actor.acting,
    value: { ...value },
    algorithm: config.algo,
    network: config.network,
    parameters: actor.layout.size,
    playerSteps: progress.steps,
    seed: config.seed,
  };
  const metadata = (network: number) => ({
    format: String(CARD_FORMAT),
    name,
    environment,
    environmentOptions: JSON.stringify(options),
    encoding: task.encoding,
    actions: JSON.stringify(about.actions),
    algorithm: config.algo.name,
    playerSteps: String(progress.steps),
    seed: String(config.seed),
    network: networks.length === 1 ? 'of all players' : `of player ${network}`,
  });
  const files = networks.map((weights, network) =>
    networkFile(actor, weights, task.observation, {
      ...metadata(network),
      stateSize: String(actor.stateSize),
      acting: JSON.stringify(actor.acting),
    }),
  );
  const moa = moaOf(plan);
  const models =
    moa === null
      ? []
      : learned.map((weights, network) =>
          moaFile(plan, moa, weights, {
            ...metadata(network),
            stateSize: String(moa.model.stateSize),
            divergence: moa.divergence,
            visibleOnly: String(moa.visibleOnly),
          }),
        );
  return {
    networks: files,
    models,
    card: {
      format: CARD_FORMAT,
      ...about,
      network: { ...config.network },
      intrinsic: config.intrinsic,
      files: described('policy', files),
      moa:
        moa === null
          ? null
          : {
              stateSize: moa.model.stateSize,
              files: described('moa', models),
              divergence: moa.divergence,
              visibleOnly: moa.visibleOnly,
            },
      training: { seconds: progress.seconds, bestScore: progress.bestScore },
      scores: null,
      versions: { ...provenance.versions, export: packageJson.version },
      command: provenance.command,
      created: new Date().toISOString(),
    },
  };
}

/** `policy.onnx`, or `policy-0.onnx` and so on. */
const described = (kind: string, files: readonly Uint8Array[]) =>
  files.map((bytes, network) => ({
    name: files.length === 1 ? `${kind}.onnx` : `${kind}-${network}.onnx`,
    sha256: sha256(bytes),
  }));

/** Writes the networks, then the card: where there is a card, there is all of it. @throws {WriteError} */
export async function writePolicy(
  folder: string,
  { card, networks, models }: PolicyFiles,
  scores: Scores | null = card.scores,
): Promise<void> {
  makeFolder(folder);
  for (const [k, file] of card.files.entries()) await writeAtomic(join(folder, file.name), networks[k]!);
  for (const [k, file] of (card.moa?.files ?? []).entries()) {
    await writeAtomic(join(folder, file.name), models[k]!);
  }
  await writeAtomic(join(folder, CARD_FILE), formatCard({ ...card, scores }));
}

/** What a run knows now, as a policy in `folder`. @param run the run's folder. @param shared what its learners share. */
export async function exportRun(
  run: string,
  folder: string,
  plan: Plan,
  progress: Progress,
  shared: Saved,
): Promise<void> {
  await writePolicy(folder, policyFiles(snapshotOf(run, plan, progress, shared)));
}
