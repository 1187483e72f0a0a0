/** Influence by a model that has learned, where it is known in closed form; and what learning it leaves alone. */
import { describe, expect, it } from 'vitest';
import { copyingInfluence } from '../../shared/environments/copying.ts';
import { deriveSeed, Random } from '../../shared/random.ts';
import { iterations, smallRun } from '../algorithms/fixture.ts';
import { policyNetwork } from '../algorithms/policy-network.ts';
import { watchedRun } from './fixture.ts';

const T = 50;
const COPYING = `
env: {name: copying, episodeLength: ${T}}
environments: 16
shards: 1
steps: 48000
algo: {name: ppo, segment: ${T}, sequence: 10, minibatches: 4, epochs: 4, learningRate: 0.003, gamma: 0, entropy: 0.01}
network: {filters: 0, dense: [32], lstm: 16, perPlayer: true, activation: tanh}
intrinsic: {influence-moa: {dense: [16], lstm: 32, weight: 0}}
`;

/** The mean of the last 10 iterations of 30, of each measure. */
async function learned(...overrides: string[]): Promise<Record<string, number>> {
  const run = await smallRun(COPYING, overrides);
  const last = (await iterations(run, 30)).slice(-10);
  return Object.fromEntries(
    Object.keys(last[0]!).map((name) => [name, last.reduce((sum, of) => sum + of[name]!, 0) / last.length]),
  );
}

/** The mean over all steps of what is paid in all but the first and the last of an episode. */
const inMean = (influence: number) => (influence * (T - 2)) / T;

describe('influence comes to what it is known to be', () => {
  it('of one who is copied it is log A, of one who is ignored 0', async () => {
    const measured = await learned();
    // The follower does copy, or the number would be of something else.
    expect(measured['episode/collectiveReturn']).toBeGreaterThan(48);
    const expected = inMean(copyingInfluence(4, 0));
    expect(Math.abs(measured['intrinsic/influence-moa/0']! - expected)).toBeLessThan(0.05 * expected);
    expect(measured['intrinsic/influence-moa/1']).toBeLessThan(0.001);
    // What the follower does is told from what the leader did, and the leader does what nobody can tell.
    expect(measured['moa/crossEntropy/0-1']).toBeLessThan(0.1);
    expect(measured['moa/crossEntropy/1-0']).toBeGreaterThan(0.99 * Math.log(4));
    expect(measured['moa/crossEntropy']).toBeLessThan(0.6 * measured['moa/marginal']!);
  });

  it('with noise it is less, by as much as the noise makes it', async () => {
    const measured = await learned('env.preset=noisy');
    const expected = inMean(copyingInfluence(4, 0.25));
    expect(Math.abs(measured['intrinsic/influence-moa/0']! - expected)).toBeLessThan(0.1 * expected);
    expect(measured['intrinsic/influence-moa/1']).toBeLessThan(0.001);
  });

  it('with a delay it is 0 on the next step, although the model knows what comes', async () => {
    const measured = await learned('env.preset=delayed');
    expect(measured['moa/crossEntropy/0-1']).toBeLessThan(0.1);
    expect(measured['intrinsic/influence-moa/0']).toBeLessThan(0.02);
    expect(measured['intrinsic/influence-moa/1']).toBeLessThan(0.001);
  });

  it('of two who copy, both count', async () => {
    const measured = await learned('env.players=3', 'steps=72000');
    const expected = inMean(2 * copyingInfluence(4, 0));
    expect(Math.abs(measured['intrinsic/influence-moa/0']! - expected)).toBeLessThan(0.05 * expected);
    for (const follower of [1, 2]) expect(measured[`intrinsic/influence-moa/${follower}`]).toBeLessThan(0.02);
  });
});

const SMALL = `
env: {name: copying, players: 3, episodeLength: 20}
environments: 4
shards: 2
steps: 100000
algo: {name: ppo, segment: 20, sequence: 10, minibatches: 2, epochs: 2, learningRate: 0.01}
network: {filters: 0, dense: [8], lstm: 6, activation: tanh}
`;
const moa = (setting: string) => `intrinsic.influence-moa.${setting}`;

describe.each([
  ['one network', []],
  ['a network a player', ['network.perPlayer=true']],
])('%s', (_, networks) => {
  it('a model that is not learned and not paid for leaves the policy what it is without', async () => {
    const plain = await smallRun(SMALL, networks);
    const beside = await smallRun(SMALL, [...networks, moa('weight=0'), moa('lossWeight=0'), moa('lstm=4')]);
    const measured = [await iterations(plain, 3), await iterations(beside, 3)] as const;
    const layoutOf = ({ plan: { task, config, intrinsic } }: typeof plain) =>
      policyNetwork(task, config.network, intrinsic).layout;
    const [own, wide] = [layoutOf(plain), layoutOf(beside)];
    expect(wide.size).toBeGreaterThan(own.size);
    for (const { name } of own.specs) {
      for (let g = 0; g < own.networks; g++) {
        const [expected, found] = [
          own.view(plain.learner.theta, name, g),
          wide.view(beside.learner.theta, name, g),
        ];
        for (let i = 0; i < expected.length; i++) expect(found[i]).toBeCloseTo(expected[i]!, 5);
      }
    }
    // It did learn, and play the same.
    const returns = measured.map((each) => each.map((of) => of['episode/collectiveReturn']));
    expect(returns[1]).toEqual(returns[0]);
    expect(measured[0][0]!['gradient/norm']).toBeGreaterThan(0.01);
  });

  it('no gradient flows through a reward: what is paid moves the policy and not the model', async () => {
    const settings = [...networks, moa('weight=5'), moa('lossWeight=0'), moa('curriculum=1'), moa('lstm=4')];
    const runs = [await watchedRun(SMALL, settings), await watchedRun(SMALL, [...settings, moa('weight=0')])];
    const fresh = runs.map(({ learner, setup }) => {
      // A model that says something, so that there is something to pay.
      const random = new Random().seed(deriveSeed(3, 1));
      for (const { name } of setup.network.layout.specs.filter((spec) => spec.name.startsWith('moa'))) {
        for (let g = 0; g < setup.network.layout.networks; g++) {
          const view = setup.network.layout.view(learner.theta, name, g);
          for (let i = 0; i < view.length; i++) view[i] = 3 * (random.uniform() - 0.5);
        }
      }
      return learner.theta.slice();
    });
    for (const run of runs) await run.iterate(2);
    let paid = 0;
    for (const value of runs[0]!.segments[0]![0]!.values) paid += value;
    expect(paid).toBeGreaterThan(0.5);
    const { layout } = runs[0]!.setup.network;
    const [after, unpaid, before] = [runs[0]!.learner.theta, runs[1]!.learner.theta, fresh[0]!];
    const moved: string[] = [];
    for (const { name } of layout.specs) {
      for (let g = 0; g < layout.networks; g++) {
        const of = (theta: Float32Array) => [...layout.view(theta, name, g)];
        if (name.startsWith('moa')) expect(of(after)).toEqual(of(before));
        else if (of(after).some((weight, i) => weight !== of(unpaid)[i])) moved.push(name);
      }
    }
    expect(moved).toContain('policy/kernel');
  });
});
