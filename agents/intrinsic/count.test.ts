/** Counts in real play, against a map by the observation itself. */
import { describe, expect, it } from 'vitest';
import { elementsOf } from '../../shared/environment.ts';
import { type Segment, type Watched, watchedRun } from './fixture.ts';

/** Episodes of 7 steps and segments of 8. */
const HARVEST = `
env: {name: harvest, players: 2, episodeLength: 7}
environments: 4
shards: 2
steps: 100000
algo: {name: ppo, segment: 8, sequence: 4, minibatches: 2, learningRate: 0.01}
network: {filters: 2, dense: [4], lstm: 4}
intrinsic: {count: {}}
`;
const CAR = `
env: {name: mountain-car}
environments: 2
shards: 1
steps: 100000
algo: {name: a2c, segment: 16, sequence: 1}
network: {filters: 0, dense: [4], lstm: 0}
intrinsic: {count: {}}
`;

/** A 32nd of what Mountain Car's observation ranges over, which is float32. */
const GRAIN = (Math.fround(0.6) - Math.fround(-1.2)) / 32;

/** What a shard should have paid in its segments, by what `keyOf` makes of an observation of player n. */
function oracle(
  { setup }: Watched,
  segments: readonly Segment[],
  keyOf: (observation: readonly number[], n: number) => string,
): number[][] {
  const { players, environments, observation } = setup.shape;
  const columns = players * environments;
  const width = elementsOf(observation);
  const visits = new Map<string, number>();
  return segments.map(({ observations, ended }) =>
    Array.from(ended, (end, i) => {
      if (end === 1) return 0;
      const at = (i + columns) * width;
      const key = keyOf(Array.from(observations.subarray(at, at + width)), i % players);
      const count = (visits.get(key) ?? 0) + 1;
      visits.set(key, count);
      return 1 / Math.sqrt(count);
    }),
  );
}

async function shardsOf(config: string, overrides: readonly string[] = [], times = 4) {
  const watched = await watchedRun(config, overrides);
  await watched.iterate(times);
  const { shards } = watched.plan.config;
  return Array.from({ length: shards }, (_, shard) => {
    const segments = watched.segments.map((all) => all[shard]!);
    return { watched, segments, values: segments.map(({ values }) => Array.from(values)) };
  });
}

describe('windows', () => {
  it.each([
    ['of one network count together', [], (key: string) => key],
    [
      'of each player’s network by themselves',
      ['network.perPlayer=true'],
      (key: string, n: number) => `${n} ${key}`,
    ],
    [
      'of each player by themselves',
      ['intrinsic.count.counts=player'],
      (key: string, n: number) => `${n} ${key}`,
    ],
  ])('%s, in each shard', async (_, overrides, ofPlayer) => {
    for (const { watched, segments, values } of await shardsOf(HARVEST, overrides)) {
      const expected = oracle(watched, segments, (observation, n) => ofPlayer(observation.join(), n));
      expect(values).toEqual(expected);
      // Both things happen.
      expect(expected.flat()).toContain(0);
      expect(expected.flat().some((value) => value > 0 && value < 1)).toBe(true);
    }
  });

  it('in a table that is too small pay no more than they should', async () => {
    const [{ watched, segments, values }] = (await shardsOf(HARVEST, ['intrinsic.count.size=256'], 8)) as [
      Awaited<ReturnType<typeof shardsOf>>[number],
    ];
    const exact = oracle(watched, segments, (observation) => observation.join()).flat();
    const difference = values.flat().map((value, i) => exact[i]! - value);
    expect(Math.min(...difference)).toBe(0);
    expect(Math.max(...difference)).toBeGreaterThan(0);
  });
});

describe('numbers', () => {
  it.each([
    ['a 32nd of the range, by default', [], [GRAIN, GRAIN]],
    ['one grain for all', ['intrinsic.count.grain=0.01'], [0.01, 0.01]],
    ['a grain each', ['intrinsic.count.grain=[0.05,0.001]'], [0.05, 0.001]],
  ])('are rounded to %s', async (_, overrides, grains) => {
    const [{ watched, segments, values }] = (await shardsOf(CAR, overrides)) as [
      Awaited<ReturnType<typeof shardsOf>>[number],
    ];
    const key = (observation: readonly number[]) =>
      observation.map((x, k) => Math.round(x / grains[k]!) + 0).join();
    const expected = oracle(watched, segments, key);
    expect(values).toEqual(expected);
    expect(new Set(expected.flat()).size).toBeGreaterThan(2);
  });
});

it('measures which share of the tables is in use', async () => {
  const watched = await watchedRun(CAR);
  const [, , , last] = await watched.iterate(4);
  const met = new Set<string>();
  for (const [segment] of watched.segments) {
    const { observations, ended } = segment!;
    ended.forEach((end, i) => {
      const at = 2 * (i + 2);
      if (end === 0)
        met.add(Array.from(observations.subarray(at, at + 2), (x) => Math.round(x / GRAIN) + 0).join());
    });
  }
  expect(last!['count/used']).toBe(met.size / 2 ** 18);
});
