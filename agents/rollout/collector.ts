/**
 * A shard's environments and how they are played: observations go straight into the rollout, one call of the policy
 * chooses for all columns, one call steps all environments. Nothing is allocated in a step.
 */
import type { EnvironmentDefinition, OptionsInput } from '../../shared/definition.ts';
import { elementsOf } from '../../shared/environment.ts';
import type { Random } from '../../shared/random.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import { restore } from '../algorithms/restore.ts';
import type { Call, Program } from '../engine/program.ts';
import { sample } from '../math/categorical.ts';
import { ACT_OUTPUTS } from '../networks/programs.ts';
import { type EnvironmentBatch, environmentsWith, type OpenEnvironments } from './environments.ts';
import type { Episodes } from './episodes.ts';
import { Players } from './players.ts';
import { type Observations, Rollout, type RolloutShape, type Stream, VISIBLE } from './rollout.ts';
import { NONE, Signals } from './signals.ts';
import type { Soon } from './soon.ts';

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
  /** [N] 1 for those who act first in each step. */
  readonly leads: Uint8Array;
  /** Where environments come from that are not made in this thread. */
  readonly open?: OpenEnvironments;
}

export class Collector {
  readonly rollout: Rollout;
  readonly episodes: Episodes;
  readonly environments: EnvironmentBatch;
  /** Draws actions, symbols, and the order of minibatches. */
  readonly random: Random;
  readonly #players: Players;
  readonly #signals: Signals;
  /** [B, S] before the next step, and what the last call made of it. */
  readonly #state: Float32Array;
  readonly #nextState: Float32Array;
  /** [B] 1 where the next step starts an episode. */
  readonly #starting: Uint8Array;
  /** Of one environment whose episode was cut. */
  readonly #final: Final;
  /** [T + 1] */
  readonly #acts: readonly Call[];
  /** [T] views of the rollout. */
  readonly #actionRows: readonly Uint8Array[];
  readonly #rewardRows: readonly Float32Array[];
  /** [B, A] of the step after the last, which nobody needs but who leads. */
  readonly #lastProbabilities: Float32Array;

  /** @param theta [P], read at each call of a program that does not hold it. */
  constructor(setup: CollectorSetup, programs: ActingPrograms, theta: Float32Array) {
    const { shape } = setup;
    // Sequences are whole, so that episodes go on ending between them.
    const whole = { ...setup, ...shape, staggerStep: shape.sequence };
    const visible = shape.fields?.some(({ name }) => name === VISIBLE) ?? false;
    const { environments, memory } = environmentsWith(Rollout.observationElements(shape), {
      ...whole,
      visible,
    });
    const rollout = new Rollout(shape, memory);
    const { columns } = rollout;
    const { stateSize, actions, steps } = shape;
    this.environments = environments;
    this.rollout = rollout;
    this.#players = new Players(whole, environments);
    this.episodes = this.#players.episodes;
    this.random = this.#players.random;
    this.#signals = new Signals(rollout, setup.leads);
    this.#state = new Float32Array(columns * stateSize);
    this.#nextState = new Float32Array(columns * stateSize);
    this.#starting = new Uint8Array(columns).fill(1);
    this.#lastProbabilities = new Float32Array(columns * actions);

    const row = columns * elementsOf(shape.observation);
    const memoryless = stateSize === 0;
    const weights = (program: Program) => ('theta' in program.held ? {} : { theta });
    this.#acts = Array.from({ length: steps + 1 }, (_, t) => {
      const last = t === steps;
      const heads = rollout.streams.flatMap((stream, k) => {
        const width = columns * stream.choices;
        const scratch = k === 0 ? this.#lastProbabilities : new Float32Array(width);
        return [
          [
            ACT_OUTPUTS[k]!.probabilities,
            last ? scratch : stream.probabilities.subarray(t * width, (t + 1) * width),
          ] as const,
          [
            ACT_OUTPUTS[k]!.values,
            last ? stream.lastValues : stream.values.subarray(t * columns, (t + 1) * columns),
          ] as const,
        ];
      });
      return programs.act.bind(
        {
          ...weights(programs.act),
          observation: memory.subarray(t * row, (t + 1) * row),
          ...(memoryless ? {} : { state: this.#state }),
          ...this.#signals.row(t),
        },
        { ...Object.fromEntries(heads), ...(memoryless ? {} : { nextState: this.#nextState }) },
      );
    });
    this.#final = new Final(rollout, programs.actOne, weights(programs.actOne));
    this.#actionRows = rows(rollout.actions, steps, columns);
    this.#rewardRows = rows(rollout.rewards, steps, columns);
  }

  /** Starts the first episodes. */
  start(): Soon {
    this.#players.start();
    return this.#observe(0);
  }

  /** Plays T steps. */
  async collect(): Promise<void> {
    const { rollout } = this;
    const { steps, sequence, stateSize } = rollout.shape;
    const { columns } = rollout;
    const states = columns * stateSize;
    const signals = this.#signals;
    for (let t = 0; t < steps; t++) {
      if (t % sequence === 0) rollout.states.set(this.#state, (t / sequence) * states);
      rollout.starts.set(this.#starting, t * columns);
      await this.#act(t, rollout.probabilities, rollout.actions);
      if (rollout.symbols !== null) this.#choose(rollout.symbols, t);
      const stepped = this.#players.step(this.#actionRows[t]!, this.#rewardRows[t]!);
      if (stepped !== undefined) await stepped;
      if (this.environments.live) this.#reconsider(t);
      this.#state.set(this.#nextState);
      signals.follow(t);
      await this.#finish(t);
      const observed = this.#observe(t + 1);
      if (observed !== undefined) await observed;
    }
    await this.#act(steps, this.#lastProbabilities, null);
  }

  /** After `collect`: the next segment starts from the last observations. */
  turn(): void {
    const { rollout } = this;
    const row = rollout.columns * elementsOf(rollout.shape.observation);
    const { steps, players } = rollout.shape;
    rollout.observations.copyWithin(0, steps * row);
    rollout.fields[VISIBLE]?.copyWithin(0, steps * rollout.columns * players);
    this.#signals.turn();
  }

  /**
   * The policy's step t, and what is chosen from it. Where some lead, what they choose is put before the others and the
   * policy asked once more: what it says of those who lead is the same again.
   * @param chosen where it goes, unless that is of no interest: behind the segment only values are.
   */
  async #act(t: number, probabilities: Float32Array, chosen: Uint8Array | null): Promise<void> {
    const { rollout, random } = this;
    const { columns } = rollout;
    await this.#acts[t]!.run();
    const at = chosen === null ? 0 : t * columns;
    if (this.#signals.lead(t, probabilities, at, random)) await this.#acts[t]!.run();
    if (chosen !== null) this.#choose(rollout, t);
  }

  /** Draws step t of a stream; who leads has drawn. */
  #choose(stream: Stream, t: number): void {
    const { rollout, random } = this;
    const { choices } = stream;
    const { columns } = rollout;
    const led = stream === rollout ? this.#signals.led : null;
    for (let b = 0; b < columns; b++) {
      const i = t * columns + b;
      const lead = led === null ? NONE : led[b]!;
      const action =
        lead === NONE ? sample(stream.probabilities, i * choices, choices, random.uniform()) : lead;
      stream.actions[i] = action;
      stream.logProbabilities[i] = Math.log(stream.probabilities[i * choices + action]!);
    }
  }

  /** Step t was made with other actions than were chosen: it is these that are learned from. */
  #reconsider(t: number): void {
    const { actions, probabilities, logProbabilities, choices, columns } = this.rollout;
    for (let i = t * columns; i < (t + 1) * columns; i++) {
      logProbabilities[i] = Math.log(probabilities[i * choices + actions[i]!]!);
    }
  }

  /** Where an episode ended with step t, values what was cut off and starts the next. */
  async #finish(t: number): Promise<void> {
    const { environments, rollout } = this;
    const { players, stateSize } = rollout.shape;
    for (let e = 0; e < environments.count; e++) {
      const column = e * players;
      const i = t * rollout.columns + column;
      const done = environments.done[e]!;
      rollout.ended.fill(done, i, i + players);
      this.#starting.fill(done, column, column + players);
      if (done === 0) {
        rollout.terminated.fill(0, i, i + players);
        continue;
      }
      const terminated = environments.terminated(e);
      let cut = false;
      for (let n = 0; n < players; n++) {
        rollout.terminated[i + n] = terminated[n]!;
        cut ||= terminated[n] === 0;
      }
      if (cut) {
        environments.observeFinal(e, this.#final.observation);
        await this.#final.run(t, e, this.#state, this.#signals, this.random);
      }
      this.#state.fill(0, column * stateSize, (column + players) * stateSize);
      this.#signals.forget(t, e);
      this.#players.restart(e);
    }
  }

  #observe(t: number): Soon {
    const { rollout } = this;
    const row = rollout.columns * elementsOf(rollout.shape.observation);
    const observed = this.environments.observe(rollout.observations, t * row);
    if (observed !== undefined) return observed.then(() => this.#see(t));
    this.#see(t);
  }

  #see(t: number): void {
    const { rollout } = this;
    const visible = rollout.fields[VISIBLE];
    if (visible === undefined) return;
    this.environments.observeVisible(visible as Uint8Array, t * rollout.columns * rollout.shape.players);
  }

  /** All that the next segment depends on, by name. */
  save(): Saved {
    return {
      ...this.#players.save(),
      state: this.#state.slice(),
      starting: this.#starting.slice(),
      ...this.#signals.save(),
    };
  }

  /** @throws {Error} for what another collector saved. */
  load(saved: Saved): Soon {
    this.#players.load(saved);
    // What goes on by itself is somewhere else by now, and the players come to it new.
    if (!this.environments.live) {
      restore(saved, 'state', this.#state);
      restore(saved, 'starting', this.#starting);
      this.#signals.load(saved);
    }
    return this.#observe(0);
  }
}

/** The value of what follows an episode that was cut: one environment's last observations, by a call of its own. */
class Final {
  /** [N, ...] */
  readonly observation: Observations;
  readonly #rollout: Rollout;
  readonly #state: Float32Array;
  readonly #signals: Record<string, Uint8Array>;
  readonly #probabilities: Float32Array;
  /** [N] of each stream. */
  readonly #values: readonly Float32Array[];
  readonly #call: Call;

  constructor(rollout: Rollout, program: Program, weights: Record<string, Float32Array>) {
    const { players, observation, stateSize } = rollout.shape;
    const elements = players * elementsOf(observation);
    this.#rollout = rollout;
    this.observation = observation.dtype === 'uint8' ? new Uint8Array(elements) : new Float32Array(elements);
    this.#state = new Float32Array(players * stateSize);
    this.#signals = Signals.one(rollout);
    const heads = rollout.streams.map(({ choices }) => ({
      probabilities: new Float32Array(players * choices),
      values: new Float32Array(players),
    }));
    this.#probabilities = heads[0]!.probabilities;
    this.#values = heads.map(({ values }) => values);
    const memoryless = stateSize === 0;
    this.#call = program.bind(
      {
        ...weights,
        observation: this.observation,
        ...(memoryless ? {} : { state: this.#state }),
        ...this.#signals,
      },
      {
        ...Object.fromEntries(
          heads.flatMap(({ probabilities, values }, k) => [
            [ACT_OUTPUTS[k]!.probabilities, probabilities],
            [ACT_OUTPUTS[k]!.values, values],
          ]),
        ),
        ...(memoryless ? {} : { nextState: new Float32Array(players * stateSize) }),
      },
    );
  }

  /** Environment e after step t. @param state [B, S] of all. */
  async run(t: number, e: number, state: Float32Array, signals: Signals, random: Random): Promise<void> {
    const { players, stateSize } = this.#rollout.shape;
    const from = e * players * stateSize;
    this.#state.set(state.subarray(from, from + players * stateSize));
    signals.copy(t + 1, e, this.#signals);
    await this.#call.run();
    if (signals.leadOne(this.#signals, this.#probabilities, random)) await this.#call.run();
    const i = t * this.#rollout.columns + e * players;
    this.#rollout.streams.forEach(({ bootstrap }, k) => {
      bootstrap.set(this.#values[k]!, i);
    });
  }
}

/** [T] views of an array [T, B]. */
function rows<A extends Uint8Array | Float32Array>(array: A, steps: number, columns: number): A[] {
  return Array.from({ length: steps }, (_, t) => array.subarray(t * columns, (t + 1) * columns) as A);
}
