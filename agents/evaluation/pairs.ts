/** Sums over steps, apart for each ordered pair of players and each episode, and what they come to with intervals. */
import { bootstrap } from '../statistics.ts';

/** A statistic of all episodes with its 95% percentile bootstrap interval over them; null where it is of nothing. */
export interface Estimate {
  readonly value: number | null;
  /** Null of a single episode too. */
  readonly low: number | null;
  readonly high: number | null;
}

export class PairSums {
  readonly players: number;
  /** Numbers of a pair. */
  readonly width: number;
  readonly #episodes = new Map<number, Float64Array>();

  constructor(players: number, width: number) {
    this.players = players;
    this.width = width;
  }

  /** An episode's sums, [N * N * width], to be added to. */
  of(episode: number): Float64Array {
    let sums = this.#episodes.get(episode);
    if (sums === undefined) {
      sums = new Float64Array(this.players * this.players * this.width);
      this.#episodes.set(episode, sums);
    }
    return sums;
  }

  /** Where a pair's numbers are among those of all. */
  offset(from: number, to: number): number {
    return (from * this.players + to) * this.width;
  }

  /** Ordered pairs with anything but zeros. */
  pairs(): [from: number, to: number][] {
    const all = pooled([...this.#episodes.values()], 0, this.players * this.players * this.width);
    return Array.from({ length: this.players * this.players }, (_, pair): [number, number] => [
      Math.floor(pair / this.players),
      pair % this.players,
    ]).filter(([from, to]) => {
      const at = this.offset(from, to);
      return all.subarray(at, at + this.width).some((x) => x !== 0);
    });
  }

  /** A pair's sums over all episodes, [width]. */
  total(from: number, to: number): Float64Array {
    return pooled([...this.#episodes.values()], this.offset(from, to), this.width);
  }

  /** @param statistic of sums over episodes, [N * N * width], NaN where it is of nothing. @param seed of the bootstrap. */
  estimate(statistic: (sums: Float64Array) => number, seed: number): Estimate {
    return this.#estimate(0, this.players * this.players * this.width, statistic, seed);
  }

  /** @param statistic of a pair's sums over episodes, [width]. */
  ofPair(from: number, to: number, statistic: (sums: Float64Array) => number, seed: number): Estimate {
    return this.#estimate(this.offset(from, to), this.width, statistic, seed);
  }

  #estimate(at: number, length: number, statistic: (sums: Float64Array) => number, seed: number): Estimate {
    // By their numbers and not in the order that they ended in.
    const episodes = [...this.#episodes].sort(([a], [b]) => a - b).map(([, sums]) => sums);
    if (episodes.length === 0) return { value: null, low: null, high: null };
    const places = episodes.map((_, k) => k);
    const { value, low, high } = bootstrap(
      places,
      (drawn) =>
        statistic(
          pooled(
            drawn.map((k) => episodes[k]!),
            at,
            length,
          ),
        ),
      { seed },
    );
    const known = (x: number) => (episodes.length > 1 && Number.isFinite(x) ? x : null);
    return { value: Number.isFinite(value) ? value : null, low: known(low), high: known(high) };
  }
}

function pooled(episodes: readonly Float64Array[], at: number, length: number): Float64Array {
  const sums = new Float64Array(length);
  for (const episode of episodes) for (let k = 0; k < length; k++) sums[k]! += episode[at + k]!;
  return sums;
}
