/** Advantage actor-critic (Mnih et al. 2016), synchronous: one gradient step on each segment as soon as it is played. */
import * as z from 'zod';
import { scheduleSchema } from '../math/schedules.ts';
import { defineOnPolicy, onPolicyOptions } from './on-policy.ts';
import { policyGradient } from './policy-gradient.ts';

const schema = z.strictObject({
  ...onPolicyOptions,
  learningRate: scheduleSchema({ low: 0 })
    .default([
      [0, 7e-4],
      [1, 0],
    ])
    .describe('Of Adam; a schedule'),
  lambda: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Of generalized advantage estimation; 1 for n-step returns'),
  segment: onPolicyOptions.segment.default(20),
  minibatches: onPolicyOptions.minibatches.default(1),
  normalizeAdvantages: onPolicyOptions.normalizeAdvantages.default(false),
});

export const a2c = defineOnPolicy<z.infer<typeof schema>>({
  name: 'a2c',
  title: 'A2C',
  summary: 'Advantage actor-critic: one gradient step on each short segment.',
  source: 'Mnih et al. 2016',
  details: [
    '```',
    'L = -mean log pi(a|o) A + c_v L_V - c_e H',
    '```',
    '',
    'With `lambda` 1 the advantages are those of n-step returns: rewards to the end of the segment, then the value. The',
    'original has RMSProp where this has Adam.',
  ],
  schema,
  ...policyGradient,
});
