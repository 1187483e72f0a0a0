/** Influence by a model of other agents in real runs, against an oracle that knows nothing of how it is computed. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import type { Divergence } from './divergence.ts';
import { type Segment, type Watched, watchedRun } from './fixture.ts';
import { type Expected, MoaOracle } from './moa-oracle.ts';

/**
 * Three players on a small map, who see some of one another some of the time. Episodes of 10 steps, half of an episode
 * apart, in segments of 8: they end and start within sequences, between them and between segments.
 */
const CONFIG = `
env:
  name: harvest
  players: 3
  episodeLength: 10
  map: ['@@@@@@@@@@', '@P A  P P@', '@ A  A   @', '@P  P A P@', '@@@@@@@@@@']
  windowAhead: 3
  windowBehind: 1
  windowLeft: 2
  windowRight: 2
environments: 4
shards: 2
steps: 100000
algo: {name: ppo, segment: 8, sequence: 4, minibatches: 2, learningRate: 0.01}
network: {filters: 2, dense: [4], lstm: 4, activation: tanh}
intrinsic: {influence-moa: {dense: [5, 3], lstm: 4, curriculum: 1}}
`;
const T = 8;
const N = 3;
const B = 6;
const ITERATIONS = 4;

/** Weights far from those a run begins with, so that predictions differ and policies are far from even. */
function scatter({ learner }: Watched): void {
  const random = new Random().seed(3);
  for (let i = 0; i < learner.theta.length; i++) learner.theta[i] = 1.6 * (random.uniform() - 0.5);
}

interface Played {
  readonly watched: Watched;
  readonly measured: readonly Readonly<Record<string, number>>[];
  /** Segments of all shards, one after another, and what the oracle says of each. */
  readonly pairs: readonly (readonly [Segment, Expected])[];
}

async function played(
  networks: readonly string[],
  divergence: Divergence,
  visibleOnly: boolean,
): Promise<Played> {
  const settings = [`divergence=${divergence}`, `visibleOnly=${visibleOnly}`];
  const watched = await watchedRun(CONFIG, [
    ...networks,
    ...settings.map((setting) => `intrinsic.influence-moa.${setting}`),
  ]);
  scatter(watched);
  const measured = await watched.iterate(ITERATIONS);
  const pairs: [Segment, Expected][] = [];
  for (const shard of [0, 1]) {
    const oracle = new MoaOracle(watched.setup, { divergence, visibleOnly, layers: 2 });
    for (const segments of watched.segments) {
      pairs.push([segments[shard]!, await oracle.segment(segments[shard]!)]);
    }
  }
  return { watched, measured, pairs };
}

const visible = (segment: Segment, t: number, b: number, of: number) =>
  segment.fields.visible![(t * B + b) * N + of] === 1;

const CASES: [string, string[], Divergence, boolean][] = [
  ['one network, KL, those in sight', [], 'kl', true],
  ['a network a player, JSD, all', ['network.perPlayer=true'], 'jsd', false],
  ['one network, pointwise, all', [], 'pmi', false],
  ['a network a player, pointwise, those in sight', ['network.perPlayer=true'], 'pmi', true],
];

describe.each(CASES)('%s', (_, networks, divergence, visibleOnly) => {
  let run: Played;
  beforeAll(async () => {
    run = await played(networks, divergence, visibleOnly);
  }, 120_000);

  it('rewards are those of the definition, over ends of episodes and of segments', () => {
    let paid = 0;
    for (const [segment, { values }] of run.pairs) {
      for (let i = 0; i < T * B; i++) {
        expect(Math.abs(segment.values[i]! - values[i]!)).toBeLessThan(2e-5);
        if (Math.abs(values[i]!) > 1e-3) paid++;
      }
    }
    // Or nothing was compared.
    expect(paid).toBeGreaterThan(50);
  });

  it('the first and the last step of an episode are exactly 0', () => {
    let edges = 0;
    for (const [{ starts, ended, values }] of run.pairs) {
      for (let i = 0; i < T * B; i++) {
        if (starts[i] === 0 && ended[i] === 0) continue;
        edges++;
        expect(values[i]).toBe(0);
      }
    }
    expect(edges).toBeGreaterThan(20);
  });

  it("the model's state goes on from segment to segment and starts anew with episodes", () => {
    for (const [segment, { states }] of run.pairs) {
      const stored = segment.fields['moa/state']!;
      expect(stored.length).toBe(states.length);
      for (let i = 0; i < states.length; i++) {
        const column = Math.floor(i / 8) % B;
        const sequence = Math.floor(i / (8 * B));
        // Where an episode starts what is stored is not used.
        if (segment.starts[4 * sequence * B + column] === 1) continue;
        expect(stored[i]).toBeCloseTo(states[i]!, 5);
      }
    }
  });

  it('what the model hears is what all do, oneself first and then those behind one', () => {
    for (const [{ actions, fields }] of run.pairs) {
      for (let i = 0; i < T * B; i++) {
        const n = i % N;
        const heard = [...fields['moa/joint']!.subarray(i * N, (i + 1) * N)];
        expect(heard).toEqual([0, 1, 2].map((slot) => actions[i - n + ((n + slot) % N)]!));
      }
    }
  });

  it('it learns what the others did in the next step of the same episode, where it is known and counts', () => {
    let known = 0;
    for (const [segment] of run.pairs) {
      for (let t = 0; t < T; t++) {
        for (let b = 0; b < B; b++) {
          const i = t * B + b;
          for (const j of [0, 1]) {
            const other = ((b % N) + 1 + j) % N;
            const counts =
              t + 1 < T &&
              segment.starts[i] === 0 &&
              segment.ended[i] === 0 &&
              (!visibleOnly || visible(segment, t, b, other));
            expect(segment.fields['moa/counts']![i * 2 + j]).toBe(counts ? 1 : 0);
            if (!counts) continue;
            known++;
            const column = b - (b % N) + other;
            expect(segment.fields['moa/next']![i * 2 + j]).toBe(segment.actions[(t + 1) * B + column]);
            expect(segment.starts[(t + 1) * B + column]).toBe(0);
          }
        }
      }
    }
    expect(known).toBeGreaterThan(100);
  });

  it('cross-entropy of each pair and of all is that of what was predicted', () => {
    for (let k = 0; k < ITERATIONS; k++) {
      const sums = new Map<string, [number, number]>();
      for (const shard of [0, 1]) {
        const [{ fields }, { logLikelihoods }] = run.pairs[shard * ITERATIONS + k]!;
        logLikelihoods.forEach((logLikelihood, at) => {
          if (fields['moa/counts']![at] === 0) return;
          const n = Math.floor(at / 2) % N;
          const pair = `/${n}-${(n + 1 + (at % 2)) % N}`;
          for (const name of ['', pair]) {
            const [sum, count] = sums.get(name) ?? [0, 0];
            sums.set(name, [sum - logLikelihood, count + 1]);
          }
        });
      }
      expect(sums.size).toBe(1 + N * (N - 1));
      for (const [name, [sum, count]] of sums) {
        expect(run.measured[k]![`moa/crossEntropy${name}`]).toBeCloseTo(sum / count, 4);
      }
    }
  });

  it('the marginal of each pair is the entropy of what was done when it was predicted', () => {
    for (let k = 0; k < ITERATIONS; k++) {
      const done = new Map<string, number[]>();
      for (const shard of [0, 1]) {
        const [{ fields }] = run.pairs[shard * ITERATIONS + k]!;
        fields['moa/next']!.forEach((action, at) => {
          if (fields['moa/counts']![at] === 0) return;
          const n = Math.floor(at / 2) % N;
          const pair = `${n}-${(n + 1 + (at % 2)) % N}`;
          done.set(pair, [...(done.get(pair) ?? []), action]);
        });
      }
      expect(done.size).toBe(N * (N - 1));
      for (const [pair, actions] of done) {
        // -log of the share of its own kind, averaged over all that was done.
        const share = (action: number) => actions.filter((other) => other === action).length / actions.length;
        const entropy = actions.reduce((sum, action) => sum - Math.log(share(action)), 0) / actions.length;
        expect(run.measured[k]![`moa/marginal/${pair}`]).toBeCloseTo(entropy, 6);
      }
    }
  });

  it('the reward of all is in the metrics, and beside the environment’s', () => {
    for (let k = 0; k < ITERATIONS; k++) {
      const values = [0, 1].flatMap((shard) => [...run.pairs[shard * ITERATIONS + k]![1].values]);
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      expect(run.measured[k]!['intrinsic/influence-moa']).toBeCloseTo(mean, 5);
    }
    for (const [{ rewards, after, values }] of run.pairs) {
      for (let i = 0; i < T * B; i++) expect(after[i]).toBeCloseTo(rewards[i]! + values[i]!, 5);
    }
  });
});

it('who is not in sight counts nothing, and who is does', async () => {
  const { pairs } = await played([], 'kl', true);
  let alone = 0;
  for (const [segment] of pairs) {
    for (let i = 0; i < T * B; i++) {
      const t = Math.floor(i / B);
      const others = [0, 1, 2].filter((of) => of !== i % N && visible(segment, t, i % B, of));
      if (others.length === 0) {
        alone++;
        expect(segment.values[i]).toBe(0);
      } else if (segment.starts[i] === 0 && segment.ended[i] === 0) {
        expect(segment.values[i]).toBeGreaterThan(0);
      }
    }
  }
  expect(alone).toBeGreaterThan(30);
});

/** Two runs of the same weights and the same play, one of which is told other actions in some step. */
async function withOtherActions(change: (t: number, b: number, segment: number) => boolean) {
  const runs = [];
  for (const altered of [false, true]) {
    let segment = 0;
    const before: NonNullable<Parameters<typeof watchedRun>[2]>['before'] = ({ rollouts }) => {
      if (altered) {
        const { actions } = rollouts[0]!;
        for (let i = 0; i < actions.length; i++) {
          if (change(Math.floor(i / B), i % B, segment)) actions[i] = (actions[i]! + 3) % 8;
        }
      }
      segment++;
    };
    const settings = ['algo.learningRate=0', 'intrinsic.influence-moa.visibleOnly=false'];
    const run = await watchedRun(CONFIG, settings, { before });
    scatter(run);
    await run.iterate(3);
    runs.push(run.segments.map(([shard]) => shard!));
  }
  return runs as [Segment[], Segment[]];
}

describe('what a player cannot know does not reach its reward', () => {
  /** Of environment 0: steps [segment, t] where an episode ends. */
  const ends = (segments: readonly Segment[]) =>
    segments.flatMap(({ ended }, k) =>
      Array.from({ length: T }, (_, t) => [k, t] as const).filter(([, t]) => ended[t * B] === 1),
    );

  it('actions of the next episode change nothing in this one', async () => {
    // Environment 0 starts at 0, so its first episode ends with step 9: the second of segment 1.
    const [plain, altered] = await withOtherActions((t, b, k) => b < N && 8 * k + t >= 10);
    expect(ends(plain)[0]).toEqual([1, 1]);
    const until = (segments: Segment[]) => [
      ...segments[0]!.values,
      ...segments[1]!.values.subarray(0, 2 * B),
    ];
    expect(until(altered)).toEqual(until(plain));
    // And of this one something was changed by the next.
    expect([...altered[2]!.values]).not.toEqual([...plain[2]!.values]);
  });

  it('actions of the last episode change nothing in this one', async () => {
    const [plain, altered] = await withOtherActions((t, b, k) => b < N && 8 * k + t < 10);
    const from = (segments: Segment[]) => [
      ...segments[1]!.values.subarray(2 * B, 8 * B),
      ...segments[2]!.values.subarray(0, 4 * B),
    ];
    expect(from(altered)).toEqual(from(plain));
    expect([...altered[0]!.values]).not.toEqual([...plain[0]!.values]);
  });

  it('later actions of the episode change nothing before, and neither do those of other environments', async () => {
    const [plain, altered] = await withOtherActions((t, b, k) => b < N && k === 0 && t === 5);
    const columns = (segment: Segment, from: number, to: number, first: number) =>
      Array.from({ length: to - from }, (_, t) => [
        ...segment.values.subarray((from + t) * B + first, (from + t) * B + first + N),
      ]).flat();
    expect(columns(altered[0]!, 0, 5, 0)).toEqual(columns(plain[0]!, 0, 5, 0));
    expect(columns(altered[0]!, 5, 6, 0)).not.toEqual(columns(plain[0]!, 5, 6, 0));
    expect(columns(altered[0]!, 6, 8, 0)).not.toEqual(columns(plain[0]!, 6, 8, 0));
    for (const k of [0, 1, 2]) {
      expect(columns(altered[k]!, 0, 8, N)).toEqual(columns(plain[k]!, 0, 8, N));
    }
  });
});
