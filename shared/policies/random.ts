/**
 * Uniformly random actions: the floor that anything should beat.
 *
 * Five of them in Harvest: collective return -4,341 +- 1,610, for they fine at random; where beams cost nothing
 * (`--set fineCost=0 --set finePenalty=0`) 297 +- 46. Mean and deviation of 20 episodes from seed 1, `arena simulate`.
 */
import type { PolicyDefinition } from '../policy.ts';
import { Random } from '../random.ts';

export const random: PolicyDefinition = {
  name: 'random',
  title: 'Random',
  summary: 'Takes every action with equal probability.',
  create({ actionSpec }) {
    if (actionSpec.kind !== 'discrete') throw new RangeError('the random policy plays discrete actions');
    const actions = actionSpec.labels.length;
    let stream = new Random();
    return {
      reset(random) {
        stream = random;
      },
      act: () => stream.below(actions),
    };
  },
};
