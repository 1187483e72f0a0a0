/**
 * Advantages and value targets of one stream of choices, of all shards: generalized advantages from rewards as the stages
 * left them, PopArt where it is wanted, and normalization by each network's own moments.
 */
import { generalizedAdvantages } from '../math/returns.ts';
import { PopArt, RunningMoments } from '../math/running.ts';
import type { ParameterLayout } from '../networks/parameters.ts';
import type { Rollout, Stream } from '../rollout/rollout.ts';
import type { Collective } from '../training/collective.ts';
import type { Means } from './means.ts';

export interface AdvantageOptions {
  readonly gamma: number;
  readonly lambda: number;
  readonly normalizeAdvantages: boolean;
  readonly popArt: number;
}

/** A stream of choices by the names that it has. */
export interface StreamNames {
  /** Of the value head's parameters, before `/kernel`. */
  readonly head: string;
  /** Before names of what is measured. */
  readonly measure: string;
}

/** Numbers of three moments. */
const MOMENTS = 3;

export class Advantages {
  /** Null where it is not wanted. */
  readonly popArt: PopArt | null;
  readonly #options: AdvantageOptions;
  readonly #names: StreamNames;
  readonly #layout: ParameterLayout;
  /** Of targets, of the values' errors, and of each network's own advantages. */
  readonly #moments: readonly [RunningMoments, RunningMoments, ...RunningMoments[]];
  readonly #part = new RunningMoments();

  constructor(options: AdvantageOptions, layout: ParameterLayout, names: StreamNames) {
    this.#options = options;
    this.#names = names;
    this.#layout = layout;
    this.popArt = options.popArt > 0 ? new PopArt(options.popArt) : null;
    this.#moments = [
      new RunningMoments(),
      new RunningMoments(),
      ...Array.from({ length: layout.networks }, () => new RunningMoments()),
    ];
  }

  /**
   * Of the own shards' rollouts and their streams.
   * @param theta [P], whose value head PopArt rescales.
   * @param beside lets a shard hand over more numbers in the same exchange, from `at` on in its row.
   * @returns the rows of all shards.
   */
  estimate(
    rollouts: readonly Rollout[],
    streams: readonly Stream[],
    theta: Float32Array,
    collective: Collective,
    means: Means,
    beside: (row: Float64Array, at: number, shard: number) => void = () => {},
  ): readonly Float64Array[] {
    const { gamma, lambda, normalizeAdvantages } = this.#options;
    const { popArt } = this;
    for (const [k, stream] of streams.entries()) {
      const rollout = rollouts[k]!;
      if (popArt !== null) {
        for (const array of [stream.values, stream.bootstrap, stream.lastValues]) {
          for (let i = 0; i < array.length; i++) array[i] = popArt.denormalize(array[i]!);
        }
      }
      generalizedAdvantages({
        ...rollout.shape,
        rewards: stream.rewards,
        values: stream.values,
        ended: rollout.ended,
        terminated: rollout.terminated,
        bootstrap: stream.bootstrap,
        lastValues: stream.lastValues,
        columns: rollout.columns,
        gamma,
        lambda,
        advantages: stream.advantages,
        returns: stream.returns,
      });
    }
    const { networks } = this.#layout;
    const scratch = this.#moments;
    const [targets, errors, ...advantages] = scratch;
    const rows = collective.exchange((row, shard) => {
      const stream = streams[collective.own.indexOf(shard)]!;
      for (const moments of scratch) moments.reset();
      for (let i = 0; i < stream.returns.length; i++) {
        targets.push(stream.returns[i]!);
        errors.push(stream.returns[i]! - stream.values[i]!);
        // Players lie next to one another: where each has a network of its own, i counts them round.
        advantages[i % networks]!.push(stream.advantages[i]!);
      }
      scratch.forEach((moments, k) => {
        row.set(moments.state, MOMENTS * k);
      });
      beside(row, this.width, shard);
    });
    for (const moments of scratch) moments.reset();
    for (const row of rows) {
      scratch.forEach((moments, k) => {
        this.#part.state.set(row.subarray(MOMENTS * k, MOMENTS * (k + 1)));
        moments.merge(this.#part);
      });
    }
    const { measure } = this.#names;
    if (targets.variance > 0) {
      means.add(`${measure}value/explainedVariance`, 1 - errors.variance / targets.variance, 1);
    }
    means.add(`${measure}value/target`, targets.mean, 1);
    if (popArt !== null) {
      popArt.update(targets);
      for (let network = 0; network < networks; network++) {
        popArt.rescale(
          this.#layout.view(theta, `${this.#names.head}/kernel`, network),
          this.#layout.view(theta, `${this.#names.head}/bias`, network),
        );
      }
      means.add(`${measure}value/popArtDeviation`, popArt.deviation, 1);
    }
    const deviations = advantages.map(({ variance }) => Math.sqrt(variance) + 1e-8);
    for (const stream of streams) {
      if (normalizeAdvantages) {
        for (let i = 0; i < stream.advantages.length; i++) {
          const network = i % networks;
          stream.advantages[i] = (stream.advantages[i]! - advantages[network]!.mean) / deviations[network]!;
        }
      }
      if (popArt !== null) {
        for (const array of [stream.values, stream.returns]) {
          for (let i = 0; i < array.length; i++) array[i] = popArt.normalize(array[i]!);
        }
      }
    }
    return rows;
  }

  /** How many numbers of a row it takes. */
  get width(): number {
    return MOMENTS * this.#moments.length;
  }
}
