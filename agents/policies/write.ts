/** Policies as folders: an ONNX file a network, and the card that says what they are. */
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
import { networkFile } from './network-file.ts';
import { type Snapshot, snapshotOf } from './snapshot.ts';

/** @param name what the policy is called; the run's name by default. */
export function policyFiles(snapshot: Snapshot, name = snapshot.name): PolicyFiles {
  const { plan, actor, networks, progress, value, provenance } = snapshot;
  const { config, task, definition } = plan;
  const { name: environment, ...options } = config.env;
  const { actionSpec } = definition.create(parseOptions(definition, options));
  const { dtype, shape, low, high } = task.observation;
  const about = {
    name,
    env: { name: environment, options },
    players: task.players,
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
  const files = networks.map((weights, network) =>
    networkFile(actor, weights, task.observation, {
      format: String(CARD_FORMAT),
      name,
      environment,
      environmentOptions: JSON.stringify(options),
      encoding: task.encoding,
      actions: JSON.stringify(about.actions),
      stateSize: String(actor.stateSize),
      acting: JSON.stringify(actor.acting),
      algorithm: config.algo.name,
      playerSteps: String(progress.steps),
      seed: String(config.seed),
      network: networks.length === 1 ? 'of all players' : `of player ${network}`,
    }),
  );
  return {
    networks: files,
    card: {
      format: CARD_FORMAT,
      ...about,
      network: { ...config.network },
      files: files.map((bytes, network) => ({
        name: fileName(network, files.length),
        sha256: sha256(bytes),
      })),
      training: { seconds: progress.seconds, bestScore: progress.bestScore },
      scores: null,
      versions: { ...provenance.versions, export: packageJson.version },
      command: provenance.command,
      created: new Date().toISOString(),
    },
  };
}

const fileName = (network: number, networks: number) =>
  networks === 1 ? 'policy.onnx' : `policy-${network}.onnx`;

/** Writes the networks, then the card: where there is a card, there is all of it. @throws {WriteError} */
export async function writePolicy(
  folder: string,
  { card, networks }: PolicyFiles,
  scores: Scores | null = card.scores,
): Promise<void> {
  makeFolder(folder);
  for (const [k, file] of card.files.entries()) await writeAtomic(join(folder, file.name), networks[k]!);
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
