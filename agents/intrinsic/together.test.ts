/** Rewards in real runs: each by what all of them share, several at once, with any algorithm, and gone on with. */
import { describe, expect, it } from 'vitest';
import { iterations, smallRun, withoutTimes } from '../algorithms/fixture.ts';
import { readPlan } from '../training/config.ts';
import { Crew } from '../training/crew.ts';
import { watchedRun } from './fixture.ts';

const HARVEST = `
env: {name: harvest, players: 3, episodeLength: 7}
environments: 4
shards: 2
steps: 960
algo: {name: ppo, segment: 8, sequence: 4, minibatches: 2, learningRate: 0.01}
network: {filters: 2, dense: [4], lstm: 4}
`;

const REWARDS = ['inequity-aversion', 'social-value-orientation', 'rnd', 'count'] as const;
const ALL = `intrinsic={inequity-aversion: {}, social-value-orientation: {}, rnd: {dense: [3], features: 4}, count: {}}`;

describe.each(REWARDS)('%s', (name) => {
  it('is clipped, then weighted by schedule and curriculum, and paid to those who are named', async () => {
    // An iteration is 96 player steps, a tenth of the run.
    const watched = await watchedRun(HARVEST, [
      `intrinsic.${name}={players: [0, 2], weight: [[0, 0], [1, 20]], curriculum: [[0, 1], [0.2, 0.5]], clip: 0.1}`,
    ]);
    const measured = await watched.iterate(3);
    const factors = [0, 2 * 0.75, 4 * 0.5];
    let clipped = 0;
    watched.segments.forEach((shards, k) => {
      expect(measured[k]![`schedule/${name}`]).toBeCloseTo(factors[k]!, 12);
      for (const { rewards, values, after } of shards) {
        values.forEach((value, i) => {
          const bounded = Math.min(0.1, Math.max(-0.1, value));
          if (bounded !== value && i % 3 !== 1) clipped++;
          const paid = i % 3 === 1 ? 0 : factors[k]! * bounded;
          expect(after[i]).toBeCloseTo(rewards[i]! + paid, 5);
        });
      }
    });
    expect(clipped).toBeGreaterThan(0);
  });
});

describe.each(['ppo', 'a2c', 'reinforce'])('with %s', (algorithm) => {
  it.each([false, true])('all at once are measured apart (perPlayer %s)', async (perPlayer) => {
    const config = HARVEST.replace(
      /algo: .*/,
      `algo: {name: ${algorithm}, segment: 8, sequence: 4, minibatches: 2}`,
    );
    const run = await smallRun(config, [ALL, `network.perPlayer=${perPlayer}`]);
    const before = run.learner.theta.slice();
    const measured = (await iterations(run, 2)).at(-1)!;
    for (const name of REWARDS) {
      expect(measured[`intrinsic/${name}`]).not.toBe(0);
      expect(measured[`intrinsic/${name}/paid`]).not.toBe(0);
    }
    const paid = REWARDS.map((name) => measured[`intrinsic/${name}/paid`]);
    expect(new Set(paid).size).toBe(REWARDS.length);
    expect(measured['loss/rnd']).toBeGreaterThan(0);
    expect(run.learner.theta).not.toEqual(before);
    expect(run.learner.theta.every(Number.isFinite)).toBe(true);
  });
});

it('the reward of the environment in the curves is without them', async () => {
  const returns = async (overrides: readonly string[]) => {
    // Nothing is learned, so that both play the same.
    const run = await smallRun(HARVEST, ['algo.learningRate=0', ...overrides]);
    return (await iterations(run, 3)).map((measured) => measured['episode/collectiveReturn']);
  };
  const plain = await returns([]);
  expect(plain.some((value) => value !== undefined && value !== 0)).toBe(true);
  expect(await returns([ALL])).toEqual(plain);
});

/** Mountain Car has numbers for an observation, which random network distillation scales by what it has met. */
const CAR = `
env: {name: mountain-car}
environments: 4
shards: 2
steps: 100000
algo: {name: a2c, segment: 16, sequence: 1}
network: {filters: 0, dense: [4], lstm: 0}
`;

describe.each([
  ['windows, a network a player', HARVEST, [ALL, 'network.perPlayer=true']],
  ['numbers, one network', CAR, ['intrinsic={rnd: {}, count: {grain: 0.01}}']],
])('%s', (_, config, overrides) => {
  const plan = readPlan(config, 'a test', overrides);
  async function played(workers: number) {
    const crew = await Crew.start(plan, 'onnx', workers, null);
    const measured = [];
    for (let k = 0; k < 3; k++) {
      measured.push(withoutTimes(await crew.iterate(k * plan.stepsPerIteration, k + 1)));
    }
    const left = { measured, state: await crew.save() };
    await crew.stop();
    return left;
  }

  it('one worker and two give the same digits', async () => {
    expect(await played(2)).toEqual(await played(1));
  });
});

it('a run that is gone on with is as if it had never stopped', async () => {
  const unbroken = await smallRun(HARVEST, [ALL]);
  await iterations(unbroken, 2);
  const shared = structuredClone(unbroken.learner.saveShared());
  const shards = [0, 1].map((shard) => structuredClone(unbroken.learner.saveShard(shard)));
  const expected = await iterations(unbroken, 2, 2 * unbroken.plan.stepsPerIteration);
  const resumed = await smallRun(HARVEST, [ALL]);
  resumed.learner.load(shared, (shard) => shards[shard]!);
  expect(await iterations(resumed, 2, 2 * resumed.plan.stepsPerIteration)).toEqual(expected);
  expect(resumed.learner.theta).toEqual(unbroken.learner.theta);

  // Whatever a reward remembers is needed for that: what is not there is missed, by name.
  const remembered = Object.keys(shards[0]!).filter((name) => /^(rnd|count|inequity-aversion)\//.test(name));
  expect(remembered.sort()).toEqual([
    'count/visits/0',
    'inequity-aversion/smoothed',
    'rnd/random',
    'rnd/returns',
  ]);
  for (const name of remembered) {
    const { [name]: _, ...rest } = shards[0]!;
    expect(() => resumed.learner.load(shared, () => rest)).toThrow(name.replace(/^.*?\//, ''));
  }
});
