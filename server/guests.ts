/**
 * Who is in a room without being a client of Colyseus: programs that play seats or follow what is public, by whatever way
 * they come. They sit, act and are told as everybody else; how that reaches them is their own business.
 */
import { type ActResult, type AgentError, Message, type Welcome } from '../shared/protocol/index.ts';
import { log } from './log.ts';
import type { Match } from './match.ts';
import type { Sitting } from './seating.ts';
import type { SeatRefusal } from './seats.ts';

export interface Guest {
  /** Unique in the process. */
  readonly id: string;
  /** Whose it is: in partial view nobody plays by a window and watches the whole beside it. */
  readonly identity: string;
  readonly name: string;
  /** Sees what its seats see: `stepped` after each step, `now` when it sat down and at an episode's start. */
  observe(when: 'stepped' | 'now'): void;
  /** Is told what spectators are told, if it watches: bytes are read before the call returns or copied. */
  show(type: number, payload: unknown): void;
  /** Whether it does not keep up with what it is shown. */
  choked(): boolean;
  /** Another connection took a seat of its back. */
  lost(seat: number): void;
  /** The room closes, or there is nothing left to play in it. */
  ended(error: AgentError): void;
}

/** A guest in a room. */
export interface Visit {
  readonly match: Match;
  welcome(): Welcome;
  /** Takes a seat: that one, or the first free one. */
  sit(wanted: number | undefined, key: string | undefined): Sitting | SeatRefusal;
  /** Takes a seat back that was lost with a connection. */
  takeBack(token: string): Sitting | SeatRefusal;
  /** For a tick of an episode. */
  act(seat: number, action: number, episode: number, tick: number): ActResult;
  /** Its seats see what there is now. */
  look(): void;
  /** From now on it is shown what is public, from a keyframe on. */
  watch(): void;
  /** @param lost whether its seats are kept for it, since it went without a word. */
  leave(lost: boolean): void;
}

/** What the room does for its guests. */
export interface Host {
  readonly match: Match;
  readonly partial: boolean;
  welcome(holder: string): Welcome;
  sit(
    holder: string,
    name: string,
    wanted: number | undefined,
    key: string | undefined,
  ): Sitting | SeatRefusal;
  takeBack(holder: string, token: string): Sitting | SeatRefusal;
  /** A holder gives its seat up, or is gone and may come back. */
  stand(holder: string, lost: boolean): void;
  acted(): void;
  /** What the public view starts with, or null while there is nothing to see. */
  greeting(): { readonly history: unknown; readonly keyframe: Uint8Array } | null;
  /** There are more guests now, or fewer. */
  changed(): void;
}

interface Member {
  readonly guest: Guest;
  /** By seat, who holds it in the eyes of `Seats`. */
  readonly holders: Map<number, string>;
  watches: boolean;
  /** Has missed something of what is public, and starts again from a keyframe. */
  behind: boolean;
  sat: number;
}

export class Guests {
  readonly #host: Host;
  readonly #members = new Map<string, Member>();

  constructor(host: Host) {
    this.#host = host;
  }

  get size(): number {
    return this.#members.size;
  }

  get watchers(): number {
    let count = 0;
    for (const member of this.#members.values()) if (member.watches) count++;
    return count;
  }

  admit(guest: Guest): Visit {
    const host = this.#host;
    const { match } = host;
    const member: Member = { guest, holders: new Map(), watches: false, behind: false, sat: 0 };
    this.#members.set(guest.id, member);
    host.changed();
    const holderOf = () => `${guest.id}/${member.sat++}`;
    const seated = <T extends { seat: number } | SeatRefusal>(holder: string, taken: T): T => {
      if ('seat' in taken) member.holders.set(taken.seat, holder);
      return taken;
    };
    return {
      match,
      welcome: () => host.welcome(guest.id),
      sit: (wanted, key) => {
        const holder = holderOf();
        return seated(holder, host.sit(holder, guest.name, wanted, key));
      },
      takeBack: (token) => {
        const holder = holderOf();
        return seated(holder, host.takeBack(holder, token));
      },
      act: (seat, action, episode, tick) => {
        const holder = member.holders.get(seat);
        if (holder === undefined || match.seats.seatOf(holder) !== seat) return 'no-seat';
        const result = match.act(seat, action, episode, tick);
        if (result === 'taken' || result === 'doubled') host.acted();
        return result;
      },
      watch: () => {
        member.watches = true;
        member.behind = true;
        this.#guard(member, () => this.#catchUp(member));
      },
      look: () => {
        if (this.#members.has(guest.id)) this.#look(member, 'now');
      },
      leave: (lost) => this.#dismiss(member, lost),
    };
  }

  /** Another connection took back what a guest held. */
  oust(holder: string): void {
    for (const { guest, holders } of this.#members.values()) {
      for (const [seat, own] of holders) {
        if (own !== holder) continue;
        holders.delete(seat);
        guest.lost(seat);
        return;
      }
    }
  }

  /** All who play see their seats. */
  observe(when: 'stepped' | 'now'): void {
    for (const member of this.#members.values()) this.#look(member, when);
  }

  #look(member: Member, when: 'stepped' | 'now'): void {
    if (member.holders.size > 0) this.#guard(member, () => member.guest.observe(when));
  }

  /** All who watch are shown what is public. */
  show(type: number, payload: unknown): void {
    for (const member of this.#members.values()) {
      if (!member.watches) continue;
      this.#guard(member, () => {
        if (this.#blind(member) || member.guest.choked()) member.behind = true;
        else if (member.behind) this.#catchUp(member);
        else member.guest.show(type, payload);
      });
    }
  }

  /** The room closes. */
  end(error: AgentError): void {
    for (const { guest } of [...this.#members.values()]) guest.ended(error);
    this.#members.clear();
  }

  /** The match is over: who plays is told so and gone, who watches stays as spectators do. */
  finish(message: string): void {
    for (const member of [...this.#members.values()]) {
      if (member.watches) continue;
      this.#dismiss(member, false);
      member.guest.ended({ code: 'match-over', message });
    }
  }

  /** A guest that fails is out, and the room plays on. */
  #guard(member: Member, tell: () => void): void {
    try {
      tell();
    } catch (fault) {
      const { message, stack } = fault as Error;
      log.error({ guest: member.guest.id, error: message, stack }, 'guest fault');
      this.#dismiss(member, false);
      member.guest.ended({
        code: 'fault',
        message: 'the arena has failed at telling you what is seen here: the room goes on without you',
      });
    }
  }

  /** @param lost whether its seats are kept for it. */
  #dismiss({ guest, holders }: Member, lost: boolean): void {
    if (!this.#members.delete(guest.id)) return;
    for (const holder of holders.values()) this.#host.stand(holder, lost);
    this.#host.changed();
  }

  /** The keyframe includes whatever has been published by now. */
  #catchUp(member: Member): void {
    const greeting = this.#blind(member) ? null : this.#host.greeting();
    if (greeting === null) return;
    member.behind = false;
    member.guest.show(Message.history, greeting.history);
    member.guest.show(Message.keyframe, greeting.keyframe);
  }

  /** In partial view, whether the same one plays here. */
  #blind({ guest: { identity } }: Member): boolean {
    if (!this.#host.partial) return false;
    for (const { guest, holders } of this.#members.values()) {
      if (holders.size > 0 && guest.identity === identity) return true;
    }
    return false;
  }
}
