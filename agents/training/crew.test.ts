/** Runs in real worker threads. */
import { expect, it } from 'vitest';
import { withoutTimes } from '../algorithms/fixture.ts';
import { type Plan, readPlan } from './config.ts';
import { Crew } from './crew.ts';

const SIX_SHARDS = `
env: {name: harvest, players: 2, episodeLength: 20}
environments: 6
shards: 6
steps: 100000
algo: {name: ppo, segment: 12, sequence: 4, minibatches: 3, epochs: 2, rewardScale: running, popArt: 0.1}
network: {filters: 2, dense: [4], lstm: 4}
`;

async function played(plan: Plan, workers: number) {
  const crew = await Crew.start(plan, 'onnx', workers, null);
  try {
    const measured = [await crew.iterate(0, 1), await crew.iterate(plan.stepsPerIteration, 2)];
    return { measured: measured.map(withoutTimes), state: await crew.save() };
  } finally {
    await crew.stop();
  }
}

it('one, two and three workers give the same digits', async () => {
  const plan = readPlan(SIX_SHARDS, 'a test');
  const alone = await played(plan, 1);
  expect(alone.measured[1]!['gradient/norm']).toBeGreaterThan(0);
  for (const workers of [2, 3]) expect(await played(plan, workers)).toEqual(alone);
});

it('so they do where the policy holds its weights, and when gone on with', async () => {
  const plan = readPlan(SIX_SHARDS, 'a test', ['algo.segment=40', 'algo.minibatches=2']);
  const alone = await played(plan, 1);
  expect(await played(plan, 2)).toEqual(alone);
  const crew = await Crew.start(plan, 'onnx', 2, alone.state);
  const other = await Crew.start(plan, 'onnx', 1, alone.state);
  const at = 3 * plan.stepsPerIteration;
  expect(withoutTimes(await crew.iterate(at, 1))).toEqual(withoutTimes(await other.iterate(at, 1)));
  await Promise.all([crew.stop(), other.stop()]);
});

it('the shards of another number of workers can be gone on with', async () => {
  const plan = readPlan(SIX_SHARDS, 'a test');
  const crew = await Crew.start(plan, 'onnx', 3, null);
  await crew.iterate(0, 1);
  const state = await crew.save();
  const other = await Crew.start(plan, 'onnx', 2, state);
  const step = async (workers: Crew) => withoutTimes(await workers.iterate(plan.stepsPerIteration, 1));
  expect(await step(other)).toEqual(await step(crew));
  expect(await other.save()).toEqual(await crew.save());
  await Promise.all([crew.stop(), other.stop()]);
});

it('what goes wrong in a worker is what starting the crew fails with', async () => {
  const plan = readPlan(SIX_SHARDS, 'a test');
  const none = { shared: {}, shards: Array.from({ length: 6 }, () => ({})) };
  await expect(Crew.start(plan, 'onnx', 2, none)).rejects.toThrow(/theta should have \d+ elements/);
});
