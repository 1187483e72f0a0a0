/** Influence of who leads and of what is said, against brute force: the whole policy once more for every alternative. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import { iterations, smallRun } from '../algorithms/fixture.ts';
import { openEngine } from '../engine/index.ts';
import { actProgram } from '../networks/programs.ts';
import type { Divergence } from './divergence.ts';
import { type Segment, type Watched, watchedRun } from './fixture.ts';

const [T, L, E, N] = [8, 4, 2, 4];
const B = E * N;
/** Episodes of 7 and of 10 steps in segments of 8: they end anywhere. */
const CONFIG = `
env: {name: copying, players: ${N}, actions: 3, episodeLength: 7, revealActions: true}
environments: ${2 * E}
shards: 2
steps: 100000
algo: {name: ppo, segment: ${T}, sequence: ${L}, minibatches: 2, learningRate: 0.01}
network: {filters: 0, dense: [4], lstm: 4, activation: tanh}
`;
const ITERATIONS = 4;

interface Played {
  readonly watched: Watched;
  readonly measured: readonly Readonly<Record<string, number>>[];
}

async function played(overrides: readonly string[]): Promise<Played> {
  const watched = await watchedRun(CONFIG, overrides);
  const random = new Random().seed(3);
  const { theta } = watched.learner;
  for (let i = 0; i < theta.length; i++) theta[i] = 5 * (random.uniform() - 0.5);
  return { watched, measured: await watched.iterate(ITERATIONS) };
}

const kl = (p: readonly number[], q: readonly number[]) =>
  p.reduce((sum, x, b) => (x > 0 ? sum + x * Math.log(x / q[b]!) : sum), 0);

function between(divergence: Divergence, p: readonly number[], m: readonly number[], done: number): number {
  const half = p.map((x, b) => (x + m[b]!) / 2);
  return {
    kl: kl(p, m),
    jsd: (kl(p, half) + kl(m, half)) / 2,
    pmi: Math.log(p[done]! / m[done]!),
  }[divergence];
}

/**
 * How much player `by` (a column's) changes player `on`'s policy in step t by its choice of a signal, [T, B, N] of column
 * `on` and player `by`; from whole steps of the policy, from the state that the rollout has at the start of each sequence.
 * @param pi how likely each choice was. @returns NaN where `pi` says that nothing was heard.
 */
async function bruteForce(
  { setup }: Watched,
  segment: Segment,
  signal: 'leadersActions' | 'heardSymbols',
  divergence: Divergence,
  pi: (t: number, column: number, by: number) => readonly number[] | null,
): Promise<Float64Array> {
  const { network, shape } = setup;
  const { actions, stateSize, symbols = 0 } = shape;
  const engine = await openEngine('cpu');
  const act = await actProgram(engine, network, shape.observation, E, N);
  const numbers = shape.observation.shape[0]!;
  const state = new Float32Array(B * stateSize);
  const out = {
    probabilities: new Float32Array(B * actions),
    values: new Float32Array(B),
    nextState: new Float32Array(B * stateSize),
    ...(symbols > 0
      ? { symbolProbabilities: new Float32Array(B * symbols), symbolValues: new Float32Array(B) }
      : {}),
  };
  const found = new Float64Array(T * B * N).fill(Number.NaN);
  for (let t = 0; t < T; t++) {
    if (t % L === 0) state.set(segment.states.subarray((t / L) * B * stateSize, (t / L + 1) * B * stateSize));
    for (let b = 0; b < B; b++) {
      if (segment.starts[t * B + b] === 1) state.fill(0, b * stateSize, (b + 1) * stateSize);
    }
    const signals = Object.fromEntries(
      network.signals.map(({ name }) => [
        name,
        (segment.fields[name] as Uint8Array).slice(t * B * N, (t + 1) * B * N),
      ]),
    );
    const observation = (segment.observations as Float32Array).slice(t * B * numbers, (t + 1) * B * numbers);
    const policy = async () => {
      await act.bind({ theta: segment.theta, observation, state, ...signals }, out).run();
      return Array.from({ length: B }, (_, b) => [
        ...out.probabilities.subarray(b * actions, (b + 1) * actions),
      ]);
    };
    for (let slot = 1; slot < N; slot++) {
      const heard = signals[signal]!;
      const factual = heard.slice();
      const given: number[][][] = [];
      const choices = signal === 'heardSymbols' ? symbols : actions;
      for (let choice = 0; choice < choices; choice++) {
        for (let b = 0; b < B; b++) heard[b * N + slot] = choice;
        given.push(await policy());
      }
      heard.set(factual);
      const p = await policy();
      for (let b = 0; b < B; b++) {
        const by = ((b % N) + slot) % N;
        const shares = pi(t, b, by);
        if (shares === null) continue;
        const m = p[b]!.map((_, a) =>
          shares.reduce((sum, share, choice) => sum + share * given[choice]![b]![a]!, 0),
        );
        found[(t * B + b) * N + by] = between(divergence, p[b]!, m, segment.actions[t * B + b]!);
      }
    }
    // The last call was of what was heard, so this is the state after it.
    state.set(out.nextState);
  }
  return found;
}

const row = (array: Float32Array, at: number, width: number) => [
  ...array.subarray(at * width, (at + 1) * width),
];

/** [iterations * shards] */
const segmentsOf = ({ watched }: Played) => watched.segments.flat();

const KINDS: [string, string[], Divergence][] = [
  ['one network, KL', [], 'kl'],
  ['a network a player, pointwise', ['network.perPlayer=true'], 'pmi'],
  ['one network, JSD, longer episodes', ['env.episodeLength=10'], 'jsd'],
];

describe.each(KINDS)('who leads: %s', (_, overrides, divergence) => {
  const LEADERS = [0, 2];
  let run: Played;
  beforeAll(async () => {
    run = await played([
      ...overrides,
      `env.leaders=[${LEADERS}]`,
      `intrinsic={influence-basic: {divergence: ${divergence}, curriculum: 1}}`,
    ]);
  }, 120_000);

  it('is paid for what it changes in those who follow, in the same step; who follows is paid nothing', async () => {
    let paid = 0;
    for (const segment of segmentsOf(run)) {
      const found = await bruteForce(run.watched, segment, 'leadersActions', divergence, (t, column, by) =>
        LEADERS.includes(by) && !LEADERS.includes(column % N)
          ? row(segment.probabilities, t * B + column - (column % N) + by, 3)
          : null,
      );
      for (let t = 0; t < T; t++) {
        for (let b = 0; b < B; b++) {
          const own = b % N;
          const expected = [1, 3].reduce(
            (sum, follower) =>
              sum + (LEADERS.includes(own) ? found[(t * B + b - own + follower) * N + own]! : 0),
            0,
          );
          expect(Math.abs(segment.values[t * B + b]! - expected)).toBeLessThan(2e-5);
          expect(segment.after[t * B + b]).toBeCloseTo(segment.rewards[t * B + b]! + expected, 4);
          if (Math.abs(expected) > 0.001) paid++;
          if (!LEADERS.includes(own)) expect(segment.values[t * B + b]).toBe(0);
        }
      }
    }
    expect(paid).toBeGreaterThan(50);
  });

  it('never sees another who leads', () => {
    for (const { fields } of segmentsOf(run)) {
      for (let i = 0; i < T * B; i++) {
        const slots = [...fields.leadersActions!.subarray(i * N, (i + 1) * N)];
        const own = i % N;
        slots.forEach((heard, slot) => {
          const visible = !LEADERS.includes(own) && LEADERS.includes((own + slot) % N);
          expect(heard < 3).toBe(visible);
        });
      }
    }
  });
});

describe.each(KINDS)('what is said: %s', (_, overrides, divergence) => {
  const M = 4;
  let run: Played;
  beforeAll(async () => {
    run = await played([
      ...overrides,
      `intrinsic={influence-communication: {divergence: ${divergence}, vocabulary: ${M}, curriculum: 1, environment: 0.25, weight: 2}}`,
    ]);
  }, 120_000);

  it('is paid for what it changes in the others in the next step of the same episode', async () => {
    let paid = 0;
    for (const segment of segmentsOf(run)) {
      const { probabilities, rewards, after } = segment.symbols!;
      const found = await bruteForce(run.watched, segment, 'heardSymbols', divergence, (t, column, by) =>
        t > 0 && segment.starts[t * B + column] === 0
          ? row(probabilities, (t - 1) * B + column - (column % N) + by, M)
          : null,
      );
      for (let t = 0; t < T; t++) {
        for (let b = 0; b < B; b++) {
          const own = b % N;
          const i = t * B + b;
          let expected = 0;
          // Behind the segment, and behind the episode, nobody listens.
          if (t + 1 < T && segment.ended[i] === 0) {
            for (let on = 0; on < N; on++) {
              if (on !== own) expected += found[((t + 1) * B + b - own + on) * N + own]!;
            }
          }
          expect(Math.abs(segment.values[i]! - expected)).toBeLessThan(2e-5);
          if (Math.abs(expected) > 0.001) paid++;
          // The symbols' head has its share of the environment's reward, that of actions has that alone.
          expect(after[i]).toBeCloseTo(0.25 * rewards[i]! + 2 * expected, 4);
          expect(rewards[i]).toBe(segment.rewards[i]);
          expect(segment.after[i]).toBe(segment.rewards[i]);
        }
      }
    }
    expect(paid).toBeGreaterThan(100);
  });
});

it('a leader who is copied in the same step comes to log A once the others have learned to', async () => {
  const run = await smallRun(
    `
env: {name: copying, preset: basic, episodeLength: 50}
environments: 16
shards: 1
steps: 48000
algo: {name: ppo, segment: 50, sequence: 10, minibatches: 4, epochs: 4, learningRate: 0.003, gamma: 0, entropy: 0.01}
network: {filters: 0, dense: [16], lstm: 16, perPlayer: true, activation: tanh}
intrinsic: {influence-basic: {weight: 0}}
`,
  );
  const measured = (await iterations(run, 30)).at(-1)!;
  expect(measured['episode/collectiveReturn']).toBeGreaterThan(48);
  expect(Math.abs(measured['intrinsic/influence-basic/0']! - Math.log(4))).toBeLessThan(0.06 * Math.log(4));
  // Who follows can influence nobody, and is not paid.
  expect(measured).not.toHaveProperty('intrinsic/influence-basic/1');
});
