/** REINFORCE (Williams 1992) with reward-to-go and a learned baseline. */
import * as z from 'zod';
import { defineOnPolicy, onPolicyOptions } from './on-policy.ts';
import { policyGradient } from './policy-gradient.ts';

const { lambda: _, ...options } = onPolicyOptions;

const schema = z.strictObject({
  ...options,
  segment: onPolicyOptions.segment.default(200),
  minibatches: onPolicyOptions.minibatches.default(1),
});

/** Monte Carlo is the end of GAE's range. */
const withLambda = schema.transform((given) => ({ ...given, lambda: 1 }));

export const reinforce = defineOnPolicy<z.infer<typeof withLambda>>({
  name: 'reinforce',
  title: 'REINFORCE',
  summary: 'Policy gradient with reward-to-go and a baseline.',
  source: 'Williams 1992; Sutton et al. 2000',
  details: [
    '```',
    'L = -mean log pi(a_t|o_t) (sum over k >= t of gamma^(k-t) r_k - V(o_t)) + c_v L_V - c_e H',
    '```',
    '',
    'The sum runs to the end of the episode or of the segment, whichever is first. Where a segment or `episodeLength` cuts an',
    'episode, the value of what follows takes the place of the rest: with a segment as long as the episode it is Monte Carlo.',
  ],
  schema: withLambda as unknown as z.ZodType<z.infer<typeof withLambda>>,
  ...policyGradient,
});
