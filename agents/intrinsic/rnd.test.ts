/** Random network distillation in real runs, against plain loops over numbers and against its own loss. */
import { describe, expect, it } from 'vitest';
import { elementsOf } from '../../shared/environment.ts';
import { iterations, smallRun } from '../algorithms/fixture.ts';
import { availableBackends } from '../engine/tensorflow.ts';
import { RunningMoments, returnDeviation } from '../math/running.ts';
import { type Segment, type Watched, watchedRun } from './fixture.ts';
import { PREDICTOR, TARGET } from './rnd-network.ts';

/** Numbers, two players, episodes of 5 steps in segments of 8. */
const COPYING = `
env: {name: copying, episodeLength: 5}
environments: 4
shards: 2
steps: 100000
algo: {name: ppo, segment: 8, sequence: 4, minibatches: 2, learningRate: 0.01}
network: {filters: 0, dense: [4], lstm: 4, activation: tanh}
intrinsic: {rnd: {dense: [3], features: 2, gamma: 0.9, clip: 1000}}
`;

/** Windows, and no episode ends while it is looked at. */
const HARVEST = `
env: {name: harvest, players: 2, episodeLength: 1000}
environments: 4
shards: 2
stagger: false
steps: 100000
algo: {name: ppo, segment: 8, sequence: 4, minibatches: 1, epochs: 1, learningRate: 0}
network: {filters: 2, dense: [4], lstm: 4}
intrinsic: {rnd: {dense: [5], features: 3, filters: 2, clip: 1000}}
`;

/** One side's features of an observation, by loops. */
function featuresOf(
  { setup }: Watched,
  theta: Float32Array,
  side: string,
  network: number,
  x: number[],
): number[] {
  const { layout } = setup.network;
  const layer = (name: string, input: readonly number[]) => {
    const kernel = layout.view(theta, `${side}/${name}/kernel`, network);
    const bias = layout.view(theta, `${side}/${name}/bias`, network);
    return Array.from(bias, (b, u) =>
      input.reduce((sum, value, k) => sum + value * kernel[k * bias.length + u]!, b),
    );
  };
  return layer('head', layer('dense1', x).map(Math.tanh));
}

/** What every segment of all shards should have paid: [segments][shards][T * B]. */
function oracle(watched: Watched, gamma: number): number[][][] {
  const { shape, network } = watched.setup;
  const { players, environments, observation } = shape;
  const columns = players * environments;
  const width = elementsOf(observation);
  const met: number[][] = [];
  const returns: number[] = [];
  const running = watched.segments[0]!.map(() => new Array<number>(columns).fill(0));
  const row = ({ observations }: Segment, i: number) =>
    Array.from(observations.subarray((i + columns) * width, (i + columns + 1) * width));
  return watched.segments.map((shards) => {
    for (const segment of shards) met.push(...Array.from(segment.ended, (_, i) => row(segment, i)));
    const scales = Array.from({ length: width }, (_, k) => momentsOf(met.map((x) => x[k]!)));
    const errors = shards.map((segment, shard) =>
      Array.from(segment.ended, (end, i) => {
        const x = row(segment, i).map((value, k) => {
          const { mean, variance } = scales[k]!;
          return Math.min(5, Math.max(-5, (value - mean) / Math.sqrt(variance + 1e-8)));
        });
        const own = network.layout.networks === 1 ? 0 : i % players;
        const [f, g] = [PREDICTOR, TARGET].map((side) => featuresOf(watched, segment.theta, side, own, x));
        const error =
          end === 1 ? 0 : f!.reduce((sum, value, k) => sum + (value - g![k]!) ** 2, 0) / f!.length;
        const b = i % columns;
        running[shard]![b] = gamma * running[shard]![b]! + error;
        returns.push(running[shard]![b]!);
        return error;
      }),
    );
    const deviation = Math.sqrt(momentsOf(returns).variance + 1e-8);
    return errors.map((all) => all.map((error) => error / deviation));
  });
}

function momentsOf(numbers: readonly number[]) {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  return { mean, variance: numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length };
}

describe.each([
  ['one network', []],
  ['a network a player', ['network.perPlayer=true']],
])('%s', (_, networks) => {
  it('numbers are scaled, the two networks compared, and the error is in units of its return', async () => {
    const watched = await watchedRun(COPYING, networks);
    await watched.iterate(3);
    const expected = oracle(watched, 0.9);
    watched.segments.forEach((shards, k) => {
      shards.forEach(({ values, ended }, shard) => {
        expect(ended).toContain(1);
        values.forEach((value, i) => {
          expect(value).toBeCloseTo(expected[k]![shard]![i]!, 4);
        });
      });
    });
    expect(Math.max(...expected.flat(2))).toBeGreaterThan(0.1);
  });

  it.each([1, 0.5])(
    'windows: the loss is the mean error of the share of %f that is learned from',
    async (share) => {
      const watched = await watchedRun(HARVEST, [...networks, `intrinsic.rnd.share=${share}`]);
      // Of each segment the errors before they were scaled, of what its steps led to.
      const errors: number[][][] = [];
      const losses: number[] = [];
      for (let k = 0; k < 2; k++) {
        const [measured] = await watched.iterate(1);
        losses.push(measured!['loss/rnd']!);
        const moments = new RunningMoments(watched.learner.saveShared()['rnd/moments'] as Float64Array);
        const deviation = returnDeviation(moments);
        errors.push(
          watched.segments[k]!.map(({ values }) => Array.from(values, (value) => value * deviation)),
        );
      }
      const { steps, environments, players } = watched.setup.shape;
      const columns = environments * players;
      const means = watched.segments[1]!.map(({ fields }, shard) => {
        // The first step starts from what the last one of the segment before led to.
        const own = [...errors[0]![shard]!.slice(-columns), ...errors[1]![shard]!.slice(0, -columns)];
        const counts =
          share === 1 ? own.map(() => 1) : Array.from(fields['rnd/learns']!.subarray(0, steps * columns));
        expect(counts.includes(0)).toBe(share < 1);
        return (
          own.reduce((sum, error, i) => sum + error * counts[i]!, 0) / counts.reduce((sum, x) => sum + x, 0)
        );
      });
      expect(losses[1]).toBeCloseTo((means[0]! + means[1]!) / 2, 5);
    },
  );

  it('the random network stays to the last digit, and the other learns', async () => {
    const settings = ['algo.learningRate=0.01', 'algo.epochs=4', 'intrinsic.rnd.share=1'];
    const watched = await watchedRun(HARVEST, [...networks, ...settings]);
    const { layout } = watched.setup.network;
    const weights = (side: string) =>
      layout.specs
        .filter(({ name }) => name.startsWith(side))
        .flatMap(({ name }) =>
          Array.from({ length: layout.networks }, (_, g) =>
            layout.view(watched.learner.theta, name, g).slice(),
          ),
        );
    const before = [weights(TARGET), weights(PREDICTOR)];
    const measured = await watched.iterate(8);
    expect(weights(TARGET)).toEqual(before[0]);
    weights(PREDICTOR).forEach((array, k) => {
      expect(array).not.toEqual(before[1]![k]);
    });
    expect(measured[7]!['loss/rnd']).toBeLessThan(0.5 * measured[0]!['loss/rnd']!);
  });
});

it('networks of different players have random networks of their own', async () => {
  const { setup, learner } = await watchedRun(HARVEST, ['network.perPlayer=true']);
  const kernel = (player: number) =>
    setup.network.layout.view(learner.theta, `${TARGET}/head/kernel`, player);
  expect(kernel(0)).not.toEqual(kernel(1));
});

it('the share that is learned from is drawn anew for each segment, in each shard', async () => {
  const watched = await watchedRun(HARVEST, ['algo.segment=128', 'intrinsic.rnd.share=0.25']);
  await watched.iterate(2);
  const drawn = watched.segments.flat().map(({ fields }) => fields['rnd/learns']!.subarray(0, 128 * 4));
  for (const learns of drawn) {
    // Of 512 draws; five standard deviations.
    const share = Array.from(learns).filter((x) => x === 1).length / learns.length;
    expect(Math.abs(share - 0.25)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / 512));
  }
  for (const [k, learns] of drawn.entries()) {
    for (const other of drawn.slice(k + 1)) expect(learns).not.toEqual(other);
  }
});

it('an unpaid reward leaves the policy what it is without one, to the last digit', async () => {
  const theta = async (overrides: readonly string[]) => {
    const run = await smallRun(HARVEST, [
      'algo.learningRate=0.01',
      'algo.gradientClip=1000000',
      ...overrides,
    ]);
    await iterations(run, 3);
    return run.learner.theta;
  };
  const without = await theta(['intrinsic={}']);
  const beside = await theta(['intrinsic.rnd.weight=0']);
  // What belongs to the reward lies behind.
  expect(beside.length).toBeGreaterThan(without.length);
  expect(beside.subarray(0, without.length)).toEqual(without);
});

const eager = (await availableBackends()).filter((found) => 'version' in found);
it.each(eager)(
  'on $name it pays and learns as on onnx, and the random network stays',
  async ({ name: backend }) => {
    const runs = [await watchedRun(COPYING), await watchedRun(COPYING, [], { backend })] as const;
    const { layout } = runs[0].setup.network;
    const before = layout.view(runs[1].learner.theta, `${TARGET}/dense1/kernel`).slice();
    const [expected, found] = [await runs[0].iterate(1), await runs[1].iterate(1)];
    expect(found[0]!['intrinsic/rnd']).toBeCloseTo(expected[0]!['intrinsic/rnd']!, 4);
    expect(found[0]!['loss/rnd']).toBeCloseTo(expected[0]!['loss/rnd']!, 4);
    expect(layout.view(runs[1].learner.theta, `${TARGET}/dense1/kernel`)).toEqual(before);
  },
);
