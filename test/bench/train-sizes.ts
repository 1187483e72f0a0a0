/** What is measured: how large, and by which runs of `arena train`. */

import type { BackendName } from '../../agents/engine/index.ts';
import { type Plan, readPlan } from '../../agents/training/config.ts';

export type NetworkKind = 'shared' | 'perPlayer';

type Settings = Readonly<Record<string, string | number | boolean>>;

/** What trains, on the same environments over the same segments: PPO, alone and paid an intrinsic reward beside. */
export const ARMS = ['ppo', 'ppo-revealed', 'moa', 'communication', 'basic'] as const;
export type Arm = (typeof ARMS)[number];

const SETTINGS: Readonly<Record<Arm, Settings>> = {
  ppo: {},
  // As in the paper, who has a model of others sees what all did last; so does whom it is compared with.
  'ppo-revealed': { 'env.revealActions': true },
  moa: { 'env.revealActions': true, 'intrinsic.influence-moa.weight': 1 },
  communication: { 'intrinsic.influence-communication.weight': 1 },
  basic: { 'env.leaders': '[0, 1]', 'intrinsic.influence-basic.weight': 1 },
};

/** Arms with a reward, and the one without it. */
export const BASELINES = { moa: 'ppo-revealed', communication: 'ppo', basic: 'ppo' } as const;
export type RewardArm = keyof typeof BASELINES;
export const isRewardArm = (arm: Arm): arm is RewardArm => arm in BASELINES;

/** What is asked of is measured with every network and number of workers, the others with one worker. */
export const armsOf = (backend: BackendName, workers: number): readonly Arm[] =>
  // Op by op 40 alternatives a player step would take minutes.
  backend !== 'onnx' ? ['ppo'] : workers === 1 ? ARMS : ['ppo', 'ppo-revealed', 'moa'];

/** Players of Harvest that act and are trained. */
export const PLAYERS = 5;

export interface Sizes {
  /** Samples of an act call, multiples of PLAYERS. */
  readonly batches: readonly number[];
  /** Of an update. */
  readonly sequences: number;
  readonly steps: number;
  /** Side of the matrices whose product is the measure of the backend. */
  readonly gemm: number;
  /** Of whole iterations: environments over all shards, steps of a segment, updates. */
  readonly environments: number;
  readonly segment: number;
  readonly minibatches: number;
}

const FULL: Sizes = {
  batches: [5, 40, 160, 640],
  sequences: 64,
  steps: 20,
  gemm: 1024,
  // What `arena train` does by default.
  environments: 32,
  segment: 100,
  minibatches: 8,
};

const QUICK: Sizes = {
  batches: [5],
  sequences: 8,
  steps: 4,
  gemm: 64,
  environments: 4,
  segment: 20,
  minibatches: 2,
};

/** Op by op an iteration of the usual size takes from seconds to a minute. */
const EAGER: Sizes = { ...FULL, environments: 8, segment: 40, minibatches: 2 };

/** Plain JavaScript would take a minute for a product of the usual size alone. */
const PLAIN: Sizes = {
  batches: [5, 40],
  sequences: 8,
  steps: 20,
  gemm: 256,
  environments: 2,
  segment: 20,
  minibatches: 1,
};

/** As large as the backend carries in about a second: what takes far longer tells no more. */
export function sizesOf(backend: BackendName, quick: boolean): Sizes {
  if (quick) return QUICK;
  return backend === 'onnx' ? FULL : backend === 'cpu' ? PLAIN : EAGER;
}

/**
 * Whether a backend has a turn in a round, counted from 1. Beside onnx, of which figures are asked, the others have one
 * round, the last, so that nobody waits for them first.
 */
export function takesPart(
  backend: BackendName,
  round: number,
  { backends, rounds }: { readonly backends: readonly BackendName[]; readonly rounds: number },
): boolean {
  return backend === 'onnx' || round === rounds || !backends.includes('onnx');
}

const planWith = (settings: Settings): Plan =>
  readPlan(
    '',
    'bench:train',
    Object.entries(settings).map(([path, value]) => `${path}=${value}`),
  );

/** A run of PPO on Harvest, as by default but for one epoch. */
export function iterationPlan(network: NetworkKind, sizes: Sizes, arm: Arm = 'ppo'): Plan {
  return planWith({
    ...SETTINGS[arm],
    'env.name': 'harvest',
    'env.players': PLAYERS,
    'algo.name': 'ppo',
    'algo.epochs': 1,
    'algo.segment': sizes.segment,
    'algo.minibatches': sizes.minibatches,
    'network.perPlayer': network === 'perPlayer',
    environments: sizes.environments,
  });
}

/**
 * A run whose minibatch is the update to measure, a shard a worker. The network that all share learns from as many
 * sequences as asked, those of 4 players; with one a player it is the next multiple of their number.
 */
export function updatePlan(network: NetworkKind, workers: number, sizes: Sizes): Plan {
  const players = network === 'shared' ? 4 : PLAYERS;
  return planWith({
    'env.name': 'harvest',
    'env.players': players,
    'algo.name': 'ppo',
    // It is the update that is measured; the iteration before it only fills the memory.
    'algo.epochs': 1,
    'algo.segment': sizes.steps,
    'algo.sequence': sizes.steps,
    'algo.minibatches': 1,
    // The same minibatch is learned over and over: with a rate the policy would leave where it is clipped.
    'algo.learningRate': 0,
    'network.perPlayer': network === 'perPlayer',
    environments: Math.ceil(sizes.sequences / players) * workers,
    shards: workers,
    stagger: false,
  });
}
