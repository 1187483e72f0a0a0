/** Where to go when nothing in view is worth going to. */
import type { Random } from '../random.ts';
import { type Atlas, STEP, UNKNOWN, WRAP } from './atlas.ts';
import { NOWHERE, search } from './search.ts';

/**
 * The action toward the nearest edge of the known map or, once all of it is known, toward where apples may have grown
 * unseen: the site that was seen longest ago for each step that it is away.
 * @param closed [CELLS] 1 where not to walk.
 */
export function explore(atlas: Atlas, random: Random, closed: Uint8Array): number {
  let best = NOWHERE;
  let bestScore = 0;
  for (let cell = search.start(atlas); cell !== NOWHERE; cell = search.next()) {
    if (closed[cell] === 1) continue;
    search.spread();
    if (isEdge(atlas, cell) && search.distance > 0) return search.action(cell);
    if (atlas.site[cell] === 0) continue;
    const unseen = (atlas.time - atlas.seenAt[cell]!) & 0xffff;
    const score = unseen / (search.distance + PACE);
    if (score > bestScore) {
      bestScore = score;
      best = cell;
    }
  }
  if (best !== NOWHERE) return search.action(best);
  return random.below(4);
}

function isEdge(atlas: Atlas, cell: number): boolean {
  for (let direction = 0; direction < 4; direction++) {
    if (atlas.ground[(cell + STEP[direction]!) & WRAP] === UNKNOWN) return true;
  }
  return false;
}

const PACE = 4;
