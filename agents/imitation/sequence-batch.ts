/** A minibatch of demonstrations, in the order that programs take: [L, U] of U sequences of L steps. */
import type { ArraySpec } from '../../shared/environment.ts';
import { float32, type Signature } from '../engine/program.ts';
import type { Demonstrations, Sequence } from './demonstrations.ts';

export interface BatchShape {
  /** L */
  readonly sequence: number;
  /** U */
  readonly batch: number;
  readonly observation: ArraySpec;
  /** S, numbers of recurrent state. */
  readonly stateSize: number;
  /** N where last actions are revealed, else 0. */
  readonly others: number;
}

/** The return is the head's value times the deviation, plus the mean. */
export interface ValueScale {
  readonly mean: number;
  readonly deviation: number;
}

/** What programs take of it, by name. */
export function batchInputs(shape: BatchShape): Signature {
  const { sequence, batch, observation, stateSize, others } = shape;
  const rows = [sequence, batch];
  return {
    observation: { dtype: 'uint8', shape: [...rows, ...observation.shape] },
    action: { dtype: 'int32', shape: rows },
    mask: float32(...rows),
    target: float32(...rows),
    valued: float32(...rows),
    ...(stateSize === 0 ? {} : { state: float32(batch, stateSize), keep: float32(...rows) }),
    ...(others === 0 ? {} : { lastActions: { dtype: 'uint8', shape: [...rows, others] } }),
  };
}

export class SequenceBatch {
  readonly #shape: BatchShape;
  readonly #elements: number;
  readonly #value: ValueScale;
  /** [L, U, ...] */
  readonly observation: Uint8Array;
  /** [L, U] */
  readonly action: Int32Array;
  /** [L, U] 1 where the action counts. */
  readonly mask: Float32Array;
  /** [L, U] what the value head should say where `valued` is 1: standardized returns. */
  readonly target: Float32Array;
  readonly valued: Float32Array;
  /** [U, S] zeros: what came before a sequence is forgotten. */
  readonly #state: Float32Array;
  /** [L, U] 0 where what was before is not to be remembered. */
  readonly #keep: Float32Array;
  /** [L, U, N] */
  readonly lastActions: Uint8Array;

  constructor(shape: BatchShape, value: ValueScale) {
    const { sequence, batch, observation, stateSize, others } = shape;
    const size = sequence * batch;
    this.#shape = shape;
    this.#value = value;
    this.#elements = observation.shape.reduce((product, side) => product * side, 1);
    this.observation = new Uint8Array(size * this.#elements);
    this.action = new Int32Array(size);
    this.mask = new Float32Array(size);
    this.target = new Float32Array(size);
    this.valued = new Float32Array(size);
    this.#state = new Float32Array(batch * stateSize);
    this.#keep = new Float32Array(size);
    this.lastActions = new Uint8Array(size * others);
  }

  /** All arrays by the names that programs have for them. */
  get feeds() {
    const { observation, action, mask, target, valued, lastActions } = this;
    return {
      observation,
      action,
      mask,
      target,
      valued,
      ...(this.#state.length === 0 ? {} : { state: this.#state, keep: this.#keep }),
      ...(lastActions.length === 0 ? {} : { lastActions }),
    };
  }

  /** Fills column `u`; null leaves nothing in it that counts. */
  fill(u: number, data: Demonstrations, sequence: Sequence | null): void {
    const { batch, others } = this.#shape;
    const elements = this.#elements;
    const { mean, deviation } = this.#value;
    const steps = sequence?.steps ?? 0;
    for (let l = 0; l < this.#shape.sequence; l++) {
      const to = l * batch + u;
      if (sequence === null || l >= steps) {
        this.mask[to] = 0;
        this.valued[to] = 0;
        continue;
      }
      const i = sequence.from + l;
      const warm = l < sequence.warm;
      this.observation.set(data.observations.subarray(i * elements, (i + 1) * elements), to * elements);
      this.#keep[to] = 1 - data.starts[i]!;
      this.action[to] = data.actions[i]!;
      this.mask[to] = warm ? 0 : data.counts[i]!;
      this.target[to] = (data.returns[i]! - mean) / deviation;
      this.valued[to] = warm ? 0 : data.valued[i]!;
      if (others > 0) {
        this.lastActions.set(data.lastActions.subarray(i * others, (i + 1) * others), to * others);
      }
    }
  }

  /** How many actions count. */
  get count(): number {
    return this.mask.reduce((sum, one) => sum + one, 0);
  }
}
