/**
 * What waits to be sent on a connection, in bytes: what Socket.IO has not handed to its transport, and what the transport has
 * not handed to the system. Whoever produces asks before it does; whoever only answers is not read from meanwhile.
 */
import type { Socket } from 'socket.io';

type Engine = Socket['conn'];

/** Bytes that may wait before nothing more is produced, and nothing more is read. */
export const CHOKED_BYTES = 1 << 20;
/** Bytes that end the connection, unless it is one large answer or two that wait: what is sent without being asked for. */
export const STUCK_BYTES = 8 << 20;
/** An answer is two packets where it has bytes. */
const STUCK_PACKETS = 4;

/** What the transport of WebSockets lets be seen of its own. */
interface Pausable {
  pause(): void;
  resume(): void;
}

interface Packet {
  readonly data?: string | Uint8Array;
}

export class Outbox {
  readonly #engine: Engine;
  readonly #stallMs: number;
  readonly #stuck: () => void;
  readonly #free: () => void;
  /** Bytes and packets that the transport has not taken, and bytes that it is sending. */
  #queued = 0;
  #packets = 0;
  #sending = 0;
  #paused: Pausable | null = null;
  #timer: NodeJS.Timeout | null = null;

  /**
   * @param stallMs how long a client may leave too much unread. @param stuck is called for one that does not read.
   * @param free is called when something may be produced again, before more is read.
   */
  constructor(engine: Engine, stallMs: number, stuck: () => void, free: () => void) {
    this.#engine = engine;
    this.#stallMs = stallMs;
    this.#stuck = stuck;
    this.#free = free;
    const drained = () => this.#drained();
    engine.on('packetCreate', (packet: Packet) => this.#add(packet.data?.length ?? 0));
    engine.on('flush', () => {
      this.#sending += this.#queued;
      this.#queued = 0;
      this.#packets = 0;
    });
    engine.transport.on('drain', drained);
    engine.on('upgrade', () => engine.transport.on('drain', drained));
    engine.on('close', () => this.#settle());
  }

  /** Bytes. */
  get waiting(): number {
    return this.#queued + this.#sending;
  }

  get choked(): boolean {
    return this.waiting > CHOKED_BYTES;
  }

  /** Whether nothing is read: what the last read has brought may still come. */
  get paused(): boolean {
    return this.#paused !== null;
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.#settle();
    cut(this.#engine);
  }

  #add(bytes: number): void {
    if (this.waiting > STUCK_BYTES && this.#packets > STUCK_PACKETS) this.#stuck();
    this.#queued += bytes;
    this.#packets++;
    if (this.#timer === null && this.choked) this.#hold();
  }

  #drained(): void {
    this.#sending = 0;
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.choked) this.#free();
    if (this.choked) this.#hold();
    else this.#settle();
  }

  /** Reads nothing more until something has been sent: the client's own buffers fill, and it waits. */
  #hold(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(this.#stuck, this.#stallMs).unref();
    const { socket } = this.#engine.transport as unknown as { socket?: Pausable };
    if (typeof socket?.pause !== 'function') return;
    socket.pause();
    this.#paused = socket;
  }

  #settle(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#paused?.resume();
    this.#paused = null;
  }
}

/** Ends a connection without asking whoever is there to say goodbye. */
export function cut(engine: Engine): void {
  const { transport } = engine as unknown as { transport: { socket?: { terminate?(): void } } };
  engine.close(true);
  transport.socket?.terminate?.();
}
