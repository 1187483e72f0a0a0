/** All intrinsic rewards: one file here and one line below. They are computed in this order. */
import type { z } from 'zod';
import type { Task } from '../algorithms/algorithm.ts';
import type { NetworkOptions } from '../networks/actor-critic.ts';
import { count } from './count.ts';
import { inequityAversion } from './inequity-aversion.ts';
import { influenceBasic } from './influence-basic.ts';
import { influenceCommunication } from './influence-communication.ts';
import { influenceMoa } from './influence-moa.ts';
import type { IntrinsicDefinition, IntrinsicPlan } from './intrinsic.ts';
import { rnd } from './rnd.ts';
import { socialValueOrientation } from './social-value-orientation.ts';

export const INTRINSIC_REWARDS: readonly IntrinsicDefinition[] = [
  inequityAversion,
  socialValueOrientation,
  influenceCommunication,
  influenceBasic,
  influenceMoa,
  rnd,
  count,
] as unknown as IntrinsicDefinition[];

/** Options of those that are at work, by name. */
export type IntrinsicConfig = Readonly<Record<string, unknown>>;

/** Fields of a configuration's part `intrinsic`. */
export function intrinsicShape(): Record<string, z.ZodType> {
  return Object.fromEntries(INTRINSIC_REWARDS.map(({ name, schema }) => [name, schema.optional()]));
}

/** @throws {RangeError} for options that do not go with the task or the network. */
export function intrinsicPlans(
  config: IntrinsicConfig,
  task: Task,
  network: NetworkOptions,
): readonly IntrinsicPlan[] {
  return INTRINSIC_REWARDS.filter(({ name }) => config[name] !== undefined).map((definition) =>
    definition.plan(definition.schema.parse(config[definition.name]), task, network),
  );
}
