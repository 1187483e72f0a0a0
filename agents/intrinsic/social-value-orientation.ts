/**
 * Social value orientation (McKee et al. 2020) as an intrinsic reward: what `env.reward: svo` adds to a reward, with a
 * schedule, a choice of players, and an angle for each. Its equations are in `details`.
 */
import * as z from 'zod';
import { orientationStep, radians, rewardOptions } from '../../shared/rewards.ts';
import type { Task } from '../algorithms/algorithm.ts';
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

const NAME = 'social-value-orientation';

const angle = rewardOptions.svoAngle.unwrap();

const schema = z.strictObject({
  ...intrinsicOptions,
  weight: intrinsicOptions.weight.default(0.2),
  angle: z
    .union([angle, z.array(angle).min(1)])
    .default(45)
    .describe('Target angle in degrees, of all, or a list of one a player'),
});

export type OrientationOptions = z.infer<typeof schema>;

export const socialValueOrientation: IntrinsicDefinition<OrientationOptions> = {
  name: NAME,
  title: 'Social value orientation',
  summary:
    "A player has an angle that its own reward and the mean of the others' should make, from selfish (0) over prosocial (45) to altruistic (90 degrees), and suffers from being off it.",
  source: 'McKee et al. 2020',
  details: [
    '```',
    'u_i - r_i = -|angle_i - atan2(mean of r_j over j != i, r_i)|     in radians, and 0 where all rewards are 0',
    '```',
    '',
    'Its weight is w of the paper. With one angle rewards are to the last digit those of `env.reward: svo` with `svoWeight`',
    'of that weight; a list of angles makes a population that is mixed, as in the paper. It is made from what the environment',
    'paid, whatever other rewards add, and wants `env.reward` to be `individual`.',
  ],
  schema,
  plan(options: OrientationOptions, task: Task): IntrinsicPlan {
    requireOthers(NAME, task);
    checkPlayers(NAME, options, task);
    requireOwnRewards(NAME, task);
    const angles = Array.isArray(options.angle)
      ? options.angle
      : Array.from<number>({ length: task.players }).fill(options.angle);
    if (angles.length !== task.players) {
      throw new RangeError(
        `intrinsic.${NAME}.angle lists ${angles.length}, and ${task.definition.name} here has ${task.players} players: give a number, or ${task.players}`,
      );
    }
    return {
      name: NAME,
      options,
      fields: [environmentRewardsField],
      create: async (setup) => new Oriented(Float64Array.from(angles, radians), setup),
    };
  },
};

class Oriented implements Intrinsic {
  /** [N] radians. */
  readonly #angles: Float64Array;
  readonly #setup: IntrinsicSetup;

  constructor(angles: Float64Array, setup: IntrinsicSetup) {
    this.#angles = angles;
    this.#setup = setup;
  }

  async compute(out: readonly Payments[]): Promise<void> {
    const { rollouts, shape } = this.#setup;
    for (const [index, rollout] of rollouts.entries()) {
      const rewards = environmentRewards(NAME, this.#setup, rollout);
      for (let i = 0; i < shape.steps * rollout.columns; i += shape.players) {
        orientationStep(this.#angles, rewards, out[index]!, i, i);
      }
    }
  }
}
