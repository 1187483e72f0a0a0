/** The environment contract over a `NumericProblem`: a state of a few float64, float32 observations, nothing to draw. */
import { checkRoom } from '../buffers.ts';
import {
  type ActionBuffer,
  type ActionSpec,
  type ArraySpec,
  type Environment,
  Events,
  elementsOf,
  type ObservationBuffer,
} from '../environment.ts';
import { hash64 } from '../hash.ts';
import { Random } from '../random.ts';
import { openSnapshot, sealSnapshot } from '../snapshot.ts';
import type { Turns } from '../turns.ts';

/**
 * What is particular to one environment. The functions keep no state beside the array that they are handed, which is all
 * of a snapshot, and draw only from `random`.
 */
export interface NumericProblem {
  /** How many float64 the state has. */
  readonly stateSize: number;
  /** Labels of the actions, by number. */
  readonly actions: readonly string[];
  /** Of one player's float32 observation; bounds are float32 too, so that what is rounded to them lies within. */
  readonly observation: {
    readonly shape: readonly number[];
    readonly low: number;
    readonly high: number;
  };
  /** Fills `state`, which is zero, for the start of an episode. */
  start(state: Float64Array, random: Random): void;
  /**
   * Advances `state` by one step. @param actions [N] from `offset` on. @param rewards [N], all of it to be written.
   */
  advance(
    state: Float64Array,
    actions: Uint8Array,
    offset: number,
    rewards: Float32Array,
    random: Random,
  ): void;
  /** Whether the episode has ended in `state` by the rules, for all players. */
  terminal(state: Float64Array): boolean;
  /** Writes the observation of `player` from `offset` of `out` on. */
  observe(state: Float64Array, player: number, out: Float32Array, offset: number): void;
}

export interface NumericSetup extends Turns {
  readonly name: string;
  readonly players: number;
  readonly episodeLength: number;
  /** Of everything that two instances must share for a snapshot of one to fit the other. */
  readonly fingerprint: bigint;
}

/** Where the parts of the core lie behind the state, in bytes; the flags, [2, N], lie behind the rewards. */
const GENERATOR = 0;
const TIME = 16;
const REWARDS = 20;

export class NumericEnvironment implements Environment {
  readonly name: string;
  readonly players: number;
  readonly actionSpec: ActionSpec;
  readonly observationSpecs: { readonly state: ArraySpec };
  readonly episodeLength: number;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly events = new Events(0);
  readonly rawRewards: Float32Array;
  readonly leads: Uint8Array;
  readonly revealsActions: boolean;
  readonly grid = null;
  /** The problem's own state, float64, live: a test or a planner may write to it between steps. */
  readonly state: Float64Array;
  readonly #problem: NumericProblem;
  readonly #fingerprint: bigint;
  /** All that changes as bytes: the state, then the generator, time, rewards and flags. */
  readonly #core: Uint8Array;
  readonly #random: Random;
  /** [1] steps since the reset. */
  readonly #time: Int32Array;
  /** Of one player's observation. */
  readonly #elements: number;

  constructor(setup: NumericSetup, problem: NumericProblem) {
    const { players } = setup;
    const rest = 8 * problem.stateSize;
    const flags = rest + REWARDS + 4 * players;
    const buffer = new ArrayBuffer(flags + 2 * players);
    this.name = setup.name;
    this.players = players;
    this.episodeLength = setup.episodeLength;
    this.leads = setup.leads;
    this.revealsActions = setup.revealsActions;
    this.#fingerprint = setup.fingerprint;
    this.#problem = problem;
    this.actionSpec = { kind: 'discrete', labels: problem.actions };
    this.observationSpecs = { state: { dtype: 'float32', ...problem.observation } };
    this.#elements = elementsOf(this.observationSpecs.state);
    this.#core = new Uint8Array(buffer);
    this.state = new Float64Array(buffer, 0, problem.stateSize);
    this.#random = new Random(new Uint32Array(buffer, rest + GENERATOR, 4));
    this.#time = new Int32Array(buffer, rest + TIME, 1);
    this.rawRewards = new Float32Array(buffer, rest + REWARDS, players);
    this.terminated = new Uint8Array(buffer, flags, players);
    this.truncated = new Uint8Array(buffer, flags + players, players);
  }

  get time(): number {
    return this.#time[0]!;
  }

  get done(): boolean {
    return this.terminated[0] === 1 || this.truncated[0] === 1;
  }

  reset(seed: number): void {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`seed ${seed} is not an integer in [0, 2^53)`);
    }
    this.#core.fill(0);
    this.#random.seed(seed);
    this.#problem.start(this.state, this.#random);
  }

  step(actions: ActionBuffer, rewards: Float32Array, offset = 0, rewardOffset = 0): void {
    const { players, rawRewards } = this;
    const problem = this.#problem;
    if (this.done) throw new Error(`the episode is over after ${this.time} steps: call reset`);
    if (!(actions instanceof Uint8Array)) throw new TypeError(`actions of ${this.name} are a Uint8Array`);
    checkRoom(actions.length, offset, players, 'actions');
    checkRoom(rewards.length, rewardOffset, players, 'rewards');
    for (let i = 0; i < players; i++) {
      const action = actions[offset + i]!;
      if (action >= problem.actions.length) {
        throw new RangeError(
          `player ${i} has action ${action}, possible are 0 to ${problem.actions.length - 1}`,
        );
      }
    }
    problem.advance(this.state, actions, offset, rawRewards, this.#random);
    for (let i = 0; i < players; i++) rewards[rewardOffset + i] = rawRewards[i]!;
    const time = ++this.#time[0]!;
    // What ends by the rules has no value left, so an end in the last step allowed is an end and not a cut.
    if (problem.terminal(this.state)) this.terminated.fill(1);
    else if (time >= this.episodeLength) this.truncated.fill(1);
  }

  observe(encoding: string, out: ObservationBuffer, offset = 0): void {
    if (encoding !== 'state') {
      throw new RangeError(`encoding ${JSON.stringify(encoding)} is unknown, there is state`);
    }
    if (!(out instanceof Float32Array))
      throw new TypeError(`observations of ${this.name} are a Float32Array`);
    const elements = this.#elements;
    checkRoom(out.length, offset, this.players * elements, 'observations');
    for (let i = 0; i < this.players; i++) this.#problem.observe(this.state, i, out, offset + i * elements);
  }

  observeVisible(out: Uint8Array, offset = 0): void {
    const pairs = this.players * this.players;
    checkRoom(out.length, offset, pairs, 'visibility');
    out.fill(1, offset, offset + pairs);
  }

  save(): Uint8Array {
    return sealSnapshot(this.#fingerprint, this.#core);
  }

  load(snapshot: Uint8Array): void {
    this.#core.set(openSnapshot(this.#fingerprint, this.#core.length, snapshot));
  }

  hash(): bigint {
    return hash64(this.#core);
  }
}
