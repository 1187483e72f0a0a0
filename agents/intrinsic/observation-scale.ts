/**
 * Observations that are no bytes, each number of them by its own running mean and deviation over all shards, cut at +-5:
 * a random network says little of a number that hardly moves in its own unit (Burda et al. 2018, section 2.4).
 */
import { elementsOf } from '../../shared/environment.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import { restore } from '../algorithms/restore.ts';
import { RunningMoments } from '../math/running.ts';
import type { Rollout, RolloutShape } from '../rollout/rollout.ts';
import { type Collective, EXCHANGE_WIDTH } from '../training/collective.ts';

const CUT = 5;
/** Added to a variance before its root is taken. */
const FLOOR = 1e-8;
/** How many numbers' moments, 3 each, go through one exchange. */
const AT_A_TIME = Math.floor(EXCHANGE_WIDTH / 3);

export class ObservationScale {
  /** [D, 3] of all shards so far. */
  readonly #state: Float64Array;
  readonly #all: readonly RunningMoments[];
  readonly #part = new RunningMoments();
  /** [own shards][D, 3] of the segment, and of each number. */
  readonly #states: readonly Float64Array[];
  readonly #parts: readonly (readonly RunningMoments[])[];

  /** @param shards how many are the worker's own. */
  constructor({ observation }: RolloutShape, shards: number) {
    const elements = elementsOf(observation);
    this.#state = new Float64Array(3 * elements);
    this.#all = momentsIn(this.#state);
    this.#states = Array.from({ length: shards }, () => new Float64Array(3 * elements));
    this.#parts = this.#states.map(momentsIn);
  }

  /** Takes in what a segment led to: rows 1 to T of the observations of the own shards. All workers call it. */
  observe(rollouts: readonly Rollout[], collective: Collective): void {
    const elements = this.#all.length;
    for (const [index, { observations, columns, shape }] of rollouts.entries()) {
      const parts = this.#parts[index]!;
      this.#states[index]!.fill(0);
      const end = (shape.steps + 1) * columns * elements;
      for (let i = columns * elements, k = 0; i < end; i++, k = k + 1 === elements ? 0 : k + 1) {
        parts[k]!.push(observations[i]!);
      }
    }
    for (let from = 0; from < elements; from += AT_A_TIME) {
      const to = Math.min(from + AT_A_TIME, elements);
      const rows = collective.exchange((row, shard) => {
        row.set(this.#states[collective.own.indexOf(shard)]!.subarray(3 * from, 3 * to));
      });
      for (const row of rows) {
        for (let k = from; k < to; k++) {
          this.#part.state.set(row.subarray(3 * (k - from), 3 * (k - from) + 3));
          this.#all[k]!.merge(this.#part);
        }
      }
    }
  }

  /** @param observations [.., D]. @param out of the same size. */
  apply(observations: ArrayLike<number>, out: Float32Array): void {
    const means = this.#all.map(({ mean }) => mean);
    const factors = this.#all.map(({ variance }) => 1 / Math.sqrt(variance + FLOOR));
    const elements = means.length;
    for (let i = 0, k = 0; i < out.length; i++, k = k + 1 === elements ? 0 : k + 1) {
      const scaled = (observations[i]! - means[k]!) * factors[k]!;
      out[i] = Math.min(CUT, Math.max(-CUT, scaled));
    }
  }

  save(): Saved {
    return { observations: this.#state.slice() };
  }
  load(saved: Saved): void {
    restore(saved, 'observations', this.#state);
  }
}

const momentsIn = (state: Float64Array) =>
  Array.from({ length: state.length / 3 }, (_, k) => new RunningMoments(state.subarray(3 * k, 3 * k + 3)));
