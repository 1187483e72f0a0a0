import { expect, it } from 'vitest';
import { Means } from '../algorithms/means.ts';
import { Collective, collectiveMemory } from '../training/collective.ts';
import { ConstantScale, RunningScale, type StageContext } from './reward-stages.ts';
import { Rollout } from './rollout.ts';

/** Rollouts of one column, with rewards and ends. */
function rollout(rewards: readonly number[], ended: readonly number[] = rewards.map(() => 0)): Rollout {
  const made = new Rollout(
    {
      steps: rewards.length,
      sequence: 1,
      environments: 1,
      players: 1,
      observation: { dtype: 'uint8', shape: [1], low: 0, high: 1 },
      actions: 2,
      stateSize: 0,
    },
    new Uint8Array(rewards.length + 1),
  );
  made.rewards.set(rewards);
  made.ended.set(ended);
  return made;
}

const single = (shards: number): StageContext => ({
  collective: new Collective(collectiveMemory(1, shards, 1), 0),
  means: new Means(),
  steps: 0,
  totalSteps: 1,
});

it('a constant scales rewards', () => {
  const scaled = rollout([1, -2]);
  new ConstantScale(0.5).process([scaled]);
  expect(Array.from(scaled.rewards)).toEqual([0.5, -1]);
});

it('rewards of all shards are divided by the deviation of the returns of all', () => {
  // gamma 1/2: returns 2, 1 + 2/2 = 2 and 4, 0 + 4/2 = 2: mean 2.5, variance (3 * 1/4 + 9/4) / 4 = 3/4.
  const shards = [rollout([2, 1]), rollout([4, 0])];
  new RunningScale(0.5, 2, 1).process(shards, single(2));
  const deviation = Math.sqrt(0.75 + 1e-8);
  expect(Array.from(shards[0]!.rewards)).toEqual([2, 1].map((reward) => Math.fround(reward / deviation)));
  expect(Array.from(shards[1]!.rewards)).toEqual([4, 0].map((reward) => Math.fround(reward / deviation)));
});

it('an episode that ends takes its return with it', () => {
  // Returns 2, then 1 anew: mean 3/2, variance 1/4.
  const cut = rollout([2, 1], [1, 0]);
  new RunningScale(0.5, 1, 1).process([cut], single(1));
  expect(cut.rewards[0]).toBeCloseTo(4, 6);
});

it('goes on from what it saved as it would have', () => {
  const first = new RunningScale(0.5, 2, 1);
  first.process([rollout([2, 1]), rollout([4, 0])], single(2));
  const second = new RunningScale(0.5, 2, 1);
  second.load(
    structuredClone(first.saveShared()),
    [0, 1].map((shard) => structuredClone(first.saveShard(shard))),
  );
  const next = () => [rollout([5]), rollout([-3])] as const;
  const [expected, found] = [next(), next()];
  first.process(expected, single(2));
  second.process(found, single(2));
  expect(found.map(({ rewards }) => rewards)).toEqual(expected.map(({ rewards }) => rewards));
  // Without what was saved: returns 5 and -3, whose deviation is 4.
  expect(found[0]!.rewards[0]).not.toBeCloseTo(5 / 4, 2);
});
