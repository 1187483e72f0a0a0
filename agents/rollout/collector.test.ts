import { beforeAll, describe, expect, it } from 'vitest';
import { parseOptions } from '../../shared/definition.ts';
import { elementsOf } from '../../shared/environment.ts';
import { deriveSeed, Random } from '../../shared/random.ts';
import { definitionOf } from '../../shared/registry.ts';
import { type Engine, openEngine } from '../engine/index.ts';
import { actorCritic, networkSchema } from '../networks/actor-critic.ts';
import { actProgram } from '../networks/programs.ts';
import { taskOf } from '../training/config.ts';
import { Collector } from './collector.ts';
import { LocalEnvironments, type OpenEnvironments } from './environments.ts';
import { Rollout, type RolloutShape } from './rollout.ts';

const E = 3;
const T = 12;
const L = 4;
const SEED = 5;

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('onnx');
});

async function prepared(name: string, options: Record<string, unknown>, network: Record<string, unknown>) {
  const definition = definitionOf(name);
  const task = taskOf(definition, options, E, false);
  const { players, observation, actions, encoding } = task;
  const model = actorCritic(
    observation,
    actions,
    networkSchema.parse(network),
    network.perPlayer ? players : 1,
  );
  const theta = new Float32Array(model.layout.size);
  const random = new Random().seed(9);
  // Weights that no initialization would give, so that policies are far from even and values from 0.
  for (let i = 0; i < theta.length; i++) theta[i] = 1.5 * (2 * random.uniform() - 1);
  const act = await actProgram(engine, model, observation, E, players);
  const actOne = await actProgram(engine, model, observation, 1, players);
  const shape: RolloutShape = {
    steps: T,
    sequence: L,
    environments: E,
    players,
    observation,
    actions,
    stateSize: model.stateSize,
  };
  const setup = { definition, options, shape, encoding, seed: SEED, leads: task.leads };
  const collector = (stagger = false, open?: OpenEnvironments) =>
    new Collector({ ...setup, stagger, ...(open && { open }) }, { act, actOne }, theta);
  return { definition, options, shape, encoding, theta, actOne, collector };
}

type Prepared = Awaited<ReturnType<typeof prepared>>;

/** What a collector should have stored after some segments, from its actions alone, one environment at a time. */
class Replay {
  readonly expected: Rollout;
  readonly #prepared: Prepared;
  readonly #environments;
  readonly #seeds = new Random().seed(deriveSeed(SEED, 1));
  readonly #states: Float32Array[];
  readonly #fresh: boolean[];

  constructor(prepared: Prepared) {
    const { definition, options, shape } = prepared;
    this.#prepared = prepared;
    this.expected = new Rollout(
      shape,
      shape.observation.dtype === 'uint8'
        ? new Uint8Array(Rollout.observationElements(shape))
        : new Float32Array(Rollout.observationElements(shape)),
    );
    this.#environments = Array.from({ length: E }, () => {
      const environment = definition.create(parseOptions(definition, options));
      environment.reset(this.#seed());
      return environment;
    });
    this.#states = Array.from({ length: E }, () => new Float32Array(shape.players * shape.stateSize));
    this.#fresh = Array.from({ length: E }, () => true);
  }

  #seed(): number {
    return deriveSeed(this.#seeds.next(), this.#seeds.next());
  }

  /** The policy on one environment's observations. */
  async #act(e: number, state: Float32Array) {
    const { shape, encoding, theta, actOne } = this.#prepared;
    const { players, observation, actions, stateSize } = shape;
    const size = players * elementsOf(observation);
    const seen = observation.dtype === 'uint8' ? new Uint8Array(size) : new Float32Array(size);
    this.#environments[e]!.observe(encoding, seen);
    const results = {
      probabilities: new Float32Array(players * actions),
      values: new Float32Array(players),
      ...(stateSize > 0 ? { nextState: new Float32Array(players * stateSize) } : {}),
    };
    await actOne.bind({ theta, observation: seen, ...(stateSize > 0 ? { state } : {}) }, results).run();
    return { seen, ...results, nextState: results.nextState ?? state };
  }

  async segment(chosen: Uint8Array): Promise<void> {
    const { expected } = this;
    const { players, observation, actions, stateSize } = this.#prepared.shape;
    const size = players * elementsOf(observation);
    for (let t = 0; t <= T; t++) {
      for (let e = 0; e < E; e++) {
        const environment = this.#environments[e]!;
        const state = this.#states[e]!;
        const { seen, probabilities, values, nextState } = await this.#act(e, state);
        expected.observations.set(seen, (t * E + e) * size);
        if (t === T) {
          expected.lastValues.set(values, e * players);
          continue;
        }
        const i = (t * E + e) * players;
        if (t % L === 0) expected.states.set(state, ((t / L) * E + e) * players * stateSize);
        expected.starts.fill(this.#fresh[e] ? 1 : 0, i, i + players);
        expected.probabilities.set(probabilities, i * actions);
        expected.values.set(values, i);
        for (let n = 0; n < players; n++) {
          expected.actions[i + n] = chosen[i + n]!;
          expected.logProbabilities[i + n] = Math.log(probabilities[n * actions + chosen[i + n]!]!);
        }
        environment.step(chosen, expected.rewards, i, i);
        state.set(nextState);
        this.#fresh[e] = environment.done;
        expected.ended.fill(environment.done ? 1 : 0, i, i + players);
        if (!environment.done) continue;
        expected.terminated.set(environment.terminated, i);
        const final = await this.#act(e, state);
        expected.bootstrap.set(final.values, i);
        state.fill(0);
        environment.reset(this.#seed());
      }
    }
  }
}

const CASES: [string, Record<string, unknown>, Record<string, unknown>][] = [
  ['memory-corridor', { length: 2, episodeLength: 5 }, { dense: [4], lstm: 3 }],
  ['harvest', { players: 2, episodeLength: 7 }, { filters: 2, dense: [4], lstm: 3, perPlayer: true }],
  ['cartpole', { episodeLength: 15 }, { dense: [4], lstm: 0 }],
];

describe.each(CASES)('%s', (name, options, network) => {
  let collector: Collector;
  let replay: Replay;
  beforeAll(async () => {
    const ready = await prepared(name, options, network);
    collector = ready.collector();
    collector.start();
    replay = new Replay(ready);
    // The second segment goes on where the first ended, in the middle of episodes.
    await collector.collect();
    await replay.segment(collector.rollout.actions);
    collector.turn();
    replay.expected.terminated.fill(0);
    await collector.collect();
    await replay.segment(collector.rollout.actions);
  });

  it.each(['observations', 'rewards', 'ended', 'starts'] as const)('stores the %s of a replay', (field) => {
    expect(Array.from(collector.rollout[field])).toEqual(Array.from(replay.expected[field]));
  });

  it.each(['probabilities', 'logProbabilities', 'values', 'lastValues', 'states'] as const)(
    'stores the %s of the policy, an environment at a time',
    (field) => {
      const stored = collector.rollout[field];
      const expected = replay.expected[field];
      expect(stored.length).toBe(expected.length);
      for (let i = 0; i < stored.length; i++) expect(stored[i]).toBeCloseTo(expected[i]!, 4);
    },
  );

  it('tells episodes that terminated from those that were cut', () => {
    expect(Array.from(collector.rollout.terminated)).toEqual(Array.from(replay.expected.terminated));
  });

  it('values the final observation where an episode was cut, from the state before it', () => {
    const { ended, terminated, bootstrap } = collector.rollout;
    let cut = 0;
    for (let i = 0; i < ended.length; i++) {
      if (ended[i] === 0 || terminated[i] === 1) continue;
      cut++;
      expect(bootstrap[i]).toBeCloseTo(replay.expected.bootstrap[i]!, 4);
    }
    expect(cut).toBeGreaterThan(0);
  });
});

it('episodes of both kinds of end were among those that were compared', async () => {
  const ready = await prepared(...CASES[0]!);
  const collector = ready.collector();
  collector.start();
  await collector.collect();
  const { ended, terminated } = collector.rollout;
  const count = (array: Uint8Array) => array.reduce((sum, flag) => sum + flag, 0);
  expect(count(terminated)).toBeGreaterThan(0);
  expect(count(ended)).toBeGreaterThan(count(terminated));
});

it('the same seed plays the same, another one another', async () => {
  const ready = await prepared(...CASES[1]!);
  const [first, second] = [ready.collector(), ready.collector()];
  for (const collector of [first, second]) {
    collector.start();
    await collector.collect();
  }
  expect(second.rollout.actions).toEqual(first.rollout.actions);
  await first.collect();
  expect(second.rollout.actions).not.toEqual(first.rollout.actions);
});

it('actions are drawn with the probabilities that are stored', async () => {
  // 4 cells of 3 sigma: the first action of a fresh episode, over many segments.
  const ready = await prepared('identity', { size: 3 }, { dense: [4], lstm: 0 });
  const collector = ready.collector();
  collector.start();
  let expected = 0;
  let variance = 0;
  let found = 0;
  for (let k = 0; k < 50; k++) {
    await collector.collect();
    const { actions, probabilities } = collector.rollout;
    for (let i = 0; i < actions.length; i++) {
      const p = probabilities[3 * i + 1]!;
      expected += p;
      variance += p * (1 - p);
      if (actions[i] === 1) found++;
    }
    collector.turn();
  }
  expect(Math.abs(found - expected)).toBeLessThan(4 * Math.sqrt(variance));
});

it('staggered environments start a share of an episode apart, at whole sequences, and do not count that episode', async () => {
  const ready = await prepared(
    'harvest',
    { players: 2, episodeLength: 30 },
    { filters: 0, dense: [4], lstm: 0 },
  );
  const collector = ready.collector(true);
  collector.start();
  // Shares of 30 steps are 0, 10 and 20; sequences are of 4.
  expect([0, 1, 2].map((e) => collector.environments.time(e))).toEqual([0, 8, 20]);
  expect(Array.from(collector.episodes.partial)).toEqual([0, 1, 1]);
});

/** Environments where some other action counts than the one that was chosen, as with one that came too late. */
class Overruling extends LocalEnvironments {
  override readonly live = true;

  override step(actions: Uint8Array, rewards: Float32Array): undefined {
    actions.fill(STAY);
    super.step(actions, rewards);
  }
}
const STAY = 4;

it('learns from the action that counted, with the probability that the policy gave to it', async () => {
  const ready = await prepared(...CASES[1]!);
  const { definition, options, encoding, shape } = ready;
  const vector = definition.createVector(parseOptions(definition, options), E, {});
  const collector = ready.collector(false, () => new Overruling(vector, encoding));
  collector.start();
  await collector.collect();
  const { actions, probabilities, logProbabilities } = collector.rollout;
  expect(actions.every((action) => action === STAY)).toBe(true);
  for (let i = 0; i < actions.length; i++) {
    expect(logProbabilities[i]).toBeCloseTo(Math.log(probabilities[i * shape.actions + STAY]!), 5);
  }
});

it('starts anew in what went on by itself since it saved', async () => {
  const ready = await prepared(...CASES[1]!);
  const { definition, options, encoding } = ready;
  const vector = definition.createVector(parseOptions(definition, options), E, {});
  const collector = ready.collector(false, () => new Overruling(vector, encoding));
  collector.start();
  await collector.collect();
  collector.turn();
  const saved = structuredClone(collector.save());
  expect(Array.from(saved.state!).some((x) => x !== 0)).toBe(true);
  const second = ready.collector(false, () => new Overruling(vector, encoding));
  second.start();
  second.load(saved);
  await second.collect();
  const { starts, states, columns } = second.rollout;
  expect(Array.from(starts.subarray(0, columns))).toEqual(new Array(columns).fill(1));
  expect(states.subarray(0, states.length / (T / L)).every((x) => x === 0)).toBe(true);
});

it('goes on from what it saved as it would have', async () => {
  const ready = await prepared(...CASES[1]!);
  const first = ready.collector();
  first.start();
  await first.collect();
  first.turn();
  const second = ready.collector();
  second.start();
  second.load(structuredClone(first.save()));
  await first.collect();
  await second.collect();
  for (const field of ['observations', 'actions', 'values', 'rewards', 'starts', 'states'] as const) {
    expect(second.rollout[field]).toEqual(first.rollout[field]);
  }
});

it('refuses what a collector of another size saved', async () => {
  const small = await prepared('cartpole', {}, { dense: [4], lstm: 2 });
  const large = await prepared('cartpole', {}, { dense: [4], lstm: 3 });
  const from = small.collector();
  from.start();
  const into = large.collector();
  into.start();
  expect(() => into.load(from.save())).toThrow(/state should have 18 elements and has 12/);
});
