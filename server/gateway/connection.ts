/**
 * One agent's connection: checks what it sends before anybody sees it, answers by acknowledgement, and keeps what is wrong
 * with one connection from all others.
 */
import type { Socket } from 'socket.io';
import type * as z from 'zod';
import { explain } from '../../shared/definition.ts';
import {
  type AgentError,
  type Answer,
  CLOSING_EVENT,
  type Scope,
} from '../../shared/protocol/agents/index.ts';
import { log } from '../log.ts';
import { refusals } from '../metrics.ts';
import { RateLimit } from '../rate-limit.ts';
import { FastLane } from './fast-lane.ts';
import type { Accounts } from './limits.ts';
import { Outbox } from './outbox.ts';
import type { TokenIdentity } from './tokens.ts';

type Acknowledge = (answer: unknown) => void;
type JsonHandler = (message: unknown) => unknown;
type BytesHandler = (bytes: Uint8Array, answered: boolean) => Answer<Uint8Array>;

interface Handler<H> {
  readonly scope: Scope | null;
  readonly handle: H;
}

/** How long a client has to read why its connection ends. */
const FAREWELL_MS = 1000;
/** Characters of an answer that repeats what came. */
const MESSAGE_LENGTH = 1000;
/** Times the limit of bytes that end the connection. */
const FLOOD = 4;

export class AgentConnection {
  readonly id: string;
  readonly token: TokenIdentity;
  readonly accounts: Accounts;
  readonly #socket: Socket;
  readonly #outbox: Outbox;
  readonly #json = new Map<string, Handler<JsonHandler>>();
  readonly #bytes = new Map<string, Handler<BytesHandler>>();
  readonly #messages: RateLimit;
  readonly #closed: (() => void)[] = [];
  #closing = false;
  #second = 0;
  #bytesIn = 0;

  constructor(socket: Socket, token: TokenIdentity, accounts: Accounts) {
    const { limits } = accounts;
    this.id = socket.id;
    this.token = token;
    this.accounts = accounts;
    this.#socket = socket;
    this.#messages = new RateLimit(limits.messages);
    const notReading = () =>
      this.close({
        code: 'not-reading',
        message: 'what the arena sends is not read: read it, or ask for less',
      });
    this.#outbox = new Outbox(socket.conn, limits.stallMs, notReading, () => lane.resume());
    const lane = new FastLane(socket, {
      count: (bytes) => this.#count(bytes),
      takes: (event) => this.#bytes.has(event),
      handle: (event, bytes) => this.#checked(this.#answerBytes(event, this.#bytes.get(event)!, bytes, true)),
      idle: () => this.idle,
      choked: () => this.choked(),
      paused: () => this.#outbox.paused,
      over: () => this.#closing,
      overrun: notReading,
      connectedTwice: () =>
        this.close({
          code: 'bad-message',
          message: `a connection is let into ${socket.nsp.name} once: open another for another token`,
        }),
    });
    socket.onAny((event: unknown, ...args: unknown[]) => this.#receive(event, args));
    socket.once('disconnect', () => {
      this.#closing = true;
      for (const closed of this.#closed) this.#guard(closed);
      // A connection to nothing would stay for ever.
      socket.conn.close();
      this.#cutSoon();
    });
    // Socket.IO cannot read what came, and asks the client to close. The client may say nothing, or send an event of the name.
    socket.on('error', (error: unknown) => {
      if (error instanceof Error) this.#cutSoon();
    });
  }

  /** Whether nothing waits to be sent. */
  get idle(): boolean {
    return this.#outbox.waiting === 0;
  }

  /**
   * An event with an object. @param scope what the token must let its holder do; null for any token.
   * @param handle what it returns is the answer.
   */
  on<S extends z.ZodType, T>(
    event: string,
    schema: S,
    scope: Scope | null,
    handle: (message: z.output<S>) => Answer<T> | Promise<Answer<T>>,
  ): void {
    const checked = (message: unknown) => {
      if (message instanceof Uint8Array) return bad(`${event} takes an object, and bytes at most in it`);
      const parsed = schema.safeParse(message);
      if (parsed.success) return handle(parsed.data);
      return bad(`${event}: ${explain(parsed.error)}`.slice(0, MESSAGE_LENGTH));
    };
    this.#json.set(event, { scope, handle: checked });
  }

  /** An event with bytes. @param handle is told whether an answer is waited for. */
  onBytes(event: string, scope: Scope | null, handle: BytesHandler): void {
    this.#bytes.set(event, { scope, handle });
  }

  emit(event: string, ...args: unknown[]): void {
    if (!this.#closing) this.#socket.emit(event, ...args);
  }

  /** Whether so much waits to be sent that nothing should be added that can be left out. */
  choked(): boolean {
    return this.#outbox.choked;
  }

  /** Ends the connection, and says why. */
  close(error: AgentError): void {
    if (this.#closing) return;
    // First, for what is sent here may be what is too much.
    this.#closing = true;
    this.#refuse(error);
    this.#socket.emit(CLOSING_EVENT, error);
    this.#socket.disconnect(true);
    this.#cutSoon();
  }

  onClose(closed: () => void): void {
    this.#closed.push(closed);
  }

  #cutSoon(): void {
    setTimeout(() => this.#outbox.destroy(), FAREWELL_MS).unref();
  }

  #receive(event: unknown, args: unknown[]): void {
    if (this.#closing) return;
    const last = args.at(-1);
    const acknowledge = typeof last === 'function' ? (last as Acknowledge) : null;
    const bytes = this.#bytes.get(event as string);
    if (bytes !== undefined) {
      const answer = this.#answerBytes(event as string, bytes, args[0], acknowledge !== null);
      if (acknowledge !== null) this.#answer(acknowledge, answer);
      return;
    }
    const admission = this.#messages.admit(performance.now());
    if (admission !== 'admitted') {
      this.#tooFast(admission === 'flood', acknowledge);
      return;
    }
    const json = this.#json.get(event as string);
    const count = args.length - (acknowledge === null ? 0 : 1);
    let answer: unknown;
    if (json === undefined) {
      const known = [...this.#json.keys(), ...this.#bytes.keys()].join(', ');
      answer = bad(`there is no event ${JSON.stringify(event).slice(0, 64)}, there are ${known}`);
    } else if (count > 1) answer = bad(`${event} takes one object, there are ${count} arguments`);
    else
      answer =
        this.#missing(json.scope) ??
        this.#tooMuch() ??
        this.#run(() => json.handle(count === 1 ? args[0] : {}));
    if (answer instanceof Promise) {
      answer.then(
        (value) => this.#answer(acknowledge, value),
        (fault) => this.#answer(acknowledge, this.#fault(fault)),
      );
    } else this.#answer(acknowledge, answer);
  }

  #answerBytes(
    event: string,
    { scope, handle }: Handler<BytesHandler>,
    bytes: unknown,
    answered: boolean,
  ): unknown {
    if (!(bytes instanceof Uint8Array)) return bad(`${event} takes bytes`);
    const refused = this.#missing(scope) ?? this.#tooMuch();
    if (refused !== null) return refused;
    try {
      return handle(bytes, answered);
    } catch (fault) {
      return this.#fault(fault);
    }
  }

  #answer(acknowledge: Acknowledge | null, answer: unknown): void {
    this.#checked(answer);
    if (acknowledge !== null && !this.#closing) acknowledge(answer);
  }

  /** Counts a refusal. */
  #checked(answer: unknown): unknown {
    const error = errorOf(answer);
    if (error !== null) this.#refuse(error);
    return answer;
  }

  #run(handle: () => unknown): unknown {
    try {
      return handle();
    } catch (fault) {
      return this.#fault(fault);
    }
  }

  #missing(scope: Scope | null): { readonly error: AgentError } | null {
    if (scope === null || this.token.scopes.includes(scope)) return null;
    const message = `the token has ${this.token.scopes.join(', ')}, this wants ${scope}: make one with --scopes`;
    return { error: { code: 'missing-scope', message } };
  }

  #tooMuch(): { readonly error: AgentError } | null {
    const { bytes } = this.accounts.limits;
    if (this.#bytesIn <= bytes) return null;
    const message = `at most ${bytes} bytes a second are read from a connection: send less`;
    return { error: { code: 'too-much', message } };
  }

  #tooFast(flood: boolean, acknowledge: Acknowledge | null): void {
    const message = `at most ${this.#messages.perSecond} events a second are read from a connection`;
    const error = { code: 'too-fast', message } as const;
    if (flood) this.close(error);
    else this.#answer(acknowledge, { error });
  }

  #count(bytes: number): void {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#bytesIn = 0;
    }
    this.#bytesIn += bytes;
    const { bytes: limit } = this.accounts.limits;
    if (this.#bytesIn > FLOOD * limit) {
      const message = `at most ${limit} bytes a second are read from a connection`;
      this.close({ code: 'too-much', message });
    }
  }

  #fault(fault: unknown): { readonly error: AgentError } {
    const { message, stack } = fault as Error;
    log.error({ connection: this.id, token: this.token.id, error: message, stack }, 'agent fault');
    return { error: { code: 'fault', message: 'the arena has failed at this; others are not touched' } };
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (fault) {
      this.#fault(fault);
    }
  }

  #refuse({ code, message }: AgentError): void {
    refusals.inc({ code });
    log.debug({ connection: this.id, token: this.token.id, code }, message);
  }
}

function bad(message: string): { readonly error: AgentError } {
  return { error: { code: 'bad-message', message } };
}

function errorOf(answer: unknown): AgentError | null {
  if (typeof answer !== 'object' || answer === null || answer instanceof Uint8Array) return null;
  return (answer as { error?: AgentError }).error ?? null;
}
