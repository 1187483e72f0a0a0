/**
 * The memory of a shard's rollout: time-major, allocated once. Columns are environment-major, B = E * N, so that column
 * e * N + n is player n of environment e.
 */
import { type ArraySpec, elementsOf } from '../../shared/environment.ts';

export type Observations = Uint8Array | Float32Array;

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
}

export class Rollout {
  readonly shape: RolloutShape;
  /** B. */
  readonly columns: number;
  /** [T + 1, B, ...]; the last row is what the next segment starts from. */
  readonly observations: Observations;
  /** [T, B] */
  readonly actions: Uint8Array;
  /** [T, B, A] of the policy that acted. */
  readonly probabilities: Float32Array;
  /** [T, B] log-probability of the action. */
  readonly logProbabilities: Float32Array;
  /** [T, B] in units of the value head. */
  readonly values: Float32Array;
  /** [T, B] as the environment gave them, and then as reward stages left them. */
  readonly rewards: Float32Array;
  /** [T, B] 0 or 1. */
  readonly ended: Uint8Array;
  readonly terminated: Uint8Array;
  /** [T, B] 1 where an episode starts with the step. */
  readonly starts: Uint8Array;
  /** [T, B] value of the final observation of truncated episodes. */
  readonly bootstrap: Float32Array;
  /** [B] */
  readonly lastValues: Float32Array;
  /** [T / L, B, S] recurrent state at the start of each sequence. */
  readonly states: Float32Array;
  /** [T, B] */
  readonly advantages: Float32Array;
  readonly returns: Float32Array;

  /** @param observations [T + 1, B, ...], where the environment writes fastest. */
  constructor(shape: RolloutShape, observations: Observations) {
    const { steps, sequence, environments, players, actions, stateSize } = shape;
    if (steps % sequence !== 0) {
      throw new RangeError(`a segment of ${steps} steps is no multiple of sequences of ${sequence}`);
    }
    this.shape = shape;
    const columns = environments * players;
    const size = steps * columns;
    this.columns = columns;
    this.observations = observations;
    this.actions = new Uint8Array(size);
    this.probabilities = new Float32Array(size * actions);
    this.logProbabilities = new Float32Array(size);
    this.values = new Float32Array(size);
    this.rewards = new Float32Array(size);
    this.ended = new Uint8Array(size);
    this.terminated = new Uint8Array(size);
    this.starts = new Uint8Array(size);
    this.bootstrap = new Float32Array(size);
    this.lastValues = new Float32Array(columns);
    this.states = new Float32Array((steps / sequence) * columns * stateSize);
    this.advantages = new Float32Array(size);
    this.returns = new Float32Array(size);
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

/** A minibatch of U units, in the order programs take: sequences of L steps, columns of U * N. */
export class Minibatch {
  readonly units: number;
  /** [L, U, N, ...] */
  readonly observation: Observations;
  /** [L, U, N] each. */
  readonly action: Int32Array;
  readonly oldLogProbability: Float32Array;
  readonly oldValue: Float32Array;
  readonly advantage: Float32Array;
  readonly target: Float32Array;
  /** 0 where an episode starts with the step. */
  readonly keep: Float32Array;
  /** [L, U, N, A] */
  readonly oldProbabilities: Float32Array;
  /** [U, N, S] before the sequence. */
  readonly state: Float32Array;

  constructor({ sequence, players, observation, actions, stateSize }: RolloutShape, units: number) {
    const size = sequence * units * players;
    this.units = units;
    const elements = size * elementsOf(observation);
    this.observation = observation.dtype === 'uint8' ? new Uint8Array(elements) : new Float32Array(elements);
    this.action = new Int32Array(size);
    this.oldLogProbability = new Float32Array(size);
    this.oldValue = new Float32Array(size);
    this.advantage = new Float32Array(size);
    this.target = new Float32Array(size);
    this.keep = new Float32Array(size);
    this.oldProbabilities = new Float32Array(size * actions);
    this.state = new Float32Array(units * players * stateSize);
  }

  /**
   * Copies units `order[from...]` of a rollout. Shuffled sequences do not lie together, so they are copied: less than a
   * hundredth of what the update takes.
   */
  gather(rollout: Rollout, order: Uint32Array, from: number): void {
    const { sequence, environments, players, observation, actions, stateSize } = rollout.shape;
    const { units } = this;
    const { columns } = rollout;
    const width = elementsOf(observation) * players;
    for (let u = 0; u < units; u++) {
      const unit = order[from + u]!;
      const chunk = Math.floor(unit / environments);
      const environment = unit % environments;
      const column = environment * players;
      if (stateSize > 0) {
        const at = (chunk * columns + column) * stateSize;
        this.state.set(rollout.states.subarray(at, at + players * stateSize), u * players * stateSize);
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
        this.oldProbabilities.set(
          rollout.probabilities.subarray(source * actions, (source + players) * actions),
          to * actions,
        );
        for (let n = 0; n < players; n++) {
          this.action[to + n] = rollout.actions[source + n]!;
          this.oldLogProbability[to + n] = rollout.logProbabilities[source + n]!;
          this.oldValue[to + n] = rollout.values[source + n]!;
          this.advantage[to + n] = rollout.advantages[source + n]!;
          this.target[to + n] = rollout.returns[source + n]!;
          this.keep[to + n] = 1 - rollout.starts[source + n]!;
        }
      }
    }
  }
}
