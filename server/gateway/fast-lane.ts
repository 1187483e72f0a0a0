/**
 * The short way for events of one buffer that wait for an answer: `step`, thousands of times a second. They are taken before
 * Socket.IO's parser, and an answer of bytes, which are two messages there, goes to the system in one call. What crosses the
 * wire is the same to the byte; everything else goes through Socket.IO, and nothing overtakes it.
 *
 * While too much waits to be sent, what came already waits here: a read brings many messages, and each may have a large answer.
 */
import type { Socket } from 'socket.io';

/** Of a client's packet: binary event, one attachment. */
const EVENT = '51-';
const ATTACHMENT = '{"_placeholder":true,"num":0}';
/** Of answers: with an attachment, and without. */
const BINARY_ACKNOWLEDGEMENT = '61-';
const ACKNOWLEDGEMENT = '3';
/** Of Engine.IO: a message. */
const MESSAGE = '4';
/** Of a client's packet: connects to a namespace. */
const CONNECT = '0';
const DIGITS = /^\d{1,15}$/;

/** First bytes of WebSocket frames that are whole: of text, and of bytes. */
const TEXT_FRAME = 0x81;
const BINARY_FRAME = 0x82;
/** Lengths up to this one are written as they are, then come two bytes, then eight. */
const SHORT = 125;
const LONG = 0xffff;
/** An answer's text, and two headers. */
const HEAD_BYTES = 160;

/** Bytes that may wait before what comes next ends the connection, where the transport cannot be kept from reading: polling. */
const BACKLOG_BYTES = 1 << 20;

export interface Lane {
  /** Everything that comes, before anybody sees it. */
  count(bytes: number): void;
  /** Whether the event is one that takes the short way. */
  takes(event: string): boolean;
  /** @returns the answer: bytes, or an object. */
  handle(event: string, bytes: Uint8Array): unknown;
  /** Whether nothing waits to be sent. */
  idle(): boolean;
  /** Whether so much waits to be sent that nothing is taken; `resume` once that is over. */
  choked(): boolean;
  /** Whether the transport reads nothing more meanwhile. */
  paused(): boolean;
  /** Whether nothing that comes matters any more. */
  over(): boolean;
  /** More came than may wait. */
  overrun(): void;
  /** The client asks to be let in once more. */
  connectedTwice(): void;
}

export class FastLane {
  readonly #socket: Socket;
  readonly #lane: Lane;
  readonly #slow: readonly ((data: string | Uint8Array) => void)[];
  readonly #prefix: string;
  readonly #head = Buffer.alloc(HEAD_BYTES);
  /** What the next bytes belong to; null where they are Socket.IO's. */
  #event: string | null = null;
  #id = '';
  #announcement = '';
  /** Whether Socket.IO has something that it will only hand on once this turn of the loop goes on. */
  #behind = false;
  /** What came and waits, first from `#first` on, and how many bytes. */
  readonly #backlog: (string | Uint8Array)[] = [];
  #first = 0;
  #backlogBytes = 0;

  constructor(socket: Socket, lane: Lane) {
    const { conn, nsp } = socket;
    this.#socket = socket;
    this.#lane = lane;
    this.#prefix = `${nsp.name},`;
    this.#slow = conn.listeners('data') as ((data: string | Uint8Array) => void)[];
    conn.removeAllListeners('data');
    conn.on('data', (data: string | Uint8Array) => this.#receive(data));
  }

  /** Goes on with what waits. */
  resume(): void {
    const backlog = this.#backlog;
    while (this.#first < backlog.length && this.#open()) {
      const data = backlog[this.#first++]!;
      this.#backlogBytes -= data.length;
      this.#take(data);
    }
    if (this.#first < backlog.length && !this.#lane.over()) return;
    backlog.length = 0;
    this.#first = 0;
    this.#backlogBytes = 0;
  }

  #receive(data: string | Uint8Array): void {
    const lane = this.#lane;
    lane.count(data.length);
    if (lane.over()) return;
    if (this.#backlog.length === 0 && this.#open()) {
      this.#take(data);
      return;
    }
    if (this.#backlogBytes > BACKLOG_BYTES && lane.choked() && !lane.paused()) {
      lane.overrun();
      return;
    }
    this.#backlog.push(data);
    this.#backlogBytes += data.length;
  }

  #open(): boolean {
    return !this.#behind && !this.#lane.choked() && !this.#lane.over();
  }

  #take(data: string | Uint8Array): void {
    if (typeof data === 'string') {
      if (this.#event === null && this.#read(data)) return;
      if (this.#event === null && data.startsWith(this.#prefix, CONNECT.length) && data.startsWith(CONNECT)) {
        this.#lane.connectedTwice();
        return;
      }
      // Text where bytes are due: Socket.IO is told of both, and ends the connection.
      if (this.#event !== null) this.#passOn(this.#announcement);
      this.#event = null;
    } else if (this.#event !== null) {
      const event = this.#event;
      this.#event = null;
      this.#answer(this.#id, this.#lane.handle(event, data));
      return;
    }
    this.#passOn(data);
  }

  #passOn(data: string | Uint8Array): void {
    this.#behind = true;
    for (const listener of this.#slow) listener.call(this.#socket.conn, data);
    // Socket.IO puts a packet off by one tick, and its event by another: then it is answered, or others may be.
    process.nextTick(() =>
      process.nextTick(() => {
        this.#behind = false;
        this.resume();
      }),
    );
  }

  /** Whether the text announces bytes that take the short way: `51-/agents,12["step",{"_placeholder":true,"num":0}]`. */
  #read(text: string): boolean {
    if (!text.startsWith(EVENT) || !text.startsWith(this.#prefix, EVENT.length)) return false;
    const start = EVENT.length + this.#prefix.length;
    const bracket = text.indexOf('["', start);
    const quote = text.indexOf('"', bracket + 2);
    if (bracket < 0 || quote < 0 || text.slice(quote) !== `",${ATTACHMENT}]`) return false;
    const id = text.slice(start, bracket);
    const event = text.slice(bracket + 2, quote);
    if (!DIGITS.test(id) || !this.#lane.takes(event)) return false;
    this.#event = event;
    this.#id = id;
    this.#announcement = text;
    return true;
  }

  #answer(id: string, answer: unknown): void {
    const { conn } = this.#socket;
    if (!(answer instanceof Uint8Array)) {
      conn.write(`${ACKNOWLEDGEMENT}${this.#prefix}${id}${JSON.stringify([answer])}`);
      return;
    }
    const text = `${BINARY_ACKNOWLEDGEMENT}${this.#prefix}${id}[${ATTACHMENT}]`;
    if (conn.transport.name !== 'websocket') {
      conn.write(text);
      conn.write(answer as Buffer);
      return;
    }
    // Two frames in one list, as the library's own broadcasts have one in it.
    const options = { wsPreEncodedFrame: [this.#frames(text, answer.length), answer] };
    conn.write(answer as Buffer, options as object);
  }

  /** A frame of text, and the header of the frame of bytes that follows it. */
  #frames(text: string, length: number): Uint8Array {
    const head = this.#lane.idle() ? this.#head : Buffer.alloc(HEAD_BYTES);
    let at = 2 + head.write(`${MESSAGE}${text}`, 2, 'latin1');
    head[0] = TEXT_FRAME;
    head[1] = at - 2;
    head[at++] = BINARY_FRAME;
    if (length <= SHORT) head[at++] = length;
    else if (length <= LONG) {
      head[at++] = 126;
      at = head.writeUInt16BE(length, at);
    } else {
      head[at++] = 127;
      head.writeUInt32BE(0, at);
      at = head.writeUInt32BE(length, at + 4);
    }
    return head.subarray(0, at);
  }
}
