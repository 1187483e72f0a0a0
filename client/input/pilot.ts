/**
 * Holds what is pressed, by keyboard, gamepad or touch alike, and says when which action goes to the room: at once on a
 * press, and again after each tick while something is held. The last press wins, as it does in the room.
 */
import type { Steering } from '../settings.ts';
import { Signal } from '../signal.ts';
import type { Control } from './bindings.ts';
import { actionFor } from './steering.ts';

export interface Helm {
  /** Null while nobody is to be steered. */
  readonly facing: number | null;
  readonly steering: Steering;
  /** How many actions the environment has. */
  readonly actions: number;
  send(action: number): void;
}

export class Pilot {
  readonly #helm: Helm;
  /** In the order they were pressed. */
  #held: Control[] = [];
  /** A control was pressed or released; for lighting its key. */
  readonly changed = new Signal();
  /** An action went out: to be shown at once, before the room has decided. */
  readonly acted = new Signal<number>();

  constructor(helm: Helm) {
    this.#helm = helm;
  }

  get held(): readonly Control[] {
    return this.#held;
  }

  press(control: Control): void {
    if (this.#held.includes(control)) return;
    this.#held.push(control);
    this.#send(control);
    this.changed.emit();
  }

  release(control: Control): void {
    if (!this.#held.includes(control)) return;
    this.#held = this.#held.filter((other) => other !== control);
    this.changed.emit();
  }

  /** The page lost the keyboard: what was held is no longer known to be. */
  releaseAll(): void {
    if (this.#held.length === 0) return;
    this.#held = [];
    this.changed.emit();
  }

  /** The room has stepped. */
  tick(): void {
    const control = this.#held.at(-1);
    if (control !== undefined) this.#send(control);
  }

  #send(control: Control): void {
    const { facing } = this.#helm;
    if (facing === null) return;
    const action = actionFor(control, facing, this.#helm.steering, this.#helm.actions);
    if (action === null) return;
    this.#helm.send(action);
    this.acted.emit(action);
  }
}
