/**
 * Rewards that are made from what the environment paid everybody. Others add to the same numbers, so the first of this kind
 * keeps them as they were; in `index.ts` they come before all others.
 */
import type { Task } from '../algorithms/algorithm.ts';
import type { Field, Rollout } from '../rollout/rollout.ts';
import type { IntrinsicSetup } from './intrinsic.ts';

/** [T + 1, B] float32, the last row unused. */
const PAID = 'environmentRewards';

export const environmentRewardsField: Field = {
  name: PAID,
  dtype: 'float32',
  width: 1,
  per: 'step',
  carried: false,
};

/**
 * What the environment paid in a rollout, [T, B] and more behind, for the reward `name`: to be called once a segment, in
 * its `compute`.
 */
export function environmentRewards(
  name: string,
  { learner }: IntrinsicSetup,
  rollout: Rollout,
): Float32Array {
  const kept = rollout.fields[PAID] as Float32Array;
  const first = learner.intrinsic.find(({ fields = [] }) => fields.includes(environmentRewardsField));
  if (first?.name === name) kept.set(rollout.rewards);
  return kept;
}

/** @throws {RangeError} where the environment already pays something else than each player's own reward. */
export function requireOwnRewards(name: string, { options, definition }: Task): void {
  const { reward = 'individual' } = options;
  if (reward === 'individual') return;
  throw new RangeError(
    `intrinsic.${name} compares what each player of ${definition.name} is paid by itself: leave env.reward individual (it is ${reward})`,
  );
}
