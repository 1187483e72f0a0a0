/**
 * What PPO, A2C and REINFORCE share: segments are played by the current policy, rewards pass their stages, advantages are
 * estimated, and a few passes over shuffled sequences follow. What tells the three apart is a loss and its coefficients.
 */
import * as z from 'zod';
import { deriveSeed, Random } from '../../shared/random.ts';
import { type Call, float32, type Program, type Signature } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import { adam, biasCorrection, clipByGlobalNorm } from '../math/adam.ts';
import { generalizedAdvantages } from '../math/returns.ts';
import { PopArt, RunningMoments } from '../math/running.ts';
import { type Schedule, scheduleSchema, valueAt } from '../math/schedules.ts';
import { type ActorCritic, actorCritic, type Heads, type NetworkOptions } from '../networks/actor-critic.ts';
import { clipByNetwork } from '../networks/parameters.ts';
import { actProgram, byNetwork, sequencesByNetwork } from '../networks/programs.ts';
import { Collector } from '../rollout/collector.ts';
import { EPISODE_METRIC_NAMES } from '../rollout/episodes.ts';
import { ConstantScale, type RewardStage, RunningScale } from '../rollout/reward-stages.ts';
import { Minibatch, type RolloutShape } from '../rollout/rollout.ts';
import type { AlgorithmDefinition, Learner, LearnerSetup, Measured, Saved, Task } from './algorithm.ts';
import { Means } from './means.ts';

/** Options of every on-policy algorithm, with the defaults of PPO; an algorithm's file changes what differs. */
export const onPolicyOptions = {
  learningRate: scheduleSchema({ low: 0 })
    .default([
      [0, 5e-4],
      [1, 0],
    ])
    .describe('Of Adam; a schedule'),
  gamma: z.number().min(0).max(1).default(0.99).describe('Discount of a step'),
  lambda: z.number().min(0).max(1).default(0.95).describe('Of generalized advantage estimation'),
  segment: z
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .describe('Environment steps that are played between updates, in each environment'),
  sequence: z
    .int()
    .min(1)
    .max(10_000)
    .default(20)
    .describe('Steps that gradients flow back through; divides the segment. 1 for networks without memory'),
  epochs: z.int().min(1).max(100).default(1).describe('Passes over each segment'),
  minibatches: z
    .int()
    .min(1)
    .max(10_000)
    .default(8)
    .describe('Updates a pass, on equal parts of the segment'),
  valueCoefficient: z.number().min(0).default(0.5).describe('Weight of the value loss'),
  entropy: scheduleSchema({ low: 0 }).default(0.01).describe("Weight of the policy's entropy; a schedule"),
  gradientClip: z.number().positive().default(0.5).describe("Greatest norm of a network's gradient"),
  adamEpsilon: z.number().positive().default(1e-5).describe('Added to the root of the second moment'),
  normalizeAdvantages: z
    .boolean()
    .default(true)
    .describe('Whether advantages of a segment get mean 0 and deviation 1'),
  rewardScale: z
    .union([z.number(), z.literal('running')])
    .default(1)
    .describe('Rewards are multiplied by it; `running` divides by the running deviation of the return'),
  popArt: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('Rate at which PopArt adapts the value head to its targets, an iteration; 0 leaves it out'),
};

export type OnPolicyOptions = z.infer<z.ZodObject<typeof onPolicyOptions>>;

/** Samples as the loss sees them, [G, M] of G networks unless said. */
export interface Batch {
  /** int32 */
  readonly action: tf.Tensor;
  readonly oldLogProbability: tf.Tensor;
  /** [G, M, A] */
  readonly oldProbabilities: tf.Tensor;
  readonly oldValue: tf.Tensor;
  readonly advantage: tf.Tensor;
  /** What the value head should say. */
  readonly target: tf.Tensor;
}

export interface Loss {
  /** A mean over samples. */
  readonly loss: tf.Tensor;
  /** Scalars to log, by name. */
  readonly statistics: Readonly<Record<string, tf.Tensor>>;
}

/** What makes an on-policy algorithm. */
export interface OnPolicyAlgorithm<O extends OnPolicyOptions> {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly source: string;
  readonly schema: z.ZodType<O>;
  readonly network?: Partial<NetworkOptions>;
  /** Numbers that change over a run and are fed to the loss, by name. @param memory as `adapt` left it. */
  coefficients(options: O, at: (schedule: Schedule) => number, memory: Float64Array): Record<string, number>;
  loss(heads: Heads, batch: Batch, coefficients: Readonly<Record<string, tf.Tensor>>, options: O): Loss;
  /** Starting values of numbers that adapt to what is measured. */
  memory?(options: O): number[];
  /** Changes them after an iteration. @param last means of the statistics of its last pass. */
  adapt?(options: O, memory: Float64Array, last: Measured): void;
}

export function defineOnPolicy<O extends OnPolicyOptions>(
  algorithm: OnPolicyAlgorithm<O>,
): AlgorithmDefinition<O> {
  const { name, title, summary, source, schema, network } = algorithm;
  return {
    name,
    title,
    summary,
    source,
    schema,
    ...(network === undefined ? {} : { network }),
    stepsPerIteration: (options, task) => shapeOf(options, task, 0).steps * task.environments * task.players,
    parameters: (_, task, networkOptions) => networkOf(task, networkOptions).layout.size,
    create: (options, setup) => OnPolicyLearner.create(algorithm, options, setup),
  };
}

function networkOf(task: Task, options: NetworkOptions): ActorCritic {
  return actorCritic(task.observation, task.actions, options, options.perPlayer ? task.players : 1);
}

/** @throws {RangeError} for options that do not fit one another. */
function shapeOf(options: OnPolicyOptions, task: Task, stateSize: number): RolloutShape {
  const { segment, sequence, minibatches } = options;
  if (segment % sequence !== 0) {
    throw new RangeError(`algo.segment (${segment}) must be a multiple of algo.sequence (${sequence})`);
  }
  const units = (segment / sequence) * task.environments;
  if (units % minibatches !== 0) {
    throw new RangeError(
      `algo.minibatches (${minibatches}) must divide the ${units} sequences of a shard: segment / sequence (${segment / sequence}) times environments a shard (${task.environments})`,
    );
  }
  return {
    steps: segment,
    sequence,
    environments: task.environments,
    players: task.players,
    observation: task.observation,
    actions: task.actions,
    stateSize,
  };
}

/** A shard at work. */
interface Shard {
  readonly collector: Collector;
  /** Order of the units. */
  readonly order: Uint32Array;
  /** By the turn of the collective. */
  readonly gradient: readonly [Call, Call];
}

class OnPolicyLearner<O extends OnPolicyOptions> implements Learner {
  readonly theta: Float32Array;
  readonly #algorithm: OnPolicyAlgorithm<O>;
  readonly #options: O;
  readonly #setup: LearnerSetup;
  readonly #network: ActorCritic;
  readonly #shards: readonly Shard[];
  readonly #stages: readonly RewardStage[];
  readonly #popArt: PopArt | null;
  readonly #minibatch: Minibatch;
  readonly #coefficients: Record<string, Float32Array>;
  readonly #statistics: Float32Array;
  readonly #statisticNames: readonly string[];
  readonly #memory: Float64Array;
  readonly #means = new Means();
  /** Adam's state, and what its call is bound to. */
  readonly #m: Float32Array;
  readonly #v: Float32Array;
  readonly #updates = new Float64Array(1);
  readonly #step: {
    readonly gradient: Float32Array;
    readonly learningRate: Float32Array;
    readonly correction1: Float32Array;
    readonly correction2: Float32Array;
    readonly theta: Float32Array;
    readonly m: Float32Array;
    readonly v: Float32Array;
    readonly norm: Float32Array;
    readonly apply: Call;
  };

  static async create<O extends OnPolicyOptions>(
    algorithm: OnPolicyAlgorithm<O>,
    options: O,
    setup: LearnerSetup,
  ): Promise<OnPolicyLearner<O>> {
    const { engine, task } = setup;
    const network = networkOf(task, setup.network);
    const shape = shapeOf(options, task, network.stateSize);
    const names: string[] = [];
    const units = ((shape.steps / shape.sequence) * task.environments) / options.minibatches;
    const coefficientNames = Object.keys(
      algorithm.coefficients(options, () => 0, Float64Array.from(algorithm.memory?.(options) ?? [])),
    );
    const act = await actProgram(engine, network, task.observation, task.environments, task.players);
    const actOne =
      task.environments === 1 ? act : await actProgram(engine, network, task.observation, 1, task.players);
    const gradient = await gradientProgram(
      algorithm,
      options,
      setup,
      network,
      units,
      coefficientNames,
      names,
    );
    const apply = await applyProgram(options, setup, network);
    return new OnPolicyLearner(
      algorithm,
      options,
      setup,
      network,
      shape,
      { act, actOne, gradient, apply },
      {
        units,
        coefficientNames,
        statisticNames: names,
      },
    );
  }

  private constructor(
    algorithm: OnPolicyAlgorithm<O>,
    options: O,
    setup: LearnerSetup,
    network: ActorCritic,
    shape: RolloutShape,
    programs: Readonly<Record<'act' | 'actOne' | 'gradient' | 'apply', Program>>,
    {
      units,
      coefficientNames,
      statisticNames,
    }: { units: number; coefficientNames: readonly string[]; statisticNames: readonly string[] },
  ) {
    const { task, collective, seed } = setup;
    const { size } = network.layout;
    this.#algorithm = algorithm;
    this.#options = options;
    this.#setup = setup;
    this.#network = network;
    this.theta = new Float32Array(size);
    network.layout.initialize(this.theta, new Random().seed(deriveSeed(seed, 0)));
    this.#m = new Float32Array(size);
    this.#v = new Float32Array(size);
    this.#memory = Float64Array.from(algorithm.memory?.(options) ?? []);
    this.#popArt = options.popArt > 0 ? new PopArt(options.popArt) : null;
    const columns = task.environments * task.players;
    this.#stages = [
      ...(options.rewardScale === 'running'
        ? [new RunningScale(options.gamma, collective.own.length, columns)]
        : options.rewardScale !== 1
          ? [new ConstantScale(options.rewardScale)]
          : []),
    ];
    this.#minibatch = new Minibatch(shape, units);
    this.#coefficients = Object.fromEntries(coefficientNames.map((name) => [name, new Float32Array(1)]));
    this.#statistics = new Float32Array(statisticNames.length);
    this.#statisticNames = statisticNames;

    const {
      observation,
      action,
      oldLogProbability,
      oldProbabilities,
      oldValue,
      advantage,
      target,
      keep,
      state,
    } = this.#minibatch;
    const feeds = {
      theta: this.theta,
      observation,
      action,
      oldLogProbability,
      oldProbabilities,
      oldValue,
      advantage,
      target,
      ...(network.stateSize === 0 ? {} : { keep, state }),
      ...this.#coefficients,
    };
    this.#shards = collective.own.map((shard): Shard => {
      const collector = new Collector(
        {
          definition: task.definition,
          options: task.options,
          shape,
          encoding: task.encoding,
          seed: deriveSeed(seed, 1 + shard),
          stagger: task.stagger,
        },
        programs,
        this.theta,
      );
      collector.start();
      const [first, second] = collective
        .gradientMemories(shard)
        .map((gradient) => programs.gradient.bind(feeds, { gradient, statistics: this.#statistics }));
      return {
        collector,
        order: Uint32Array.from({ length: collector.rollout.units }, (_, k) => k),
        gradient: [first!, second!],
      };
    });

    const step = {
      gradient: new Float32Array(size),
      learningRate: new Float32Array(1),
      correction1: new Float32Array(1),
      correction2: new Float32Array(1),
      theta: new Float32Array(size),
      m: new Float32Array(size),
      v: new Float32Array(size),
      norm: new Float32Array(1),
    };
    const { gradient, learningRate, correction1, correction2, ...results } = step;
    this.#step = {
      ...step,
      apply: programs.apply.bind(
        { theta: this.theta, m: this.#m, v: this.#v, gradient, learningRate, correction1, correction2 },
        results,
      ),
    };
  }

  async iterate(steps: number): Promise<void> {
    const { collective } = this.#setup;
    const started = performance.now();
    for (const { collector } of this.#shards) await collector.collect();
    const played = performance.now();
    const rollouts = this.#shards.map(({ collector }) => collector.rollout);
    for (const stage of this.#stages) stage.process(rollouts, collective);
    this.#estimate();
    await this.#learn(steps);
    for (const { collector } of this.#shards) collector.turn();
    const learned = performance.now();
    this.#means.time('actSeconds', (played - started) / 1000);
    this.#means.time('learnSeconds', (learned - played) / 1000);
  }

  /** Advantages and value targets of all shards, from rewards in place. */
  #estimate(): void {
    const { gamma, lambda, normalizeAdvantages } = this.#options;
    const { collective } = this.#setup;
    const popArt = this.#popArt;
    for (const { collector } of this.#shards) {
      const { rollout } = collector;
      if (popArt !== null) {
        for (const array of [rollout.values, rollout.bootstrap, rollout.lastValues]) {
          for (let i = 0; i < array.length; i++) array[i] = popArt.denormalize(array[i]!);
        }
      }
      generalizedAdvantages({
        ...rollout.shape,
        rewards: rollout.rewards,
        values: rollout.values,
        ended: rollout.ended,
        terminated: rollout.terminated,
        bootstrap: rollout.bootstrap,
        lastValues: rollout.lastValues,
        columns: rollout.columns,
        gamma,
        lambda,
        advantages: rollout.advantages,
        returns: rollout.returns,
      });
    }
    // Moments of advantages, targets and the values' errors, of all shards in their order.
    const scratch = [new RunningMoments(), new RunningMoments(), new RunningMoments()] as const;
    const rows = collective.exchange((row, shard) => {
      const { rollout, episodes } = this.#shards[collective.own.indexOf(shard)]!.collector;
      const [advantages, targets, errors] = scratch;
      for (const moments of scratch) moments.reset();
      for (let i = 0; i < rollout.returns.length; i++) {
        advantages.push(rollout.advantages[i]!);
        targets.push(rollout.returns[i]!);
        errors.push(rollout.returns[i]! - rollout.values[i]!);
      }
      scratch.forEach((moments, k) => {
        row.set(moments.state, 3 * k);
      });
      episodes.take(row, 9);
    });
    const [advantages, targets, errors] = scratch;
    for (const moments of scratch) moments.reset();
    const part = new RunningMoments();
    for (const row of rows) {
      scratch.forEach((moments, k) => {
        part.state.set(row.subarray(3 * k, 3 * k + 3));
        moments.merge(part);
      });
      const episodes = row[9]!;
      EPISODE_METRIC_NAMES.forEach((name, k) => {
        this.#means.add(name, row[10 + k]!, episodes);
      });
    }
    if (targets.variance > 0) {
      this.#means.add('value/explainedVariance', 1 - errors.variance / targets.variance, 1);
    }
    this.#means.add('value/target', targets.mean, 1);
    if (popArt !== null) {
      popArt.update(targets);
      for (let network = 0; network < this.#network.layout.networks; network++) {
        popArt.rescale(
          this.#network.layout.view(this.theta, 'value/kernel', network),
          this.#network.layout.view(this.theta, 'value/bias', network),
        );
      }
      this.#means.add('value/popArtDeviation', popArt.deviation, 1);
    }
    const deviation = Math.sqrt(advantages.variance) + 1e-8;
    for (const { collector } of this.#shards) {
      const { rollout } = collector;
      if (normalizeAdvantages) {
        for (let i = 0; i < rollout.advantages.length; i++) {
          rollout.advantages[i] = (rollout.advantages[i]! - advantages.mean) / deviation;
        }
      }
      if (popArt !== null) {
        for (const array of [rollout.values, rollout.returns]) {
          for (let i = 0; i < array.length; i++) array[i] = popArt.normalize(array[i]!);
        }
      }
    }
  }

  async #learn(steps: number): Promise<void> {
    const { collective, totalSteps } = this.#setup;
    const { epochs, minibatches, learningRate } = this.#options;
    const at = (schedule: Schedule) => valueAt(schedule, steps, totalSteps);
    const coefficients = this.#algorithm.coefficients(this.#options, at, this.#memory);
    for (const [name, value] of Object.entries(coefficients)) this.#coefficients[name]!.fill(value);
    const rate = at(learningRate);
    this.#step.learningRate[0] = rate;

    const count = this.#statistics.length;
    const sums = this.#shards.map(() => new Float64Array(count));
    const lastSums = this.#shards.map(() => new Float64Array(count));
    let norms = 0;
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const { order, collector } of this.#shards) shuffle(order, collector.random);
      for (let k = 0; k < minibatches; k++) {
        const { turn } = collective;
        for (const [index, shard] of this.#shards.entries()) {
          this.#minibatch.gather(shard.collector.rollout, shard.order, k * this.#minibatch.units);
          await shard.gradient[turn]!.run();
          for (let i = 0; i < count; i++) {
            sums[index]![i]! += this.#statistics[i]!;
            if (epoch === epochs - 1) lastSums[index]![i]! += this.#statistics[i]!;
          }
        }
        collective.meanGradient(this.#step.gradient);
        await this.#apply();
        norms += this.#step.norm[0]!;
      }
    }

    const rows = collective.exchange((row, shard) => {
      const index = collective.own.indexOf(shard);
      row.set(sums[index]!);
      row.set(lastSums[index]!, count);
    });
    const last: Record<string, number> = {};
    this.#statisticNames.forEach((name, i) => {
      let sum = 0;
      let lastSum = 0;
      for (const row of rows) {
        sum += row[i]!;
        lastSum += row[count + i]!;
      }
      const updates = collective.shards * minibatches;
      this.#means.add(name, sum, updates * epochs);
      last[name] = lastSum / updates;
    });
    this.#means.add('gradient/norm', norms, epochs * minibatches);
    this.#means.add('schedule/learningRate', rate, 1);
    for (const [name, value] of Object.entries(coefficients)) this.#means.add(`schedule/${name}`, value, 1);
    this.#algorithm.adapt?.(this.#options, this.#memory, last);
  }

  /** One step of Adam along the mean gradient. */
  async #apply(): Promise<void> {
    const step = this.#step;
    const t = ++this.#updates[0]!;
    step.correction1[0] = biasCorrection(ADAM.beta1, t);
    step.correction2[0] = biasCorrection(ADAM.beta2, t);
    await step.apply.run();
    this.theta.set(step.theta);
    this.#m.set(step.m);
    this.#v.set(step.v);
  }

  measure(): Measured {
    return this.#means.take();
  }

  saveShared(): Saved {
    return {
      theta: this.theta.slice(),
      m: this.#m.slice(),
      v: this.#v.slice(),
      updates: this.#updates.slice(),
      memory: this.#memory.slice(),
      ...(this.#popArt === null ? {} : { popArt: this.#popArt.state.slice() }),
      ...prefixed(this.#stages.map((stage) => [stage.name, stage.saveShared()])),
    };
  }

  saveShard(shard: number): Saved {
    const index = this.#setup.collective.own.indexOf(shard);
    return {
      ...this.#shards[index]!.collector.save(),
      order: this.#shards[index]!.order.slice(),
      ...prefixed(this.#stages.map((stage) => [stage.name, stage.saveShard(index)])),
    };
  }

  load(shared: Saved, shards: (shard: number) => Saved): void {
    const restore = (name: string, into: Float32Array | Float64Array) => {
      const from = shared[name];
      if (from?.length !== into.length) {
        throw new Error(`${name} should have ${into.length} elements and has ${from?.length ?? 'none'}`);
      }
      into.set(from);
    };
    restore('theta', this.theta);
    restore('m', this.#m);
    restore('v', this.#v);
    restore('updates', this.#updates);
    restore('memory', this.#memory);
    if (this.#popArt !== null) restore('popArt', this.#popArt.state);
    const own = this.#setup.collective.own.map(shards);
    for (const [index, { collector, order }] of this.#shards.entries()) {
      collector.load(own[index]!);
      order.set(own[index]!.order!);
    }
    for (const stage of this.#stages) {
      stage.load(
        unprefixed(shared, stage.name),
        own.map((saved) => unprefixed(saved, stage.name)),
      );
    }
  }
}

const ADAM = { beta1: 0.9, beta2: 0.999 };

function prefixed(parts: readonly (readonly [string, Saved])[]): Saved {
  return Object.fromEntries(
    parts.flatMap(([prefix, saved]) =>
      Object.entries(saved).map(([name, array]) => [`${prefix}/${name}`, array] as const),
    ),
  );
}

function unprefixed(saved: Saved, prefix: string): Saved {
  return Object.fromEntries(
    Object.entries(saved)
      .filter(([name]) => name.startsWith(`${prefix}/`))
      .map(([name, array]) => [name.slice(prefix.length + 1), array]),
  );
}

/** Fisher and Yates. */
function shuffle(order: Uint32Array, random: Random): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
}

/** The gradient of the loss on one minibatch, and its statistics; `names` is filled with what these are. */
function gradientProgram<O extends OnPolicyOptions>(
  algorithm: OnPolicyAlgorithm<O>,
  options: O,
  { engine, task }: LearnerSetup,
  network: ActorCritic,
  units: number,
  coefficientNames: readonly string[],
  names: string[],
): Promise<Program> {
  const { networks, size } = network.layout;
  const { sequence } = options;
  const rows = [sequence, units, task.players];
  const memoryless = network.stateSize === 0;
  const signature: Signature = {
    theta: float32(size),
    observation: { dtype: task.observation.dtype, shape: [...rows, ...task.observation.shape] },
    action: { dtype: 'int32', shape: rows },
    oldLogProbability: float32(...rows),
    oldProbabilities: float32(...rows, task.actions),
    oldValue: float32(...rows),
    advantage: float32(...rows),
    target: float32(...rows),
    ...(memoryless ? {} : { keep: float32(...rows), state: float32(units, task.players, network.stateSize) }),
    ...Object.fromEntries(coefficientNames.map((name) => [name, float32()])),
  };
  return engine.compile(
    `${algorithm.name} gradient`,
    (inputs) => {
      const grouped = (name: string) => sequencesByNetwork(inputs[name]!, networks);
      const samples = (name: string) => {
        const x = grouped(name);
        return tf.reshape(x, [networks, x.shape[1]! * x.shape[2]!, ...x.shape.slice(3)]);
      };
      const observation = grouped('observation');
      const state = memoryless ? null : byNetwork(inputs.state!, networks);
      const keep = memoryless ? null : grouped('keep');
      const batch: Batch = {
        action: samples('action'),
        oldLogProbability: samples('oldLogProbability'),
        oldProbabilities: samples('oldProbabilities'),
        oldValue: samples('oldValue'),
        advantage: samples('advantage'),
        target: samples('target'),
      };
      let statistics: Readonly<Record<string, tf.Tensor>> = {};
      const { grad } = tf.valueAndGrad((theta: tf.Tensor) => {
        const heads = network.learn(network.layout.unpack(theta), observation, state, keep);
        const result = algorithm.loss(heads, batch, inputs, options);
        statistics = Object.fromEntries(
          Object.entries(result.statistics).map(([name, value]) => [name, tf.keep(value)]),
        );
        // Each network learns from the mean over its own samples.
        return tf.mul(result.loss, networks) as tf.Scalar;
      })(inputs.theta!);
      const entries = Object.entries(statistics);
      names.splice(0, names.length, ...entries.map(([name]) => name));
      const values = tf.concat(entries.map(([, value]) => tf.reshape(value, [1])));
      for (const [, value] of entries) value.dispose();
      return { gradient: grad, statistics: values };
    },
    signature,
  );
}

/** Clips the mean gradient and takes one step of Adam. */
function applyProgram(
  { gradientClip, adamEpsilon }: OnPolicyOptions,
  { engine }: LearnerSetup,
  network: ActorCritic,
): Promise<Program> {
  const { layout } = network;
  const vector = float32(layout.size);
  return engine.compile(
    'adam',
    ({ theta, m, v, gradient, learningRate, correction1, correction2 }) => {
      const clipped =
        layout.networks === 1
          ? clipByGlobalNorm(gradient!, gradientClip)
          : clipByNetwork(layout, gradient!, gradientClip);
      return {
        ...adam(
          theta!,
          clipped.gradient,
          m!,
          v!,
          { learningRate: learningRate!, correction1: correction1!, correction2: correction2! },
          { ...ADAM, epsilon: adamEpsilon },
        ),
        norm: tf.reshape(clipped.norm, [1]),
      };
    },
    {
      theta: vector,
      m: vector,
      v: vector,
      gradient: vector,
      learningRate: float32(),
      correction1: float32(),
      correction2: float32(),
    },
  );
}
