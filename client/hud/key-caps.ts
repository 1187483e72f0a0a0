/** The keys as they are bound, lit while they are pressed. */
import { el } from '../dom.ts';
import { type Bindings, CONTROLS, type Control, keyLabel } from '../input/bindings.ts';

const GROUPS: readonly (readonly [string, readonly Control[]])[] = [
  ['move', ['up', 'left', 'down', 'right']],
  ['turn', ['turnLeft', 'turnRight']],
  ['fine', ['fine']],
  ['clean', ['clean']],
];

export class KeyCaps {
  readonly element = el('div', { class: 'caps' });
  readonly #caps = new Map<Control, HTMLElement>();

  /** @param cleaning whether the environment has that action. */
  constructor(bindings: Bindings, cleaning: boolean) {
    for (const [label, controls] of GROUPS) {
      if (label === 'clean' && !cleaning) continue;
      const keys = controls.map((control) => {
        const cap = el('kbd', {}, keyLabel(bindings[control][0]));
        this.#caps.set(control, cap);
        return cap;
      });
      this.element.append(el('span', { class: 'cap-group' }, ...keys, el('span', { class: 'quiet' }, label)));
    }
  }

  light(held: readonly Control[]): void {
    for (const control of CONTROLS) this.#caps.get(control)?.classList.toggle('lit', held.includes(control));
  }
}
