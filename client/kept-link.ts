/** A connection to a room without seats, made anew after a drop, with longer and longer pauses between. */
import type { Clock } from './clock.ts';
import { leaveUnheard, type RoomLink } from './session.ts';

const RETRY = [500, 1000, 2000, 5000];

/** Whose connection it is. */
export interface LinkOwner {
  enter(): Promise<RoomLink>;
  /** Entered, again or for the first time: listens. */
  entered(link: RoomLink): void;
  /**
   * There is no connection at the moment. @param refused the arena's own answer, with its code; null where there is none.
   * @returns whether to try again.
   */
  lost(refused: { readonly code: number; readonly message: string } | null, silent: boolean): boolean;
}

export class KeptLink {
  readonly #owner: LinkOwner;
  readonly #name: string;
  readonly #clock: Clock;
  #link: RoomLink | null = null;
  #attempt = 0;
  #cancel: (() => void) | null = null;
  #closed = false;

  /** @param name what the console calls it. */
  constructor(owner: LinkOwner, name: string, clock: Clock) {
    this.#owner = owner;
    this.#name = name;
    this.#clock = clock;
  }

  /** Null while there is no connection. */
  get link(): RoomLink | null {
    return this.#link;
  }

  async open(): Promise<void> {
    try {
      const link = await this.#owner.enter();
      if (this.#closed) {
        leaveUnheard(link);
        return;
      }
      this.#link = link;
      link.reconnection.enabled = false;
      this.#owner.entered(link);
      link.onError((_code, message) => console.info(`${this.#name}: ${message ?? 'connection error'}`));
      link.onLeave(() => this.#again(null, false));
    } catch (error) {
      // With a code it is the server's own answer; without, only the browser's word for silence.
      const { code, message } = error as Error & { readonly code?: number };
      this.#again(code === undefined ? null : { code, message }, true);
    }
  }

  /** What was said has arrived: the next drop is the first again. */
  heard(): void {
    this.#attempt = 0;
  }

  retryNow(): void {
    if (this.#link !== null) return;
    this.#cancel?.();
    void this.open();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    void this.#link?.leave();
  }

  #again(refused: { readonly code: number; readonly message: string } | null, silent: boolean): void {
    this.#link = null;
    if (this.#closed || !this.#owner.lost(refused, silent)) return;
    const wait = RETRY[Math.min(this.#attempt++, RETRY.length - 1)]!;
    this.#cancel = this.#clock.after(wait, () => void this.open());
  }
}
