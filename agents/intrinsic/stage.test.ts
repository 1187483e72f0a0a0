/** What becomes of a reward once it is computed: weight, curriculum, clip, and who is paid. */
import { expect, it } from 'vitest';
import { Means } from '../algorithms/means.ts';
import { Rollout, type RolloutShape } from '../rollout/rollout.ts';
import { Collective, collectiveMemory } from '../training/collective.ts';
import { readPlan } from '../training/config.ts';
import { INTRINSIC_REWARDS } from './index.ts';
import type { IntrinsicOptions, IntrinsicPlan, IntrinsicSetup } from './intrinsic.ts';
import { IntrinsicStage } from './stage.ts';

const shapeOf = (players: number): RolloutShape => ({
  steps: 2,
  sequence: 1,
  environments: 1,
  players,
  observation: { dtype: 'float32', shape: [1], low: 0, high: 1 },
  actions: 2,
  stateSize: 0,
  symbols: 2,
});

const OPTIONS: IntrinsicOptions = { weight: 1, curriculum: 1, clip: 10, players: 'all' };

/** A stage whose reward is `values` [T, B] whatever happened, after `steps` of 1000 player steps. */
async function processed(
  values: readonly number[],
  given: Partial<IntrinsicOptions>,
  {
    steps = 0,
    pays = 'actions' as 'actions' | 'symbols',
    earners = undefined as Uint8Array | undefined,
  } = {},
) {
  const shape = shapeOf(values.length / 2);
  const rollout = new Rollout(shape, new Float32Array(3 * shape.players));
  rollout.rewards.fill(100);
  rollout.symbols!.rewards.fill(200);
  const plan: IntrinsicPlan = {
    name: 'given',
    options: { ...OPTIONS, ...given },
    pays,
    ...(earners === undefined ? {} : { earners }),
    create: async () => ({
      async compute([out]) {
        // It adds, as one that pays for several things would: what was there before must be gone.
        values.forEach((value, i) => {
          out![i]! += value;
        });
      },
    }),
  };
  const stage = await IntrinsicStage.create(plan, {
    shape,
    rollouts: [rollout],
  } as unknown as IntrinsicSetup);
  const means = new Means();
  const collective = new Collective(collectiveMemory(1, 1, 1), 0);
  const context = { collective, means, steps, totalSteps: 1000 };
  await stage.process([rollout], context);
  const measured = means.take();
  rollout.rewards.fill(100);
  rollout.symbols!.rewards.fill(200);
  // Once more: nothing is left from the first time.
  await stage.process([rollout], context);
  expect(means.take()).toEqual(measured);
  return { rewards: [...rollout.rewards], said: [...rollout.symbols!.rewards], measured };
}

it('the reward is added to that of the environment', async () => {
  expect((await processed([1, 2, 3, 4], {})).rewards).toEqual([101, 102, 103, 104]);
});

it('weight and curriculum multiply, each by its schedule', async () => {
  const given: Partial<IntrinsicOptions> = {
    weight: [
      [0, 2],
      [1, 4],
    ],
    curriculum: [
      [0, 0],
      [0.5, 1],
    ],
  };
  // A quarter on: 2.5 times a half.
  const { rewards, measured } = await processed([1, 2, 3, 4], given, { steps: 250 });
  expect(rewards).toEqual([101.25, 102.5, 103.75, 105]);
  expect(measured['schedule/given']).toBe(1.25);
});

it('it is clipped on both sides before it is weighted', async () => {
  const { rewards, measured } = await processed([5, -5, 1, 2], { clip: 2, weight: 3 });
  expect(rewards).toEqual([106, 94, 103, 106]);
  expect(measured['intrinsic/given/clipped']).toBe(0.5);
});

it('only those are paid it who are named, and only they are measured', async () => {
  const { rewards, measured } = await processed([1, 2, 4, 3, 6, 8], { players: [0, 2], weight: 2 });
  expect(rewards).toEqual([102, 100, 108, 106, 100, 116]);
  expect(measured).toMatchObject({ 'intrinsic/given': 4, 'intrinsic/given/paid': 8 });
  expect(measured).toMatchObject({ 'intrinsic/given/0': 2, 'intrinsic/given/2': 6 });
  expect(measured).not.toHaveProperty('intrinsic/given/1');
});

it('of more than 16 players each is not measured apart', async () => {
  const apart = async (players: number) =>
    'intrinsic/given/0' in (await processed(new Array(2 * players).fill(1), {})).measured;
  expect(await Promise.all([16, 17].map(apart))).toEqual([true, false]);
});

it('one for what is said is not paid for what is done', async () => {
  const { rewards, said } = await processed([1, 2, 3, 4], {}, { pays: 'symbols' });
  expect(rewards).toEqual([100, 100, 100, 100]);
  expect(said).toEqual([201, 202, 203, 204]);
});

const refusal = (...overrides: string[]) => {
  try {
    readPlan('', 'a test', overrides);
  } catch (error) {
    return (error as Error).message;
  }
  return null;
};
const moa = (setting: string) => `intrinsic.influence-moa.${setting}`;

it('MOA is refused where there is one player', () => {
  expect(refusal('env.players=1', moa('weight=1'))).toBe(
    'intrinsic.influence-moa is about others, and harvest here has one player: give env.players 2 or more, or another environment',
  );
  expect(refusal('env.name=cartpole', moa('weight=1'))).toMatch(/cartpole here has one player/);
});

it('players who are not there are not paid', () => {
  expect(refusal(moa('players=[0,5]'))).toBe(
    'intrinsic.influence-moa.players names player 5, harvest has players 0 to 4',
  );
});

it.each([
  ['weight=much', /weight/],
  ['weight=-1', /weight/],
  ['curriculum=[[0.5,1],[0.2,0]]', /curriculum/],
  ['divergence=tv', /kl.*jsd.*pmi/],
  ['clip=0', /clip/],
])('%s is refused, by name', (setting, named) => {
  expect(refusal(moa(setting))).toMatch(named);
});

it('rewards are computed from what was just played, so they do not go with replay', () => {
  expect(refusal('algo.name=dqn', moa('weight=1'))).toMatch(/do not go with dqn.*do with/);
});

it.each(INTRINSIC_REWARDS.map(({ name, schema }) => [name, schema] as const))(
  'every option of %s has a default',
  (_, schema) => {
    expect(schema.safeParse({}).success).toBe(true);
    expect(schema.safeParse({ nonsense: 1 }).success).toBe(false);
  },
);

it('where some can never be paid, what is measured is of those who can', async () => {
  const { rewards, measured } = await processed([3, 0, 5, 0], {}, { earners: Uint8Array.of(1, 0) });
  expect(rewards).toEqual([103, 100, 105, 100]);
  expect(measured['intrinsic/given']).toBe(4);
  expect(measured['intrinsic/given/0']).toBe(4);
  expect(measured).not.toHaveProperty('intrinsic/given/1');
});
