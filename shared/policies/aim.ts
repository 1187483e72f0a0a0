/**
 * Where to stand and which way to face to hit most with a beam: three rays of five cells, as every preset has them.
 * Rays stop at walls and at players; a cleaning ray also at the first waste.
 */
import { ActionKind } from '../grid/actions.ts';
import { ClassId } from '../palette.ts';
import { type Atlas, CELLS, STEP_TURN, stepsApart } from './atlas.ts';

/** What a beam is fired at. */
export const Target = { players: 0, waste: 1 } as const;
export type Target = (typeof Target)[keyof typeof Target];

/** What `aim` gives where nothing can be hit. */
export const NO_AIM = -1;
/** Rays of a beam, so the most that it can hit. */
export const RAYS = 3;
const RAY_LENGTH = 5;
/** Steps within which another player is taken to clean too, and the share of the waste that it leaves. */
const NEIGHBOURHOOD = 6;
const NEIGHBOURS_SHARE = 0.5;

/** Poses, cell * 4 + facing, in breadth-first order. One search at a time: nothing is kept between calls. */
const queue = new Uint16Array(CELLS * 4);
/** [poses] the search that reached a pose last, after how many actions, and the first of them. */
const reached = new Uint32Array(CELLS * 4);
const actionsTo = new Uint16Array(CELLS * 4);
const first = new Uint8Array(CELLS * 4);
let run = 0;

/**
 * The action that begins the way to the pose that hits most per action, firing included: the shot itself
 * if that is the present one, or NO_AIM.
 * @param farthest actions that a pose may be away.
 * @param mayFire whether firing from the present pose is considered.
 */
export function aim(atlas: Atlas, target: Target, farthest: number, mayFire = true): number {
  const fire = target === Target.waste ? ActionKind.clean : ActionKind.fine;
  const start = atlas.cell * 4 + atlas.facing;
  run++;
  reached[start] = run;
  actionsTo[start] = 0;
  queue[0] = start;
  let best = NO_AIM;
  let bestRate = 0;
  for (let head = 0, tail = 1; head < tail; head++) {
    const pose = queue[head]!;
    const distance = actionsTo[pose]!;
    // No pose from here on can be better.
    if (distance > farthest || RAYS <= bestRate * (distance + 1)) break;
    let rate = distance === 0 && !mayFire ? 0 : hits(atlas, pose >> 2, pose & 3, target) / (distance + 1);
    if (rate > bestRate && distance > 0 && target === Target.waste) rate *= shareLeft(atlas, pose >> 2);
    if (rate > bestRate) {
      bestRate = rate;
      best = distance === 0 ? fire : first[pose]!;
    }
    for (let action = 0; action <= ActionKind.turnCounterClockwise; action++) {
      const to = poseAfter(atlas, pose, action);
      if (reached[to] === run) continue;
      reached[to] = run;
      actionsTo[to] = distance + 1;
      first[to] = distance === 0 ? action : first[pose]!;
      queue[tail++] = to;
    }
  }
  return best;
}

/** What is left of the waste before a cell, once the players about it have had theirs: so that cleaners spread out. */
function shareLeft(atlas: Atlas, cell: number): number {
  let share = 1;
  for (let k = 0; k < atlas.othersCount; k++) {
    if (stepsApart(cell, atlas.others[k]!) <= NEIGHBOURHOOD) share *= NEIGHBOURS_SHARE;
  }
  return share;
}

/** Where an action leads from a pose: to itself where the way is not open. */
function poseAfter(atlas: Atlas, pose: number, action: number): number {
  const facing = pose & 3;
  if (action === ActionKind.stay) return pose;
  if (action === ActionKind.turnClockwise) return (pose & ~3) | ((facing + 1) & 3);
  if (action === ActionKind.turnCounterClockwise) return (pose & ~3) | ((facing + 3) & 3);
  const cell = atlas.beside(pose >> 2, (facing + STEP_TURN[action]!) & 3);
  return atlas.isOpen(cell) ? cell * 4 + facing : pose;
}

/**
 * How many rays of a beam from a pose end at a target.
 * @param cells if given, [RAYS] receives the cells where they do.
 */
export function hits(atlas: Atlas, cell: number, facing: number, target: Target, cells?: Int32Array): number {
  let count = 0;
  for (let side = -1; side <= 1; side++) {
    // The middle ray begins ahead of the player, the others beside it.
    let at = atlas.beside(cell, (facing + side) & 3);
    for (let k = 0; k < RAY_LENGTH && !atlas.isBarred(at); k++) {
      const isPlayer = atlas.occupied[at] === 1;
      const isHit = target === Target.waste ? atlas.ground[at] === ClassId.waste : isPlayer;
      if (isHit) {
        if (cells !== undefined) cells[count] = at;
        count++;
      }
      if (isHit || isPlayer) break;
      at = atlas.beside(at, facing);
    }
  }
  return count;
}
