/** The reward by random network distillation, at work: once a segment both networks see all that was come to. */
import { elementsOf } from '../../shared/environment.ts';
import { deriveSeed, Random } from '../../shared/random.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import { restore } from '../algorithms/restore.ts';
import { type Call, float32, type Program, type TensorSpec } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import { sequencesByColumn, sequencesByNetwork } from '../networks/programs.ts';
import { ReturnScales } from '../rollout/return-scales.ts';
import type { Observations, Rollout, RolloutShape } from '../rollout/rollout.ts';
import type { Intrinsic, IntrinsicSetup, Payments } from './intrinsic.ts';
import { ObservationScale } from './observation-scale.ts';
import { type Distillation, featureError } from './rnd-network.ts';

/** Fields of the rollout. */
export const FIELDS = {
  /** [D] the observation as the networks see it, where that is not as it is. */
  observation: 'rnd/observation',
  /** [1] 1 where the predictor learns from it. */
  learns: 'rnd/learns',
} as const;

export interface RndRewardOptions {
  readonly gamma: number;
  readonly share: number;
}

/** What one shard has for it. */
interface Surprised {
  readonly rollout: Rollout;
  /** [T, B] */
  readonly errors: Float32Array;
  readonly calls: readonly Call[];
  /** Draws which samples are learned from. */
  readonly random: Random;
}

/** Samples that a call sees at most, unless a single step has more: memory for all of a long segment would be large. */
const ROWS = 4096;
/** Where the generators of shards lie among the children of the run's seed: behind those that the shards play with. */
const SEEDS = 1000;

export class RndReward implements Intrinsic {
  readonly #options: RndRewardOptions;
  readonly #setup: IntrinsicSetup;
  readonly #shards: readonly Surprised[];
  readonly #scales: ReturnScales;
  /** Null where observations are seen as they are. */
  readonly #observations: ObservationScale | null;
  /** [T, B] zeros: what is surprising goes on to be so behind an episode's end, so the return that scales it goes on too. */
  readonly #never: Uint8Array;

  static async create(
    options: RndRewardOptions,
    networks: Distillation,
    setup: IntrinsicSetup,
  ): Promise<RndReward> {
    return new RndReward(options, setup, await errorProgram(networks, setup));
  }

  private constructor(options: RndRewardOptions, setup: IntrinsicSetup, program: Program) {
    const { shape, rollouts, learner } = setup;
    const columns = shape.environments * shape.players;
    this.#options = options;
    this.#setup = setup;
    this.#scales = new ReturnScales(options.gamma, rollouts.length, columns);
    this.#observations = isScaled(shape) ? new ObservationScale(shape, rollouts.length) : null;
    this.#never = new Uint8Array(shape.steps * columns);
    this.#shards = rollouts.map((rollout, index) => {
      const errors = new Float32Array(shape.steps * columns);
      const seed = deriveSeed(learner.seed, SEEDS + learner.collective.own[index]!);
      return {
        rollout,
        errors,
        calls: callsOf(rollout, errors, program, setup),
        random: new Random().seed(seed),
      };
    });
  }

  async compute(out: readonly Payments[]): Promise<void> {
    const { rollouts, learner } = this.#setup;
    this.#observations?.observe(rollouts, learner.collective);
    for (const { rollout, errors, calls, random } of this.#shards) {
      const { fields, observations, ended } = rollout;
      this.#observations?.apply(observations, fields[FIELDS.observation] as Float32Array);
      for (const call of calls) await call.run();
      // Where an episode ended, what stands behind it is where the next one starts.
      for (let i = 0; i < errors.length; i++) if (ended[i] === 1) errors[i] = 0;
      const learns = fields[FIELDS.learns];
      if (learns === undefined) continue;
      for (let i = 0; i < errors.length; i++) learns[i] = random.chance(this.#options.share) ? 1 : 0;
    }
    const all = this.#shards.map(({ errors }) => errors);
    this.#scales.scale(
      all,
      all.map(() => this.#never),
      learner.collective,
    );
    for (const [index, errors] of all.entries()) out[index]!.set(errors);
  }

  saveShared(): Saved {
    return { ...this.#scales.saveShared(), ...this.#observations?.save() };
  }

  saveShard(index: number): Saved {
    return { ...this.#scales.saveShard(index), random: this.#shards[index]!.random.state.slice() };
  }

  load(shared: Saved, shards: readonly Saved[]): void {
    this.#scales.load(shared, shards);
    this.#observations?.load(shared);
    for (const [index, saved] of shards.entries())
      restore(saved, 'random', this.#shards[index]!.random.state);
  }
}

/** Whether observations are scaled before they are seen. Bytes are seen as the policy sees them. */
export const isScaled = ({ observation }: Pick<RolloutShape, 'observation'>) =>
  observation.dtype === 'float32';

/** Steps that a call sees: as many as divide a segment and are not too much. */
function stepsACall({ steps, environments, players }: RolloutShape): number {
  const most = Math.max(1, Math.min(steps, Math.floor(ROWS / (environments * players))));
  for (let count = most; ; count--) if (steps % count === 0) return count;
}

/** theta [P] and observations [L, E, N, ...] to the errors of these, [L, E, N]. */
function errorProgram(
  { target, predict }: Distillation,
  { learner, network, shape }: IntrinsicSetup,
): Promise<Program> {
  const { environments, players, observation } = shape;
  const { networks, size } = network.layout;
  const steps = stepsACall(shape);
  const seen: TensorSpec = {
    dtype: observation.dtype,
    shape: [steps, environments, players, ...observation.shape],
  };
  return learner.engine.compile(
    'rnd',
    (inputs) => {
      const weights = network.layout.unpack(inputs.theta!);
      const observed = sequencesByNetwork(inputs.observation!, networks);
      const [g, l, b, ...sides] = observed.shape as [number, number, number, ...number[]];
      const rows = tf.reshape(observed, [g, l * b, ...sides]);
      const error = featureError(predict(weights, rows, 'act'), target(weights, rows));
      return { error: sequencesByColumn(error, l, players) };
    },
    { theta: float32(size), observation: seen },
  );
}

/** The calls of a segment: what each step led to is in the row of observations behind it. */
function callsOf(
  rollout: Rollout,
  errors: Float32Array,
  program: Program,
  { shape, theta }: IntrinsicSetup,
): Call[] {
  const { columns, observations, fields } = rollout;
  const seen = isScaled(shape) ? (fields[FIELDS.observation] as Observations) : observations;
  const steps = stepsACall(shape);
  const row = columns * elementsOf(shape.observation);
  return Array.from({ length: shape.steps / steps }, (_, k) => {
    const [from, to] = [k * steps, (k + 1) * steps];
    return program.bind(
      { theta, observation: seen.subarray((from + 1) * row, (to + 1) * row) },
      { error: errors.subarray(from * columns, to * columns) },
    );
  });
}
