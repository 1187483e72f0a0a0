/** The shape of policies that choose from what their player remembers of the map, and from nothing else. */
import type { PolicyContext, ScriptedPolicy } from '../policy.ts';
import { Random } from '../random.ts';
import { Atlas } from './atlas.ts';

/** @param choose the next action, by the map with the present window in it and the policy's own stream. */
export function remembering(
  context: PolicyContext,
  choose: (atlas: Atlas, random: Random) => number,
): ScriptedPolicy {
  const atlas = new Atlas(context);
  let stream = new Random();
  return {
    reset(random) {
      stream = random;
      atlas.reset();
    },
    act(window, offset) {
      atlas.look(window, offset);
      return atlas.did(choose(atlas, stream));
    },
  };
}
