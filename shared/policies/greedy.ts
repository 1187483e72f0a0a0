/** Eats whatever is nearest: what a commons has to fear, and what a public good feeds. */

import { ClassId } from '../palette.ts';
import type { PolicyDefinition } from '../policy.ts';
import { Random } from '../random.ts';
import { Atlas, CELLS } from './atlas.ts';
import { explore } from './explore.ts';
import { NOWHERE, search } from './search.ts';

export const greedy: PolicyDefinition = {
  name: 'greedy',
  title: 'Greedy',
  summary: 'Walks to the nearest apple and eats it, whatever it was the last of.',
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
        return atlas.did(forage(atlas, stream));
      },
    };
  },
};

const NOTHING_CLOSED = new Uint8Array(CELLS);

/** The action toward the nearest apple that is remembered, or else to where one may be. */
export function forage(atlas: Atlas, random: Random): number {
  for (let cell = search.start(atlas); cell !== NOWHERE; cell = search.next()) {
    if (atlas.ground[cell] === ClassId.apple) return search.action(cell);
    search.spread();
  }
  return explore(atlas, random, NOTHING_CLOSED);
}
