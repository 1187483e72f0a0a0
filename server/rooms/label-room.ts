/** Where people label states that a trainer asks about: a room a session, with whoever has its link. */
import { type Client, Room, ServerError } from '@colyseus/core';
import * as z from 'zod';
import { explain } from '../../shared/definition.ts';
import {
  type Asked,
  enterLabelsSchema,
  LabelMessage,
  type LabelRefused,
  labelSchema,
} from '../../shared/protocol/labels.ts';
import { type LabelSession, labelDesk } from '../labels/desk.ts';
import { type LabelSheet, SKIPPED } from '../labels/sheet.ts';
import { wallClock } from '../pulse.ts';
import { RateLimit } from '../rate-limit.ts';

/** More than anybody can press. */
const MESSAGES = 30;

export class LabelRoom extends Room {
  #session!: LabelSession;
  #stop = () => {};
  /** What each client was shown last, so that nothing is sent twice. */
  readonly #shown = new Map<string, { sheet: LabelSheet; state: number | null; undoable: number }>();
  readonly #limits = new Map<string, RateLimit>();

  override onCreate(raw: unknown): void {
    this.patchRate = null;
    this.maxClients = 100;
    const { session: id } = parse(raw);
    const session = labelDesk.get(id);
    if (session === undefined) {
      throw new ServerError(404, 'nothing is asked here: the trainer is not running, or has ended');
    }
    this.#session = session;
    this.#stop = session.listen(() => this.#tell());
    this.#on(LabelMessage.label, labelSchema, (client, { state, action }) => {
      const { sheet, subject } = this.#session;
      if (action !== null && action >= subject.actions.length) {
        return `action ${action} is unknown, there are 0 to ${subject.actions.length - 1}`;
      }
      if (!sheet.answer(client.sessionId, state, action ?? SKIPPED)) {
        return `state ${state} is not the one that you are asked about`;
      }
      this.#session.changed();
      return null;
    });
    this.#on(LabelMessage.undo, z.unknown(), (client) => {
      const { sheet } = this.#session;
      if (sheet.done) return 'this round is over: the trainer has its answers, and none can be taken back';
      if (!sheet.undo(client.sessionId)) return 'there is no answer of yours to take back';
      this.#session.changed();
      return null;
    });
    this.onMessage('*', () => {});
  }

  override onJoin(_client: Client, raw: unknown): void {
    parse(raw);
    this.#tell();
  }

  override onLeave(client: Client): void {
    this.#session.sheet.leave(client.sessionId);
    this.#shown.delete(client.sessionId);
    this.#limits.delete(client.sessionId);
    this.#tell();
  }

  override onDispose(): void {
    this.#stop();
  }

  #on<S extends z.ZodType>(
    type: number,
    schema: S,
    handle: (client: Client, message: z.output<S>) => string | null,
  ): void {
    this.onMessage(type, (client: Client, payload: unknown) => {
      let limit = this.#limits.get(client.sessionId);
      if (limit === undefined) this.#limits.set(client.sessionId, (limit = new RateLimit(MESSAGES)));
      if (limit.admit(wallClock.now()) !== 'admitted') return;
      const parsed = schema.safeParse(payload);
      const message = parsed.success ? handle(client, parsed.data) : explain(parsed.error);
      if (message !== null) {
        client.send(LabelMessage.refused, { message, about: type } satisfies LabelRefused);
      }
    });
  }

  /** Everybody sees how far it is, and each what is asked of them. */
  #tell(): void {
    const { sheet } = this.#session;
    this.broadcast(LabelMessage.sheet, this.#session.describe(this.clients.length));
    for (const client of this.clients) {
      const state = this.#session.attended ? sheet.askedOf(client.sessionId) : null;
      const undoable = sheet.undoable(client.sessionId);
      const shown = this.#shown.get(client.sessionId);
      if (shown?.sheet === sheet && shown.state === state && shown.undoable === undoable) continue;
      this.#shown.set(client.sessionId, { sheet, state, undoable });
      const asked = state === null ? null : { state, ...sheet.states[state]! };
      client.send(LabelMessage.state, { asked, undoable } satisfies Asked);
    }
  }
}

/** @throws {ServerError} */
function parse(raw: unknown) {
  const result = enterLabelsSchema.safeParse(raw ?? {});
  if (!result.success) throw new ServerError(400, `label: ${explain(result.error)}`);
  return result.data;
}
