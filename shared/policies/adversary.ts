/**
 * Fines whoever comes within reach, and harvests greedily otherwise: the neighbour that nobody wants. Each hit costs
 * the other 50 and itself 1.
 */
import type { PolicyDefinition } from '../policy.ts';
import { Random } from '../random.ts';
import { aim, NO_AIM, Target } from './aim.ts';
import { Atlas } from './atlas.ts';
import { forage } from './greedy.ts';

/** How many actions it spends on getting somebody before its beam. */
const CHASE = 3;

export const adversary: PolicyDefinition = {
  name: 'adversary',
  title: 'Adversary',
  summary: 'Hunts and fines players in reach, and harvests greedily otherwise.',
  create(context) {
    const atlas = new Atlas(context);
    let stream = new Random();
    return {
      reset(random) {
        stream = random;
        atlas.reset();
      },
      act(window, offset) {
        atlas.look(window, offset);
        const action = aim(atlas, Target.players, CHASE);
        return atlas.did(action === NO_AIM ? forage(atlas, stream) : action);
      },
    };
  },
};
