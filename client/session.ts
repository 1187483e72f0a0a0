/**
 * One room as this client knows it: enters, keeps the mirror up to date, sits, acts, and comes back after a drop.
 * Knows neither pages nor drawing.
 */
import {
  type Closing,
  type Consent,
  decodeMind,
  decodeWindow,
  type EpisodeResult,
  type Fill,
  type History,
  Message,
  type Pace,
  PROTOCOL_VERSION,
  type Refused,
  type Seated,
  type SeatInfo,
  type Sit,
  type Welcome,
  type WindowFrame,
  WorldMirror,
} from '../shared/protocol/index.ts';
import type { Clock } from './clock.ts';
import { MindFeed } from './mind-feed.ts';
import { Playback } from './playback.ts';
import type { Settings } from './settings.ts';
import { Signal } from './signal.ts';

/** What is needed of the SDK's room. */
export interface RoomLink {
  readonly roomId: string;
  readonly reconnection: { enabled: boolean };
  onMessage(type: number | '*', listener: (payload: unknown) => void): unknown;
  onLeave(listener: (code: number, reason?: string) => void): unknown;
  onError(listener: (code: number, message?: string) => void): unknown;
  send(type: number, payload: unknown): void;
  ping(listener: (milliseconds: number) => void): void;
  leave(consented?: boolean): Promise<number>;
}

/** What everybody says on entering. */
export interface Greeting {
  readonly protocol: number;
  readonly name: string;
  readonly identity: string;
}

/** How to enter a room by its id. */
export type Door = (roomId: string, greeting: Greeting) => Promise<RoomLink>;

/**
 * `connecting` for the first time; `live`; `dropped`, trying again; `gone`: there is no such room; `closed`: the room
 * said farewell or will not have us, and `reason` says why.
 */
export type Status = 'connecting' | 'live' | 'dropped' | 'gone' | 'closed';

export function greeting(settings: Settings): Greeting {
  return { protocol: PROTOCOL_VERSION, name: settings.name, identity: settings.identity };
}

/** Milliseconds before attempt 1, 2, ... to come back. */
const BACKOFF = [400, 800, 1600, 3000, 5000];
/** The matchmaker's code for a room id that nobody has (Colyseus `MATCHMAKE_INVALID_ROOM_ID`). */
const NO_SUCH_ROOM = 522;

export class RoomSession {
  readonly roomId: string;
  readonly #door: Door;
  readonly #settings: Settings;
  readonly #clock: Clock;
  #link: RoomLink | null = null;
  #cancelRetry: (() => void) | null = null;
  #left = false;
  #farewell: Closing | null = null;
  /** What to ask for once entered. */
  #wish: Sit | null = null;

  status: Status = 'connecting';
  reason = '';
  /** Attempts to come back since the drop. */
  attempt = 0;
  welcome: Welcome | null = null;
  seats: readonly SeatInfo[] = [];
  seat: number | null = null;
  /** Of this room's seat links, if we may hand them out. */
  key: string | null;
  mirror: WorldMirror | null = null;
  /** What our own seat sees, in rooms with partial view. */
  window: WindowFrame | null = null;
  history: History | null = null;
  pace: Pace | null = null;
  result: EpisodeResult | null = null;
  /** The last answer that we were refused something, until the next seat. */
  refusal: Refused | null = null;
  /** In a room that records: a seat that we want and that we do not ask for before somebody has said whether to be recorded. */
  asking: Sit | null = null;
  readonly playback: Playback;
  /** What trained policies think, of the seats that `watchMinds` asks for. */
  readonly minds = new MindFeed();

  /** Status, seats or our own seat. */
  readonly changed = new Signal();
  /** A new welcome: everything that was built on the old one is to be built again. */
  readonly welcomed = new Signal<Welcome>();
  readonly keyframed = new Signal();
  /** The mirror or the window is one step further. */
  readonly advanced = new Signal();
  /** The room has stepped, even if what we see is held back. */
  readonly stepped = new Signal();
  readonly refused = new Signal<Refused>();
  readonly ended = new Signal<EpisodeResult>();

  /** @param link a room that we are already in, for example because we made it. */
  constructor(roomId: string, door: Door, settings: Settings, clock: Clock, link?: RoomLink) {
    this.roomId = roomId;
    this.#door = door;
    this.#settings = settings;
    this.#clock = clock;
    this.key = settings.seatKey(roomId);
    this.playback = new Playback(125);
    const token = settings.seatToken(roomId);
    if (token !== null) this.#wish = { token };
    if (link === undefined) void this.#enter();
    else this.#attach(link);
  }

  /** Whether we see through our own seat's window rather than the whole map. */
  get inWindow(): boolean {
    return this.seat !== null && this.welcome?.view === 'partial';
  }

  /** The step that the next action is for. */
  get time(): number {
    return this.inWindow ? (this.window?.time ?? 0) : (this.mirror?.time ?? 0);
  }

  /** Of our own player, or null while we have none or do not know yet. */
  get facing(): number | null {
    if (this.seat === null) return null;
    if (this.inWindow) return this.window?.facing ?? null;
    return this.mirror?.ready ? this.mirror.facing[this.seat]! : null;
  }

  /** Asks for a seat, now or on entering. */
  sit(wish: Sit): void {
    const asked: Sit = {
      ...wish,
      ...(wish.name === undefined && { name: this.#settings.name }),
      ...(wish.key === undefined && this.key !== null && { key: this.key }),
    };
    // A token takes back what was ours, and comes before any other wish.
    if (this.#link === null || this.welcome === null) this.#wish = this.#wish?.token ? this.#wish : asked;
    else if (this.welcome.record && asked.record === undefined && asked.token === undefined) {
      this.asking = asked;
      this.changed.emit();
    } else this.#link.send(Message.sit, asked);
  }

  /** The answer to `asking`: whether to be recorded; null to take no seat. */
  answer(record: boolean | null): void {
    const { asking } = this;
    this.asking = null;
    if (asking !== null && record !== null) this.sit({ ...asking, record });
    else this.changed.emit();
  }

  /** Lets oneself be recorded on one's seat from now on, or no longer: then what was recorded on it is deleted. */
  consent(record: boolean): void {
    const consent: Consent = { record };
    this.#link?.send(Message.consent, consent);
  }

  /** Changes what plays a seat while nobody sits there; the room obeys those who have its key. */
  fill(seat: number, filling: string): void {
    if (this.key === null) return;
    const fill: Fill = { seat, filling, key: this.key };
    this.#link?.send(Message.fill, fill);
  }

  stand(): void {
    this.#link?.send(Message.stand, {});
  }

  act(action: number): void {
    if (this.status === 'live' && this.seat !== null) this.#link?.send(Message.act, { action });
  }

  /** Asks for the minds of these seats from now on, also after a drop, and of no other. */
  watchMinds(seats: readonly number[]): void {
    if (this.minds.want(seats) && this.status === 'live') this.#link?.send(Message.minds, { seats });
  }

  ping(listener: (milliseconds: number) => void): void {
    if (this.status === 'live') this.#link?.ping(listener);
  }

  retryNow(): void {
    if (this.status !== 'dropped') return;
    this.#cancelRetry?.();
    void this.#enter();
  }

  leave(): void {
    this.#left = true;
    this.#cancelRetry?.();
    this.#settings.setSeatToken(this.roomId, null);
    void this.#link?.leave();
  }

  async #enter(): Promise<void> {
    try {
      const link = await this.#door(this.roomId, greeting(this.#settings));
      if (this.#left) leaveUnheard(link);
      else this.#attach(link);
    } catch (error) {
      this.#failed(error as Error & { readonly code?: number });
    }
  }

  #failed(error: Error & { readonly code?: number }): void {
    if (this.#left) return;
    if (error.code === NO_SUCH_ROOM) this.#become('gone');
    // A code from the server's own checks: asking again would bring the same answer.
    else if (error.code !== undefined && error.code >= 400 && error.code < 500)
      this.#become('closed', error.message);
    else this.#retryLater();
  }

  #retryLater(): void {
    this.#link = null;
    const wait = BACKOFF[Math.min(this.attempt, BACKOFF.length - 1)]!;
    this.attempt++;
    this.#cancelRetry = this.#clock.after(wait, () => void this.#enter());
    this.#become('dropped');
  }

  #become(status: Status, reason = ''): void {
    this.status = status;
    this.reason = reason;
    this.changed.emit();
  }

  #attach(link: RoomLink): void {
    this.#link = link;
    link.reconnection.enabled = false; // we come back with the seat's token, to a fresh keyframe
    const on = <T>(type: number, listener: (payload: T) => void) =>
      link.onMessage(type, (payload) => this.#link === link && listener(payload as T));
    on<Welcome>(Message.welcome, (welcome) => this.#welcome(welcome));
    on<readonly SeatInfo[]>(Message.seats, (seats) => {
      this.seats = seats;
      this.changed.emit();
    });
    on<Seated>(Message.seated, (seated) => this.#seated(seated));
    on<Refused>(Message.refused, (refused) => this.#refused(refused));
    on<History>(Message.history, (history) => {
      this.history = { every: history.every, samples: floats(history.samples) };
    });
    on<Pace>(Message.pace, (pace) => {
      this.pace = pace;
      this.changed.emit();
    });
    on<Closing>(Message.closing, (closing) => {
      this.#farewell = closing;
    });
    on<EpisodeResult>(Message.episode, (result) =>
      this.playback.push({
        isTick: false,
        apply: () => {
          this.result = result;
          this.ended.emit(result);
        },
      }),
    );
    on<Uint8Array>(Message.keyframe, (bytes) =>
      this.playback.push({ isTick: false, apply: () => this.#keyframe(bytes) }),
    );
    on<Uint8Array>(Message.tick, (bytes) => {
      this.playback.push({ isTick: true, apply: () => this.#tick(bytes) });
      this.stepped.emit();
    });
    on<Uint8Array>(Message.window, (bytes) => this.#window(bytes));
    on<Uint8Array>(Message.mind, (bytes) => void this.#read(() => this.minds.add(decodeMind(bytes))));
    link.onError((_code, message) => console.info(`room ${this.roomId}: ${message ?? 'connection error'}`));
    link.onLeave((_code, reason) => {
      if (this.#link === link) this.#lost(reason);
    });
  }

  #lost(reason?: string): void {
    this.#link = null;
    this.playback.clear();
    if (this.#left) return;
    const token = this.#settings.seatToken(this.roomId);
    this.#wish = token === null ? null : { token };
    if (this.#farewell?.reason === 'match-over') this.#become('closed', this.#farewell.message);
    else {
      this.#retryLater();
      this.reason = this.#farewell?.message ?? reason ?? '';
    }
  }

  #welcome(welcome: Welcome): void {
    this.welcome = welcome;
    this.seats = welcome.seats;
    this.seat = null;
    this.window = null;
    this.pace = null;
    this.#farewell = null;
    this.mirror = new WorldMirror(welcome);
    this.minds.clear();
    this.playback.interval = 1000 / welcome.tickRate;
    this.attempt = 0;
    this.#become('live');
    this.welcomed.emit(welcome);
    const wish = this.#wish;
    this.#wish = null;
    if (wish !== null) this.sit(wish);
    const { wanted } = this.minds;
    if (wanted.length > 0) this.#link?.send(Message.minds, { seats: wanted });
  }

  #seated({ seat, token, key }: Seated): void {
    const held = this.seat !== null;
    this.seat = seat;
    if (seat !== null) {
      this.refusal = null;
      this.playback.goLive();
      this.#settings.setSeatToken(this.roomId, token);
    } else if (held) this.#settings.setSeatToken(this.roomId, null);
    if (key !== null) {
      this.key = key;
      this.#settings.setSeatKey(this.roomId, key);
    }
    this.window = null;
    this.changed.emit();
  }

  #refused(refused: Refused): void {
    if (refused.code === 'wrong-token') this.#settings.setSeatToken(this.roomId, null);
    this.refusal = refused;
    this.refused.emit(refused);
  }

  /** Bytes that do not fit what came before mean that something was missed: better to enter anew than to show it wrong. */
  #read(read: () => void): boolean {
    try {
      read();
      return true;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const link = this.#link;
      this.#lost('a message could not be read');
      void link?.leave(false);
      return false;
    }
  }

  #keyframe(bytes: Uint8Array): void {
    const { mirror } = this;
    if (mirror === null || !this.#read(() => mirror.keyframe(bytes))) return;
    this.result = null;
    this.minds.show(mirror.episode, mirror.time);
    this.keyframed.emit();
  }

  #tick(bytes: Uint8Array): void {
    const { mirror } = this;
    if (!mirror?.ready || !this.#read(() => mirror.tick(bytes))) return;
    this.minds.show(mirror.episode, mirror.time);
    this.advanced.emit();
  }

  #window(bytes: Uint8Array): void {
    if (this.welcome === null) return;
    const { ahead, behind, left, right } = this.welcome.window;
    const read = this.#read(() => {
      this.window = decodeWindow(bytes, (left + 1 + right) * (ahead + 1 + behind));
    });
    if (!read) return;
    this.advanced.emit();
    this.stepped.emit();
  }
}

/** MessagePack carries a typed array as its bytes, wherever in the message they happen to lie. */
function floats(samples: Float32Array | Uint8Array): Float32Array {
  return samples instanceof Uint8Array ? new Float32Array(samples.slice().buffer) : samples;
}

/** Leaves a room that was entered too late to matter; what it has sent already is not missed. */
export function leaveUnheard(link: RoomLink): void {
  link.onMessage('*', () => {});
  void link.leave();
}
