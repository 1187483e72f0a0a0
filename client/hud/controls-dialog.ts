/** Keys as one likes them, what directions mean, and sound. */
import { el, setText } from '../dom.ts';
import {
  CONTROL_NAMES,
  CONTROLS,
  type Control,
  DEFAULT_BINDINGS,
  keyLabel,
  rebind,
} from '../input/bindings.ts';
import type { Settings, Steering } from '../settings.ts';
import { Signal } from '../signal.ts';

const STEERINGS: readonly (readonly [Steering, string])[] = [
  ['screen', 'where the screen points: up moves up, whichever way you face'],
  ['facing', 'as the creature faces: up moves forward, left steps left'],
];

export class ControlsDialog {
  readonly element: HTMLDialogElement;
  readonly changed = new Signal();
  readonly #settings: Settings;
  readonly #keys = new Map<Control, HTMLButtonElement>();
  /** The control whose new key is awaited. */
  #listening: Control | null = null;

  constructor(settings: Settings) {
    this.#settings = settings;
    const rows = CONTROLS.map((control) => {
      const key = el('button', { type: 'button', class: 'key', on: { click: () => this.#listen(control) } });
      this.#keys.set(control, key);
      return el('div', { class: 'binding' }, el('span', {}, CONTROL_NAMES[control]), key);
    });
    const steering = STEERINGS.map(([value, text]) => {
      const radio = el('input', {
        type: 'radio',
        name: 'steering',
        value,
        checked: settings.steering === value,
      });
      radio.addEventListener('change', () => {
        settings.steering = value;
        this.changed.emit();
      });
      return el('label', { class: 'choice' }, radio, text);
    });
    const sound = el('input', { type: 'checkbox', checked: settings.sound });
    sound.addEventListener('change', () => {
      settings.sound = sound.checked;
      this.changed.emit();
    });
    const reset = el(
      'button',
      { type: 'button', on: { click: () => this.#save(DEFAULT_BINDINGS) } },
      'Default keys',
    );
    this.element = el(
      'dialog',
      { class: 'sheet', 'aria-labelledby': 'controls-title' },
      el('h2', { id: 'controls-title' }, 'Controls'),
      el(
        'p',
        { class: 'quiet' },
        'Choose a key, then press the new one; Esc keeps the old. The arrow keys and a gamepad work too.',
      ),
      el('div', { class: 'bindings' }, ...rows),
      el('fieldset', {}, el('legend', {}, 'Directions, where the whole map is seen'), ...steering),
      el('label', { class: 'choice' }, sound, 'Sound'),
      el(
        'form',
        { method: 'dialog', class: 'buttons end' },
        reset,
        el('button', { class: 'primary' }, 'Done'),
      ),
    );
    this.element.addEventListener('keydown', (event) => this.#hear(event));
    this.element.addEventListener('cancel', (event) => {
      if (this.#listening === null) return;
      event.preventDefault();
      this.#listen(null);
    });
    this.#show();
  }

  #listen(control: Control | null): void {
    this.#listening = control;
    this.#show();
  }

  #hear(event: KeyboardEvent): void {
    if (this.#listening === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.code === 'Escape' || event.code === 'Tab') {
      this.#listen(null);
      return;
    }
    const control = this.#listening;
    this.#listening = null;
    this.#save(rebind(this.#settings.bindings, control, event.code));
  }

  #save(bindings: typeof DEFAULT_BINDINGS): void {
    this.#settings.bindings = bindings;
    this.#show();
    this.changed.emit();
  }

  #show(): void {
    const { bindings } = this.#settings;
    for (const [control, key] of this.#keys) {
      const label = keyLabel(bindings[control][0]);
      setText(key, this.#listening === control ? 'press a key …' : label);
      key.setAttribute('aria-label', `${CONTROL_NAMES[control]}: ${label}. Change`);
    }
  }
}
