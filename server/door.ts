/**
 * What a room's clients send passes here: not too much of it, of the right form, and if it is not obeyed the client is
 * told why, in a coded answer.
 */
import { type Client, CloseCode, type Room } from '@colyseus/core';
import type * as z from 'zod';
import { explain } from '../shared/definition.ts';
import { Message, type Refused } from '../shared/protocol/index.ts';
import { refusals } from './metrics.ts';
import { wallClock } from './pulse.ts';
import { RateLimit } from './rate-limit.ts';

/** A refusal before it is known which message it answers. */
export type Refusal = Omit<Refused, 'about'>;

export class Door {
  readonly #room: Room;
  readonly #perSecond: number;
  readonly #limits = new Map<string, RateLimit>();

  /** @param perSecond how many messages a second are read from a client. */
  constructor(room: Room, perSecond: number) {
    this.#room = room;
    this.#perSecond = perSecond;
    room.onMessage('*', (client: Client, type: string | number) => {
      if (!this.#admit(client, 0)) return;
      this.refuse(client, {
        code: 'bad-message',
        message: `message type ${JSON.stringify(type)} is unknown, there are ${Message.act} (act), ${Message.sit} (sit), ${Message.stand} (stand)`,
        about: Number(type) || 0,
      });
    });
  }

  /** @param handle obeys a message of the right form, or says why not. */
  on<T>(type: number, schema: z.ZodType<T>, handle: (client: Client, message: T) => Refusal | null): void {
    this.#room.onMessage(type, (client: Client, payload: unknown) => {
      if (!this.#admit(client, type)) return;
      const result = schema.safeParse(payload);
      const refusal: Refusal | null = result.success
        ? handle(client, result.data)
        : { code: 'bad-message', message: explain(result.error) };
      if (refusal !== null) this.refuse(client, { ...refusal, about: type });
    });
  }

  refuse(client: Client, refused: Refused): void {
    refusals.inc({ code: refused.code });
    client.send(Message.refused, refused);
  }

  /** A client has gone. */
  forget(client: Client): void {
    this.#limits.delete(client.sessionId);
  }

  #admit(client: Client, type: number): boolean {
    let limit = this.#limits.get(client.sessionId);
    if (limit === undefined) {
      limit = new RateLimit(this.#perSecond);
      this.#limits.set(client.sessionId, limit);
    }
    switch (limit.admit(wallClock.now())) {
      case 'admitted':
        return true;
      case 'refused-first':
        this.refuse(client, {
          code: 'too-fast',
          message: `more than ${limit.perSecond} messages a second: the rest is not read`,
          about: type,
        });
        return false;
      case 'refused':
        return false;
      case 'flood':
        client.leave(CloseCode.WITH_ERROR, 'too many messages');
        return false;
    }
  }
}
