/**
 * Who fills each action slot: a connected person or program, the seat's policy, or nobody. Knows nothing of sockets or of the
 * game; times are milliseconds that the caller passes in.
 */
import { randomBytes } from 'node:crypto';
import { isTrained, type RefusalCode, type SeatInfo } from '../shared/protocol/index.ts';

/** How long a dropped client's seat is kept for it. */
export const KEPT_MS = 30_000;

/** What plays a seat that is meant to stay open while its person is gone for a moment. */
const STAND_IN = 'greedy';

/** Who can sit: a person, or a program. */
export type Occupant = 'human' | 'agent';

interface Seat {
  /** What plays while nobody sits here: `open` for nothing. */
  filling: string;
  occupant: Occupant;
  /** Whether who sits here consents to being recorded. */
  recorded: boolean;
  /** Who sits here: the holder's client id, or null while nobody is connected. */
  holder: string | null;
  /** Proves whose seat it is; null for a seat that is nobody's. */
  token: string | null;
  name: string;
  /** Until when a dropped holder may come back; 0 for a seat that is held or free. */
  keptUntil: number;
  botEarned: number;
}

/** A refusal of `sit`. */
export interface SeatRefusal {
  readonly code: RefusalCode;
  readonly message: string;
}

export class Seats {
  readonly #seats: Seat[];
  readonly #byHolder = new Map<string, number>();

  /** @param fillings what plays each seat while nobody sits there: a policy's name or `open`. */
  constructor(fillings: readonly string[]) {
    this.#seats = fillings.map((filling) => ({
      filling,
      occupant: 'human',
      recorded: false,
      holder: null,
      token: null,
      name: '',
      keptUntil: 0,
      botEarned: 0,
    }));
  }

  /** The seat that a client holds, or -1. */
  seatOf(client: string): number {
    return this.#byHolder.get(client) ?? -1;
  }

  /** Clients that hold a seat. */
  get holders(): IterableIterator<string> {
    return this.#byHolder.keys();
  }

  /** How many hold seats: people, programs, or both. */
  count(occupant?: Occupant): number {
    if (occupant === undefined) return this.#byHolder.size;
    return this.#seats.filter((seat) => seat.holder !== null && seat.occupant === occupant).length;
  }

  /** Seats that trained policies play now. */
  get trained(): number {
    return this.#seats.filter((_, seat) => isTrained(this.fillingOf(seat) ?? '')).length;
  }

  /** Whether who holds seat `index` consents to being recorded. */
  isRecorded(index: number): boolean {
    const seat = this.#seats[index]!;
    return seat.recorded && seat.holder !== null;
  }

  /** Tells one sitting on seat `index` from the next, through drops; null while the seat is nobody's. */
  sittingOf(index: number): string | null {
    return this.#seats[index]!.token;
  }

  /** Whoever holds seat `index` is recorded no longer. */
  stopRecording(index: number): void {
    this.#seats[index]!.recorded = false;
  }

  /** Changes what plays a seat while nobody sits there; the seat's return goes on. */
  fill(index: number, filling: string): void {
    this.#seats[index]!.filling = filling;
  }

  /** The policy that plays seat `index` now, scripted or trained; null where somebody sits, or nobody. */
  fillingOf(index: number): string | null {
    const seat = this.#seats[index]!;
    if (seat.holder !== null) return null;
    if (seat.filling !== 'open') return seat.filling;
    return seat.keptUntil > 0 ? STAND_IN : null;
  }

  get free(): number {
    return this.#seats.filter((seat) => seat.token === null).length;
  }

  /**
   * Seats a client. @param wanted a seat or undefined for the first free one; seats without a bot go first.
   * @returns the seat and the token that takes it back, or why not.
   */
  sit(
    client: string,
    name: string,
    wanted: number | undefined,
    occupant: Occupant = 'human',
  ): { seat: number; token: string } | SeatRefusal {
    const held = this.seatOf(client);
    if (held >= 0) return { code: 'already-seated', message: `you hold seat ${held}: stand up first` };
    if (wanted !== undefined && wanted >= this.#seats.length) {
      return {
        code: 'no-seat',
        message: `there is no seat ${wanted}, the room has 0 to ${this.#seats.length - 1}`,
      };
    }
    const index = wanted ?? this.#firstFree();
    if (index < 0) return { code: 'no-free-seat', message: 'all seats are taken: watch, or try again later' };
    const seat = this.#seats[index]!;
    if (seat.token !== null) {
      const kept = seat.keptUntil > 0 ? 'kept for a player who dropped' : 'taken';
      return { code: 'seat-taken', message: `seat ${index} is ${kept}: choose another` };
    }
    seat.token = randomBytes(16).toString('hex');
    seat.botEarned = 0;
    seat.occupant = occupant;
    seat.recorded = false;
    this.#hold(index, client, name);
    return { seat: index, token: seat.token };
  }

  /** Who holds a seat consents to being recorded, or no longer. */
  consent(client: string, recorded: boolean): void {
    const index = this.seatOf(client);
    if (index >= 0) this.#seats[index]!.recorded = recorded;
  }

  /** Whether a token takes a seat back. */
  knows(token: string): boolean {
    return this.#seats.some((seat) => seat.token === token);
  }

  /** Gives a seat back to whoever has its token, also while the old connection has not been noticed to be dead. */
  takeBack(
    client: string,
    token: string,
    occupant: Occupant = 'human',
  ): { seat: number; token: string; ousted: string | null } | SeatRefusal {
    const held = this.seatOf(client);
    if (held >= 0) return { code: 'already-seated', message: `you hold seat ${held}: stand up first` };
    const index = this.#seats.findIndex((seat) => seat.token === token);
    if (index < 0) {
      return {
        code: 'wrong-token',
        message: 'this token fits no seat: it was kept for 30 s, or never was; take a free one',
      };
    }
    const seat = this.#seats[index]!;
    const ousted = seat.holder;
    if (ousted !== null) this.#byHolder.delete(ousted);
    // Who consented was a person, and what a program does on the seat is not theirs.
    if (occupant !== seat.occupant) seat.recorded = false;
    seat.occupant = occupant;
    this.#hold(index, client, seat.name);
    return { seat: index, token, ousted };
  }

  /** A client is gone without a word: its bot plays at once, and the seat is kept. @returns the seat or -1. */
  drop(client: string, now: number): number {
    const index = this.seatOf(client);
    if (index < 0) return -1;
    this.#byHolder.delete(client);
    const seat = this.#seats[index]!;
    seat.holder = null;
    seat.keptUntil = now + KEPT_MS;
    return index;
  }

  /** A client gives its seat up. @returns the seat or -1. */
  stand(client: string): number {
    const index = this.seatOf(client);
    if (index < 0) return -1;
    this.#byHolder.delete(client);
    this.#free(this.#seats[index]!);
    return index;
  }

  /** Opens the seats that were kept long enough; whether there were any. */
  expire(now: number): boolean {
    let any = false;
    for (const seat of this.#seats) {
      if (seat.keptUntil === 0 || seat.keptUntil > now) continue;
      this.#free(seat);
      any = true;
    }
    return any;
  }

  /** Counts what a bot earned on a seat that is kept for somebody. */
  earned(index: number, reward: number): void {
    const seat = this.#seats[index]!;
    if (seat.keptUntil > 0) seat.botEarned += reward;
  }

  /** A new episode: nobody has earned anything for anybody. */
  startEpisode(): void {
    for (const seat of this.#seats) seat.botEarned = 0;
  }

  /**
   * @param epoch what to add to the caller's times to get milliseconds since 1970.
   * @param hides whether what a seat's bot has earned is not to be told: in partial view it is nobody else's business.
   */
  describe(epoch: number, hides: (seat: number) => boolean = () => false): SeatInfo[] {
    return this.#seats.map((seat, index) => {
      const policy = this.fillingOf(index);
      const kind = policy === null ? 'open' : isTrained(policy) ? 'trained' : 'bot';
      return {
        seat: index,
        kind: seat.holder !== null ? seat.occupant : kind,
        name: seat.holder !== null || seat.keptUntil > 0 ? seat.name : (policy ?? 'open'),
        filling: seat.filling,
        recorded: this.isRecorded(index),
        keptUntil: seat.keptUntil > 0 ? Math.round(seat.keptUntil + epoch) : 0,
        botEarned: hides(index) ? 0 : seat.botEarned,
      };
    });
  }

  #firstFree(): number {
    const open = this.#seats.findIndex((seat) => seat.token === null && seat.filling === 'open');
    return open >= 0 ? open : this.#seats.findIndex((seat) => seat.token === null);
  }

  #hold(index: number, client: string, name: string): void {
    const seat = this.#seats[index]!;
    seat.holder = client;
    seat.name = name;
    seat.keptUntil = 0;
    this.#byHolder.set(client, index);
  }

  #free(seat: Seat): void {
    seat.holder = null;
    seat.token = null;
    seat.name = '';
    seat.keptUntil = 0;
    seat.botEarned = 0;
    seat.recorded = false;
  }
}
