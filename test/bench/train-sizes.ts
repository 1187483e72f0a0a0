/** What is measured: how large, and by which runs of `arena train`. */

import type { BackendName } from '../../agents/engine/index.ts';
import { type Plan, readPlan } from '../../agents/training/config.ts';

export type NetworkKind = 'shared' | 'perPlayer';

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

/** Plain JavaScript would take minutes for an iteration of the usual size. */
export function sizesOf(backend: BackendName, quick: boolean): Sizes {
  if (quick) return QUICK;
  const { environments, segment, minibatches } = QUICK;
  return backend === 'cpu' ? { ...FULL, environments, segment, minibatches } : FULL;
}

const planWith = (settings: Readonly<Record<string, string | number | boolean>>): Plan =>
  readPlan(
    '',
    'bench:train',
    Object.entries(settings).map(([path, value]) => `${path}=${value}`),
  );

/** A run of PPO on Harvest, as by default but for one epoch. */
export function iterationPlan(network: NetworkKind, sizes: Sizes): Plan {
  return planWith({
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
