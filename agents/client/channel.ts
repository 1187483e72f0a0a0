/** A connection to an arena's `/agents`: calls with answers, events of links, and what becomes of them when it is lost. */
import { io, type Socket } from 'socket.io-client';
import {
  AGENT_NAMESPACE,
  AGENT_PROTOCOL_VERSION,
  type AgentError,
  type AgentRefused,
  CLOSING_EVENT,
  type Handshake,
  type Left,
} from '../../shared/protocol/agents/gateway.ts';
import { arenaAddress } from './address.ts';
import { bytesOf } from './bytes.ts';
import { ArenaError, errorIn } from './errors.ts';

export interface ConnectOptions {
  /** Any address of the arena's pages; in a browser that of the page by default. */
  readonly url?: string;
  /** Made by `arena token create`. */
  readonly token: string;
  /** Seconds for which a lost connection is tried again, 30 by default: so long the arena keeps seats. */
  readonly patience?: number;
}

/** Milliseconds before the first attempt to come back, and at most between two. */
const RETRY_MS = 200;
const RETRY_MAX_MS = 2000;

/** What is told of the connection to those who use it. */
export interface ConnectionListener {
  /** It is lost, and is being tried again. */
  lost?(error: ArenaError): void;
  /** It is back: the arena knows nothing of what went over the old one. */
  back?(): void;
  /** It is over. */
  over(error: ArenaError): void;
}

/** What the arena sends of its own accord: to a player, or to a watcher. */
export type LinkEvent =
  | { readonly kind: 'observation'; readonly bytes: Uint8Array }
  | { readonly kind: 'public'; readonly type: number; readonly payload: unknown }
  | { readonly kind: 'refused'; readonly refused: AgentRefused }
  | { readonly kind: 'left'; readonly left: Left };

export class Channel {
  /** Where the arena is: the folder of its page. */
  readonly url: string;
  readonly #socket: Socket;
  readonly #patience: number;
  readonly #listeners = new Set<ConnectionListener>();
  /** Of calls that wait for an answer. */
  readonly #pending = new Set<(error: ArenaError) => void>();
  readonly #links = new Map<number, (event: LinkEvent) => void>();
  #over: ArenaError | null = null;
  /** Why the arena ends the connection, where it has said so. */
  #farewell: AgentError | null = null;
  #giveUp: ReturnType<typeof setTimeout> | undefined;

  constructor({ url = pageAddress(), token, patience = 30 }: ConnectOptions) {
    const { origin, folder } = arenaAddress(url);
    const auth: Handshake = { protocol: AGENT_PROTOCOL_VERSION, token };
    this.url = origin + folder;
    this.#patience = patience;
    this.#socket = io(origin + AGENT_NAMESPACE, {
      path: `${folder}socket.io/`,
      auth,
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: RETRY_MS,
      reconnectionDelayMax: RETRY_MAX_MS,
    });
    this.#followConnection();
    this.#followLinks();
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  /** Resolves once it is connected, for the first time or again. @throws {ArenaError} once it is over. */
  ready(): Promise<void> {
    if (this.#over !== null) return Promise.reject(this.#over);
    if (this.connected) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const stop = this.listen({
        back() {
          stop();
          resolve();
        },
        over: reject,
      });
    });
  }

  /** @returns stops it. */
  listen(listener: ConnectionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Events of a link go to `hear`, until it is unlinked or the connection is lost. */
  link(link: number, hear: (event: LinkEvent) => void): void {
    this.#links.set(link, hear);
  }

  unlink(link: number): void {
    this.#links.delete(link);
  }

  /**
   * Sends an event and resolves with its answer.
   * @param payload bytes, or what has some in it: they may be written to again once there is an answer.
   * @param take sees the answer before any event that comes after it.
   * @throws {ArenaError} with the arena's code; `disconnected` where the connection is lost before there is an answer.
   */
  ask<T>(event: string, payload: unknown, take?: (answer: T) => void): Promise<T> {
    if (this.#over !== null) return Promise.reject(this.#over);
    // Otherwise Socket.IO would keep the event, and send it to an arena that knows nothing of what it is about.
    if (!this.connected) return Promise.reject(this.#lost());
    return new Promise<T>((resolve, reject) => {
      this.#pending.add(reject);
      this.#socket.emit(event, payload, (answer: T) => {
        this.#pending.delete(reject);
        const error = errorIn(answer);
        if (error !== null) return reject(new ArenaError(error.code, error.message));
        take?.(answer);
        resolve(answer);
      });
    });
  }

  /** Sends an event that needs no answer; does nothing while there is no connection. */
  tell(event: string, payload: unknown): void {
    if (this.connected) this.#socket.emit(event, payload);
  }

  close(): void {
    this.#end(new ArenaError('closed', 'the connection was closed on this side'));
  }

  #followConnection(): void {
    const socket = this.#socket;
    let known = false;
    socket.on('connect', () => {
      known = true;
      clearTimeout(this.#giveUp);
      for (const listener of [...this.#listeners]) listener.back?.();
    });
    socket.on('connect_error', (error: Error & { data?: unknown }) => {
      const refusal = errorIn({ error: error.data });
      if (refusal !== null) this.#end(new ArenaError(refusal.code, refusal.message));
      else if (!known || !socket.active) {
        const message = `no arena lets agents in at ${this.url}: ${reasonOf(error)}`;
        this.#end(new ArenaError('unreachable', message, { cause: error }));
      }
    });
    socket.on(CLOSING_EVENT, (error: AgentError) => (this.#farewell = error));
    socket.on('disconnect', (reason) => {
      if (this.#over !== null) return;
      const farewell = this.#farewell;
      if (farewell !== null) this.#end(new ArenaError(farewell.code, farewell.message));
      // Socket.IO tries again by itself, unless it was the arena that put an end to it.
      else if (socket.active) this.#lose();
      else
        this.#end(new ArenaError('disconnected', `the arena at ${this.url} ended the connection: ${reason}`));
    });
  }

  #followLinks(): void {
    const socket = this.#socket;
    socket.on('observation', (frame: unknown) => {
      const bytes = bytesOf(frame);
      if (bytes === null || bytes.length < 2) return;
      this.#links.get(bytes[0]! | (bytes[1]! << 8))?.({ kind: 'observation', bytes });
    });
    socket.on('public', (link: number, type: number, payload: unknown) => {
      this.#links.get(link)?.({ kind: 'public', type, payload: bytesOf(payload) ?? payload });
    });
    socket.on('refused', (refused: AgentRefused) => {
      this.#links.get(refused.link)?.({ kind: 'refused', refused });
    });
    socket.on('left', (left: Left) => this.#links.get(left.link)?.({ kind: 'left', left }));
  }

  #lost(): ArenaError {
    return new ArenaError('disconnected', `the connection to the arena at ${this.url} is lost`);
  }

  #lose(): void {
    this.#links.clear();
    const error = this.#lost();
    this.#fail(error);
    for (const listener of [...this.#listeners]) listener.lost?.(error);
    this.#giveUp = setTimeout(() => {
      const message = `the connection to the arena at ${this.url} was lost and did not come back within ${this.#patience} s`;
      this.#end(new ArenaError('disconnected', message));
    }, 1000 * this.#patience);
  }

  #fail(error: ArenaError): void {
    const pending = [...this.#pending];
    this.#pending.clear();
    for (const reject of pending) reject(error);
  }

  #end(error: ArenaError): void {
    if (this.#over !== null) return;
    this.#over = error;
    clearTimeout(this.#giveUp);
    this.#socket.disconnect();
    this.#links.clear();
    this.#fail(error);
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener.over(error);
  }
}

/** The address of the page that this runs in. */
function pageAddress(): string {
  const page = globalThis.location?.href;
  if (page !== undefined) return page;
  throw new ArenaError('bad-address', 'give the url of the arena, such as http://127.0.0.1:2567');
}

/** What Socket.IO knows of a connection that failed: in Node, the error of the socket below. */
function reasonOf(error: Error & { description?: unknown }): string {
  const below = error.description as { message?: unknown } | undefined;
  return typeof below?.message === 'string' && below.message !== '' ? below.message : error.message;
}
