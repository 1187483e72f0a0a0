/** Does a reward for influential symbols help a commons? Jaques et al. 2019, experiment 2. */
import { BASES } from './bases.ts';
import type { Experiment } from './experiment.ts';

/**
 * Of the influence reward, a setting of this project's own: in runs of 5e6 steps it pays the head that speaks, and only that, one
 * to four times what a step of the game pays (docs/results.md).
 */
const WEIGHT = 100;

export const influenceCommunication: Experiment = {
  name: 'influence-communication',
  title: 'Influential communication',
  abstract:
    'Selfish players share a commons, and each of them says one of a few symbols at every step, which all hear at the next. ' +
    'Talk is cheap: nothing is paid for it but influence, how far a symbol moves the next actions of those who hear it, as a ' +
    'divergence in nats. Do the symbols come to mean something, and does that make the players better off together than the ' +
    'same network whose symbols are paid nothing, and than plain PPO, which is silent?',
  source:
    'Jaques et al. 2019, "Social Influence as Intrinsic Motivation for Multi-Agent Deep Reinforcement Learning", experiment 2',
  bases: BASES,
  arms: () => [
    {
      name: 'communication',
      summary: 'PPO with a second head for symbols, which alone gets the influence reward',
      set: { 'intrinsic.influence-communication.weight': WEIGHT },
    },
    {
      name: 'communication-weight-0',
      summary: 'the same with influence weight 0: symbols are said and heard, and pay nothing',
      set: { 'intrinsic.influence-communication.weight': 0 },
    },
    { name: 'ppo', summary: 'plain PPO, without symbols', set: {} },
  ],
};
