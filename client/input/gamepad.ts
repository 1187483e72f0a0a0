/** The first standard gamepad: stick or cross to move, shoulders to turn, A to fine, B or X to clean. */
import type { Control } from './bindings.ts';
import type { Pilot } from './pilot.ts';

/** Buttons of the standard mapping. */
const BUTTONS: readonly (readonly [number, Control])[] = [
  [12, 'up'],
  [13, 'down'],
  [14, 'left'],
  [15, 'right'],
  [4, 'turnLeft'],
  [5, 'turnRight'],
  [0, 'fine'],
  [1, 'clean'],
  [2, 'clean'],
];
/** How far the stick has to lean. */
const LEAN = 0.5;

/** What is pressed on a pad; a stick counts as the direction that it leans to most. */
export function pressedOn(pad: Pick<Gamepad, 'axes' | 'buttons'>): Set<Control> {
  const pressed = new Set<Control>();
  for (const [button, control] of BUTTONS) if (pad.buttons[button]?.pressed) pressed.add(control);
  const [x = 0, y = 0] = pad.axes;
  if (Math.max(Math.abs(x), Math.abs(y)) > LEAN) {
    if (Math.abs(x) > Math.abs(y)) pressed.add(x > 0 ? 'right' : 'left');
    else pressed.add(y > 0 ? 'down' : 'up');
  }
  return pressed;
}

/** Steers until the signal aborts; asks the pads only while there is one, since there are no events for buttons. */
export function steerByGamepad(pilot: Pilot, signal: AbortSignal): void {
  let before = new Set<Control>();
  let polling = false;
  const poll = () => {
    const pad = navigator.getGamepads().find((candidate) => candidate !== null);
    if (!pad || signal.aborted) {
      polling = false;
      return;
    }
    const now = pressedOn(pad);
    for (const control of now) if (!before.has(control)) pilot.press(control);
    for (const control of before) if (!now.has(control)) pilot.release(control);
    before = now;
    requestAnimationFrame(poll);
  };
  const start = () => {
    if (polling) return;
    polling = true;
    requestAnimationFrame(poll);
  };
  addEventListener('gamepadconnected', start, { signal });
  if (navigator.getGamepads?.().some((pad) => pad !== null)) start();
}
