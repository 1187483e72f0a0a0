/** The connection of somebody who labels: what is asked, how far it is, and the way back after a drop. */
import {
  type Asked,
  LabelMessage,
  type LabelRefused,
  type Sheet,
  type StateShown,
} from '../../shared/protocol/labels.ts';
import type { Clock } from '../clock.ts';
import { leaveUnheard, type RoomLink } from '../session.ts';
import { Signal } from '../signal.ts';

const RETRY = [500, 1000, 2000, 5000];
/** The server's code for a session that nobody has. */
const NO_SESSION = 404;

export class LabelSession {
  readonly #enter: () => Promise<RoomLink>;
  readonly #clock: Clock;
  #link: RoomLink | null = null;
  #attempt = 0;
  #cancel: (() => void) | null = null;
  #closed = false;

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
    this.#enter = enter;
    this.#clock = clock;
    void this.#open();
  }

  /** @param action null passes the state over. */
  answer(action: number | null): void {
    const { asked } = this;
    if (asked === null || this.#link === null) return;
    this.#link.send(LabelMessage.label, { state: asked.state, action });
    // Until the next one comes, a second press answers nothing.
    this.asked = null;
    this.changed.emit();
  }

  undo(): void {
    if (this.undoable > 0) this.#link?.send(LabelMessage.undo, {});
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    void this.#link?.leave();
  }

  async #open(): Promise<void> {
    try {
      const link = await this.#enter();
      if (this.#closed) {
        leaveUnheard(link);
        return;
      }
      this.#link = link;
      link.reconnection.enabled = false;
      link.onMessage(LabelMessage.sheet, (sheet) => {
        this.#attempt = 0;
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
      link.onError((_code, message) => console.info(`labels: ${message ?? 'connection error'}`));
      link.onLeave(() => this.#again('The connection to the arena was lost.'));
    } catch (error) {
      const { code, message } = error as Error & { readonly code?: number };
      if (code === NO_SESSION) {
        this.trouble = {
          text: 'Nothing is asked here. The trainer is not running, or has ended: start it, and open the link that it prints.',
          over: true,
        };
        this.changed.emit();
      } else this.#again(code === undefined ? 'The arena does not answer.' : message);
    }
  }

  #again(text: string): void {
    this.#link = null;
    this.asked = null;
    this.undoable = 0;
    if (this.#closed) return;
    this.trouble = { text, over: false };
    this.changed.emit();
    const wait = RETRY[Math.min(this.#attempt++, RETRY.length - 1)]!;
    this.#cancel = this.#clock.after(wait, () => void this.#open());
  }
}
