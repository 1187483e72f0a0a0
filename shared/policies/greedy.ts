/**
 * Eats whatever is nearest: what a commons has to fear, and what a public good feeds.
 *
 * Five of them ruin Harvest: collective return 169 +- 6, eaten at step 33 +- 4 on average (mean and deviation of 20
 * episodes, `arena simulate --env harvest --policy greedy --episodes 20 --seed 1`). One among four sustainable ones is
 * enough: 350 +- 37. In Cleanup, where they leave the river as it is, they get exactly 0.
 */
import { ClassId } from '../palette.ts';
import type { PolicyDefinition } from '../policy.ts';
import type { Random } from '../random.ts';
import type { Atlas } from './atlas.ts';
import { explore } from './explore.ts';
import { remembering } from './remembering.ts';
import { NOWHERE, search } from './search.ts';

export const greedy: PolicyDefinition = {
  name: 'greedy',
  title: 'Greedy',
  summary: 'Walks to the nearest apple and eats it, whatever it was the last of.',
  create: (context) => remembering(context, forage),
};

/**
 * The action toward the nearest apple, in view or remembered, or else to where one may be. Of equally near ones it
 * takes one with another beside it, which is then one step away.
 */
export function forage(atlas: Atlas, random: Random): number {
  let best = NOWHERE;
  let bestDistance = 0;
  if (atlas.count[ClassId.apple] === 0) return explore(atlas, random);
  for (let cell = search.start(atlas); cell !== NOWHERE; cell = search.next()) {
    if (best !== NOWHERE && search.distance > bestDistance) break;
    if (atlas.ground(cell) === ClassId.apple) {
      if (hasBeside(atlas, cell)) return search.actionTo(cell);
      if (best === NOWHERE) {
        best = cell;
        bestDistance = search.distance;
      }
    }
    search.spread();
  }
  return best === NOWHERE ? explore(atlas, random) : search.actionTo(best);
}

/** Whether there is an apple one step away from a cell. */
function hasBeside(atlas: Atlas, cell: number): boolean {
  for (let direction = 0; direction < 4; direction++) {
    if (atlas.ground(atlas.beside(cell, direction)) === ClassId.apple) return true;
  }
  return false;
}
