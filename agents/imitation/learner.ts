/**
 * Learns from demonstrations: one iteration plays a little, to see what the clone comes to, and makes gradient steps on
 * sequences in shuffled order. Who adds demonstrations as it goes does so in `teach`.
 */
import { deriveSeed, Random } from '../../shared/random.ts';
import type { Learner, LearnerSetup, Measured, Saved, Task } from '../algorithms/algorithm.ts';
import { Means } from '../algorithms/means.ts';
import { Optimizer } from '../algorithms/optimizer.ts';
import { fieldsOf, policyNetwork } from '../algorithms/policy-network.ts';
import { bindUpdate } from '../algorithms/update.ts';
import type { Call } from '../engine/program.ts';
import { valueAt } from '../math/schedules.ts';
import type { ActorCritic, NetworkOptions } from '../networks/actor-critic.ts';
import { actProgram } from '../networks/programs.ts';
import { type ActingPrograms, Collector } from '../rollout/collector.ts';
import { addEpisodes } from '../rollout/episodes.ts';
import type { RolloutShape } from '../rollout/rollout.ts';
import { allOf, type Soon } from '../rollout/soon.ts';
import type { Demonstrations } from './demonstrations.ts';
import type { ImitationOptions } from './options.ts';
import { RecordingError } from './recording.ts';
import { type BatchShape, SequenceBatch, type ValueScale } from './sequence-batch.ts';
import { Shuffled } from './shuffled.ts';
import { type ImitationPrograms, imitationPrograms, STATISTICS } from './update.ts';

/** A shard at work. */
export interface ImitationShard {
  readonly collector: Collector;
  readonly data: Demonstrations;
  readonly order: Shuffled;
  /** By the turn of the collective: computes the gradient, or is the whole update where there is one shard. */
  readonly learn: readonly [Call, Call];
  /** Weighted sums of the statistics since they were measured, and the weight: of learning, of what was held out. */
  readonly sums: Float64Array;
}

/** What adds demonstrations while it is learned from them. */
export interface Teacher {
  /** After a shard has played. */
  teach(shard: ImitationShard, index: number, iteration: number): Promise<void>;
  /** What it measured since the last call, into a row from `at` on; see `names`. */
  take(row: Float64Array, at: number, index: number): void;
  /** Of pairs of sum and weight, in the order of `take`. */
  readonly names: readonly string[];
  save(index: number): Saved;
  load(index: number, shard: ImitationShard, saved: Saved): void;
  /** Ends waiting for somebody; what has been said counts. */
  interrupt(): void;
  close(): void;
}

/** Steps that are read in an iteration of one shard, those that only fill the memory among them. */
export const stepsOf = ({ sequence, batch, updates }: ImitationOptions) => sequence * batch * updates;

/** The network of a clone. @throws {RangeError} for a task or a network that nobody can be cloned with. */
export function cloneNetwork(task: Task, network: NetworkOptions): ActorCritic {
  if (network.perPlayer) {
    throw new RangeError(
      'network.perPlayer must be false: a clone is one policy, whichever seat it was recorded on',
    );
  }
  if (task.observation.dtype !== 'uint8') {
    throw new RangeError(`${task.definition.name} has no windows of class ids, and so no recordings`);
  }
  if (task.leads.includes(1)) {
    throw new RangeError('env.leaders must be empty: in rooms, where people play, everybody acts at once');
  }
  return policyNetwork(task, network, []);
}

interface Parts {
  readonly network: ActorCritic;
  readonly optimizer: Optimizer;
  readonly collectors: readonly Collector[];
  readonly programs: ImitationPrograms;
  readonly shape: BatchShape;
  /** One for each of the own shards, perhaps the same. */
  readonly data: readonly Demonstrations[];
  readonly teacher: Teacher | null;
}

const COUNT = STATISTICS.length + 1;

/** In what the run shares: a fingerprint of what it learns from. */
const DATA = 'data';

/** @throws {RecordingError} where a run that goes on would learn from something else than before. */
export function refuseChangedData(data: Demonstrations, saved: Saved | null): void {
  const before = saved?.[DATA]?.[0];
  if (before !== undefined && before !== data.fingerprint) {
    throw new RecordingError(
      'the recordings are not those that the run began with: put them back, or start another run with these',
    );
  }
}

export class ImitationLearner implements Learner {
  readonly #options: ImitationOptions;
  readonly #setup: LearnerSetup;
  readonly #optimizer: Optimizer;
  readonly #shards: readonly ImitationShard[];
  readonly #batch: SequenceBatch;
  readonly #statistics = new Float32Array(STATISTICS.length);
  readonly #mean: Float32Array;
  readonly #apply: Call | null;
  readonly #measure: Call;
  readonly #means = new Means();
  readonly #teacher: Teacher | null;
  /** Cross-entropy and accuracy on what was held out, of actions by how often they were taken; null with nothing held out. */
  readonly #marginal: { readonly loss: number; readonly accuracy: number } | null;
  readonly #value: ValueScale;
  /** Of what there was at the start. */
  readonly #fingerprint: number;
  #updates = 0;
  #norms = 0;

  /** @param data of each own shard. */
  static async create(
    options: ImitationOptions,
    setup: LearnerSetup,
    data: readonly Demonstrations[],
    teacher: Teacher | null = null,
  ): Promise<ImitationLearner> {
    const { engine, task, collective, seed } = setup;
    const network = cloneNetwork(task, setup.network);
    const { environments, players, observation } = task;
    const programs: ActingPrograms = {
      act: await actProgram(engine, network, observation, environments, players),
      actOne: await actProgram(engine, network, observation, 1, players),
    };
    const shape: BatchShape = {
      sequence: options.sequence,
      batch: options.batch,
      observation,
      stateSize: network.stateSize,
      others: task.revealsActions ? players : 0,
    };
    const optimizer = new Optimizer(network.layout.size);
    network.layout.initialize(optimizer.theta, new Random().seed(deriveSeed(seed, 0)));
    const rollout: RolloutShape = {
      ...task,
      steps: options.segment,
      sequence: options.segment,
      stateSize: network.stateSize,
      fields: fieldsOf(task, []),
    };
    const collectors = collective.own.map(
      (shard) =>
        new Collector(
          { ...task, shape: rollout, seed: deriveSeed(seed, 1 + shard) },
          programs,
          optimizer.theta,
        ),
    );
    for (const collector of collectors) await collector.start();
    return new ImitationLearner(options, setup, {
      network,
      optimizer,
      collectors,
      programs: await imitationPrograms(setup, options, network, shape),
      shape,
      data,
      teacher,
    });
  }

  private constructor(options: ImitationOptions, setup: LearnerSetup, parts: Parts) {
    const { collective } = setup;
    const { network, optimizer, collectors, programs, data } = parts;
    this.#options = options;
    this.#setup = setup;
    this.#optimizer = optimizer;
    this.#teacher = parts.teacher;
    this.#value = data[0]!.valueScale();
    this.#batch = new SequenceBatch(parts.shape, this.#value);
    this.#mean = new Float32Array(network.layout.size);
    const feeds = { theta: this.theta, ...this.#batch.feeds };
    const update = bindUpdate(programs.updating, setup, optimizer, feeds, this.#mean, this.#statistics);
    this.#apply = update.apply;
    this.#measure = programs.measure.bind(feeds, { statistics: this.#statistics });
    this.#shards = collective.own.map((shard, k): ImitationShard => {
      const collector = collectors[k]!;
      return {
        collector,
        data: data[k]!,
        order: new Shuffled(data[k]!.learned.length, collector.random),
        learn: update.learn(shard),
        sums: new Float64Array(2 * COUNT),
      };
    });
    this.#marginal = marginalOf(data[0]!);
    this.#fingerprint = data[0]!.fingerprint;
  }

  get theta(): Float32Array {
    return this.#optimizer.theta;
  }

  async iterate(steps: number): Promise<void> {
    const { collective, totalSteps } = this.#setup;
    const { updates, learningRate } = this.#options;
    const iteration = Math.round(steps / (stepsOf(this.#options) * collective.shards));
    const started = performance.now();
    for (const { collector } of this.#shards) await collector.collect();
    const played = performance.now();
    if (this.#teacher !== null) {
      for (const [k, shard] of this.#shards.entries()) await this.#teacher.teach(shard, k, iteration);
    }
    for (const { collector } of this.#shards) collector.turn();
    const taught = performance.now();
    const rate = valueAt(learningRate, steps, totalSteps);
    this.#optimizer.learningRate[0] = rate;
    // All shards have something to learn from, or none has.
    const ready = collective
      .exchange((row, shard) => {
        row[0] = this.#of(shard).data.learned.length;
      })
      .every((row) => row[0]! > 0);
    if (ready) {
      for (let k = 0; k < updates; k++) await this.#update();
      this.#means.add('schedule/learningRate', rate, 1);
    }
    for (const [k, shard] of this.#shards.entries()) await this.#test(shard, collective.own[k]!, iteration);
    this.#means.time('actSeconds', (played - started) / 1000);
    if (this.#teacher !== null) this.#means.time('teachSeconds', (taught - played) / 1000);
    this.#means.time('learnSeconds', (performance.now() - taught) / 1000);
  }

  interrupt(): void {
    this.#teacher?.interrupt();
  }

  close(): void {
    this.#teacher?.close();
  }

  /** One gradient step on the next sequences of all shards. */
  async #update(): Promise<void> {
    const { collective } = this.#setup;
    const { turn } = collective;
    this.#optimizer.prepare();
    for (const { data, order, learn, sums } of this.#shards) {
      order.resize(data.learned.length);
      for (let u = 0; u < this.#options.batch; u++) this.#batch.fill(u, data, data.learned[order.next()]!);
      await learn[turn]!.run();
      this.#sum(sums, 0);
    }
    if (this.#apply !== null) {
      collective.meanGradient(this.#mean);
      await this.#apply.run();
    }
    this.#optimizer.accept();
    this.#updates++;
    this.#norms += this.#optimizer.results.norm[0]!;
  }

  /** Measures the next part of what was held out: shards take turns. */
  async #test({ data, sums }: ImitationShard, shard: number, iteration: number): Promise<void> {
    const { heldOut } = data;
    if (heldOut.length === 0) return;
    const { batch } = this.#options;
    const parts = Math.ceil(heldOut.length / batch);
    const part = (iteration * this.#setup.collective.shards + shard) % parts;
    for (let u = 0; u < batch; u++) this.#batch.fill(u, data, heldOut[part * batch + u] ?? null);
    await this.#measure.run();
    this.#sum(sums, COUNT);
  }

  #sum(sums: Float64Array, at: number): void {
    const weight = this.#batch.count;
    for (let i = 0; i < STATISTICS.length; i++) sums[at + i]! += weight * this.#statistics[i]!;
    sums[at + STATISTICS.length]! += weight;
  }

  measure(): Measured {
    const { collective, task } = this.#setup;
    const names = this.#teacher?.names ?? [];
    const taught = 2 * COUNT;
    const episodes = taught + 2 * names.length;
    const rows = collective.exchange((row, shard) => {
      const { collector, sums } = this.#of(shard);
      row.set(sums);
      sums.fill(0);
      this.#teacher?.take(row, taught, collective.own.indexOf(shard));
      collector.episodes.take(row, episodes);
    });
    for (const row of rows) {
      STATISTICS.forEach((name, k) => {
        this.#means.add(name, row[k]!, row[COUNT - 1]!);
      });
      this.#means.add('heldOut/loss', row[COUNT]!, row[2 * COUNT - 1]!);
      this.#means.add('heldOut/accuracy', row[COUNT + 1]!, row[2 * COUNT - 1]!);
      names.forEach((name, k) => {
        this.#means.add(name, row[taught + 2 * k]!, row[taught + 2 * k + 1]!);
      });
      addEpisodes(this.#means, row, episodes, task.definition.kind);
    }
    if (this.#marginal !== null) {
      this.#means.add('heldOut/marginalLoss', this.#marginal.loss, 1);
      this.#means.add('heldOut/marginalAccuracy', this.#marginal.accuracy, 1);
    }
    this.#means.add('gradient/norm', this.#norms, this.#updates);
    this.#updates = 0;
    this.#norms = 0;
    return this.#means.take();
  }

  saveShared(): Saved {
    const { mean, deviation } = this.#value;
    return {
      ...this.#optimizer.save(),
      [DATA]: Uint32Array.of(this.#fingerprint),
      // As a PopArt that has seen all there is: cards say by it what the value head's numbers mean.
      popArt: Float64Array.of(mean, mean * mean + deviation * deviation, 0),
    };
  }

  saveShard(shard: number): Saved {
    const index = this.#setup.collective.own.indexOf(shard);
    const { collector, order } = this.#shards[index]!;
    return { ...collector.save(), ...order.save(), ...this.#teacher?.save(index) };
  }

  load(shared: Saved, shards: (shard: number) => Saved): Soon {
    this.#optimizer.load(shared);
    return allOf(
      this.#setup.collective.own.map((shard, index) => {
        const saved = shards(shard);
        const own = this.#shards[index]!;
        this.#teacher?.load(index, own, saved);
        own.order.load(saved, own.data.learned.length);
        return own.collector.load(saved);
      }),
    );
  }

  #of(shard: number): ImitationShard {
    return this.#shards[this.#setup.collective.own.indexOf(shard)]!;
  }
}

/** What knowing only how often each action is taken comes to, each counted once more than it was. */
export function marginalOf(data: Demonstrations): { loss: number; accuracy: number } | null {
  const learned = data.tally(data.learned);
  const heldOut = data.tally(data.heldOut);
  const total = learned.reduce((sum, count) => sum + count + 1, 0);
  const tested = heldOut.reduce((sum, count) => sum + count, 0);
  if (tested === 0) return null;
  const loss = heldOut.reduce((sum, count, a) => sum - count * Math.log((learned[a]! + 1) / total), 0);
  const best = learned.indexOf(Math.max(...learned));
  return { loss: loss / tested, accuracy: heldOut[best]! / tested };
}
