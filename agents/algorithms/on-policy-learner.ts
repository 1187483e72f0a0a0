/** The learner of the on-policy algorithms: one iteration is a segment of every shard and the passes over it. */
import { deriveSeed, Random } from '../../shared/random.ts';
import type { Call, Program } from '../engine/program.ts';
import { generalizedAdvantages } from '../math/returns.ts';
import { PopArt, RunningMoments } from '../math/running.ts';
import { type Schedule, valueAt } from '../math/schedules.ts';
import { type ActorCritic, actorCritic, type NetworkOptions } from '../networks/actor-critic.ts';
import { actProgram } from '../networks/programs.ts';
import { type ActingPrograms, Collector } from '../rollout/collector.ts';
import { addEpisodes } from '../rollout/episodes.ts';
import { ConstantScale, type RewardStage, RunningScale } from '../rollout/reward-stages.ts';
import { Minibatch, type RolloutShape } from '../rollout/rollout.ts';
import type { Learner, LearnerSetup, Measured, Saved, Task } from './algorithm.ts';
import { Means } from './means.ts';
import type { OnPolicyAlgorithm, OnPolicyOptions } from './on-policy.ts';
import { updatePrograms } from './on-policy-update.ts';
import { Optimizer } from './optimizer.ts';
import { restore } from './restore.ts';
import { bindUpdate, type Updating } from './update.ts';

/**
 * From so many steps on, weights are put into the graph of the policy for a segment: that takes 2 to 3 ms, and each step of
 * 5 to 160 players is then faster by 0.06 to 0.2 ms. Not of how many shards a worker has, whose number changes no digit.
 */
const HOLD_FROM = 40;

export function networkOf(task: Task, options: NetworkOptions): ActorCritic {
  return actorCritic(task.observation, task.actions, options, options.perPlayer ? task.players : 1);
}

/** @throws {RangeError} for options that do not fit one another. */
export function shapeOf(options: OnPolicyOptions, task: Task, stateSize: number): RolloutShape {
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
  /** By the turn of the collective: computes the gradient, or is the whole update where there is one shard. */
  readonly learn: readonly [Call, Call];
}

export class OnPolicyLearner<O extends OnPolicyOptions> implements Learner {
  readonly #algorithm: OnPolicyAlgorithm<O>;
  readonly #options: O;
  readonly #setup: LearnerSetup;
  readonly #network: ActorCritic;
  readonly #act: Program;
  readonly #shards: readonly Shard[];
  readonly #stages: readonly RewardStage[];
  readonly #popArt: PopArt | null;
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
    const { engine, task } = setup;
    const network = networkOf(task, setup.network);
    const shape = shapeOf(options, task, network.stateSize);
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
      units,
      coefficientNames,
    );
    return new OnPolicyLearner(algorithm, options, setup, network, shape, { act, actOne }, updating, {
      units,
      coefficientNames,
      statisticNames,
    });
  }

  private constructor(
    algorithm: OnPolicyAlgorithm<O>,
    options: O,
    setup: LearnerSetup,
    network: ActorCritic,
    shape: RolloutShape,
    acting: ActingPrograms,
    updating: Updating,
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
    this.#act = acting.act;
    this.#optimizer = new Optimizer(size);
    network.layout.initialize(this.theta, new Random().seed(deriveSeed(seed, 0)));
    this.#mean = new Float32Array(size);
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
    const update = bindUpdate(updating, setup, this.#optimizer, feeds, this.#mean, this.#statistics);
    this.#apply = update.apply;

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
        acting,
        this.theta,
      );
      collector.start();
      return {
        collector,
        order: Uint32Array.from({ length: collector.rollout.units }, (_, k) => k),
        learn: update.learn(shard),
      };
    });
  }

  get theta(): Float32Array {
    return this.#optimizer.theta;
  }

  async iterate(steps: number): Promise<void> {
    const { collective } = this.#setup;
    const started = performance.now();
    if ('theta' in this.#act.held) await this.#act.hold({ theta: this.theta });
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
    // Moments of targets, of the values' errors, and of each network's own advantages, of all shards in their order.
    const { networks } = this.#network.layout;
    const scratch = Array.from({ length: 2 + networks }, () => new RunningMoments());
    const [targets, errors, ...advantages] = scratch as [RunningMoments, RunningMoments, ...RunningMoments[]];
    const episodesAt = 3 * scratch.length;
    const rows = collective.exchange((row, shard) => {
      const { rollout, episodes } = this.#shards[collective.own.indexOf(shard)]!.collector;
      for (const moments of scratch) moments.reset();
      for (let i = 0; i < rollout.returns.length; i++) {
        targets.push(rollout.returns[i]!);
        errors.push(rollout.returns[i]! - rollout.values[i]!);
        // Players lie next to one another: where each has a network of its own, i counts them round.
        advantages[i % networks]!.push(rollout.advantages[i]!);
      }
      scratch.forEach((moments, k) => {
        row.set(moments.state, 3 * k);
      });
      episodes.take(row, episodesAt);
    });
    for (const moments of scratch) moments.reset();
    const part = new RunningMoments();
    for (const row of rows) {
      scratch.forEach((moments, k) => {
        part.state.set(row.subarray(3 * k, 3 * k + 3));
        moments.merge(part);
      });
      addEpisodes(this.#means, row, episodesAt, this.#setup.task.definition.kind);
    }
    if (targets.variance > 0) {
      this.#means.add('value/explainedVariance', 1 - errors.variance / targets.variance, 1);
    }
    this.#means.add('value/target', targets.mean, 1);
    if (popArt !== null) {
      popArt.update(targets);
      for (let network = 0; network < networks; network++) {
        popArt.rescale(
          this.#network.layout.view(this.theta, 'value/kernel', network),
          this.#network.layout.view(this.theta, 'value/bias', network),
        );
      }
      this.#means.add('value/popArtDeviation', popArt.deviation, 1);
    }
    const deviations = advantages.map(({ variance }) => Math.sqrt(variance) + 1e-8);
    for (const { collector } of this.#shards) {
      const { rollout } = collector;
      if (normalizeAdvantages) {
        for (let i = 0; i < rollout.advantages.length; i++) {
          const network = i % networks;
          rollout.advantages[i] = (rollout.advantages[i]! - advantages[network]!.mean) / deviations[network]!;
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
    this.#optimizer.load(shared);
    restore(shared, 'memory', this.#memory);
    if (this.#popArt !== null) restore(shared, 'popArt', this.#popArt.state);
    const own = this.#setup.collective.own.map(shards);
    for (const [index, { collector, order }] of this.#shards.entries()) {
      collector.load(own[index]!);
      restore(own[index]!, 'order', order);
    }
    for (const stage of this.#stages) {
      stage.load(
        unprefixed(shared, stage.name),
        own.map((saved) => unprefixed(saved, stage.name)),
      );
    }
  }
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
