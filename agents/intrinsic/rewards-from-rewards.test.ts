/** Inequity aversion and social value orientation as intrinsic rewards, against the environment's options. */
import { describe, expect, it } from 'vitest';
import { iterations, smallRun } from '../algorithms/fixture.ts';
import { watchedRun } from './fixture.ts';

/** Episodes of 7 steps, half of one apart, in segments of 8: they end within and between segments. */
const HARVEST = `
env: {name: harvest, players: 3, episodeLength: 7}
environments: 4
shards: 2
steps: 100000
algo: {name: ppo, segment: 8, sequence: 4, minibatches: 2, learningRate: 0.01}
network: {filters: 2, dense: [4], lstm: 4}
`;

/** Weights after a few segments: if one reward of them all were another number, so would these be. */
async function learned(...overrides: string[]) {
  const run = await smallRun(HARVEST, overrides);
  const measured = await iterations(run, 5);
  return { theta: run.learner.theta, measured };
}

describe('what is learned is to the last digit what the environment’s option teaches', () => {
  it.each([
    ['inequity', 'intrinsic.inequity-aversion={}', 'intrinsic/inequity-aversion'],
    ['svo', 'intrinsic.social-value-orientation={}', 'intrinsic/social-value-orientation'],
  ])('%s', async (option, setting, metric) => {
    const [environment, intrinsic, plain] = await Promise.all([
      learned(`env.reward=${option}`),
      learned(setting),
      learned(),
    ]);
    expect(intrinsic.theta).toEqual(environment.theta);
    expect(intrinsic.theta).not.toEqual(plain.theta);
    // There was something to be averse to.
    expect(Math.min(...intrinsic.measured.map((measured) => measured[metric]!))).toBeLessThan(0);
  });

  it.each([
    ['alpha', 'inequityAlpha', 1],
    ['beta', 'inequityBeta', 3],
    ['smoothing', 'inequitySmoothing', 0.5],
  ])('with %s of its own', async (own, option, value) => {
    const environment = await learned('env.reward=inequity', `env.${option}=${value}`);
    const intrinsic = await learned(`intrinsic.inequity-aversion.${own}=${value}`);
    expect(intrinsic.theta).toEqual(environment.theta);
  });

  it('with an angle and a weight of its own', async () => {
    const environment = await learned('env.reward=svo', 'env.svoAngle=-30', 'env.svoWeight=0.7');
    const intrinsic = await learned('intrinsic.social-value-orientation={angle: -30, weight: 0.7}');
    expect(intrinsic.theta).toEqual(environment.theta);
  });
});

/** What two players get in an episode of 4 steps and the next, in segments of 2 steps that the environment pays as given. */
async function paid(setting: string, ...segments: number[][]) {
  const config = `
env: {name: harvest, players: 2, episodeLength: 4}
environments: 1
shards: 1
stagger: false
steps: 100000
algo: {name: a2c, segment: 2, sequence: 2}
network: {filters: 0, dense: [2], lstm: 2}
`;
  let next = 0;
  const watched = await watchedRun(config, [setting], {
    before({ rollouts }) {
      rollouts[0]!.rewards.set(segments[next++]!);
    },
  });
  await watched.iterate(segments.length);
  return watched.segments.map(([segment]) => Array.from(segment!.values));
}

it('inequity is of smoothed rewards, from one segment into the next, and no episode into the next', async () => {
  const found = await paid(
    'intrinsic.inequity-aversion.smoothing=0.5',
    // e = (1, 0), (1/2, 0), (1/4, 2), (1/8, 1); then (3, 3), (3/2, 5/2).
    [1, 0, 0, 0],
    [0, 2, 0, 0],
    [3, 3, 0, 1],
  );
  const expected = [
    [-0.05, -5, -0.025, -2.5],
    [-8.75, -0.0875, -4.375, -0.04375],
    [0, 0, -5, -0.05],
  ];
  expected.flat().forEach((value, i) => {
    expect(found.flat()[i]).toBeCloseTo(value, 14);
  });
});

it('the angle is each player’s own', async () => {
  const quarter = Math.PI / 2;
  const found = await paid(
    'intrinsic.social-value-orientation.angle=[0,90]',
    // The one is paid and the other wants that; then the other way round; then nothing; then both the same.
    [1, 0, 0, 1],
    [0, 0, 1, 1],
  );
  expect(found).toEqual([
    [-0, -0, -quarter, -quarter],
    [0, 0, -quarter / 2, -quarter / 2],
  ]);
});

it('is made from what the environment paid, whatever another added before', async () => {
  const svo = 'intrinsic.social-value-orientation={}';
  const [alone] = (await learned(svo)).measured;
  const [beside] = (await learned(svo, 'intrinsic.inequity-aversion={}')).measured;
  expect(beside!['intrinsic/inequity-aversion']).toBeLessThan(0);
  const name = 'intrinsic/social-value-orientation';
  expect(alone![name]).toBeLessThan(0);
  expect(beside![name]).toBe(alone![name]);
});
