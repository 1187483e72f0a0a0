/**
 * Fines whoever comes within reach, and harvests greedily otherwise: the neighbour that nobody wants. A hit costs the
 * other 50 and the adversary 1.
 *
 * One among four sustainable players in Harvest: 0.05 fines and 0.04 hits a player step, collective return -7,730 +- 696
 * (mean and deviation of 20 episodes, `arena simulate --env harvest --episodes 20 --seed 1 --policy
 * adversary,sustainable,sustainable,sustainable,sustainable`).
 */
import type { PolicyDefinition } from '../policy.ts';
import { aim, NO_AIM, Target } from './aim.ts';
import { forage } from './greedy.ts';
import { remembering } from './remembering.ts';

/** How many actions it spends on getting somebody before its beam. */
const CHASE = 3;

export const adversary: PolicyDefinition = {
  name: 'adversary',
  title: 'Adversary',
  summary: 'Hunts and fines players in reach, and harvests greedily otherwise.',
  create(context) {
    return remembering(context, (atlas, random) => {
      const action = aim(atlas, context, Target.players, CHASE);
      return action === NO_AIM ? forage(atlas, random) : action;
    });
  },
};
