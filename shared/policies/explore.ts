/** Where to go when nothing known is worth going to. */
import { ActionKind } from '../grid/actions.ts';
import type { Random } from '../random.ts';
import type { Atlas } from './atlas.ts';
import { NOWHERE, search } from './search.ts';

/** Steps that going anywhere is taken to cost at least, so that what lies at hand does not win for nothing. */
const ERRAND = 4;

/**
 * The action toward the nearest edge of the known map or, once all of it is known, toward where apples may have grown
 * unseen: the apple site that was longest out of view for each step that it is away.
 * @param isClosed tells where not to walk.
 */
export function explore(
  atlas: Atlas,
  random: Random,
  isClosed: (atlas: Atlas, cell: number) => boolean = nowhere,
): number {
  let best = NOWHERE;
  let bestScore = 0;
  for (let cell = search.start(atlas); cell !== NOWHERE; cell = search.next()) {
    if (isClosed(atlas, cell)) continue;
    const unknown = search.spread();
    if (unknown >= 0) return search.distance > 0 ? search.actionTo(cell) : face(atlas, unknown, random);
    if (!atlas.isSite(cell)) continue;
    const score = atlas.unseenFor(cell) / (search.distance + ERRAND);
    if (score > bestScore) {
      bestScore = score;
      best = cell;
    }
  }
  return best === NOWHERE ? random.below(4) : search.actionTo(best);
}

function nowhere(): boolean {
  return false;
}

/** Turns toward a side that the window does not reach, or gropes about where it does not reach ahead either. */
function face(atlas: Atlas, direction: number, random: Random): number {
  const turn = (direction - atlas.facing) & 3;
  if (turn === 0) return random.below(4);
  return turn === 3 ? ActionKind.turnCounterClockwise : ActionKind.turnClockwise;
}
