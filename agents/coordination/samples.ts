/**
 * Whether players that send one another symbols say something by them, and whether the others act on it: measures of
 * learned communication. With m_k,t the symbol and a_k,t the action of player k at step t, M symbols and A actions:
 *
 *     speaker consistency          SC of (m_k,t, a_k,t), see `tables.ts`; the mean over speakers k
 *     instantaneous coordination   I(m_k,t ; a_j,t+1), symbol and action; the mean over k and j != k
 *                                  I(a_k,t ; a_j,t+1), action and action; likewise
 *
 * SC in [0, 1], I in nats, at most log of the smaller number of values. A pair counts where t + 1 is in the episode of t.
 * Everything is measured over all steps and over moments of high influence: each speaker's own tenth of these steps with the
 * highest influence reward.
 * Source: Jaques et al. 2019, "Social influence as intrinsic motivation for multi-agent deep reinforcement learning", on
 * influential communication.
 *
 * Beside each stands its baseline, what it comes to by chance, since information estimated from few steps is never 0 and
 * is biased ten times as much at a tenth of them: compare a value with its baseline, not with 0, nor with the value at
 * other moments. A baseline is the mean over permutations that shuffle which step's symbols and actions of the speakers go
 * with which step's actions that they are paired with. One permutation is for all pairs, so that what speakers have in
 * common with one another stays, and what listeners have; moments of high influence are each speaker's own, and so are
 * permutations there. p-values are of the mean over speakers or pairs.
 *
 * What no permutation tells: steps that follow one another are alike, and players in the same situation act alike. Both
 * raise a measure above its baseline, and lower its p-value, without anybody listening.
 */
import { Random } from '../../shared/random.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import type { Means } from '../algorithms/means.ts';
import { restore } from '../algorithms/restore.ts';
import { Measures, type Moments, ownMoments, sharedMoments } from './measures.ts';
import { chooseHigh, highMoments } from './moments.ts';
import { baselineOf, observedOf, pValueOf, type Tally } from './permutations.ts';
import { type CoordinationStep, StepMemory } from './step-memory.ts';

export interface CoordinationOptions {
  /** N, at least 2. */
  readonly players: number;
  /** A, 2 to 256. */
  readonly actions: number;
  /** M, 2 to 256; null where players have no symbols: then only actions are measured. */
  readonly symbols: number | null;
  /** An integer in [0, 2^53): measures are a function of it and the steps. */
  readonly seed: number;
  /** Environment steps that are kept; of more, a part that is drawn evenly. */
  readonly capacity: number;
  /** Measuring takes about 10 N (N - 1) (1 + permutations) nanoseconds a step that is kept. */
  readonly permutations: number;
  /** Whether p-values are among the measures: a few permutations tell little. */
  readonly pValues: boolean;
}

/** For five players with nine actions and ten symbols a report takes 2.5 ms of 1600 steps, and at most 10 ms. */
export const IN_TRAINING = { capacity: 4096, permutations: 5, pValues: false } as const;
/** Of twenty episodes of 1000 steps 0.7 s. */
export const IN_EVALUATION = { capacity: 65_536, permutations: 200, pValues: true } as const;

/** A segment of several environments: [T, E * N] arrays as in a rollout, time-major. */
export interface CoordinationSegment {
  /** T */
  readonly steps: number;
  readonly actions: Uint8Array;
  readonly symbols: Uint8Array | null;
  /** As in `CoordinationStep`. */
  readonly influence: Float32Array | null;
  /** 1 where the episode, which is one of all players of an environment, ended with the step. */
  readonly ended: Uint8Array;
}

const CONSISTENCY = 'communication/speakerConsistency';
const SYMBOL_ACTION = 'communication/coordination/symbolAction';
const ACTION_ACTION = 'communication/coordination/actionAction';
/** Means over speakers of how many symbols and actions occurred, which speaker consistency is a mean over. */
const SYMBOLS_USED = 'communication/symbolsUsed';
const ACTIONS_USED = 'communication/actionsUsed';

/** Collects steps between two reports, and then measures them. */
export class CoordinationSamples {
  /** All names there can be, in the order of `takeRow`. */
  readonly names: readonly string[];
  readonly #options: CoordinationOptions;
  readonly #random = new Random();
  readonly #memory: StepMemory;
  readonly #measures: Measures;
  readonly #all: Moments;
  /** Those whose next step is in the same episode. */
  readonly #followed: Moments;
  readonly #high: Moments;
  /** [capacity] */
  readonly #influence: Float32Array;
  readonly #scratch: Float32Array;

  /** @throws {RangeError} */
  constructor(options: CoordinationOptions) {
    check(options);
    const { players, capacity, permutations, seed } = options;
    this.names = namesOf(options);
    this.#options = options;
    this.#random.seed(seed);
    this.#memory = new StepMemory(options, this.#random);
    this.#measures = new Measures(this.#memory, permutations, this.#random);
    this.#all = sharedMoments(players, capacity);
    this.#followed = sharedMoments(players, capacity);
    this.#high = ownMoments(players, highMoments(capacity));
    this.#influence = new Float32Array(capacity);
    this.#scratch = new Float32Array(capacity);
  }

  /**
   * Takes in one environment step.
   * @throws {RangeError} for an action or a symbol that there is none of. @throws {TypeError} for symbols where there
   * should be none, or none where there should be.
   */
  add(step: CoordinationStep): void {
    this.#memory.add(step);
  }

  /**
   * Takes in all steps of a segment. What is done after its last step is the next segment's: those steps count for speaker
   * consistency only, as the last of episodes do.
   * @throws {RangeError} {TypeError} as `add`.
   */
  addSegment({ steps, actions, symbols, influence, ended }: CoordinationSegment): void {
    const { players } = this.#options;
    const columns = actions.length / steps;
    if (!Number.isInteger(columns / players)) {
      throw new RangeError(
        `${actions.length} actions are not those of ${steps} steps of environments with ${players} players`,
      );
    }
    const step = { actions, symbols, influence, at: 0, next: actions as Uint8Array | null, nextAt: 0 };
    for (let at = 0; at < actions.length; at += players) {
      step.at = at;
      step.nextAt = at + columns;
      step.next = step.nextAt >= actions.length || ended[at] === 1 ? null : actions;
      this.#memory.add(step);
    }
  }

  /** The measures that there are steps for, by name; forgets the steps. */
  take(): Record<string, number> {
    const row = this.#take();
    return Object.fromEntries(
      this.names.flatMap((name, i) => (Number.isNaN(row[i]!) ? [] : [[name, row[i]!] as const])),
    );
  }

  /** `take` in the order of `names`, from `at` on in `row`, NaN where there are no steps; see `addCoordination`. */
  takeRow(row: Float64Array, at: number): void {
    row.set(this.#take(), at);
  }

  /** Steps and generator: whoever loads them goes on to the same digits. */
  save(): Saved {
    return { ...this.#memory.save(), generator: this.#random.state.slice() };
  }

  /** @throws {Error} for what was saved with other options. */
  load(saved: Saved): void {
    this.#memory.load(saved);
    restore(saved, 'generator', this.#random.state);
  }

  /** In the order of `names`, NaN where there are no steps. */
  #take(): number[] {
    const { symbols, pValues } = this.#options;
    this.#choose();
    const consistency =
      symbols === null ? [] : [this.#measures.consistency(this.#all), this.#measures.consistency(this.#high)];
    const overall = this.#measures.coordination(this.#followed);
    const high = this.#measures.coordination(this.#high);
    this.#memory.clear();
    const tallies: Tally[] = [
      ...consistency,
      ...(symbols === null ? [] : [overall.ofSymbols, high.ofSymbols]),
      overall.ofActions,
      high.ofActions,
    ];
    return [
      ...tallies.flatMap((tally) => [
        observedOf(tally),
        baselineOf(tally),
        ...(pValues ? [pValueOf(tally)] : []),
      ]),
      ...consistency
        .slice(0, 1)
        .flatMap(({ symbolsUsed, actionsUsed, count }) => [symbolsUsed / count, actionsUsed / count]),
    ];
  }

  /** Lists the moments. */
  #choose(): void {
    const { players } = this.#options;
    const { kept, followed, influence } = this.#memory;
    const all = this.#all.offsets[0]!;
    const pairs = this.#followed.offsets[0]!;
    let count = 0;
    for (let i = 0; i < kept; i++) {
      all[i] = i * players;
      if (followed[i] === 1) pairs[count++] = i * players;
    }
    this.#all.counts.fill(kept);
    this.#followed.counts.fill(count);
    this.#high.offsets.forEach((own, k) => {
      for (let i = 0; i < count; i++) this.#influence[i] = influence[pairs[i]! + k]!;
      const chosen = chooseHigh(this.#influence, count, this.#scratch, own);
      for (let i = 0; i < chosen; i++) own[i] = pairs[own[i]!]!;
      this.#high.counts[k] = chosen;
    });
  }
}

/**
 * Adds what `takeRow` of one shard wrote to means that are logged. Those are then means of the shards' estimates, values
 * and baselines alike, and not estimates from all their steps: a value is as biased as one shard's, and so is its baseline.
 */
export function addCoordination(means: Means, names: readonly string[], row: Float64Array, at: number): void {
  names.forEach((name, i) => {
    const value = row[at + i]!;
    if (!Number.isNaN(value)) means.add(name, value, 1);
  });
}

function namesOf({ symbols, pValues }: CoordinationOptions): string[] {
  const measures = symbols === null ? [ACTION_ACTION] : [CONSISTENCY, SYMBOL_ACTION, ACTION_ACTION];
  return [
    ...measures
      .flatMap((measure) => [measure, `${measure}/high`])
      .flatMap((name) => [name, `${name}/baseline`, ...(pValues ? [`${name}/pValue`] : [])]),
    ...(symbols === null ? [] : [SYMBOLS_USED, ACTIONS_USED]),
  ];
}

/** @throws {RangeError} */
function check({ players, actions, symbols, capacity, permutations }: CoordinationOptions): void {
  const limits = [
    ['players', players, 2, 65_536],
    ['actions', actions, 2, 256],
    ['symbols', symbols ?? 2, 2, 256],
    ['capacity', capacity, 1, 2 ** 24],
    ['permutations', permutations, 1, 2 ** 20],
  ] as const;
  for (const [name, value, least, most] of limits) {
    if (!(Number.isInteger(value) && value >= least && value <= most)) {
      throw new RangeError(
        `coordination: ${name} must be a whole number from ${least} to ${most}, not ${value}`,
      );
    }
  }
}
