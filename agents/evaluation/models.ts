/**
 * Models of other agents at play: what they predict against what is done, and the influence that they see in the own
 * action. What counts is what counts in training: neither the first step of an episode nor the last, and of others whom
 * the player does not see nothing, where the model learned so.
 */
import { writeSlots } from '../networks/signal-names.ts';
import { advance, forget, type ModelCall } from '../policies/policy.ts';
import { type Influence, type InfluenceSource, InfluenceSums } from './influence.ts';
import { type Estimate, PairSums } from './pairs.ts';
import type { Meter, Play, Trained } from './play.ts';

/** Of a pair: predictions that counted, their cross-entropy, how many were right; then how often each action was done. */
const COUNT = 0;
const CROSS_ENTROPY = 1;
const HITS = 2;
const HEAD = 3;

/** How well it is predicted what is done next. */
export interface Prediction {
  /** Mean of -log p of what was done, nats. */
  readonly crossEntropy: Estimate;
  /** That of the best guess that knows nothing but how often each action is done: their entropy, nats. */
  readonly marginal: Estimate;
  /** The second less the first: what the model knows beside that. */
  readonly gain: Estimate;
  /** How often the likeliest action was the one that was done. */
  readonly hitRate: Estimate;
}

export interface Predictions extends Prediction {
  readonly pairs: readonly (Prediction & {
    /** Who predicts. */
    readonly from: number;
    /** Who is predicted. */
    readonly to: number;
    readonly count: number;
  })[];
}

/** Below it a probability is not told from 0, as while learning. */
const TINY = 1e-30;

export class ModelMeter implements Meter, InfluenceSource {
  readonly late = false;
  readonly values: Float32Array;
  readonly #play: Play;
  readonly #models: readonly Model[];
  /** By divergence: of models that measure in different ways there is no mean. */
  readonly #influence = new Map<Influence['divergence'], InfluenceSums>();
  readonly #predictions: PairSums;
  /** [G, N, N] */
  readonly #visible: Uint8Array;
  /** [G * N, N] what everybody does, in relative slots. */
  readonly #joint: Uint8Array;

  constructor(play: Play) {
    const { games, players, actions } = play;
    this.values = new Float32Array(games * players).fill(Number.NaN);
    this.#play = play;
    this.#models = play.trained
      .filter(({ policy }) => policy.card.moa !== null)
      .map((trained) => new Model(trained, players));
    for (const { divergence } of this.#models) this.#influence.set(divergence, new InfluenceSums(players));
    this.#predictions = new PairSums(players, HEAD + actions);
    this.#visible = new Uint8Array(games * players * players);
    this.#joint = new Uint8Array(games * players * players);
  }

  async chosen(): Promise<void> {
    const { vector, games, players, chosen } = this.#play;
    vector.observeVisible(this.#visible);
    for (let game = 0; game < games; game++) {
      writeSlots(chosen, game * players, players, this.#joint, game * players * players);
    }
    for (const model of this.#models) {
      this.#score(model);
      await model.look(this.#joint);
      this.#remember(model);
    }
  }

  /** Predictions of the step before, now that it is known what was done. */
  #score({ trained, call, pending }: Model): void {
    const { players, actions, chosen, episodes } = this.#play;
    const others = players - 1;
    for (let row = 0; row < call.rows; row++) {
      const column = trained.column(row);
      const player = column % players;
      const game = (column - player) / players;
      if (!this.#play.counts(game)) continue;
      const sums = this.#predictions.of(episodes[game]!);
      for (let j = 0; j < others; j++) {
        if (pending[row * others + j] === 0) continue;
        const other = (player + 1 + j) % players;
        const from = (row * others + j) * actions;
        const p = call.predictions.subarray(from, from + actions);
        const done = chosen[column - player + other]!;
        const at = this.#predictions.offset(player, other);
        sums[at + COUNT]!++;
        sums[at + CROSS_ENTROPY]! -= Math.log(Math.max(p[done]!, TINY));
        sums[at + HITS]! += p[done]! >= Math.max(...p) ? 1 : 0;
        sums[at + HEAD + done]!++;
      }
    }
  }

  /** Which of the predictions that were just made are to be scored in the next step. */
  #remember({ trained, call, pending }: Model): void {
    const { players, starts } = this.#play;
    const others = players - 1;
    for (let row = 0; row < call.rows; row++) {
      const column = trained.column(row);
      const first = starts[Math.floor(column / players)] === 1;
      for (let j = 0; j < others; j++) {
        pending[row * others + j] = first || !this.#sees(trained, column, j) ? 0 : 1;
      }
    }
  }

  /** Whether the other in slot 1 + j counts for the player in a column. */
  #sees({ policy }: Trained, column: number, j: number): boolean {
    const { players } = this.#play;
    const other = ((column % players) + 1 + j) % players;
    return !policy.card.moa!.visibleOnly || this.#visible[column * players + other] === 1;
  }

  stepped(): void {
    this.values.fill(Number.NaN);
    for (const { trained, call, pending, divergence } of this.#models) {
      const { players, starts, vector, episodes } = this.#play;
      const others = players - 1;
      advance(call);
      for (let row = 0; row < call.rows; row++) {
        const column = trained.column(row);
        const player = column % players;
        const game = (column - player) / players;
        if (vector.done[game] === 1) {
          forget(call, row);
          pending.fill(0, row * others, (row + 1) * others);
          continue;
        }
        if (starts[game] === 1) continue;
        let sum = 0;
        for (let j = 0; j < others; j++) {
          const nats = this.#sees(trained, column, j) ? call.influence[row * others + j]! : 0;
          sum += nats;
          if (!this.#play.counts(game)) continue;
          this.#influence.get(divergence)!.add(episodes[game]!, player, (player + 1 + j) % players, nats);
        }
        this.values[column] = sum;
      }
    }
  }

  /** @param seed of the bootstrap. */
  takeInfluence(seed: number): Influence[] {
    return [...this.#influence].map(([divergence, sums]) => sums.take('moa', divergence, seed));
  }

  takePredictions(seed: number): Predictions {
    const sums = this.#predictions;
    const pairs = sums.pairs().map(([from, to]) => ({ from, to, total: sums.total(from, to) }));
    return {
      ...predictionOf((numerator) =>
        sums.estimate((all) => {
          let sum = 0;
          let count = 0;
          for (const { from, to, total } of pairs) {
            const at = sums.offset(from, to);
            const pair = all.subarray(at, at + sums.width);
            sum += numerator(pair, total);
            count += pair[COUNT]!;
          }
          return sum / count;
        }, seed),
      ),
      pairs: pairs.map(({ from, to, total }) => ({
        from,
        to,
        count: total[COUNT]!,
        ...predictionOf((numerator) =>
          sums.ofPair(from, to, (pair) => numerator(pair, total) / pair[COUNT]!, seed),
        ),
      })),
    };
  }
}

/** What is divided by a count, of a pair's sums over some episodes. @param total its sums over all. */
type Numerator = (pair: Float64Array, total: Float64Array) => number;

/**
 * The guess knows the frequencies over all episodes, whichever are drawn for an interval: with those of the draw itself it
 * would come out better in nearly every draw than it is.
 */
const marginal: Numerator = (pair, total) => {
  let sum = 0;
  for (let k = HEAD; k < pair.length; k++) {
    if (pair[k]! > 0) sum -= pair[k]! * Math.log(total[k]! / total[COUNT]!);
  }
  return sum;
};

const predictionOf = (estimate: (numerator: Numerator) => Estimate): Prediction => ({
  crossEntropy: estimate((pair) => pair[CROSS_ENTROPY]!),
  marginal: estimate(marginal),
  gain: estimate((pair, total) => marginal(pair, total) - pair[CROSS_ENTROPY]!),
  hitRate: estimate((pair) => pair[HITS]!),
});

/** The models of those whom one network plays, in the same rows. */
class Model {
  readonly trained: Trained;
  readonly call: ModelCall;
  readonly divergence: Influence['divergence'];
  /** [B, J] 1 where a prediction is to be scored. */
  readonly pending: Uint8Array;
  readonly #players: number;

  constructor(trained: Trained, players: number) {
    this.trained = trained;
    this.call = trained.policy.model(trained.call.rows, trained.seats[0]!);
    this.divergence = trained.policy.card.moa!.divergence;
    this.pending = new Uint8Array(trained.call.rows * (players - 1));
    this.#players = players;
  }

  /** @param joint [G * N, N] */
  async look(joint: Uint8Array): Promise<void> {
    const { call, trained } = this;
    const players = this.#players;
    call.observation.set(trained.call.observation);
    call.pi.set(trained.call.probabilities);
    for (let row = 0; row < call.rows; row++) {
      const at = trained.column(row) * players;
      call.joint.set(joint.subarray(at, at + players), row * players);
    }
    await call.run();
  }
}
