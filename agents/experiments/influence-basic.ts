/** Does a reward for influence, read off the others' real policies, help a commons? Jaques et al. 2019, experiment 1. */
import { BASES } from './bases.ts';
import type { Experiment } from './experiment.ts';

/**
 * Of the influence reward, a setting of this project's own: that of models of others. In a run of 5e6 steps it came to pay a leader
 * thirty times what the game pays (docs/results.md): a hundredth of it is to be tried.
 */
const WEIGHT = 1000;

/** Who act first in each step and are paid for influence; the others see what they chose, and are not. */
const LEADERS = [0, 1];

export const influenceBasic: Experiment = {
  name: 'influence-basic',
  title: 'Basic social influence',
  abstract:
    'Selfish players share a commons. In each step two of them act first, and the other three see what these chose before ' +
    'they choose. Training looks into all heads: it asks the real policy of each follower what it would have done had a ' +
    'leader acted differently, and pays the leader for the difference, as a divergence in nats. Does that make the players ' +
    'better off together than the same turns without the reward, and than plain PPO, where all act at once?',
  source:
    'Jaques et al. 2019, "Social Influence as Intrinsic Motivation for Multi-Agent Deep Reinforcement Learning", experiment 1',
  bases: BASES,
  arms: () => [
    {
      name: 'basic',
      summary: 'PPO in turns, with the influence reward for the two who act first',
      set: { 'env.leaders': LEADERS, 'intrinsic.influence-basic.weight': WEIGHT },
    },
    {
      name: 'basic-weight-0',
      summary: 'the same with influence weight 0: the followers see, and it pays nothing',
      set: { 'env.leaders': LEADERS, 'intrinsic.influence-basic.weight': 0 },
    },
    { name: 'ppo', summary: 'plain PPO: all act at once', set: {} },
  ],
};
