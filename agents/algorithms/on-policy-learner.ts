/** The learner of the on-policy algorithms: one iteration is a segment of every shard and the passes over it. */
import { deriveSeed, Random } from '../../shared/random.ts';
import type { Call, Program } from '../engine/program.ts';
import type { IntrinsicPlan } from '../intrinsic/intrinsic.ts';
import { IntrinsicStage } from '../intrinsic/stage.ts';
import { type Schedule, valueAt } from '../math/schedules.ts';
import type { ActorCritic } from '../networks/actor-critic.ts';
import { actProgram } from '../networks/programs.ts';
import { type ActingPrograms, Collector } from '../rollout/collector.ts';
import { addEpisodes } from '../rollout/episodes.ts';
import { ConstantScale, type RewardStage, RunningScale } from '../rollout/reward-stages.ts';
import { Minibatch, type Rollout, type RolloutShape } from '../rollout/rollout.ts';
import { allOf, type Soon } from '../rollout/soon.ts';
import { Advantages, type StreamNames } from './advantages.ts';
import type { Learner, LearnerSetup, Measured, Saved, Task } from './algorithm.ts';
import { Means } from './means.ts';
import type { OnPolicyAlgorithm, OnPolicyOptions } from './on-policy.ts';
import { updatePrograms } from './on-policy-update.ts';
import { Optimizer } from './optimizer.ts';
import { fieldsOf, policyNetwork, symbolsOf } from './policy-network.ts';
import { restore } from './restore.ts';
import { bindUpdate, type Updating } from './update.ts';

/**
 * From so many steps on, weights are put into the graph of the policy for a segment: that takes 2 to 3 ms, and each step of
 * 5 to 160 players is then faster by 0.06 to 0.2 ms. Not of how many shards a worker has, whose number changes no digit.
 */
const HOLD_FROM = 40;

/** @throws {RangeError} for options that do not fit one another. */
export function shapeOf(
  options: OnPolicyOptions,
  task: Task,
  stateSize: number,
  intrinsic: readonly IntrinsicPlan[],
): RolloutShape {
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
    symbols: symbolsOf(intrinsic),
    fields: fieldsOf(task, intrinsic),
  };
}

/** Of actions, and of symbols. */
const STREAM_NAMES: readonly StreamNames[] = [
  { head: 'value', measure: '' },
  { head: 'symbol-value', measure: 'symbol/' },
];

/** A shard at work. */
interface Shard {
  readonly collector: Collector;
  /** Order of the units. */
  readonly order: Uint32Array;
  /** By the turn of the collective: computes the gradient, or is the whole update where there is one shard. */
  readonly learn: readonly [Call, Call];
}

/** What is made before the learner itself, since that takes its time. */
interface Parts {
  readonly network: ActorCritic;
  readonly optimizer: Optimizer;
  readonly collectors: readonly Collector[];
  readonly stages: readonly RewardStage[];
  readonly act: Program;
  readonly minibatch: Minibatch;
  readonly updating: Updating;
  readonly coefficientNames: readonly string[];
  readonly statisticNames: readonly string[];
}

export class OnPolicyLearner<O extends OnPolicyOptions> implements Learner {
  readonly #algorithm: OnPolicyAlgorithm<O>;
  readonly #options: O;
  readonly #setup: LearnerSetup;
  readonly #act: Program;
  readonly #shards: readonly Shard[];
  readonly #rollouts: readonly Rollout[];
  readonly #stages: readonly RewardStage[];
  /** Of actions, then of symbols where they are spoken. */
  readonly #advantages: readonly Advantages[];
  readonly #minibatch: Minibatch;
  readonly #coefficients: Record<string, Float32Array>;
  readonly #statistics: Float32Array;
  readonly #statisticNames: readonly string[];
  readonly #memory: Float64Array;
  readonly #means = new Means();
  readonly #optimizer: Optimizer;
  /** [P] */
  readonly #mean: Float32Array;
  /** Null where the update is one call. */
  readonly #apply: Call | null;

  static async create<O extends OnPolicyOptions>(
    algorithm: OnPolicyAlgorithm<O>,
    options: O,
    setup: LearnerSetup,
  ): Promise<OnPolicyLearner<O>> {
    const { engine, task, intrinsic, collective, seed } = setup;
    const network = policyNetwork(task, setup.network, intrinsic);
    const shape = shapeOf(options, task, network.stateSize, intrinsic);
    const units = ((shape.steps / shape.sequence) * task.environments) / options.minibatches;
    const coefficientNames = Object.keys(
      algorithm.coefficients(options, () => 0, Float64Array.from(algorithm.memory?.(options) ?? [])),
    );
    const act = await actProgram(
      engine,
      network,
      task.observation,
      task.environments,
      task.players,
      shape.steps >= HOLD_FROM ? { held: ['theta'] } : {},
    );
    const actOne =
      task.environments === 1 ? act : await actProgram(engine, network, task.observation, 1, task.players);
    const { updating, statisticNames } = await updatePrograms(
      algorithm,
      options,
      setup,
      network,
      shape,
      units,
      coefficientNames,
    );
    const optimizer = new Optimizer(network.layout.size);
    network.layout.initialize(optimizer.theta, new Random().seed(deriveSeed(seed, 0)));
    const collectors = collective.own.map((shard) =>
      collectorOf({ act, actOne }, optimizer.theta, setup, shape, shard),
    );
    for (const collector of collectors) await collector.start();
    const rollouts = collectors.map(({ rollout }) => rollout);
    const intrinsicSetup = { learner: setup, network, shape, theta: optimizer.theta, rollouts };
    const paid: RewardStage[] = [];
    for (const plan of intrinsic) paid.push(await IntrinsicStage.create(plan, intrinsicSetup));
    return new OnPolicyLearner(algorithm, options, setup, {
      network,
      optimizer,
      collectors,
      stages: [...paid, ...scalesOf(options, setup, shape)],
      act,
      minibatch: new Minibatch(shape, units),
      updating,
      coefficientNames,
      statisticNames,
    });
  }

  private constructor(algorithm: OnPolicyAlgorithm<O>, options: O, setup: LearnerSetup, parts: Parts) {
    const { network, optimizer, collectors, minibatch } = parts;
    const { size } = network.layout;
    this.#algorithm = algorithm;
    this.#options = options;
    this.#setup = setup;
    this.#act = parts.act;
    this.#optimizer = optimizer;
    this.#mean = new Float32Array(size);
    this.#memory = Float64Array.from(algorithm.memory?.(options) ?? []);
    this.#stages = parts.stages;
    this.#minibatch = minibatch;
    this.#advantages = minibatch.streams.map(
      (_, k) => new Advantages(options, network.layout, STREAM_NAMES[k]!),
    );
    this.#coefficients = Object.fromEntries(
      parts.coefficientNames.map((name) => [name, new Float32Array(1)]),
    );
    this.#statistics = new Float32Array(parts.statisticNames.length);
    this.#statisticNames = parts.statisticNames;
    const feeds = { theta: this.theta, ...minibatch.feeds, ...this.#coefficients };
    const update = bindUpdate(parts.updating, setup, this.#optimizer, feeds, this.#mean, this.#statistics);
    this.#apply = update.apply;
    this.#shards = setup.collective.own.map((shard, k): Shard => {
      const collector = collectors[k]!;
      return {
        collector,
        order: Uint32Array.from({ length: collector.rollout.units }, (_, unit) => unit),
        learn: update.learn(shard),
      };
    });
    this.#rollouts = collectors.map(({ rollout }) => rollout);
  }

  get theta(): Float32Array {
    return this.#optimizer.theta;
  }

  async iterate(steps: number): Promise<void> {
    const { collective, totalSteps } = this.#setup;
    const started = performance.now();
    if ('theta' in this.#act.held) await this.#act.hold({ theta: this.theta });
    for (const { collector } of this.#shards) await collector.collect();
    const played = performance.now();
    for (const { symbols, rewards } of this.#rollouts) symbols?.rewards.set(rewards);
    const context = { collective, means: this.#means, steps, totalSteps };
    for (const stage of this.#stages) await stage.process(this.#rollouts, context);
    const rewarded = performance.now();
    this.#estimate();
    await this.#learn(steps);
    for (const { collector } of this.#shards) collector.turn();
    const learned = performance.now();
    this.#means.time('actSeconds', (played - started) / 1000);
    if (this.#stages.length > 0) this.#means.time('rewardSeconds', (rewarded - played) / 1000);
    this.#means.time('learnSeconds', (learned - rewarded) / 1000);
  }

  /** Advantages and value targets of all shards, from rewards in place; and what episodes came to. */
  #estimate(): void {
    const { collective, task } = this.#setup;
    this.#advantages.forEach((advantages, k) => {
      const streams = this.#rollouts.map((rollout) => rollout.streams[k]!);
      const common = [this.#rollouts, streams, this.theta, collective, this.#means] as const;
      if (k > 0) {
        advantages.estimate(...common);
        return;
      }
      const rows = advantages.estimate(...common, (row, at, shard) => {
        this.#shards[collective.own.indexOf(shard)]!.collector.episodes.take(row, at);
      });
      for (const row of rows)
        addEpisodes(
          this.#means,
          row,
          advantages.width,
          task.returnsOnly === true ? 'control' : task.definition.kind,
        );
    });
  }

  async #learn(steps: number): Promise<void> {
    const { collective, totalSteps } = this.#setup;
    const { epochs, minibatches, learningRate } = this.#options;
    const at = (schedule: Schedule) => valueAt(schedule, steps, totalSteps);
    const coefficients = this.#algorithm.coefficients(this.#options, at, this.#memory);
    for (const [name, value] of Object.entries(coefficients)) this.#coefficients[name]!.fill(value);
    const rate = at(learningRate);
    this.#optimizer.learningRate[0] = rate;

    const count = this.#statistics.length;
    const sums = this.#shards.map(() => new Float64Array(count));
    const lastSums = this.#shards.map(() => new Float64Array(count));
    let norms = 0;
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const { order, collector } of this.#shards) shuffle(order, collector.random);
      for (let k = 0; k < minibatches; k++) {
        const { turn } = collective;
        this.#optimizer.prepare();
        for (const [index, shard] of this.#shards.entries()) {
          this.#minibatch.gather(shard.collector.rollout, shard.order, k * this.#minibatch.units);
          await shard.learn[turn]!.run();
          for (let i = 0; i < count; i++) {
            sums[index]![i]! += this.#statistics[i]!;
            if (epoch === epochs - 1) lastSums[index]![i]! += this.#statistics[i]!;
          }
        }
        if (this.#apply !== null) {
          collective.meanGradient(this.#mean);
          await this.#apply.run();
        }
        this.#optimizer.accept();
        norms += this.#optimizer.results.norm[0]!;
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

  measure(): Measured {
    return this.#means.take();
  }

  saveShared(): Saved {
    return {
      ...this.#optimizer.save(),
      memory: this.#memory.slice(),
      ...Object.fromEntries(this.#popArts().map(([name, popArt]) => [name, popArt.state.slice()])),
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

  load(shared: Saved, shards: (shard: number) => Saved): Soon {
    this.#optimizer.load(shared);
    restore(shared, 'memory', this.#memory);
    for (const [name, popArt] of this.#popArts()) restore(shared, name, popArt.state);
    const own = this.#setup.collective.own.map(shards);
    const observed = this.#shards.map(({ collector, order }, index) => {
      restore(own[index]!, 'order', order);
      return collector.load(own[index]!);
    });
    for (const stage of this.#stages) {
      stage.load(
        unprefixed(shared, stage.name),
        own.map((saved) => unprefixed(saved, stage.name)),
      );
    }
    return allOf(observed);
  }

  #popArts() {
    return this.#advantages.flatMap(({ popArt }, k) =>
      popArt === null ? [] : [[k === 0 ? 'popArt' : 'symbolPopArt', popArt] as const],
    );
  }
}

function collectorOf(
  programs: ActingPrograms,
  theta: Float32Array,
  { task, seed }: LearnerSetup,
  shape: RolloutShape,
  shard: number,
): Collector {
  return new Collector({ ...task, shape, seed: deriveSeed(seed, 1 + shard) }, programs, theta);
}

function scalesOf(
  { rewardScale, gamma }: OnPolicyOptions,
  { collective }: LearnerSetup,
  { environments, players, symbols = 0 }: RolloutShape,
): RewardStage[] {
  if (rewardScale === 1) return [];
  if (rewardScale !== 'running') return [new ConstantScale(rewardScale)];
  const columns = environments * players;
  return [0, ...(symbols > 0 ? [1] : [])].map(
    (stream) => new RunningScale(gamma, collective.own.length, columns, stream),
  );
}

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
