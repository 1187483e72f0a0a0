/** The influence reward by a model of other agents, at work: once a segment the model walks along it. */
import { elementsOf } from '../../shared/environment.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import type { Means } from '../algorithms/means.ts';
import { restore } from '../algorithms/restore.ts';
import { type Call, float32, type Program, uint8 } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import { byColumn, byNetwork, sequencesByColumn, sequencesByNetwork } from '../networks/programs.ts';
import { playerIn, writeSlots } from '../networks/signal-names.ts';
import { type Rollout, VISIBLE } from '../rollout/rollout.ts';
import type { Collective } from '../training/collective.ts';
import type { Divergence } from './divergence.ts';
import type { Intrinsic, IntrinsicSetup } from './intrinsic.ts';
import type { MoaNetwork } from './moa-network.ts';
import { PairTally } from './moa-tally.ts';

/** Fields of the rollout. */
export const FIELDS = {
  /** [N] what everybody does in the step, in relative slots. */
  joint: 'moa/joint',
  /** [J] what the others do in the next. */
  next: 'moa/next',
  /** [J] 1 where that is known and counts. */
  counts: 'moa/counts',
  /** The model's LSTM before each sequence. */
  state: 'moa/state',
} as const;

export interface MoaRewardOptions {
  readonly divergence: Divergence;
  readonly visibleOnly: boolean;
}

/** What one shard has for it. */
interface Walker {
  readonly rollout: Rollout;
  /** [T, B] 0 where an episode starts. */
  readonly keep: Float32Array;
  /** [B, 2H] behind the last segment. */
  readonly carry: Float32Array;
  /** [T, B, J] */
  readonly influence: Float32Array;
  readonly logLikelihood: Float32Array;
  readonly hit: Float32Array;
  /** [T / L] */
  readonly calls: readonly Call[];
}

export class MoaReward implements Intrinsic {
  readonly #options: MoaRewardOptions;
  readonly #walkers: readonly Walker[];
  readonly #tally: PairTally;

  static async create(options: MoaRewardOptions, moa: MoaNetwork, setup: IntrinsicSetup): Promise<MoaReward> {
    return new MoaReward(options, moa, setup, await predictProgram(options, moa, setup));
  }

  private constructor(
    options: MoaRewardOptions,
    moa: MoaNetwork,
    { shape, rollouts, theta }: IntrinsicSetup,
    program: Program,
  ) {
    this.#options = options;
    this.#tally = new PairTally(shape.players, shape.actions);
    this.#walkers = rollouts.map((rollout) => walkerOf(rollout, moa, program, theta));
  }

  async compute(out: readonly Float32Array[]): Promise<void> {
    for (const [index, walker] of this.#walkers.entries()) {
      this.#fill(walker);
      for (const call of walker.calls) await call.run();
      this.#pay(walker, out[index]!);
      this.#tally.add(index, walker.rollout, walker);
    }
  }

  /** What the model hears and what it should have said. */
  #fill({ rollout, keep, carry }: Walker): void {
    const { fields, actions, starts, ended, columns, shape } = rollout;
    const { steps, players, environments } = shape;
    const others = players - 1;
    const joint = fields[FIELDS.joint] as Uint8Array;
    const next = fields[FIELDS.next] as Uint8Array;
    const counts = fields[FIELDS.counts] as Float32Array;
    const visible = this.#options.visibleOnly ? (fields[VISIBLE] as Uint8Array) : null;
    (fields[FIELDS.state] as Float32Array).set(carry);
    for (let t = 0; t < steps; t++) {
      for (let e = 0; e < environments; e++) {
        const i = t * columns + e * players;
        writeSlots(actions, i, players, joint, i * players);
      }
    }
    for (let t = 0; t < steps; t++) {
      for (let b = 0; b < columns; b++) {
        const i = t * columns + b;
        keep[i] = 1 - starts[i]!;
        // The first and the last step of an episode are left out, and the last of the segment: what follows is not known yet.
        const known = starts[i] === 0 && ended[i] === 0 && t + 1 < steps;
        const player = b % players;
        for (let j = 0; j < others; j++) {
          const other = playerIn(j + 1, player, players);
          const seen = visible === null ? 1 : visible[i * players + other]!;
          counts[i * others + j] = known ? seen : 0;
          next[i * others + j] = t + 1 < steps ? joint[(i + columns) * players + 1 + j]! : 0;
        }
      }
    }
  }

  /** The sum over those who count. What the next step of another episode would be does not pay. */
  #pay({ rollout, influence }: Walker, out: Float32Array): void {
    const { starts, ended, columns, fields, shape } = rollout;
    const { steps, players } = shape;
    const { divergence, visibleOnly } = this.#options;
    const others = players - 1;
    const visible = visibleOnly ? (fields[VISIBLE] as Uint8Array) : null;
    // Pointwise it is about what was done next, which behind the segment nobody knows; the others are about predictions.
    const last = divergence === 'pmi' ? steps - 1 : steps;
    for (let i = 0; i < last * columns; i++) {
      if (starts[i] === 1 || ended[i] === 1) continue;
      const player = i % players;
      let sum = 0;
      for (let j = 0; j < others; j++) {
        if (visible !== null && visible[i * players + playerIn(j + 1, player, players)] === 0) continue;
        sum += influence[i * others + j]!;
      }
      out[i] = sum;
    }
  }

  measure(means: Means, collective: Collective): void {
    this.#tally.measure(means, collective);
  }

  saveShard(index: number): Saved {
    return { carry: this.#walkers[index]!.carry.slice() };
  }

  load(_: Saved, shards: readonly Saved[]): void {
    for (const [index, saved] of shards.entries()) restore(saved, 'carry', this.#walkers[index]!.carry);
  }
}

/** One sequence of all columns of a shard: where the model was, to what it says and where it is then. */
function predictProgram(
  { divergence }: MoaRewardOptions,
  moa: MoaNetwork,
  { learner, network, shape }: IntrinsicSetup,
): Promise<Program> {
  const { sequence, environments, players, observation, actions } = shape;
  const { networks } = network.layout;
  const others = players - 1;
  const rows = [sequence, environments, players];
  return learner.engine.compile(
    'moa',
    (inputs) => {
      const grouped = (name: string) => sequencesByNetwork(inputs[name]!, networks);
      const weights = network.layout.unpack(inputs.theta!);
      const observed = grouped('observation');
      const [g, l, b, ...sides] = observed.shape as [number, number, number, ...number[]];
      const seen = network.see(weights, tf.reshape(observed, [g, l * b, ...sides]), 'act');
      const predicted = moa.predict(
        weights,
        seen,
        grouped('joint'),
        byNetwork(inputs.state!, networks),
        grouped('keep'),
        grouped('pi'),
        grouped('next'),
        divergence,
      );
      const back = (x: tf.Tensor) => sequencesByColumn(x, sequence, players);
      return {
        influence: back(predicted.influence),
        logLikelihood: back(predicted.logLikelihood),
        hit: back(predicted.hit),
        nextState: byColumn(predicted.state, environments, players),
      };
    },
    {
      theta: float32(network.layout.size),
      observation: { dtype: observation.dtype, shape: [...rows, ...observation.shape] },
      joint: uint8(...rows, players),
      next: uint8(...rows, others),
      keep: float32(...rows),
      pi: float32(...rows, actions),
      state: float32(environments, players, moa.stateSize),
    },
  );
}

function walkerOf(rollout: Rollout, moa: MoaNetwork, program: Program, theta: Float32Array): Walker {
  const { shape, columns, observations, fields, probabilities } = rollout;
  const { steps, sequence, players, observation, actions } = shape;
  const others = players - 1;
  const size = steps * columns;
  const arrays = {
    keep: new Float32Array(size),
    carry: new Float32Array(columns * moa.stateSize),
    influence: new Float32Array(size * others),
    logLikelihood: new Float32Array(size * others),
    hit: new Float32Array(size * others),
  };
  const states = fields[FIELDS.state] as Float32Array;
  const stateSize = columns * moa.stateSize;
  const chunks = steps / sequence;
  const calls = Array.from({ length: chunks }, (_, chunk) => {
    const from = chunk * sequence * columns;
    const part = <A extends Uint8Array | Float32Array>(array: A, width: number) =>
      array.subarray(from * width, (from + sequence * columns) * width) as A;
    const state = (k: number) => states.subarray(k * stateSize, (k + 1) * stateSize);
    return program.bind(
      {
        theta,
        observation: part(observations as Uint8Array, elementsOf(observation)),
        joint: part(fields[FIELDS.joint] as Uint8Array, players),
        next: part(fields[FIELDS.next] as Uint8Array, others),
        keep: part(arrays.keep, 1),
        pi: part(probabilities, actions),
        state: state(chunk),
      },
      {
        influence: part(arrays.influence, others),
        logLikelihood: part(arrays.logLikelihood, others),
        hit: part(arrays.hit, others),
        nextState: chunk + 1 < chunks ? state(chunk + 1) : arrays.carry,
      },
    );
  });
  return { rollout, ...arrays, calls };
}
