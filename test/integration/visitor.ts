/** A real SDK client in an arena room, with everything it was sent, and waiting for what it will be sent. */
import { Client, type Room } from '@colyseus/sdk';
import {
  type Act,
  type Closing,
  decodeMind,
  decodeWindow,
  type Enter,
  type EpisodeResult,
  type History,
  Message,
  type Mind,
  PROTOCOL_VERSION,
  type Refused,
  type RoomOptionsInput,
  type Seated,
  type SeatInfo,
  type Sit,
  type Welcome,
  type WindowFrame,
  WorldMirror,
} from '../../shared/protocol/index.ts';

type Told = Partial<Omit<Enter, 'protocol'>>;

export class Visitor {
  readonly room: Room;
  welcome!: Welcome;
  mirror!: WorldMirror;
  seats: readonly SeatInfo[] = [];
  seated: Seated | null = null;
  /** The room's key, if this client was given one. */
  key: string | null = null;
  readonly refused: Refused[] = [];
  readonly episodes: EpisodeResult[] = [];
  readonly windows: WindowFrame[] = [];
  readonly closings: Closing[] = [];
  /** With the step that the mirror showed when it came. */
  readonly minds: (Mind & { readonly shown: number })[] = [];
  history: History | null = null;
  keyframes = 0;
  ticks = 0;
  /** Bytes of keyframes and ticks. */
  bytes = 0;
  left: number | null = null;
  /** Everything received, as text, to look for secrets in. */
  transcript = '';
  readonly #waiting = new Set<() => void>();

  constructor(room: Room) {
    this.room = room;
    room.reconnection.enabled = false;
    this.#on<Welcome>(Message.welcome, (welcome) => {
      this.welcome = welcome;
      this.seats = welcome.seats;
      this.mirror = new WorldMirror(welcome);
    });
    this.#on<Seated>(Message.seated, (seated) => {
      this.seated = seated;
      this.key ??= seated.key;
    });
    this.#on<SeatInfo[]>(Message.seats, (seats) => (this.seats = seats));
    this.#on<History>(Message.history, (history) => (this.history = history));
    this.#on<Refused>(Message.refused, (refused) => this.refused.push(refused));
    this.#on<EpisodeResult>(Message.episode, (result) => this.episodes.push(result));
    this.#on<Closing>(Message.closing, (closing) => this.closings.push(closing));
    this.#on(Message.pace, () => {});
    this.#on<Uint8Array>(Message.keyframe, (bytes) => {
      this.mirror.keyframe(bytes);
      this.keyframes++;
      this.bytes += bytes.length;
    });
    this.#on<Uint8Array>(Message.tick, (bytes) => {
      this.mirror.tick(bytes);
      this.ticks++;
      this.bytes += bytes.length;
    });
    this.#on<Uint8Array>(Message.window, (bytes) => {
      const { ahead, behind, left, right } = this.welcome.window;
      this.windows.push(decodeWindow(bytes, (ahead + 1 + behind) * (left + 1 + right)));
    });
    this.#on<Uint8Array>(Message.mind, (bytes) => {
      this.minds.push({ ...decodeMind(bytes), shown: this.mirror.time });
    });
    room.onLeave((code) => {
      this.left = code;
      this.#wake();
    });
    room.onError(() => {});
  }

  static async create(url: string, room: RoomOptionsInput, told: Told = {}): Promise<Visitor> {
    return new Visitor(
      await new Client(url).create('arena', { protocol: PROTOCOL_VERSION, ...told, room }),
    ).arrived();
  }

  static async enter(url: string, roomId: string, told: Told = {}): Promise<Visitor> {
    return new Visitor(
      await new Client(url).joinById(roomId, { protocol: PROTOCOL_VERSION, ...told }),
    ).arrived();
  }

  act(action: number, tick?: number): void {
    const act: Act = tick === undefined ? { action } : { action, tick };
    this.room.send(Message.act, act);
  }

  /** Takes a seat; resolves with it. */
  async sit(sit: Sit = {}): Promise<Seated> {
    const before = this.refused.length;
    this.room.send(Message.sit, sit);
    await this.until(() => this.seated?.seat != null || this.refused.length > before);
    if (this.seated?.seat == null) throw new Error(this.refused.at(-1)!.code);
    return this.seated;
  }

  /** Sends something and resolves with the refusal that comes. */
  async refusal(type: number | string, payload: unknown): Promise<Refused> {
    const before = this.refused.length;
    this.room.send(type, payload);
    await this.until(() => this.refused.length > before);
    return this.refused[before]!;
  }

  /** Cuts the connection without a word. */
  async drop(): Promise<void> {
    this.room.connection.close(4010);
    await this.until(() => this.left !== null);
  }

  /** Resolves as soon as `condition` holds, looked at after each message; the test's own limit ends what never comes. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      const gone = this.left !== null;
      if (gone) throw new Error(`the connection ended with ${this.left}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async arrived(): Promise<this> {
    await this.until(() => this.seated !== null);
    return this;
  }

  #on<T>(type: number, callback: (message: T) => void): void {
    this.room.onMessage(type as never, (message: T) => {
      this.transcript += JSON.stringify(message);
      callback(message);
      this.#wake();
    });
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
