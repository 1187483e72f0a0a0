/**
 * A shard's environments and how they are played: observations go straight into the rollout, one call of the policy
 * chooses for all columns, one call steps all environments. Nothing is allocated in a step.
 */
import type { EnvironmentDefinition, OptionsInput } from '../../shared/definition.ts';
import { elementsOf } from '../../shared/environment.ts';
import type { Random } from '../../shared/random.ts';
import type { VectorEnvironment } from '../../shared/vector.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import { restore } from '../algorithms/restore.ts';
import type { Call, Program } from '../engine/program.ts';
import { sample } from '../math/categorical.ts';
import type { Episodes } from './episodes.ts';
import { environmentsWith, Players } from './players.ts';
import { type Observations, Rollout, type RolloutShape } from './rollout.ts';

/** What a policy's programs take and give; see `policyPrograms`. */
export interface ActingPrograms {
  /** For all columns: theta, unless it is held by then, observation [E, N, ...], state [B, S]; probabilities [B, A], values [B], nextState [B, S]. */
  readonly act: Program;
  /** The same for one environment. */
  readonly actOne: Program;
}

export interface CollectorSetup {
  readonly definition: EnvironmentDefinition;
  readonly options: OptionsInput;
  readonly shape: RolloutShape;
  readonly encoding: string;
  /** Of the shard. */
  readonly seed: number;
  /** Whether the environments start at different times of an episode, so that they do not all end at once. */
  readonly stagger: boolean;
}

export class Collector {
  readonly rollout: Rollout;
  readonly episodes: Episodes;
  readonly vector: VectorEnvironment;
  /** Draws actions and the order of minibatches. */
  readonly random: Random;
  readonly #setup: CollectorSetup;
  readonly #players: Players;
  /** [B, S] before the next step, and what the last call made of it. */
  readonly #state: Float32Array;
  readonly #nextState: Float32Array;
  /** [B] 1 where the next step starts an episode. */
  readonly #starting: Uint8Array;
  readonly #finalObservation: Observations;
  readonly #finalState: Float32Array;
  readonly #finalValues: Float32Array;
  /** [T + 1] */
  readonly #acts: readonly Call[];
  readonly #final: Call;
  /** [T] views of the rollout. */
  readonly #actionRows: readonly Uint8Array[];
  readonly #rewardRows: readonly Float32Array[];

  /** @param theta [P], read at each call of a program that does not hold it. */
  constructor(setup: CollectorSetup, programs: ActingPrograms, theta: Float32Array) {
    const { shape } = setup;
    // Sequences are whole, so that episodes go on ending between them.
    const playersSetup = { ...setup, ...shape, staggerStep: shape.sequence };
    const { vector, memory } = environmentsWith(Rollout.observationElements(shape), playersSetup);
    const rollout = new Rollout(shape, memory);
    const { columns } = rollout;
    const { players, stateSize, actions, steps } = shape;
    this.#setup = setup;
    this.vector = vector;
    this.rollout = rollout;
    this.#players = new Players(playersSetup, vector);
    this.episodes = this.#players.episodes;
    this.random = this.#players.random;
    this.#state = new Float32Array(columns * stateSize);
    this.#nextState = new Float32Array(columns * stateSize);
    this.#starting = new Uint8Array(columns).fill(1);

    const size = elementsOf(shape.observation);
    const row = columns * size;
    const memoryless = stateSize === 0;
    const scratch = new Float32Array(columns * actions);
    const weights = (program: Program) => ('theta' in program.held ? {} : { theta });
    this.#acts = Array.from({ length: steps + 1 }, (_, t) => {
      const last = t === steps;
      return programs.act.bind(
        {
          ...weights(programs.act),
          observation: memory.subarray(t * row, (t + 1) * row),
          ...(memoryless ? {} : { state: this.#state }),
        },
        {
          probabilities: last
            ? scratch
            : rollout.probabilities.subarray(t * columns * actions, (t + 1) * columns * actions),
          values: last ? rollout.lastValues : rollout.values.subarray(t * columns, (t + 1) * columns),
          ...(memoryless ? {} : { nextState: this.#nextState }),
        },
      );
    });
    this.#finalObservation =
      shape.observation.dtype === 'uint8' ? new Uint8Array(players * size) : new Float32Array(players * size);
    this.#finalState = new Float32Array(players * stateSize);
    this.#finalValues = new Float32Array(players);
    this.#final = programs.actOne.bind(
      {
        ...weights(programs.actOne),
        observation: this.#finalObservation,
        ...(memoryless ? {} : { state: this.#finalState }),
      },
      {
        probabilities: new Float32Array(players * actions),
        values: this.#finalValues,
        ...(memoryless ? {} : { nextState: new Float32Array(players * stateSize) }),
      },
    );
    this.#actionRows = rows(rollout.actions, steps, columns);
    this.#rewardRows = rows(rollout.rewards, steps, columns);
  }

  /** Starts the first episodes. */
  start(): void {
    this.#players.start();
    this.#observe(0);
  }

  /** Plays T steps. */
  async collect(): Promise<void> {
    const { rollout } = this;
    const { steps, sequence, stateSize } = rollout.shape;
    const { columns } = rollout;
    const states = columns * stateSize;
    for (let t = 0; t < steps; t++) {
      if (t % sequence === 0) rollout.states.set(this.#state, (t / sequence) * states);
      rollout.starts.set(this.#starting, t * columns);
      await this.#acts[t]!.run();
      this.#choose(t);
      this.#players.step(this.#actionRows[t]!, this.#rewardRows[t]!);
      this.#state.set(this.#nextState);
      await this.#finish(t);
      this.#observe(t + 1);
    }
    await this.#acts[steps]!.run();
  }

  /** After `collect`: the next segment starts from the last observations. */
  turn(): void {
    const { rollout } = this;
    const row = rollout.columns * elementsOf(rollout.shape.observation);
    rollout.observations.copyWithin(0, rollout.shape.steps * row);
  }

  #choose(t: number): void {
    const { rollout, random } = this;
    const { actions } = rollout.shape;
    const { columns } = rollout;
    for (let b = 0; b < columns; b++) {
      const i = t * columns + b;
      const action = sample(rollout.probabilities, i * actions, actions, random.uniform());
      rollout.actions[i] = action;
      rollout.logProbabilities[i] = Math.log(rollout.probabilities[i * actions + action]!);
    }
  }

  /** Where an episode ended with step t, values what was cut off and starts the next. */
  async #finish(t: number): Promise<void> {
    const { vector, rollout } = this;
    const { environments, players, stateSize } = rollout.shape;
    const { encoding } = this.#setup;
    for (let e = 0; e < environments; e++) {
      const environment = vector.environments[e]!;
      const column = e * players;
      const i = t * rollout.columns + column;
      const done = vector.done[e]!;
      rollout.ended.fill(done, i, i + players);
      this.#starting.fill(done, column, column + players);
      if (done === 0) {
        rollout.terminated.fill(0, i, i + players);
        continue;
      }
      let cut = false;
      for (let n = 0; n < players; n++) {
        rollout.terminated[i + n] = environment.terminated[n]!;
        cut ||= environment.terminated[n] === 0;
      }
      const from = column * stateSize;
      const to = from + players * stateSize;
      if (cut) {
        environment.observe(encoding, this.#finalObservation);
        this.#finalState.set(this.#state.subarray(from, to));
        await this.#final.run();
        rollout.bootstrap.set(this.#finalValues, i);
      }
      this.#state.fill(0, from, to);
      this.#players.restart(e);
    }
  }

  #observe(t: number): void {
    const { rollout } = this;
    const row = rollout.columns * elementsOf(rollout.shape.observation);
    this.vector.observe(this.#setup.encoding, rollout.observations, t * row);
  }

  /** All that the next segment depends on, by name. */
  save(): Saved {
    return {
      ...this.#players.save(),
      state: this.#state.slice(),
      starting: this.#starting.slice(),
    };
  }

  /** @throws {Error} for what another collector saved. */
  load(saved: Saved): void {
    this.#players.load(saved);
    restore(saved, 'state', this.#state);
    restore(saved, 'starting', this.#starting);
    this.#observe(0);
  }
}

/** [T] views of an array [T, B]. */
function rows<A extends Uint8Array | Float32Array>(array: A, steps: number, columns: number): A[] {
  return Array.from({ length: steps }, (_, t) => array.subarray(t * columns, (t + 1) * columns) as A);
}
