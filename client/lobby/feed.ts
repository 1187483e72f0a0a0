/** The live list of rooms, and the way back to it after a drop. */
import { Message, PROTOCOL_VERSION, type RoomSummary } from '../../shared/protocol/index.ts';
import type { Clock } from '../clock.ts';
import { KeptLink } from '../kept-link.ts';
import type { RoomLink } from '../session.ts';
import { Signal } from '../signal.ts';

export class RoomFeed {
  readonly #link: KeptLink;

  /** Null until the first list came. */
  rooms: readonly RoomSummary[] | null = null;
  /** Why there is no list at the moment, or null. */
  trouble: string | null = null;
  readonly changed = new Signal();

  constructor(enter: (protocol: number) => Promise<RoomLink>, clock: Clock) {
    const owner = {
      enter: () => enter(PROTOCOL_VERSION),
      entered: (link: RoomLink) => this.#listen(link),
      lost: (refused: { readonly message: string } | null, silent: boolean) => {
        const silence = silent ? 'The arena does not answer.' : 'The connection to the arena was lost.';
        this.trouble = refused === null ? silence : `The arena has refused: ${refused.message}.`;
        this.changed.emit();
        return true;
      },
    };
    this.#link = new KeptLink(owner, 'lobby', clock);
    void this.#link.open();
  }

  retryNow(): void {
    this.#link.retryNow();
  }

  close(): void {
    this.#link.close();
  }

  #listen(link: RoomLink): void {
    link.onMessage(Message.rooms, (rooms) => {
      this.#link.heard();
      this.trouble = null;
      this.rooms = rooms as readonly RoomSummary[];
      this.changed.emit();
    });
  }
}
