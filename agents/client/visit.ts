/**
 * A stay in a room over a link, to play or to watch: begun anew when a lost connection is back, and ended by the room, by a
 * failure or by leaving. Whoever reads from it waits here for what comes.
 */
import type { AgentError } from '../../shared/protocol/agents/gateway.ts';
import type { Channel, LinkEvent } from './channel.ts';
import { ArenaError } from './errors.ts';

/** Events by which it begins and is left. */
export interface VisitEvents {
  readonly begin: 'join' | 'watch';
  readonly leave: 'leave' | 'unwatch';
}

/** Codes by which a room says that there is nothing more to come; all others are failures. */
const OVER: readonly AgentError['code'][] = ['match-over', 'no-room'];

/** What comes of a visit. */
export interface Visitor<A> {
  /** It has begun, for the first time or anew. */
  began(answer: A): void;
  /** What to begin it anew with, once the connection is back. */
  again(): object;
  hear(event: LinkEvent): void;
}

export class Visit<A extends { readonly link: number }> {
  readonly #channel: Channel;
  readonly #events: VisitEvents;
  readonly #visitor: Visitor<A>;
  readonly #ended: () => void;
  readonly #stopListening: () => void;
  #link = -1;
  #farewell: AgentError | null = null;
  #failure: ArenaError | null = null;
  #over = false;
  #wake: (() => void) | null = null;

  private constructor(channel: Channel, events: VisitEvents, visitor: Visitor<A>, ended: () => void) {
    this.#channel = channel;
    this.#events = events;
    this.#visitor = visitor;
    this.#ended = ended;
    this.#stopListening = channel.listen({
      back: () => void this.#again(),
      over: (error) => this.#fail(error),
    });
  }

  /** @param first what it begins with. @param ended is called when it is over. @throws {ArenaError} */
  static async begin<A extends { readonly link: number }>(
    channel: Channel,
    events: VisitEvents,
    first: object,
    visitor: Visitor<A>,
    ended: () => void,
  ): Promise<Visit<A>> {
    const visit = new Visit(channel, events, visitor, ended);
    try {
      await visit.#begin(first);
    } catch (error) {
      visit.#stopListening();
      throw error;
    }
    return visit;
  }

  /** Names it in frames. */
  get link(): number {
    return this.#link;
  }

  /** Why it is over, where the room has ended it. */
  get farewell(): AgentError | null {
    return this.#farewell;
  }

  /** Resolves with whether there may be something new; not where it is over. @throws {ArenaError} for what ended it. */
  async more(): Promise<boolean> {
    if (this.#failure !== null) throw this.#failure;
    if (this.#over) return false;
    if (this.#wake !== null) throw new ArenaError('busy', 'somebody is waiting for the next already');
    await new Promise<void>((resolve) => (this.#wake = resolve));
    return true;
  }

  async leave(): Promise<void> {
    if (this.#over) return;
    const there = this.#channel.connected;
    const link = this.#link;
    try {
      if (there) await this.#channel.ask(this.#events.leave, { link });
    } finally {
      this.#end();
    }
  }

  async #begin(payload: object): Promise<void> {
    // Looked at before anything that follows it: frames may come at once.
    await this.#channel.ask<A>(this.#events.begin, payload, (answer) => {
      this.#link = answer.link;
      this.#channel.link(answer.link, (event) => this.#hear(event));
      this.#visitor.began(answer);
    });
  }

  async #again(): Promise<void> {
    try {
      await this.#begin(this.#visitor.again());
    } catch (error) {
      if (!(error instanceof ArenaError)) throw error;
      const { code, message } = error;
      // Lost once more: the next connection is the next attempt.
      if (code === 'disconnected') return;
      this.#fail(
        new ArenaError(code, `the connection was lost, and the place in the room with it: ${message}`),
      );
    }
  }

  #hear(event: LinkEvent): void {
    if (this.#over) return;
    if (event.kind !== 'left') this.#visitor.hear(event);
    else if (OVER.includes(event.left.code)) {
      const { code, message } = event.left;
      this.#farewell = { code, message };
      this.#end();
    } else this.#fail(new ArenaError(event.left.code, event.left.message));
    this.#wakeUp();
  }

  #fail(error: ArenaError): void {
    this.#failure ??= error;
    this.#end();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopListening();
    this.#channel.unlink(this.#link);
    this.#ended();
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
