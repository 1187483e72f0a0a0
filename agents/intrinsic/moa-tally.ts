/**
 * How well a model of others predicts, for each pair of players: its cross-entropy beside that of the best guess that knows
 * nothing but how often each action comes (the marginal), both in nats, and how often its likeliest action was the right one.
 */
import type { Means } from '../algorithms/means.ts';
import { playerIn } from '../networks/signal-names.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { type Collective, EXCHANGE_WIDTH } from '../training/collective.ts';
import { FIELDS } from './moa-reward.ts';

/** What was predicted of each other player, [T, B, J]. */
export interface Predictions {
  readonly logLikelihood: Float32Array;
  readonly hit: Float32Array;
}

/** Of a pair: sum of cross-entropies, hits, how many; then how often each action was done. */
const HEAD = 3;

export class PairTally {
  readonly #players: number;
  readonly #actions: number;
  /** Numbers of a pair. */
  readonly #width: number;
  /** All pairs are told apart where their numbers go through one exchange, else only their sum is known. */
  readonly #apart: boolean;
  /** [own shards][pairs * width] */
  readonly #sums: Float64Array[] = [];

  constructor(players: number, actions: number) {
    this.#players = players;
    this.#actions = actions;
    this.#width = HEAD + actions;
    this.#apart = players * (players - 1) * this.#width <= EXCHANGE_WIDTH;
  }

  get #pairs(): number {
    return this.#apart ? this.#players * (this.#players - 1) : 1;
  }

  /** Counts a segment of the own shard `index`. */
  add(index: number, { shape, columns, fields }: Rollout, { logLikelihood, hit }: Predictions): void {
    this.#sums[index] ??= new Float64Array(this.#pairs * this.#width);
    const sums = this.#sums[index];
    const others = this.#players - 1;
    const next = fields[FIELDS.next] as Uint8Array;
    const counts = fields[FIELDS.counts] as Float32Array;
    for (let i = 0; i < shape.steps * columns; i++) {
      const player = i % this.#players;
      for (let j = 0; j < others; j++) {
        const k = i * others + j;
        if (counts[k] === 0) continue;
        const at = (this.#apart ? player * others + j : 0) * this.#width;
        sums[at]! -= logLikelihood[k]!;
        sums[at + 1]! += hit[k]!;
        sums[at + 2]!++;
        sums[at + HEAD + next[k]!]!++;
      }
    }
  }

  /** What all shards counted since the last call. */
  measure(means: Means, collective: Collective): void {
    const rows = collective.exchange((row, shard) => {
      const sums = this.#sums[collective.own.indexOf(shard)]!;
      row.set(sums);
      sums.fill(0);
    });
    const others = this.#players - 1;
    for (let pair = 0; pair < this.#pairs; pair++) {
      const total = new Float64Array(this.#width);
      for (const row of rows) {
        for (let k = 0; k < this.#width; k++) total[k]! += row[pair * this.#width + k]!;
      }
      const [crossEntropy, hits, count] = total as unknown as [number, number, number];
      means.add('moa/crossEntropy', crossEntropy, count);
      means.add('moa/accuracy', hits, count);
      const marginal = this.#marginal(total) * count;
      means.add('moa/marginal', marginal, count);
      if (!this.#apart) continue;
      const player = Math.floor(pair / others);
      const other = playerIn((pair % others) + 1, player, this.#players);
      means.add(`moa/crossEntropy/${player}-${other}`, crossEntropy, count);
      means.add(`moa/marginal/${player}-${other}`, marginal, count);
    }
  }

  /** Entropy of the actions that were counted. */
  #marginal(total: Float64Array): number {
    const count = total[2]!;
    let sum = 0;
    for (let action = 0; action < this.#actions; action++) {
      const share = total[HEAD + action]! / count;
      if (share > 0) sum -= share * Math.log(share);
    }
    return sum;
  }
}
