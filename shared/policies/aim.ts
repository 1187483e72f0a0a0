/**
 * Where to stand and which way to face to hit most with a beam. Rays stop at walls and at players; a cleaning ray also at the first waste.
 */
import { ActionKind } from '../grid/actions.ts';
import { ClassId } from '../palette.ts';
import type { PolicyContext } from '../policy.ts';
import { type Atlas, CELLS, STEP_TURN, stepsApart } from './atlas.ts';
import { BreadthFirst } from './breadth-first.ts';

/** What a beam is fired at. */
export const Target = { players: 0, waste: 1 } as const;
export type Target = (typeof Target)[keyof typeof Target];

/** What `aim` gives where nothing can be hit. */
export const NO_AIM = -1;
/** Steps within which another player is taken to clean too, and the share of the waste that it leaves. */
const NEIGHBOURHOOD = 6;
const NEIGHBOURS_SHARE = 0.5;

/** Over poses, cell * 4 + facing. One search at a time: nothing is kept between calls. */
const poses = new BreadthFirst(CELLS * 4);

/** The size of a beam, which a policy's context tells. */
export type Beam = Pick<PolicyContext, 'beamLength' | 'beamRadius'>;

/** Rays of a beam, so the most that it can hit. */
export function raysOf(beam: Beam): number {
  return 2 * beam.beamRadius + 1;
}

/**
 * The action that begins the way to the pose that hits most per action, firing included: the shot itself
 * if that is the present one, or NO_AIM.
 * @param farthest actions that a pose may be away.
 * @param mayFire whether firing from the present pose is considered.
 */
export function aim(atlas: Atlas, beam: Beam, target: Target, farthest: number, mayFire = true): number {
  const fire = target === Target.waste ? ActionKind.clean : ActionKind.fine;
  const rays = raysOf(beam);
  let best = NO_AIM;
  let bestRate = 0;
  poses.start(atlas.cell * 4 + atlas.facing);
  for (let pose = poses.next(); pose >= 0; pose = poses.next()) {
    const { distance } = poses;
    // No pose from here on can be better.
    if (distance > farthest || rays <= bestRate * (distance + 1)) break;
    let rate = 0;
    if (distance > 0 || mayFire) rate = hits(atlas, beam, pose >> 2, pose & 3, target) / (distance + 1);
    if (rate > bestRate && distance > 0 && target === Target.waste) rate *= shareLeft(atlas, pose >> 2);
    if (rate > bestRate) {
      bestRate = rate;
      best = distance === 0 ? fire : poses.firstTo(pose);
    }
    for (let action = 0; action <= ActionKind.turnCounterClockwise; action++) {
      poses.reach(poseAfter(atlas, pose, action), action);
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
 * @param cells if given, [rays] receives the cells where they do.
 */
export function hits(
  atlas: Atlas,
  { beamLength, beamRadius }: Beam,
  cell: number,
  facing: number,
  target: Target,
  cells?: Int32Array,
): number {
  let count = 0;
  for (let side = -beamRadius; side <= beamRadius; side++) {
    let at = rayStart(atlas, cell, facing, side);
    for (let k = 0; k < beamLength && !atlas.isBarred(at); k++) {
      const isPlayer = atlas.isOccupied(at);
      const isHit = target === Target.waste ? atlas.ground(at) === ClassId.waste : isPlayer;
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

/** Where a ray begins: the middle one ahead of the player, the others to its side, or at the wall that cuts them off. */
function rayStart(atlas: Atlas, cell: number, facing: number, side: number): number {
  if (side === 0) return atlas.beside(cell, facing);
  const direction = (facing + Math.sign(side)) & 3;
  let at = atlas.beside(cell, direction);
  for (let k = 1; k < Math.abs(side) && !atlas.isBarred(at); k++) at = atlas.beside(at, direction);
  return at;
}
