/** One scale of rewards for all shards: the deviation of the discounted return so far, of all of them together. */
import type { Saved } from '../algorithms/algorithm.ts';
import { restore } from '../algorithms/restore.ts';
import { ReturnScale, RunningMoments } from '../math/running.ts';
import type { Collective } from '../training/collective.ts';

export class ReturnScales {
  readonly #scales: readonly ReturnScale[];
  readonly #all = new RunningMoments();
  readonly #part = new RunningMoments();

  /** @param shards how many are the worker's own. @param columns B of each. */
  constructor(gamma: number, shards: number, columns: number) {
    this.#scales = Array.from({ length: shards }, () => new ReturnScale(gamma, new Float64Array(columns)));
  }

  /**
   * Takes in a segment of every shard, then divides its rewards by the deviation, in place. All workers call it.
   * @param rewards [own shards][T, B]. @param ended [own shards][T, B] 1 where the return starts anew.
   */
  scale(rewards: readonly Float32Array[], ended: readonly Uint8Array[], collective: Collective): void {
    this.#scales.forEach((scale, k) => {
      scale.moments.reset();
      scale.observe(rewards[k]!, ended[k]!);
    });
    const rows = collective.exchange((row, shard) => {
      row.set(this.#scales[collective.own.indexOf(shard)]!.moments.state);
    });
    for (const row of rows) {
      this.#part.state.set(row.subarray(0, 3));
      this.#all.merge(this.#part);
    }
    for (const [k, scale] of this.#scales.entries()) scale.apply(rewards[k]!, this.#all);
  }

  saveShared(): Saved {
    return { moments: this.#all.state.slice() };
  }
  saveShard(index: number): Saved {
    return { returns: this.#scales[index]!.returns.slice() };
  }
  load(shared: Saved, shards: readonly Saved[]): void {
    restore(shared, 'moments', this.#all.state);
    for (const [k, saved] of shards.entries()) restore(saved, 'returns', this.#scales[k]!.returns);
  }
}
