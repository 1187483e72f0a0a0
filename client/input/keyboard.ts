/** Keys to controls. */
import { type Bindings, controlOf } from './bindings.ts';
import type { Pilot } from './pilot.ts';

/** Steers until the signal aborts. @param bindings asked at each key, since they can be changed while playing. */
export function steerByKeyboard(pilot: Pilot, bindings: () => Bindings, signal: AbortSignal): void {
  const down = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
    const control = controlOf(bindings(), event.code);
    if (control === null) return;
    event.preventDefault(); // arrows and the space bar would scroll
    if (!event.repeat) pilot.press(control);
  };
  const up = (event: KeyboardEvent) => {
    const control = controlOf(bindings(), event.code);
    if (control === null) return;
    if (pilot.held.includes(control)) event.preventDefault();
    pilot.release(control);
  };
  addEventListener('keydown', down, { signal });
  addEventListener('keyup', up, { signal });
  addEventListener('blur', () => pilot.releaseAll(), { signal });
}

/** Text fields and open dialogs have their keys to themselves, a focused button its space bar. */
export function isTaken(event: KeyboardEvent): boolean {
  const { target } = event;
  if (!(target instanceof Element)) return false;
  if (target.closest('input, select, textarea, dialog') !== null) return true;
  return (event.code === 'Space' || event.code === 'Enter') && target.closest('button, a, summary') !== null;
}
