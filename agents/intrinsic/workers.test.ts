/** Runs with influence in real worker threads: how many there are, and whether a run was stopped, changes no digit. */
import { expect, it } from 'vitest';
import { withoutTimes } from '../algorithms/fixture.ts';
import { type Plan, readPlan } from '../training/config.ts';
import { Crew } from '../training/crew.ts';

/** Segments of 12 in episodes of 20: each segment ends within an episode, and some start within it. */
const CONFIG = `
env: {name: harvest, players: 3, episodeLength: 20, windowAhead: 3, windowBehind: 2, windowLeft: 3, windowRight: 3}
environments: 4
shards: 2
steps: 1000
algo: {name: ppo, segment: 12, sequence: 4, minibatches: 3, epochs: 2, rewardScale: running, popArt: 0.1}
network: {filters: 2, dense: [4], lstm: 4}
`;

const KINDS: [string, string[]][] = [
  ['MOA', ['intrinsic={influence-moa: {dense: [3], lstm: 5, curriculum: 1, weight: [[0, 5], [1, 1]]}}']],
  [
    'MOA, a network a player, who see what all did',
    [
      'intrinsic={influence-moa: {dense: [3], lstm: 5, curriculum: 1, visibleOnly: false}}',
      'network.perPlayer=true',
      'env.revealActions=true',
    ],
  ],
  [
    'MOA, communication and basic at once',
    [
      'intrinsic={influence-moa: {dense: [3], lstm: 5, curriculum: 1}, influence-communication: {vocabulary: 3, curriculum: 1}, influence-basic: {curriculum: 1}}',
      'env.leaders=[1]',
      'env.revealActions=true',
    ],
  ],
];

/** Iterations from `from` on, in the second half stopped and gone on with where `stop` says so. */
async function played(plan: Plan, workers: number, stop: boolean) {
  const measured = [];
  let crew = await Crew.start(plan, 'onnx', workers, null);
  for (let k = 0; k < 4; k++) {
    if (stop && k === 2) {
      const state = await crew.save();
      await crew.stop();
      // What a checkpoint has is copied bytes.
      crew = await Crew.start(plan, 'onnx', workers, structuredClone(state));
    }
    measured.push(withoutTimes(await crew.iterate(k * plan.stepsPerIteration, k + 1)));
  }
  const state = await crew.save();
  await crew.stop();
  return { measured, state };
}

it.each(KINDS)('%s', async (_, overrides) => {
  const plan = readPlan(CONFIG, 'a test', overrides);
  const alone = await played(plan, 1, false);
  const names = Object.keys(plan.config.intrinsic);
  for (const name of names) expect(alone.measured[3]![`intrinsic/${name}`]).toBeGreaterThan(0);
  expect(await played(plan, 2, true)).toEqual(alone);
});

it('a checkpoint without what the reward remembers is not gone on with', async () => {
  const plan = readPlan(CONFIG, 'a test', KINDS[0]![1]);
  const crew = await Crew.start(plan, 'onnx', 1, null);
  await crew.iterate(0, 1);
  const state = await crew.save();
  await crew.stop();
  const shards = state.shards.map((saved) =>
    Object.fromEntries(Object.entries(saved).filter(([name]) => !name.startsWith('influence-moa/'))),
  );
  expect(Object.keys(shards[0]!).length).toBeLessThan(Object.keys(state.shards[0]!).length);
  await expect(Crew.start(plan, 'onnx', 1, { ...state, shards })).rejects.toThrow(/carry/);
});

it('a checkpoint without the model is not gone on with', async () => {
  const plain = readPlan(CONFIG, 'a test');
  const crew = await Crew.start(plain, 'onnx', 1, null);
  await crew.iterate(0, 1);
  const state = await crew.save();
  await crew.stop();
  const plan = readPlan(CONFIG, 'a test', KINDS[0]![1]);
  await expect(Crew.start(plan, 'onnx', 1, state)).rejects.toThrow(
    /theta should have \d+ elements and has \d+/,
  );
});
