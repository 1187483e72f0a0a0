/** The connection of somebody who labels: what is asked, how far it is, and the way back after a drop. */
import {
  type Asked,
  LabelMessage,
  type LabelRefused,
  type Sheet,
  type StateShown,
} from '../../shared/protocol/labels.ts';
import type { Clock } from '../clock.ts';
import { KeptLink } from '../kept-link.ts';
import type { RoomLink } from '../session.ts';
import { Signal } from '../signal.ts';

/** The server's code for a session that nobody has. */
const NO_SESSION = 404;

export class LabelSession {
  readonly #link: KeptLink;

  /** Null until the first came. */
  sheet: Sheet | null = null;
  /** What is asked of this person; null while there is nothing. */
  asked: StateShown | null = null;
  /** Answers that can be taken back. */
  undoable = 0;
  /** Why nothing goes on, or null; `over` where trying again does not help. */
  trouble: { readonly text: string; readonly over: boolean } | null = null;
  readonly changed = new Signal();
  readonly refused = new Signal<string>();

  constructor(enter: () => Promise<RoomLink>, clock: Clock) {
    const owner = {
      enter,
      entered: (link: RoomLink) => this.#listen(link),
      lost: (refused: { readonly code: number; readonly message: string } | null, silent: boolean) =>
        this.#lost(refused, silent),
    };
    this.#link = new KeptLink(owner, 'labels', clock);
    void this.#link.open();
  }

  /** @param action null passes the state over. */
  answer(action: number | null): void {
    const { asked } = this;
    const { link } = this.#link;
    if (asked === null || link === null) return;
    link.send(LabelMessage.label, { state: asked.state, action });
    // Until the next one comes, a second press answers nothing.
    this.asked = null;
    this.changed.emit();
  }

  undo(): void {
    if (this.undoable > 0) this.#link.link?.send(LabelMessage.undo, {});
  }

  close(): void {
    this.#link.close();
  }

  #listen(link: RoomLink): void {
    link.onMessage(LabelMessage.sheet, (sheet) => {
      this.#link.heard();
      this.trouble = null;
      this.sheet = sheet as Sheet;
      this.changed.emit();
    });
    link.onMessage(LabelMessage.state, (payload) => {
      const { asked, undoable } = payload as Asked;
      this.asked = asked;
      this.undoable = undoable;
      this.changed.emit();
    });
    link.onMessage(LabelMessage.refused, (refused) => this.refused.emit((refused as LabelRefused).message));
  }

  #lost(refused: { readonly code: number; readonly message: string } | null, silent: boolean): boolean {
    this.asked = null;
    this.undoable = 0;
    const over = refused?.code === NO_SESSION;
    const silence = silent ? 'The arena does not answer.' : 'The connection to the arena was lost.';
    const text = over
      ? 'Nothing is asked here. The trainer is not running, or has ended: start it, and open the link that it prints.'
      : (refused?.message ?? silence);
    this.trouble = { text, over };
    this.changed.emit();
    return !over;
  }
}
