/** Influence between players in an evaluation: what it is told as, whichever way it was measured. */
import type { SignalName } from '../networks/signal-names.ts';
import { type Estimate, PairSums } from './pairs.ts';

/** Of a pair: steps, and nats over these. */
const WIDTH = 2;

export interface Influence {
  /** By what one hears of the other, its policy being asked again; or by what a model of the others predicts. */
  readonly by: SignalName | 'moa';
  readonly divergence: 'kl' | 'jsd';
  /** Nats a step: of one player's choice on all others together, mean over players. */
  readonly mean: Estimate;
  /** On one other, nats a step. The pairs of a player add up to what it has in the mean. */
  readonly pairs: readonly { readonly from: number; readonly to: number; readonly influence: Estimate }[];
}

/** Who can say how much each player's choice changed what the others do. */
export interface InfluenceSource {
  /** [G * N] nats, over all others; NaN where it is not known. */
  readonly values: Float32Array;
  /** Whether they are of choices in the step before, which are heard a step later. */
  readonly late: boolean;
}

export class InfluenceSums {
  readonly #sums: PairSums;

  constructor(players: number) {
    this.#sums = new PairSums(players, WIDTH);
  }

  add(episode: number, from: number, to: number, nats: number): void {
    const sums = this.#sums.of(episode);
    const at = this.#sums.offset(from, to);
    sums[at]!++;
    sums[at + 1]! += nats;
  }

  take(by: Influence['by'], divergence: Influence['divergence'], seed: number): Influence {
    const pairs = this.#sums.pairs();
    const speakers = new Set(pairs.map(([from]) => from)).size;
    const mean = (sums: Float64Array) =>
      pairs.reduce((total, [from, to]) => {
        const at = this.#sums.offset(from, to);
        return total + sums[at + 1]! / sums[at]!;
      }, 0) / speakers;
    return {
      by,
      divergence,
      mean: this.#sums.estimate(mean, seed),
      pairs: pairs.map(([from, to]) => ({
        from,
        to,
        influence: this.#sums.ofPair(from, to, ([steps, nats]) => nats! / steps!, seed),
      })),
    };
  }
}

/**
 * KL(p(. | taken) || sum over c of pi(c) p(. | c)) in nats, of one who is asked what it would do after each alternative;
 * see `intrinsic/divergence.ts`, of which this is the plain form in float64.
 * @param p [choices, actions] probabilities from `at` on. @param pi [choices] how likely each was, from `piAt` on.
 */
export function influenceOf(
  p: Float32Array,
  at: number,
  actions: number,
  taken: number,
  pi: Float32Array,
  piAt: number,
  choices: number,
): number {
  let nats = 0;
  for (let b = 0; b < actions; b++) {
    const factual = p[at + taken * actions + b]!;
    if (factual <= 0) continue;
    // As a sum of differences: where the choice changes nothing they are 0, and so is the influence, to the last digit.
    let marginal = factual;
    for (let c = 0; c < choices; c++) marginal += pi[piAt + c]! * (p[at + c * actions + b]! - factual);
    // Rounding may not take away the share that the choice that was taken has in the mixture.
    marginal = Math.max(marginal, pi[piAt + taken]! * factual);
    nats += factual * Math.log(factual / marginal);
  }
  return Math.max(0, nats);
}
