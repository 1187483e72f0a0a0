/** What spectators of a room are told, as it comes, and a copy of the room's world that is kept up to date by it. */
import type { AgentError } from '../../shared/protocol/agents/gateway.ts';
import { type Closing, Message, type Pace } from '../../shared/protocol/messages.ts';
import { WorldMirror } from '../../shared/protocol/mirror.ts';
import type { EpisodeResult, History, SeatInfo, Welcome } from '../../shared/protocol/rooms.ts';
import type { Channel, LinkEvent } from './channel.ts';
import { Visit, type VisitEvents } from './visit.ts';

/** After `keyframe` and `tick` the mirror is as the room was then. */
export type PublicEvent =
  | { readonly type: 'keyframe' }
  | { readonly type: 'tick' }
  | { readonly type: 'history'; readonly history: History }
  | { readonly type: 'seats'; readonly seats: readonly SeatInfo[] }
  | { readonly type: 'episode'; readonly result: EpisodeResult }
  | { readonly type: 'pace'; readonly pace: Pace }
  | { readonly type: 'closing'; readonly closing: Closing };

type Told = Extract<LinkEvent, { kind: 'public' }>;

interface Watched {
  readonly link: number;
  readonly welcome: Welcome;
}

const EVENTS: VisitEvents = { begin: 'watch', leave: 'unwatch' };

/** Events that wait to be asked for; of more, the oldest reach the mirror alone. */
const MOST_WAITING = 10_000;

export class Watcher {
  readonly #waiting: Told[] = [];
  #visit!: Visit<Watched>;
  #welcome!: Welcome;
  #mirror!: WorldMirror;
  #missed = 0;

  private constructor() {}

  /** @param ended is called when it is over. @throws {ArenaError} */
  static async watch(channel: Channel, room: string, ended: () => void = () => {}): Promise<Watcher> {
    const watcher = new Watcher();
    const visitor = {
      began: ({ welcome }: Watched) => watcher.#begin(welcome),
      again: () => ({ room }),
      hear: (event: LinkEvent) => watcher.#hear(event),
    };
    watcher.#visit = await Visit.begin(channel, EVENTS, { room }, visitor, ended);
    return watcher;
  }

  /** What does not change while the room lasts, and its seats as they were at first. */
  get welcome(): Welcome {
    return this.#welcome;
  }

  /** The room's world as of the event that was given last; `ready` once there was a keyframe. */
  get mirror(): WorldMirror {
    return this.#mirror;
  }

  /** Events that nobody asked for in time. */
  get missed(): number {
    return this.#missed;
  }

  /** Why there are no more events, where the room has ended them. */
  get farewell(): AgentError | null {
    return this.#visit.farewell;
  }

  /** The next event, once there is one; null when the room is over, or it has left. @throws {ArenaError} */
  async next(): Promise<PublicEvent | null> {
    do {
      for (let told = this.#waiting.shift(); told !== undefined; told = this.#waiting.shift()) {
        const event = this.#apply(told);
        if (event !== null) return event;
      }
    } while (await this.#visit.more());
    return null;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PublicEvent, void> {
    for (let event = await this.next(); event !== null; event = await this.next()) yield event;
  }

  /** Leaves the room. */
  async leave(): Promise<void> {
    await this.#visit.leave();
    this.#waiting.length = 0;
  }

  #begin(welcome: Welcome): void {
    this.#welcome = welcome;
    // After a lost connection it goes on from a keyframe.
    this.#waiting.length = 0;
    this.#mirror ??= new WorldMirror(welcome);
  }

  #hear(event: LinkEvent): void {
    if (event.kind !== 'public') return;
    this.#waiting.push(event);
    if (this.#waiting.length <= MOST_WAITING) return;
    this.#apply(this.#waiting.shift()!);
    this.#missed++;
  }

  /** @returns null for what is not known here. */
  #apply({ type, payload }: Told): PublicEvent | null {
    switch (type) {
      case Message.keyframe:
        this.#mirror.keyframe(payload as Uint8Array);
        return { type: 'keyframe' };
      case Message.tick:
        this.#mirror.tick(payload as Uint8Array);
        return { type: 'tick' };
      case Message.history:
        return { type: 'history', history: payload as History };
      case Message.seats:
        return { type: 'seats', seats: payload as SeatInfo[] };
      case Message.episode:
        return { type: 'episode', result: payload as EpisodeResult };
      case Message.pace:
        return { type: 'pace', pace: payload as Pace };
      case Message.closing:
        return { type: 'closing', closing: payload as Closing };
      default:
        return null;
    }
  }
}
