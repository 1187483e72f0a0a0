/** The environment contract over a `ControlProblem`: one player, a state of a few float64, float32 observations. */
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
import { simultaneous } from '../turns.ts';

/**
 * What a control environment's own file says. The functions keep no state beside the array that they are handed, which
 * is all of a snapshot, and draw only from `random`.
 */
export interface ControlProblem {
  /** How many float64 the state has. */
  readonly stateSize: number;
  /** Labels of the actions, by number. */
  readonly actions: readonly string[];
  /** Of the float32 observation; bounds are float32 too, so that what is rounded to them lies within. */
  readonly observation: {
    readonly shape: readonly number[];
    readonly low: number;
    readonly high: number;
  };
  /** Fills `state`, which is zero, for the start of an episode. */
  start(state: Float64Array, random: Random): void;
  /** Advances `state` by one step. @returns the reward. */
  advance(state: Float64Array, action: number, random: Random): number;
  /** Whether the episode has ended in `state` by the rules. */
  terminal(state: Float64Array): boolean;
  /** Writes the observation from `offset` of `out` on. */
  observe(state: Float64Array, out: Float32Array, offset: number): void;
}

/** Where the parts of the core lie behind the state, in bytes. */
const GENERATOR = 0;
const TIME = 16;
const REWARD = 20;
const FLAGS = 24;
const CORE_REST = 26;

export class ControlEnvironment implements Environment {
  readonly name: string;
  readonly players = 1;
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
  readonly #problem: ControlProblem;
  readonly #fingerprint: bigint;
  /** All that changes as bytes: the state, then the generator, time, reward and flags. */
  readonly #core: Uint8Array;
  readonly #random: Random;
  /** [1] steps since the reset. */
  readonly #time: Int32Array;
  readonly #elements: number;

  /** @param fingerprint of everything that two instances must share for a snapshot of one to fit the other. */
  constructor(name: string, problem: ControlProblem, episodeLength: number, fingerprint: bigint) {
    const rest = 8 * problem.stateSize;
    const buffer = new ArrayBuffer(rest + CORE_REST);
    this.name = name;
    this.#problem = problem;
    this.episodeLength = episodeLength;
    this.#fingerprint = fingerprint;
    this.actionSpec = { kind: 'discrete', labels: problem.actions };
    this.observationSpecs = { state: { dtype: 'float32', ...problem.observation } };
    const turns = simultaneous(1);
    this.leads = turns.leads;
    this.revealsActions = turns.revealsActions;
    this.#elements = elementsOf(this.observationSpecs.state);
    this.#core = new Uint8Array(buffer);
    this.state = new Float64Array(buffer, 0, problem.stateSize);
    this.#random = new Random(new Uint32Array(buffer, rest + GENERATOR, 4));
    this.#time = new Int32Array(buffer, rest + TIME, 1);
    this.rawRewards = new Float32Array(buffer, rest + REWARD, 1);
    this.terminated = new Uint8Array(buffer, rest + FLAGS, 1);
    this.truncated = new Uint8Array(buffer, rest + FLAGS + 1, 1);
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
    if (this.done) throw new Error(`the episode is over after ${this.time} steps: call reset`);
    if (!(actions instanceof Uint8Array)) throw new TypeError(`actions of ${this.name} are a Uint8Array`);
    checkRoom(actions.length, offset, 1, 'actions');
    checkRoom(rewards.length, rewardOffset, 1, 'rewards');
    const problem = this.#problem;
    const action = actions[offset]!;
    if (action >= problem.actions.length) {
      throw new RangeError(`player 0 has action ${action}, possible are 0 to ${problem.actions.length - 1}`);
    }
    const reward = problem.advance(this.state, action, this.#random);
    this.rawRewards[0] = reward;
    rewards[rewardOffset] = reward;
    const time = ++this.#time[0]!;
    // What ends by the rules has no value left, so an end in the last step allowed is an end and not a cut.
    if (problem.terminal(this.state)) this.terminated[0] = 1;
    else if (time >= this.episodeLength) this.truncated[0] = 1;
  }

  observe(encoding: string, out: ObservationBuffer, offset = 0): void {
    if (encoding !== 'state') {
      throw new RangeError(`encoding ${JSON.stringify(encoding)} is unknown, there is state`);
    }
    if (!(out instanceof Float32Array))
      throw new TypeError(`observations of ${this.name} are a Float32Array`);
    checkRoom(out.length, offset, this.#elements, 'observations');
    this.#problem.observe(this.state, out, offset);
  }

  observeVisible(out: Uint8Array, offset = 0): void {
    checkRoom(out.length, offset, 1, 'visibility');
    out[offset] = 1;
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
