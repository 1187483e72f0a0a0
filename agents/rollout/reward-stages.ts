/**
 * Stages between the rollout and the advantages: each changes the rewards of all shards' rollouts in place. Scaling is
 * here; an intrinsic reward is another stage of this kind.
 */
import type { Saved } from '../algorithms/algorithm.ts';
import type { Means } from '../algorithms/means.ts';
import type { Collective } from '../training/collective.ts';
import { ReturnScales } from './return-scales.ts';
import type { Rollout } from './rollout.ts';

export interface StageContext {
  readonly collective: Collective;
  /** For what the stage measures. */
  readonly means: Means;
  /** Player steps of the run so far, all shards, and of the whole run. */
  readonly steps: number;
  readonly totalSteps: number;
}

export interface RewardStage {
  readonly name: string;
  /** @param rollouts of the own shards, in the order of `collective.own`. Same calls in all workers. */
  process(rollouts: readonly Rollout[], context: StageContext): void | Promise<void>;
  saveShared(): Saved;
  /** @param index of an own shard, as in `process`. */
  saveShard(index: number): Saved;
  load(shared: Saved, shards: readonly Saved[]): void;
}

/** Rewards times a constant. */
export class ConstantScale implements RewardStage {
  readonly name = 'scale';
  readonly #factor: number;

  constructor(factor: number) {
    this.#factor = factor;
  }

  process(rollouts: readonly Rollout[]): void {
    for (const { streams } of rollouts) {
      for (const { rewards } of streams) {
        for (let i = 0; i < rewards.length; i++) rewards[i]! *= this.#factor;
      }
    }
  }

  saveShared(): Saved {
    return {};
  }
  saveShard(): Saved {
    return {};
  }
  load(): void {}
}

/** Rewards over the standard deviation of the discounted return so far, of all shards together. */
export class RunningScale implements RewardStage {
  readonly name: string;
  readonly #stream: number;
  readonly #scales: ReturnScales;

  /** @param shards how many are the worker's own. @param columns B of each. @param stream 0 of actions, 1 of symbols. */
  constructor(gamma: number, shards: number, columns: number, stream = 0) {
    this.name = stream === 0 ? 'return-scale' : 'symbol-return-scale';
    this.#stream = stream;
    this.#scales = new ReturnScales(gamma, shards, columns);
  }

  process(rollouts: readonly Rollout[], { collective }: StageContext): void {
    this.#scales.scale(
      rollouts.map(({ streams }) => streams[this.#stream]!.rewards),
      rollouts.map(({ ended }) => ended),
      collective,
    );
  }

  saveShared(): Saved {
    return this.#scales.saveShared();
  }
  saveShard(index: number): Saved {
    return this.#scales.saveShard(index);
  }
  load(shared: Saved, shards: readonly Saved[]): void {
    this.#scales.load(shared, shards);
  }
}
