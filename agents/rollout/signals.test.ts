/** What players hear while a rollout is played, against a replay that knows only what was done and said. */
import { beforeAll, describe, expect, it } from 'vitest';
import { parseOptions } from '../../shared/definition.ts';
import { elementsOf } from '../../shared/environment.ts';
import { deriveSeed, Random } from '../../shared/random.ts';
import { definitionOf } from '../../shared/registry.ts';
import { fieldsOf, policyNetwork } from '../algorithms/policy-network.ts';
import { openEngine } from '../engine/index.ts';
import type { IntrinsicPlan } from '../intrinsic/intrinsic.ts';
import { networkSchema } from '../networks/actor-critic.ts';
import { actProgram } from '../networks/programs.ts';
import { taskOf } from '../training/config.ts';
import { Collector } from './collector.ts';
import type { RolloutShape, Stream } from './rollout.ts';

const [E, T, L, N, SEED] = [3, 12, 4, 4, 5];
const SYMBOLS = 5;
/** Players 0 and 2. */
const LEADERS = [0, 2];
const leads = (player: number) => LEADERS.includes(player);

const engine = await openEngine('onnx');

interface Kind {
  readonly perPlayer: boolean;
  readonly leaders: readonly number[];
  readonly revealActions: boolean;
  readonly symbols: number;
}

async function prepared({ perPlayer, symbols, ...turns }: Kind) {
  const options = { players: N, actions: 3, episodeLength: 7, ...turns };
  const definition = definitionOf('copying');
  const task = taskOf(definition, options, E, false);
  const { observation, actions, encoding } = task;
  const speaking = symbols > 0 ? [{ symbols } as unknown as IntrinsicPlan] : [];
  const network = policyNetwork(task, networkSchema.parse({ dense: [4], lstm: 3, perPlayer }), speaking);
  const theta = new Float32Array(network.layout.size);
  const random = new Random().seed(9);
  // Far from even policies, on which whatever is heard tells.
  for (let i = 0; i < theta.length; i++) theta[i] = 3 * (random.uniform() - 0.5);
  const act = await actProgram(engine, network, observation, E, N);
  const actOne = await actProgram(engine, network, observation, 1, N);
  const shape: RolloutShape = {
    steps: T,
    sequence: L,
    environments: E,
    players: N,
    observation,
    actions,
    stateSize: network.stateSize,
    symbols,
    fields: fieldsOf(task, speaking),
  };
  const setup = { definition, options, shape, encoding, seed: SEED, stagger: false, leads: task.leads };
  return {
    definition,
    options,
    shape,
    encoding,
    theta,
    actOne,
    network,
    collector: () => new Collector(setup, { act, actOne }, theta),
  };
}

type Prepared = Awaited<ReturnType<typeof prepared>>;

/** [player][slot]: what a choice of each player is to each. */
const inSlots = (choices: readonly number[]) =>
  choices.map((_, player) => choices.map((_, slot) => choices[(player + slot) % N]!));

/** One environment's play, from its actions and symbols. */
class Replay {
  readonly #prepared: Prepared;
  readonly #e: number;
  readonly #environment;
  readonly #seeds: () => number;
  readonly #state: Float32Array;
  #did: readonly number[] | null = null;
  #said: readonly number[] | null = null;

  constructor(prepared: Prepared, e: number, seeds: () => number) {
    const { definition, options, shape } = prepared;
    this.#prepared = prepared;
    this.#e = e;
    this.#environment = definition.create(parseOptions(definition, options));
    this.#seeds = seeds;
    this.#state = new Float32Array(N * shape.stateSize);
    this.reset();
  }

  reset(): void {
    this.#environment.reset(this.#seeds());
    this.#state.fill(0);
    this.#did = null;
    this.#said = null;
  }

  /** What is heard, by name; those who lead have chosen `leading` [N]. */
  heard(leading: readonly number[]): Record<string, number[]> {
    const { actions, symbols = 0, fields } = this.#prepared.shape;
    const none = (count: number) => new Array<number>(N).fill(count);
    const all: Record<string, number[][]> = {
      lastActions: inSlots(this.#did ?? none(actions)),
      heardSymbols: inSlots(this.#said ?? none(symbols)),
      leadersActions: inSlots(leading.map((action, player) => (leads(player) ? action : actions))).map(
        (slots, player) => (leads(player) ? none(actions) : slots),
      ),
    };
    return Object.fromEntries(fields!.map(({ name }) => [name, all[name]!.flat()]));
  }

  /** The policy, for one environment. */
  async act(leading: readonly number[]) {
    const { shape, encoding, theta, actOne } = this.#prepared;
    const { observation, actions, stateSize, symbols = 0 } = shape;
    const seen = new Float32Array(N * elementsOf(observation));
    this.#environment.observe(encoding, seen);
    const results = {
      probabilities: new Float32Array(N * actions),
      values: new Float32Array(N),
      nextState: new Float32Array(N * stateSize),
      ...(symbols > 0
        ? { symbolProbabilities: new Float32Array(N * symbols), symbolValues: new Float32Array(N) }
        : {}),
    };
    const heard = this.heard(leading);
    const arrays = Object.fromEntries(Object.entries(heard).map(([name, x]) => [name, Uint8Array.from(x)]));
    await actOne.bind({ theta, observation: seen, state: this.#state, ...arrays }, results).run();
    return { ...results, heard };
  }

  /** Goes on by a step. @returns whether the episode is over. */
  step(actions: Uint8Array, said: Uint8Array | null, nextState: Float32Array): boolean {
    const rewards = new Float32Array(N);
    this.#environment.step(actions, rewards);
    this.#state.set(nextState);
    this.#did = [...actions];
    this.#said = said === null ? null : [...said];
    return this.#environment.done;
  }

  /** Columns of step t. */
  part<A extends Uint8Array | Float32Array>(array: A, t: number, width = 1): A {
    const from = (t * E + this.#e) * N * width;
    return array.subarray(from, from + N * width) as A;
  }
}

const KINDS: [string, Kind][] = [
  ['all signals', { perPlayer: false, leaders: LEADERS, revealActions: true, symbols: SYMBOLS }],
  [
    'all signals, a network a player',
    { perPlayer: true, leaders: LEADERS, revealActions: true, symbols: SYMBOLS },
  ],
  ['leaders alone', { perPlayer: false, leaders: LEADERS, revealActions: false, symbols: 0 }],
  ['last actions alone', { perPlayer: true, leaders: [], revealActions: true, symbols: 0 }],
];

function expectClose(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((x, i) => {
    expect(x).toBeCloseTo(expected[i]!, 4);
  });
}

describe.each(KINDS)('%s', (_, kind) => {
  let ready: Prepared;
  beforeAll(async () => {
    ready = await prepared(kind);
  }, 120_000);

  it('are what was done and said, in the order of those who hear it, and what the policy acted on', async () => {
    const collector = ready.collector();
    collector.start();
    const { rollout } = collector;
    const { actions, symbols = 0, stateSize, fields } = ready.shape;
    const seeds = new Random().seed(deriveSeed(SEED, 1));
    const replays: Replay[] = [];
    for (let e = 0; e < E; e++) {
      replays.push(new Replay(ready, e, () => deriveSeed(seeds.next(), seeds.next())));
    }
    let cuts = 0;
    const compare = (
      replay: Replay,
      t: number,
      stream: Stream,
      name: 'values' | 'symbolValues',
      given: unknown,
    ) => expectClose(replay.part(stream.values, t), (given as Record<string, Float32Array>)[name]!);
    for (let segment = 0; segment < 3; segment++) {
      await collector.collect();
      for (let t = 0; t < T; t++) {
        for (const replay of replays) {
          const did = replay.part(rollout.actions, t);
          const said = rollout.symbols === null ? null : replay.part(rollout.symbols.actions, t);
          const acted = await replay.act([...did]);
          for (const { name } of fields!) {
            expect([...replay.part(rollout.fields[name] as Uint8Array, t, N)]).toEqual(acted.heard[name]);
          }
          expectClose(replay.part(rollout.probabilities, t, actions), acted.probabilities);
          compare(replay, t, rollout, 'values', acted);
          const logs = acted.probabilities.filter((_, i) => i % actions === did[Math.floor(i / actions)]);
          expectClose(replay.part(rollout.logProbabilities, t), logs.map(Math.log));
          if (rollout.symbols !== null) {
            expectClose(replay.part(rollout.symbols.probabilities, t, symbols), acted.symbolProbabilities!);
            compare(replay, t, rollout.symbols, 'symbolValues', acted);
          }
          if (t % L === 0) {
            const states = replay.part(rollout.states, t / L, stateSize);
            expect(states.some((x) => x !== 0)).toBe(replay.part(rollout.starts, t)[0] === 0);
          }
          if (!replay.step(did, said, acted.nextState)) continue;
          cuts++;
          // Who leads was drawn anew for the value of what was cut off: one of these it is.
          const choices = kind.leaders.length === 0 ? 1 : actions;
          const fits: boolean[] = [];
          for (let first = 0; first < choices; first++) {
            for (let second = 0; second < choices; second++) {
              const final = await replay.act([first, actions, second, actions]);
              const near = (stream: Stream, values: Float32Array) =>
                replay.part(stream.bootstrap, t).every((x, n) => Math.abs(x - values[n]!) < 1e-4);
              fits.push(
                near(rollout, final.values) &&
                  (rollout.symbols === null || near(rollout.symbols, final.symbolValues!)),
              );
            }
          }
          expect(fits.filter(Boolean)).toHaveLength(1);
          replay.reset();
        }
      }
      // Behind the segment: what is heard of its last step, and what those who lead were about to do.
      for (const [e, replay] of replays.entries()) {
        const own = Array.from({ length: N }, (_, slot) => {
          const follower = 1;
          const field = rollout.fields.leadersActions as Uint8Array | undefined;
          return field?.[((T * E + e) * N + follower) * N + ((slot - follower + N) % N)] ?? actions;
        });
        for (const leader of kind.leaders) expect(own[leader]).toBeLessThan(actions);
        const last = await replay.act(own);
        for (const { name } of fields!) {
          expect([...replay.part(rollout.fields[name] as Uint8Array, T, N)]).toEqual(last.heard[name]);
        }
        expectClose(rollout.lastValues.subarray(e * N, (e + 1) * N), last.values);
        if (rollout.symbols !== null) {
          expectClose(rollout.symbols.lastValues.subarray(e * N, (e + 1) * N), last.symbolValues!);
        }
      }
      collector.turn();
    }
    expect(cuts).toBe(E * Math.floor((3 * T) / 7));
  });

  it('go on from what was saved as they would have', async () => {
    const first = ready.collector();
    first.start();
    await first.collect();
    first.turn();
    const second = ready.collector();
    second.start();
    second.load(structuredClone(first.save()));
    await first.collect();
    await second.collect();
    expect(second.rollout.actions).toEqual(first.rollout.actions);
    expect(second.rollout.fields).toEqual(first.rollout.fields);
    expect(second.rollout.values).toEqual(first.rollout.values);
    expect(second.rollout.symbols?.actions).toEqual(first.rollout.symbols?.actions);
  });
});

it('everybody draws with the probabilities that are stored: who leads, who follows, and symbols', async () => {
  const collector = (await prepared(KINDS[0]![1])).collector();
  collector.start();
  const { rollout } = collector;
  const tallies = [rollout, rollout, rollout.symbols!].map((stream, kind) => ({
    stream,
    counts: (b: number) => kind === 2 || leads(b % N) === (kind === 0),
    sum: 0,
    variance: 0,
  }));
  for (let k = 0; k < 40; k++) {
    await collector.collect();
    for (const tally of tallies) {
      const { actions, probabilities, choices } = tally.stream;
      for (let i = 0; i < actions.length; i++) {
        if (!tally.counts(i)) continue;
        const p = probabilities[i * choices + 1]!;
        tally.sum += (actions[i] === 1 ? 1 : 0) - p;
        tally.variance += p * (1 - p);
      }
    }
    collector.turn();
  }
  for (const { sum, variance } of tallies) {
    expect(variance).toBeGreaterThan(20);
    expect(Math.abs(sum)).toBeLessThan(4 * Math.sqrt(variance));
  }
});
