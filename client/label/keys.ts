/** Which key says what: those that steer, the agent facing up, and three more. */
import { ActionKind } from '../../shared/grid/actions.ts';
import { type Bindings, CONTROLS, controlOf, keyLabel } from '../input/bindings.ts';
import { actionFor } from '../input/steering.ts';

/** An action, or what is done with answers. */
export type Said = number | 'skip' | 'undo';

const STAY = 'KeyX';
const SKIP = 'KeyN';
const UNDO = 'Backspace';

/** @param actions how many there are. @returns null for a key that says nothing. */
export function saidBy(code: string, bindings: Bindings, actions: number): Said | null {
  const control = controlOf(bindings, code);
  if (control !== null) return actionFor(control, 0, 'facing', actions);
  if (code === STAY) return ActionKind.stay;
  if (code === SKIP) return 'skip';
  return code === UNDO ? 'undo' : null;
}

/** The key of an action, as it is written on a keyboard; null where it has none. */
export function keyOf(action: number, bindings: Bindings, actions: number): string | null {
  if (action === ActionKind.stay) return keyLabel(STAY);
  const control = CONTROLS.find((candidate) => actionFor(candidate, 0, 'facing', actions) === action);
  return control === undefined ? null : keyLabel(bindings[control][0]);
}

export const SKIP_KEY = keyLabel(SKIP);
export const UNDO_KEY = keyLabel(UNDO);
