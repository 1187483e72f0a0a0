/** Buttons for thumbs. */
import { el } from '../dom.ts';
import { CONTROL_NAMES, type Control } from '../input/bindings.ts';
import type { Pilot } from '../input/pilot.ts';

const FACES: Readonly<Record<Control, string>> = {
  up: '▲',
  left: '◀',
  down: '▼',
  right: '▶',
  turnLeft: '↺',
  turnRight: '↻',
  fine: 'Fine',
  clean: 'Clean',
};

export function touchPad(pilot: Pilot, cleaning: boolean): HTMLElement {
  const button = (control: Control) => {
    const release = () => pilot.release(control);
    return el(
      'button',
      {
        type: 'button',
        class: `touch ${control}`,
        tabindex: -1,
        'aria-label': CONTROL_NAMES[control],
        on: {
          pointerdown: (event) => {
            event.preventDefault();
            pilot.press(control);
            // Keeps the press until the finger lifts, wherever it has slid to meanwhile.
            if (event.target instanceof Element) event.target.setPointerCapture(event.pointerId);
          },
          pointerup: release,
          pointercancel: release,
          contextmenu: (event) => event.preventDefault(),
        },
      },
      FACES[control],
    );
  };
  return el(
    'div',
    { class: 'touch-pad' },
    el('div', { class: 'cross' }, button('up'), button('left'), button('right'), button('down')),
    el(
      'div',
      { class: 'deeds' },
      button('turnLeft'),
      button('turnRight'),
      button('fine'),
      cleaning && button('clean'),
    ),
  );
}
