/** Uniformly random actions: the floor that anything should beat. */
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
