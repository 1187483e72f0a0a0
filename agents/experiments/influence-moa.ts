/** Does a reward for influence, judged by each player's own model of the others, help a commons? Jaques et al., experiment 3. */
import { BASES } from './bases.ts';
import type { Experiment } from './experiment.ts';

/**
 * Of the influence reward. The public implementation has 2.521 on Harvest and 1 on Cleanup, for runs a hundred times as long; here
 * they pay less than a hundredth of what a step of the game pays, and change nothing. This one pays two to four times as much as
 * the game in runs of 5e6 steps (docs/results.md).
 */
const WEIGHT = 1000;

export const influenceMoa: Experiment = {
  name: 'influence-moa',
  title: 'Social influence by a model of others',
  abstract:
    'Selfish players share a commons. Each one learns, beside its policy, a model of what the others will do next, and asks ' +
    'it at every step: had I acted differently, would they? How far its action moves the predicted actions of the others, ' +
    'as a divergence in nats, is paid to it as a reward of its own. Does that make the players better off together than the ' +
    'same network without the reward, and than plain PPO?',
  source:
    'Jaques et al. 2019, "Social Influence as Intrinsic Motivation for Multi-Agent Deep Reinforcement Learning", experiment 3',
  bases: BASES,
  // As in the paper, everybody is shown what all did last.
  shared: { 'env.revealActions': true },
  arms: () => [
    {
      name: 'moa',
      summary: 'PPO, a model of others, and the influence reward',
      set: { 'intrinsic.influence-moa.weight': WEIGHT },
    },
    {
      name: 'moa-weight-0',
      summary: 'the same with influence weight 0: the model is learned and pays nothing',
      set: { 'intrinsic.influence-moa.weight': 0 },
    },
    { name: 'ppo', summary: 'plain PPO, without a model of others', set: {} },
  ],
};
