/**
 * Inequity aversion (Hughes et al. 2018) as an intrinsic reward: what `env.reward: inequity` adds to a reward, with a
 * weight, a schedule and a choice of players. Its equations are in `details`.
 */
import * as z from 'zod';
import { InequityAversion, rewardOptions } from '../../shared/rewards.ts';
import type { Saved, Task } from '../algorithms/algorithm.ts';
import { restore } from '../algorithms/restore.ts';
import { environmentRewards, environmentRewardsField, requireOwnRewards } from './environment-rewards.ts';
import {
  checkPlayers,
  type Intrinsic,
  type IntrinsicDefinition,
  type IntrinsicPlan,
  type IntrinsicSetup,
  intrinsicOptions,
  type Payments,
  requireOthers,
} from './intrinsic.ts';

const NAME = 'inequity-aversion';

const schema = z.strictObject({
  ...intrinsicOptions,
  // One beam costs 50, and alpha times that is no accident: only what is out of all proportion is cut.
  clip: intrinsicOptions.clip.default(1e6),
  alpha: rewardOptions.inequityAlpha.describe('Dislike of having less than others'),
  beta: rewardOptions.inequityBeta.describe('Dislike of having more than others'),
  smoothing: rewardOptions.inequitySmoothing.describe(
    'gamma * lambda of the smoothed rewards that are compared; 0 compares raw rewards',
  ),
});

export type InequityOptions = z.infer<typeof schema>;

export const inequityAversion: IntrinsicDefinition<InequityOptions> = {
  name: NAME,
  title: 'Inequity aversion',
  summary: 'A player suffers from having less than others, and a little from having more.',
  source: 'Hughes et al. 2018',
  details: [
    '```',
    'e_i,t = smoothing * e_i,t-1 + r_i,t',
    'u_i - r_i = -alpha / (N - 1) sum_j max(e_j - e_i, 0) - beta / (N - 1) sum_j max(e_i - e_j, 0)',
    '```',
    '',
    'e starts at 0 with each episode. With weight 1 rewards are to the last digit those of `env.reward: inequity`, which it',
    'stands in for where the weight should change over a run, or where only some of the players are averse. It is made from',
    'what the environment paid, whatever other rewards add, and wants `env.reward` to be `individual`.',
  ],
  schema,
  plan(options: InequityOptions, task: Task): IntrinsicPlan {
    requireOthers(NAME, task);
    checkPlayers(NAME, options, task);
    requireOwnRewards(NAME, task);
    return {
      name: NAME,
      options,
      fields: [environmentRewardsField],
      create: async (setup) => new Averse(options, setup),
    };
  },
};

class Averse implements Intrinsic {
  readonly #setup: IntrinsicSetup;
  /** [own shards][E, N] smoothed rewards. */
  readonly #smoothed: readonly Float64Array[];
  /** [own shards][E] */
  readonly #aversions: readonly (readonly InequityAversion[])[];

  constructor({ alpha, beta, smoothing }: InequityOptions, setup: IntrinsicSetup) {
    const { environments, players } = setup.shape;
    this.#setup = setup;
    this.#smoothed = setup.rollouts.map(() => new Float64Array(environments * players));
    this.#aversions = this.#smoothed.map((smoothed) =>
      Array.from({ length: environments }, (_, e) => {
        const own = smoothed.subarray(e * players, (e + 1) * players);
        return new InequityAversion(own, alpha, beta, smoothing);
      }),
    );
  }

  async compute(out: readonly Payments[]): Promise<void> {
    const { rollouts, shape } = this.#setup;
    const { steps, environments, players } = shape;
    for (const [index, rollout] of rollouts.entries()) {
      const rewards = environmentRewards(NAME, this.#setup, rollout);
      for (let t = 0; t < steps; t++) {
        for (let e = 0; e < environments; e++) {
          const aversion = this.#aversions[index]![e]!;
          const i = t * rollout.columns + e * players;
          aversion.step(rewards, out[index]!, i, i);
          if (rollout.ended[i] === 1) aversion.reset();
        }
      }
    }
  }

  saveShard(index: number): Saved {
    return { smoothed: this.#smoothed[index]!.slice() };
  }

  load(_: Saved, shards: readonly Saved[]): void {
    for (const [index, saved] of shards.entries()) restore(saved, 'smoothed', this.#smoothed[index]!);
  }
}
