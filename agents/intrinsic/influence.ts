/** What the three forms of social influence (Jaques et al. 2019) have in common. */
import * as z from 'zod';
import { DIVERGENCES } from './divergence.ts';
import { intrinsicOptions } from './intrinsic.ts';

/** Options of each: those of every intrinsic reward, coming in slowly, and what influence is measured by. */
export const influenceOptions = {
  ...intrinsicOptions,
  // 0 for a while, up to 1, down to a half: the published course, in fractions of the run.
  curriculum: intrinsicOptions.curriculum.default([
    [0, 0],
    [0.03, 0],
    [0.33, 1],
    [1, 0.5],
  ]),
  divergence: z
    .enum(DIVERGENCES)
    .default('kl')
    .describe('How far apart two distributions are: KL or Jensen-Shannon divergence, or pointwise'),
};
