/**
 * The memory of a shard's rollout: time-major, allocated once. Columns are environment-major, B = E * N, so that column
 * e * N + n is player n of environment e.
 */
import { type ArraySpec, elementsOf } from '../../shared/environment.ts';
import type { TensorSpec } from '../engine/program.ts';

export type Observations = Uint8Array | Float32Array;

export type FieldArray = Uint8Array | Int32Array | Float32Array;

/** More that a rollout holds of each player, and that minibatches carry: signals, and what models learn from. */
export interface Field {
  readonly name: string;
  readonly dtype: 'uint8' | 'int32' | 'float32';
  /** Numbers of a player. */
  readonly width: number;
  /** [T + 1, B, width], whose last row is for the next segment; or [T / L, B, width], at the start of each sequence. */
  readonly per: 'step' | 'sequence';
  /** Whether minibatches carry it; they do by default. */
  readonly carried?: false;
}

/** Name of the field that says who sees whom, [T + 1, B, N] uint8: written while it is played where a rollout has it. */
export const VISIBLE = 'visible';

export const visibleField = (players: number): Field => ({
  name: VISIBLE,
  dtype: 'uint8',
  width: players,
  per: 'step',
  carried: false,
});

/** Fields that minibatches carry. */
const carriedOf = ({ fields = [] }: RolloutShape) => fields.filter(({ carried = true }) => carried);

/** Whether sequences need to know where episodes start in them. */
const hasMemory = (shape: RolloutShape) =>
  shape.stateSize > 0 || (shape.fields ?? []).some(({ per }) => per === 'sequence');

export interface RolloutShape {
  /** T, environment steps of a segment. */
  readonly steps: number;
  /** L, steps of a training sequence; T is a multiple of it. */
  readonly sequence: number;
  /** E. */
  readonly environments: number;
  /** N. */
  readonly players: number;
  readonly observation: ArraySpec;
  /** A. */
  readonly actions: number;
  /** S, numbers of recurrent state a column has. */
  readonly stateSize: number;
  /** How many symbols can be spoken; none by default. */
  readonly symbols?: number;
  readonly fields?: readonly Field[];
}

const ARRAYS = { uint8: Uint8Array, int32: Int32Array, float32: Float32Array } as const;

/** What is chosen from a head step by step, and what its learning needs. */
export class Stream {
  /** How many choices there are. */
  readonly choices: number;
  /** [T, B] what was chosen. */
  readonly actions: Uint8Array;
  /** [T, B, choices] of the policy that chose. */
  readonly probabilities: Float32Array;
  /** [T, B] log-probability of what was chosen. */
  readonly logProbabilities: Float32Array;
  /** [T, B] in units of the value head. */
  readonly values: Float32Array;
  /** [T, B] as the environment gave them, and then as reward stages left them. */
  readonly rewards: Float32Array;
  /** [T, B] value of the final observation of truncated episodes. */
  readonly bootstrap: Float32Array;
  /** [B] */
  readonly lastValues: Float32Array;
  /** [T, B] */
  readonly advantages: Float32Array;
  readonly returns: Float32Array;

  constructor(choices: number, steps: number, columns: number) {
    const size = steps * columns;
    this.choices = choices;
    this.actions = new Uint8Array(size);
    this.probabilities = new Float32Array(size * choices);
    this.logProbabilities = new Float32Array(size);
    this.values = new Float32Array(size);
    this.rewards = new Float32Array(size);
    this.bootstrap = new Float32Array(size);
    this.lastValues = new Float32Array(columns);
    this.advantages = new Float32Array(size);
    this.returns = new Float32Array(size);
  }
}

/** The stream of actions, and what all streams share. */
export class Rollout extends Stream {
  readonly shape: RolloutShape;
  /** B. */
  readonly columns: number;
  /** [T + 1, B, ...]; the last row is what the next segment starts from. */
  readonly observations: Observations;
  /** [T, B] 0 or 1. */
  readonly ended: Uint8Array;
  readonly terminated: Uint8Array;
  /** [T, B] 1 where an episode starts with the step. */
  readonly starts: Uint8Array;
  /** [T / L, B, S] recurrent state at the start of each sequence. */
  readonly states: Float32Array;
  /** What is said; null where nobody speaks. */
  readonly symbols: Stream | null;
  readonly fields: Readonly<Record<string, FieldArray>>;

  /** @param observations [T + 1, B, ...], where the environment writes fastest. */
  constructor(shape: RolloutShape, observations: Observations) {
    const { steps, sequence, environments, players, actions, stateSize, symbols = 0, fields = [] } = shape;
    if (steps % sequence !== 0) {
      throw new RangeError(`a segment of ${steps} steps is no multiple of sequences of ${sequence}`);
    }
    const columns = environments * players;
    const size = steps * columns;
    super(actions, steps, columns);
    this.shape = shape;
    this.columns = columns;
    this.observations = observations;
    this.ended = new Uint8Array(size);
    this.terminated = new Uint8Array(size);
    this.starts = new Uint8Array(size);
    this.states = new Float32Array((steps / sequence) * columns * stateSize);
    this.symbols = symbols === 0 ? null : new Stream(symbols, steps, columns);
    this.fields = Object.fromEntries(
      fields.map(({ name, dtype, width, per }) => {
        const rows = per === 'step' ? steps + 1 : steps / sequence;
        return [name, new ARRAYS[dtype](rows * columns * width)];
      }),
    );
  }

  /** Actions, and symbols where they are spoken. */
  get streams(): readonly Stream[] {
    return this.symbols === null ? [this] : [this, this.symbols];
  }

  /** How many elements `observations` has. */
  static observationElements({ steps, environments, players, observation }: RolloutShape): number {
    return (steps + 1) * environments * players * elementsOf(observation);
  }

  /** Units of a segment: one sequence of one environment, all its players. */
  get units(): number {
    const { steps, sequence, environments } = this.shape;
    return (steps / sequence) * environments;
  }
}

/** What a minibatch has of a stream, [L, U, N] each. */
export interface StreamBatch {
  readonly action: Int32Array;
  readonly oldLogProbability: Float32Array;
  /** [L, U, N, choices] */
  readonly oldProbabilities: Float32Array;
  readonly oldValue: Float32Array;
  readonly advantage: Float32Array;
  readonly target: Float32Array;
}

/** What the symbols' part of a minibatch is called, behind a name of `StreamBatch`. */
export const SYMBOL = 'symbol/';

/** What the fields of a minibatch are called. */
const FIELD = 'field/';

/** A minibatch's field in a program's inputs. */
export const fieldInput = (name: string) => `${FIELD}${name}`;

function streamBatch(size: number, choices: number): StreamBatch {
  return {
    action: new Int32Array(size),
    oldLogProbability: new Float32Array(size),
    oldProbabilities: new Float32Array(size * choices),
    oldValue: new Float32Array(size),
    advantage: new Float32Array(size),
    target: new Float32Array(size),
  };
}

/** A minibatch of U units, in the order programs take: sequences of L steps, columns of U * N. */
export class Minibatch {
  readonly units: number;
  /** [L, U, N, ...] */
  readonly observation: Observations;
  /** [L, U, N] 0 where an episode starts with the step. */
  readonly keep: Float32Array;
  /** [U, N, S] before the sequence. */
  readonly state: Float32Array;
  /** Of actions, then of symbols where they are spoken. */
  readonly streams: readonly StreamBatch[];
  /** [L, U, N, width] of those a step, [U, N, width] of those a sequence. */
  readonly fields: Readonly<Record<string, FieldArray>>;
  readonly #fields: readonly Field[];
  readonly #memory: boolean;

  constructor(shape: RolloutShape, units: number) {
    const { sequence, players, observation, actions, stateSize, symbols = 0 } = shape;
    const fields = carriedOf(shape);
    const size = sequence * units * players;
    this.#memory = hasMemory(shape);
    this.units = units;
    const elements = size * elementsOf(observation);
    this.observation = observation.dtype === 'uint8' ? new Uint8Array(elements) : new Float32Array(elements);
    this.keep = new Float32Array(size);
    this.state = new Float32Array(units * players * stateSize);
    this.streams = [actions, ...(symbols === 0 ? [] : [symbols])].map((choices) =>
      streamBatch(size, choices),
    );
    this.#fields = fields;
    this.fields = Object.fromEntries(
      fields.map(({ name, dtype, width, per }) => [
        name,
        new ARRAYS[dtype]((per === 'step' ? size : units * players) * width),
      ]),
    );
  }

  /** All arrays by the names that programs have for them; `minibatchInputs` says their shapes. */
  get feeds(): Record<string, Observations | FieldArray> {
    const [actions, symbols] = this.streams as [StreamBatch, StreamBatch?];
    return {
      observation: this.observation,
      ...actions,
      ...(symbols === undefined ? {} : prefixed(SYMBOL, symbols)),
      ...(this.#memory ? { keep: this.keep } : {}),
      ...(this.state.length === 0 ? {} : { state: this.state }),
      ...prefixed(FIELD, this.fields),
    };
  }

  /**
   * Copies units `order[from...]` of a rollout. Shuffled sequences do not lie together, so they are copied: less than a
   * hundredth of what the update takes.
   */
  gather(rollout: Rollout, order: Uint32Array, from: number): void {
    const { sequence, environments, players, observation, stateSize } = rollout.shape;
    const { units } = this;
    const { columns } = rollout;
    const width = elementsOf(observation) * players;
    for (let u = 0; u < units; u++) {
      const unit = order[from + u]!;
      const chunk = Math.floor(unit / environments);
      const environment = unit % environments;
      const column = environment * players;
      const start = chunk * columns + column;
      if (stateSize > 0) {
        const at = start * stateSize;
        this.state.set(rollout.states.subarray(at, at + players * stateSize), u * players * stateSize);
      }
      for (const { name, width: numbers, per } of this.#fields) {
        if (per === 'step') continue;
        const array = rollout.fields[name]!;
        const at = start * numbers;
        this.fields[name]!.set(array.subarray(at, at + players * numbers), u * players * numbers);
      }
      for (let l = 0; l < sequence; l++) {
        const row = chunk * sequence + l;
        const source = row * columns + column;
        const to = (l * units + u) * players;
        const observed = (row * environments + environment) * width;
        this.observation.set(
          rollout.observations.subarray(observed, observed + width),
          (l * units + u) * width,
        );
        for (let n = 0; n < players; n++) this.keep[to + n] = 1 - rollout.starts[source + n]!;
        copyStream(rollout, this.streams[0]!, source, to, players);
        if (rollout.symbols !== null) copyStream(rollout.symbols, this.streams[1]!, source, to, players);
        for (const { name, width: numbers, per } of this.#fields) {
          if (per === 'sequence') continue;
          const at = source * numbers;
          this.fields[name]!.set(rollout.fields[name]!.subarray(at, at + players * numbers), to * numbers);
        }
      }
    }
  }
}

/** Players `source...` of a stream's step to `to...` of a minibatch. */
function copyStream(stream: Stream, batch: StreamBatch, source: number, to: number, players: number): void {
  const { choices } = stream;
  batch.oldProbabilities.set(
    stream.probabilities.subarray(source * choices, (source + players) * choices),
    to * choices,
  );
  for (let n = 0; n < players; n++) {
    batch.action[to + n] = stream.actions[source + n]!;
    batch.oldLogProbability[to + n] = stream.logProbabilities[source + n]!;
    batch.oldValue[to + n] = stream.values[source + n]!;
    batch.advantage[to + n] = stream.advantages[source + n]!;
    batch.target[to + n] = stream.returns[source + n]!;
  }
}

/** What programs take of a minibatch of `units` units, by name. */
export function minibatchInputs(shape: RolloutShape, units: number): Record<string, TensorSpec> {
  const { sequence, players, observation, actions, stateSize, symbols = 0 } = shape;
  const fields = carriedOf(shape);
  const rows = [sequence, units, players];
  const float = (...sides: number[]): TensorSpec => ({ dtype: 'float32', shape: sides });
  const stream = (choices: number) => ({
    action: { dtype: 'int32', shape: rows } as const,
    oldLogProbability: float(...rows),
    oldProbabilities: float(...rows, choices),
    oldValue: float(...rows),
    advantage: float(...rows),
    target: float(...rows),
  });
  return {
    observation: { dtype: observation.dtype, shape: [...rows, ...observation.shape] },
    ...stream(actions),
    ...(symbols === 0 ? {} : prefixed(SYMBOL, stream(symbols))),
    ...(hasMemory(shape) ? { keep: float(...rows) } : {}),
    ...(stateSize === 0 ? {} : { state: float(units, players, stateSize) }),
    ...Object.fromEntries(
      fields.map(({ name, dtype, width, per }) => [
        fieldInput(name),
        { dtype, shape: per === 'step' ? [...rows, width] : [units, players, width] },
      ]),
    ),
  };
}

function prefixed<V>(prefix: string, record: Readonly<Record<string, V>> | object): Record<string, V> {
  return Object.fromEntries(
    Object.entries(record as Record<string, V>).map(([name, value]) => [`${prefix}${name}`, value]),
  );
}
