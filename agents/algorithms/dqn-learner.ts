/** The learner of DQN: one iteration is a few steps of every shard and the gradient steps that follow. */
import { deriveSeed, Random } from '../../shared/random.ts';
import type { Call, Program } from '../engine/program.ts';
import { valueAt } from '../math/schedules.ts';
import { type QNetwork, qProgram } from '../networks/q-network.ts';
import { addEpisodes } from '../rollout/episodes.ts';
import { type Exploration, Explorer } from '../rollout/explorer.ts';
import { TransitionBatch } from '../rollout/replay.ts';
import { allOf, type Soon } from '../rollout/soon.ts';
import type { Learner, LearnerSetup, Measured, Saved } from './algorithm.ts';
import type { DqnOptions } from './dqn.ts';
import { STATISTICS, updatePrograms } from './dqn-update.ts';
import { Means } from './means.ts';
import { Optimizer } from './optimizer.ts';
import { restore } from './restore.ts';
import { bindUpdate, type Updating } from './update.ts';

/** What Node reads in one piece, and so the largest checkpoint there can be. */
const LARGEST_CHECKPOINT = 2 ** 31 - 1;

/** A shard at work. */
interface Shard {
  readonly explorer: Explorer;
  /** By the turn of the collective: computes the gradient, or is the whole update where there is one shard. */
  readonly learn: readonly [Call, Call];
  /** Sums of the statistics since they were measured. */
  readonly sums: Float64Array;
}

export class DqnLearner implements Learner {
  readonly #options: DqnOptions;
  readonly #setup: LearnerSetup;
  readonly #optimizer: Optimizer;
  /** [P] of the target network. */
  readonly #target: Float32Array;
  readonly #shards: readonly Shard[];
  readonly #batch: TransitionBatch;
  readonly #statistics = new Float32Array(STATISTICS.length);
  /** [P] */
  readonly #mean: Float32Array;
  /** Null where the update is one call. */
  readonly #apply: Call | null;
  readonly #means = new Means();
  /** Gradient steps since they were measured. */
  #updates = 0;
  #norms = 0;

  /** @throws {RangeError} for a memory that no checkpoint can hold. */
  static async create(options: DqnOptions, setup: LearnerSetup, network: QNetwork): Promise<DqnLearner> {
    const { engine, task } = setup;
    const act = await qProgram(engine, network, task.observation, task.environments, task.players);
    const updating = await updatePrograms(options, setup, network);
    const learner = new DqnLearner(options, setup, network, act, updating);
    for (const { explorer } of learner.#shards) await explorer.start();
    return learner;
  }

  private constructor(
    options: DqnOptions,
    setup: LearnerSetup,
    network: QNetwork,
    act: Program,
    updating: Updating,
  ) {
    const { task, collective, seed } = setup;
    const { layout } = network;
    this.#options = options;
    this.#setup = setup;
    this.#optimizer = new Optimizer(layout.size);
    layout.initialize(this.theta, new Random().seed(deriveSeed(seed, 0)));
    this.#target = this.theta.slice();
    this.#mean = new Float32Array(layout.size);
    this.#batch = new TransitionBatch(layout.networks, options.batch, task.observation);

    const { observation, nextObservation, action, reward, discount, terminated } = this.#batch;
    const statistics = this.#statistics;
    const feeds = {
      theta: this.theta,
      target: this.#target,
      observation,
      nextObservation,
      action,
      reward,
      discount,
      terminated,
    };
    const update = bindUpdate(updating, setup, this.#optimizer, feeds, this.#mean, statistics);
    this.#apply = update.apply;
    this.#shards = collective.own.map((shard): Shard => {
      const explorer = new Explorer(
        {
          ...task,
          capacity: options.buffer,
          rewardScale: options.rewardScale,
          seed: deriveSeed(seed, 1 + shard),
          staggerStep: 1,
        },
        act,
        this.theta,
      );
      const bytes = explorer.memory.bytes * collective.shards;
      if (bytes > LARGEST_CHECKPOINT) {
        throw new RangeError(
          `algo.buffer is ${options.buffer}, which takes ${(bytes / 2 ** 30).toFixed(1)} GiB with all environments and players: a checkpoint, which has all of it, holds 2 GiB`,
        );
      }
      return { explorer, learn: update.learn(shard), sums: new Float64Array(STATISTICS.length) };
    });
  }

  get theta(): Float32Array {
    return this.#optimizer.theta;
  }

  async iterate(steps: number): Promise<void> {
    const { trainEvery, learningStarts, nStep, gradientSteps, learningRate } = this.#options;
    const { collective, task, totalSteps } = this.#setup;
    const started = performance.now();
    const exploration = this.#exploration(steps);
    for (const { explorer } of this.#shards) await explorer.play(trainEvery, exploration);
    const played = performance.now();
    const after = steps + trainEvery * task.environments * task.players * collective.shards;
    // All shards have made as many steps.
    if (after >= learningStarts && this.#shards[0]!.explorer.memory.starts(nStep) > 0) {
      const rate = valueAt(learningRate, steps, totalSteps);
      this.#optimizer.learningRate[0] = rate;
      for (let k = 0; k < gradientSteps; k++) await this.#update();
      this.#means.add('schedule/learningRate', rate, 1);
    }
    this.#means.time('actSeconds', (played - started) / 1000);
    this.#means.time('learnSeconds', (performance.now() - played) / 1000);
  }

  #exploration(steps: number): Exploration {
    const { exploration: kind, epsilon, temperature } = this.#options;
    const { totalSteps } = this.#setup;
    if (kind === 'epsilon') {
      const value = valueAt(epsilon, steps, totalSteps);
      this.#means.add('schedule/epsilon', value, 1);
      return { kind, epsilon: value };
    }
    const value = valueAt(temperature, steps, totalSteps);
    this.#means.add('schedule/temperature', value, 1);
    return { kind, temperature: value };
  }

  /** One gradient step on fresh samples of all shards, and the target's renewal where it is due. */
  async #update(): Promise<void> {
    const { targetEvery, targetKeep } = this.#options;
    const { collective } = this.#setup;
    const { turn } = collective;
    const optimizer = this.#optimizer;
    optimizer.prepare();
    for (const { explorer, learn, sums } of this.#shards) {
      explorer.memory.sample(this.#batch, this.#options, explorer.players.random);
      await learn[turn]!.run();
      for (let i = 0; i < sums.length; i++) sums[i]! += this.#statistics[i]!;
    }
    if (this.#apply !== null) {
      collective.meanGradient(this.#mean);
      await this.#apply.run();
    }
    optimizer.accept();
    this.#updates++;
    this.#norms += optimizer.results.norm[0]!;
    if (optimizer.updates % targetEvery === 0) renew(this.#target, this.theta, targetKeep);
  }

  measure(): Measured {
    const { collective, task } = this.#setup;
    const count = STATISTICS.length;
    const rows = collective.exchange((row, shard) => {
      const { explorer, sums } = this.#of(shard);
      row.set(sums);
      sums.fill(0);
      explorer.players.episodes.take(row, count);
    });
    for (const row of rows) {
      STATISTICS.forEach((name, k) => {
        this.#means.add(name, row[k]!, this.#updates);
      });
      addEpisodes(this.#means, row, count, task.returnsOnly === true ? 'control' : task.definition.kind);
    }
    this.#means.add('gradient/norm', this.#norms, this.#updates);
    this.#updates = 0;
    this.#norms = 0;
    return this.#means.take();
  }

  saveShared(): Saved {
    return { ...this.#optimizer.save(), target: this.#target.slice() };
  }

  saveShard(shard: number): Saved {
    return this.#of(shard).explorer.save();
  }

  load(shared: Saved, shards: (shard: number) => Saved): Soon {
    this.#optimizer.load(shared);
    restore(shared, 'target', this.#target);
    return allOf(this.#setup.collective.own.map((shard) => this.#of(shard).explorer.load(shards(shard))));
  }

  #of(shard: number): Shard {
    return this.#shards[this.#setup.collective.own.indexOf(shard)]!;
  }
}

/** target = keep target + (1 - keep) theta, element by element. */
export function renew(target: Float32Array, theta: Float32Array, keep: number): void {
  if (keep === 0) target.set(theta);
  else for (let i = 0; i < target.length; i++) target[i] = keep * target[i]! + (1 - keep) * theta[i]!;
}
