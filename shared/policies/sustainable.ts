/**
 * Eats what grows back: an apple that leaves the orchard growing about as fast as before.
 *
 * Eating an apple opens a site, which grows back the faster the more apples are beside it, and takes a neighbour from
 * every empty site around. Where the one makes up for the other, but for a little, the apple is ripe; the rest are
 * left and not walked over. Of ripe apples it goes for one that is near, adds to the growth and is nearer to nobody
 * else.
 *
 * Five of them in Harvest: collective return 1,859 +- 22, equality 0.98 (mean and deviation of 20 episodes,
 * `arena simulate --env harvest --policy sustainable --episodes 20 --seed 1`). Going for the nearest apple that has at
 * least 2 others beside it, or at least 3, makes 1,382 +- 29 and 1,604 +- 34.
 */
import { ClassId } from '../palette.ts';
import type { PolicyDefinition } from '../policy.ts';
import type { Random } from '../random.ts';
import { AROUND, type Atlas, CELLS, stepsApart, WRAP } from './atlas.ts';
import { explore } from './explore.ts';
import { forage } from './greedy.ts';
import { remembering } from './remembering.ts';
import { NOWHERE, search } from './search.ts';

/**
 * [9] probability that an empty site grows an apple in a step, in thousandths so that sums are exact, by apples among its
 * eight neighbours: Harvest's default rule.
 */
const GROWTH = Uint8Array.of(0, 5, 20, 50, 50, 50, 50, 50, 50);
const MOST_GROWTH = 50;
/**
 * By how much, in the same unit, eating an apple may slow the growth: an apple that nobody may touch feeds nobody. It ends
 * by itself, for the fewer apples are left the more each counts: over 5,000 steps the return is as high as over 1,000.
 */
const SLOWER = 10;
/** With a single apple beside it a site grows back in 200 steps or, should somebody eat that one, never. */
const FEWEST_NEAR = 2;
/** What a step's delay leaves of an apple's worth. */
const DISCOUNT = 0.8;
/** What is left of an apple's worth for each player that is nearer to it, or as near. */
const RIVAL_NEARER = 0.2;
const RIVAL_AS_NEAR = 0.35;
/** Apples this many steps farther than the nearest ripe one are not considered. */
const FARTHER = 6;

export const sustainable: PolicyDefinition = {
  name: 'sustainable',
  title: 'Sustainable',
  summary: 'Eats an apple only where enough others stay around it for the orchard to grow on as before.',
  create(context) {
    return remembering(context, (atlas, random) => {
      // Beside a river apples grow by how clean it is, whatever is eaten.
      const hasRiver = atlas.count[ClassId.river]! + atlas.count[ClassId.waste]! > 0;
      return hasRiver ? forage(atlas, random) : harvestGently(atlas, random);
    });
  },
};

function harvestGently(atlas: Atlas, random: Random): number {
  let best = NOWHERE;
  let bestWorth = 0;
  let farthest = CELLS;
  for (let cell = search.start(atlas); cell !== NOWHERE; cell = search.next()) {
    if (search.distance > farthest) break;
    if (atlas.ground(cell) === ClassId.apple) {
      const gain = growthGained(atlas, cell);
      if (!isRipe(atlas, cell, gain)) continue;
      farthest = Math.min(farthest, search.distance + FARTHER);
      const worth = (1 + gain / MOST_GROWTH) * chance(atlas, cell, search.distance);
      if (worth > bestWorth) {
        bestWorth = worth;
        best = cell;
      }
    }
    search.spread();
  }
  return best === NOWHERE ? explore(atlas, random, isLeft) : search.actionTo(best);
}

function isRipe(atlas: Atlas, cell: number, gain: number): boolean {
  return gain >= -SLOWER && atlas.applesNear(cell) >= FEWEST_NEAR;
}

/** Whether there is an apple on a cell that is not ripe. */
function isLeft(atlas: Atlas, cell: number): boolean {
  return atlas.ground(cell) === ClassId.apple && !isRipe(atlas, cell, growthGained(atlas, cell));
}

/** By how much eating an apple adds to GROWTH summed over all empty sites. */
function growthGained(atlas: Atlas, cell: number): number {
  let gain = GROWTH[atlas.applesNear(cell)]!;
  for (let k = 0; k < AROUND.length; k++) {
    const beside = (cell + AROUND[k]!) & WRAP;
    if (!atlas.isSite(beside) || atlas.ground(beside) === ClassId.apple) continue;
    const near = atlas.applesNear(beside);
    gain -= GROWTH[near]! - GROWTH[near - 1]!;
  }
  return gain;
}

/** What is left of an apple's worth after the way to it, with others about. */
function chance(atlas: Atlas, cell: number, distance: number): number {
  let chance = DISCOUNT ** distance;
  for (let k = 0; k < atlas.othersCount; k++) {
    const theirs = stepsApart(cell, atlas.others[k]!);
    if (theirs < distance) chance *= RIVAL_NEARER;
    else if (theirs === distance) chance *= RIVAL_AS_NEAR;
  }
  return chance;
}
