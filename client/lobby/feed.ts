/** The live list of rooms, and the way back to it after a drop. */
import { Message, PROTOCOL_VERSION, type RoomSummary } from '../../shared/protocol/index.ts';
import type { Clock } from '../clock.ts';
import { leaveUnheard, type RoomLink } from '../session.ts';
import { Signal } from '../signal.ts';

const RETRY = [500, 1000, 2000, 5000];

export class RoomFeed {
  readonly #enter: (protocol: number) => Promise<RoomLink>;
  readonly #clock: Clock;
  #link: RoomLink | null = null;
  #attempt = 0;
  #cancel: (() => void) | null = null;
  #closed = false;

  /** Null until the first list came. */
  rooms: readonly RoomSummary[] | null = null;
  /** Why there is no list at the moment, or null. */
  trouble: string | null = null;
  readonly changed = new Signal();

  constructor(enter: (protocol: number) => Promise<RoomLink>, clock: Clock) {
    this.#enter = enter;
    this.#clock = clock;
    void this.#open();
  }

  retryNow(): void {
    if (this.#link !== null) return;
    this.#cancel?.();
    void this.#open();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    void this.#link?.leave();
  }

  async #open(): Promise<void> {
    try {
      const link = await this.#enter(PROTOCOL_VERSION);
      if (this.#closed) {
        leaveUnheard(link);
        return;
      }
      this.#link = link;
      link.reconnection.enabled = false;
      link.onMessage(Message.rooms, (rooms) => {
        this.#attempt = 0;
        this.trouble = null;
        this.rooms = rooms as readonly RoomSummary[];
        this.changed.emit();
      });
      link.onError((_code, message) => console.info(`lobby: ${message ?? 'connection error'}`));
      link.onLeave(() => this.#again('The connection to the arena was lost.'));
    } catch (error) {
      // With a code it is the server's own answer; without, only the browser's word for silence.
      const { code, message } = error as Error & { readonly code?: number };
      this.#again(code === undefined ? 'The arena does not answer.' : `The arena has refused: ${message}.`);
    }
  }

  #again(trouble: string): void {
    this.#link = null;
    if (this.#closed) return;
    this.trouble = trouble;
    const wait = RETRY[Math.min(this.#attempt++, RETRY.length - 1)]!;
    this.#cancel = this.#clock.after(wait, () => void this.#open());
    this.changed.emit();
  }
}
