/** Who may take which seat of a room: as its seating says, by the key of its links, by a seat's own token. */
import { randomBytes } from 'node:crypto';
import type { Match } from './match.ts';
import type { Occupant, SeatRefusal } from './seats.ts';

export interface Sitting {
  readonly seat: number;
  readonly token: string;
}

export class Seating {
  /** Proves that somebody made the room, or came by a link that its maker handed out. */
  readonly key: string = randomBytes(9).toString('base64url');
  readonly #match: Match;

  constructor(match: Match) {
    this.#match = match;
  }

  /** Seats a person or a program; see `Seats.sit`. */
  sit(
    holder: string,
    name: string,
    wanted: number | undefined,
    key: string | undefined,
    occupant: Occupant,
  ): Sitting | SeatRefusal {
    const { seats, actions, options } = this.#match;
    if (options.seating === 'nobody')
      return { code: 'seating-closed', message: 'only bots play here: watch instead' };
    if (options.seating === 'link' && key !== this.key) {
      return { code: 'wrong-key', message: 'seats here go by link: ask whoever made the room for it' };
    }
    const taken = seats.sit(holder, name, wanted, occupant);
    if ('seat' in taken) actions.clear(taken.seat);
    return taken;
  }

  /** A holder gives its seat up, or is gone and may come back. @param now milliseconds. @returns the seat or -1. */
  stand(holder: string, now: number | null = null): number {
    const { seats, actions } = this.#match;
    const seat = now === null ? seats.stand(holder) : seats.drop(holder, now);
    if (seat >= 0) actions.clear(seat);
    return seat;
  }
}
