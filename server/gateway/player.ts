/**
 * A connection that plays: each `join` is a guest in a room who holds some of its seats, sees what they see once a tick and
 * acts by tick number. The clock is the room's; whoever does not keep up misses frames, not rewards.
 */
import {
  ACT_HEADER,
  ACT_RESULTS,
  type Join,
  type Joined,
  joinSchema,
  linkSchema,
} from '../../shared/protocol/agents/index.ts';
import { directory } from '../directory.ts';
import type { Visit } from '../guests.ts';
import type { Sitting } from '../seating.ts';
import type { AgentConnection } from './connection.ts';
import { describeGame } from './game.ts';
import { Links, type Numbers, type Refused, refuse } from './links.ts';
import { PlayerLink } from './player-link.ts';

export class PlayerSession {
  readonly #connection: AgentConnection;
  readonly #links: Links<PlayerLink>;

  constructor(connection: AgentConnection, numbers: Numbers) {
    this.#connection = connection;
    this.#links = new Links(numbers);
    connection.on('join', joinSchema, 'play', (message) => this.#join(message));
    connection.on('leave', linkSchema, 'play', ({ link }) => {
      const visit = this.#links.get(link);
      if ('error' in visit) return visit;
      this.#links.delete(link);
      visit.leave(false);
      return {};
    });
    connection.onBytes('act', 'play', (bytes, answered) => this.#act(bytes, answered));
    connection.onClose(() => {
      for (const link of this.#links.clear()) link.leave(true);
    });
  }

  #join(message: Join): Joined | Refused {
    const room = directory.room(message.room);
    if (room === undefined) return refuse('no-room', `there is no room ${JSON.stringify(message.room)}`);
    const link = this.#links.take();
    if (typeof link !== 'number') return link;
    const guest = new PlayerLink(this.#connection, link, message.name, () => this.#links.delete(link));
    const visit = room.admit(guest);
    if (visit === null) {
      this.#links.delete(link);
      return refuse('room-full', 'the room has as many visitors as it takes');
    }
    let joined: Joined | Refused | null = null;
    try {
      joined = this.#begin(guest, visit, message, link, room.roomId);
    } finally {
      if (joined === null || 'error' in joined) {
        visit.leave(false);
        this.#links.delete(link);
      }
    }
    if ('error' in joined) return joined;
    this.#links.set(link, guest);
    // After the answer.
    setImmediate(() => visit.look());
    return joined;
  }

  #begin(guest: PlayerLink, visit: Visit, message: Join, link: number, room: string): Joined | Refused {
    const { over, environment, rules, options } = visit.match;
    if (over) {
      return refuse(
        'match-over',
        'the match of this room is over, and there is nothing left to play: join another',
      );
    }
    const game = describeGame(environment, rules, message.encoding, message.packing);
    if ('error' in game) return game;
    const seats = sitDown(visit, message);
    if ('error' in seats) return seats;
    guest.begin(
      visit,
      game,
      seats.map(({ seat }) => seat),
    );
    const { clock, tickRate } = options;
    return { link, room, clock, tickRate, seats, game };
  }

  #act(bytes: Uint8Array, answered: boolean): Uint8Array | Refused {
    const count = (bytes.length - ACT_HEADER) / 2;
    if (!Number.isInteger(count) || count < 1) {
      return refuse(
        'wrong-length',
        `act has ${bytes.length} bytes: ${ACT_HEADER} and two for each action are wanted`,
      );
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const link = this.#links.get(view.getUint16(0, true));
    if ('error' in link) return link;
    if (count > link.held) {
      return refuse(
        'wrong-length',
        `act has ${count} actions: the link holds ${link.held} seat${link.held === 1 ? '' : 's'}, at most one action for each is read`,
      );
    }
    const episode = view.getUint32(4, true);
    const tick = view.getUint32(8, true);
    const results = new Uint8Array(count);
    for (let k = 0; k < count; k++) {
      const seat = bytes[ACT_HEADER + 2 * k]!;
      const result = link.act(seat, bytes[ACT_HEADER + 2 * k + 1]!, episode, tick);
      results[k] = ACT_RESULTS.indexOf(result);
      if (!answered && result !== 'taken') link.refuse(result, seat, episode, tick);
    }
    return results;
  }
}

/** Takes all seats that were asked for, or says why one could not be had. */
function sitDown(visit: Visit, { seats, tokens, key }: Join): Sitting[] | Refused {
  const { players } = visit.match.environment;
  // Nothing is taken from anybody unless all can be had.
  if (tokens !== undefined && !tokens.every((token) => visit.match.seats.knows(token))) {
    return refuse('wrong-token', 'a token fits no seat: it was kept for 30 s, or never was; take a free one');
  }
  if (tokens === undefined && typeof seats === 'number' && seats > players) {
    return refuse('no-seat', `${seats} seats are wanted, the room has ${players}`);
  }
  const tries =
    tokens?.map((token) => () => visit.takeBack(token)) ??
    (typeof seats === 'number' ? new Array<undefined>(seats).fill(undefined) : seats).map(
      (seat) => () => visit.sit(seat, key),
    );
  const taken: Sitting[] = [];
  for (const attempt of tries) {
    const outcome = attempt();
    if ('code' in outcome) return { error: { code: outcome.code, message: outcome.message } };
    taken.push({ seat: outcome.seat, token: outcome.token });
  }
  return taken;
}
