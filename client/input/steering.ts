/**
 * From what is pressed to an action. Actions are relative to the facing: 0 step left, 1 step right, 2 forward,
 * 3 backward, 5 turn clockwise, 6 turn counter-clockwise, 7 fine, 8 clean.
 *
 * - Steering `facing`: W forward, S backward, A step left, D step right, as the creature sees it. In partial view the
 *   picture is turned so that the creature faces up, and then this is also what the screen says.
 * - Steering `screen` (the default where the whole map is seen, north up): W, A, S, D move up, left, down, right on the
 *   screen, whichever way the creature faces; Q and E turn it, which is what aims a beam.
 */
import { ActionKind } from '../../shared/grid/actions.ts';
import type { Steering } from '../settings.ts';
import type { Control } from './bindings.ts';

/** Relative step by how many quarter turns clockwise the direction lies from the facing. */
const STEP = [ActionKind.forward, ActionKind.right, ActionKind.backward, ActionKind.left] as const;

/** Directions as facings: 0 up, 1 right, 2 down, 3 left. */
const DIRECTION: Readonly<Partial<Record<Control, number>>> = { up: 0, right: 1, down: 2, left: 3 };

const PLAIN: Readonly<Partial<Record<Control, number>>> = {
  turnRight: ActionKind.turnClockwise,
  turnLeft: ActionKind.turnCounterClockwise,
  fine: ActionKind.fine,
  clean: ActionKind.clean,
};

/** @param facing of the player, 0 up, 1 right, 2 down, 3 left. @param actions how many the environment has. */
export function actionFor(
  control: Control,
  facing: number,
  steering: Steering,
  actions: number,
): number | null {
  const direction = DIRECTION[control];
  if (direction !== undefined) return STEP[(direction - (steering === 'screen' ? facing : 0)) & 3]!;
  const action = PLAIN[control];
  return action === undefined || action >= actions ? null : action;
}

/** Where on a north-up screen an action moves a player, as a facing; null for one that moves nobody. */
export function directionOf(action: number, facing: number): number | null {
  const turns = STEP.indexOf(action as (typeof STEP)[number]);
  return turns < 0 ? null : (facing + turns) & 3;
}
