/**
 * A connection that plays: each `join` is a guest in a room who holds some of its seats, sees what they see once a tick and
 * acts by tick number. The clock is the room's; whoever does not keep up misses frames, not rewards.
 */
import {
  ACT_HEADER,
  ACT_RESULTS,
  type ActResult,
  type AgentError,
  type AgentRefused,
  type GameDescription,
  type Join,
  type Joined,
  joinSchema,
  type Left,
  linkSchema,
  NO_ACTION,
  PLAY_HEADER,
  PlayFlag,
  type PlayLayout,
  packCells,
  playLayout,
  SEAT_BYTES,
} from '../../shared/protocol/agents/index.ts';
import { MAX_TICKS_AHEAD } from '../../shared/protocol/index.ts';
import { directory } from '../directory.ts';
import type { Guest, Visit } from '../guests.ts';
import type { Sitting } from '../seating.ts';
import type { AgentConnection } from './connection.ts';
import { describeGame } from './game.ts';
import { Links, type Numbers, type Refused, refuse } from './links.ts';

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

/** One visit. */
class PlayerLink implements Guest {
  readonly id: string;
  readonly identity: string;
  readonly name: string;
  readonly #connection: AgentConnection;
  readonly #link: number;
  readonly #forget: () => void;
  #visit: Visit | null = null;
  #game!: GameDescription;
  #seats: number[] = [];
  #layout!: PlayLayout;
  /** Of seats, by their place in a frame: what has not been told yet. */
  #owed!: Float64Array;
  /** [N, N], and [N, ...] or [S, ...] of what is not there already. */
  #visible!: Uint8Array;
  #all!: Uint8Array | Float32Array;
  #own!: Uint8Array;

  constructor(connection: AgentConnection, link: number, name: string, forget: () => void) {
    this.id = `${connection.id}/${link}`;
    this.identity = connection.token.id;
    this.name = name;
    this.#connection = connection;
    this.#link = link;
    this.#forget = forget;
  }

  begin(visit: Visit, game: GameDescription, seats: number[]): void {
    this.#game = game;
    this.#seats = seats;
    this.#layout = playLayout({ ...game, seats: seats.length });
    this.#owed = new Float64Array(seats.length);
    const { players, observation } = game;
    const all = players * this.#layout.elements;
    this.#visible = new Uint8Array(players * players);
    this.#all = observation.dtype === 'float32' ? new Float32Array(all) : new Uint8Array(all);
    this.#own = new Uint8Array(game.packing === 'nibbles' ? seats.length * this.#layout.elements : 0);
    this.#visit = visit;
  }

  /** Seats. */
  get held(): number {
    return this.#seats.length;
  }

  act(seat: number, action: number, episode: number, tick: number): ActResult {
    return this.#visit?.act(seat, action, episode, tick) ?? 'no-seat';
  }

  refuse(result: ActResult, seat: number, episode: number, tick: number): void {
    if (this.#visit === null) return;
    const { match } = this.#visit;
    const now = match.tick;
    const why: Record<ActResult, string> = {
      taken: '',
      late: `tick ${tick} of episode ${episode} is over, the next is ${now} of ${match.episode}`,
      early: `tick ${tick} of episode ${episode} is too far ahead: give ${now} to ${now + MAX_TICKS_AHEAD} of ${match.episode}`,
      doubled: `there was an action for tick ${tick} already, which this one takes the place of`,
      'bad-action': `there is no such action, they are 0 to ${(this.#game.actions?.length ?? 1) - 1}`,
      'no-seat': `you do not hold seat ${seat}`,
    };
    // Codes of refusals, but for the one of an action that counts.
    const code = result as AgentRefused['code'];
    const refused: AgentRefused = { code, message: why[result], link: this.#link, seat, episode, tick };
    this.#connection.emit('refused', refused);
  }

  observe(when: 'stepped' | 'now'): void {
    const visit = this.#visit;
    if (visit === null) return;
    const { match } = visit;
    const { environment } = match;
    const stepped = when === 'stepped';
    const seats = this.#seats;
    if (stepped) for (let k = 0; k < seats.length; k++) this.#owed[k]! += match.rewards[seats[k]!]!;
    if (this.#connection.choked()) return;
    const { players, revealsActions } = this.#game;
    const layout = this.#layout;
    const bytes = new Uint8Array(layout.bytes);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, this.#link, true);
    bytes[2] = stepped ? 1 : 0;
    bytes[3] =
      (stepped && environment.done ? PlayFlag.ended : 0) | (revealsActions ? PlayFlag.lastActions : 0);
    view.setUint32(4, match.episode, true);
    view.setUint32(8, environment.time, true);
    for (let k = 0; k < seats.length; k++) {
      const seat = seats[k]!;
      const at = PLAY_HEADER + k * SEAT_BYTES;
      bytes[at] = seat;
      bytes[at + 1] = stepped ? match.joint[seat]! : NO_ACTION;
      bytes[at + 2] = stepped ? match.acted[seat]! : 0;
      bytes[at + 3] = stepped ? environment.terminated[seat]! : 0;
      view.setFloat32(at + 4, this.#owed[k]!, true);
      view.setFloat64(at + 8, match.metrics.returns[seat]!, true);
      this.#owed[k] = 0;
    }
    if (revealsActions) {
      if (environment.time > 0) bytes.set(match.joint, layout.lastActions);
      else bytes.fill(NO_ACTION, layout.lastActions, layout.lastActions + players);
    }
    environment.observeVisible(this.#visible);
    for (let k = 0; k < seats.length; k++) {
      const row = seats[k]! * players;
      bytes.set(this.#visible.subarray(row, row + players), layout.visible + k * players);
    }
    this.#writeObservations(bytes);
    this.#connection.emit('observation', bytes);
  }

  #writeObservations(bytes: Uint8Array): void {
    const { match } = this.#visit!;
    const { encoding, packing } = this.#game;
    const { elements, observations } = this.#layout;
    const width = this.#all.BYTES_PER_ELEMENT * elements;
    let source: Uint8Array;
    if (encoding === 'ids') source = match.look();
    else {
      match.environment.observe(encoding, this.#all);
      source = new Uint8Array(this.#all.buffer);
    }
    const packed = packing === 'nibbles';
    const out = packed ? this.#own : bytes;
    const at = packed ? 0 : observations;
    for (let k = 0; k < this.#seats.length; k++) {
      const from = this.#seats[k]! * width;
      out.set(source.subarray(from, from + width), at + k * width);
    }
    if (packed) packCells(this.#own, 0, this.#own.length, bytes, observations);
  }

  show(): void {}

  choked(): boolean {
    return this.#connection.choked();
  }

  lost(seat: number): void {
    const at = this.#seats.indexOf(seat);
    if (at < 0 || this.#visit === null) return;
    this.#seats.splice(at, 1);
    if (this.#seats.length > 0) {
      // The others are still owed what they have not been told.
      const owed = this.#owed.filter((_, k) => k !== at);
      this.begin(this.#visit, this.#game, this.#seats);
      this.#owed.set(owed);
      this.refuse('no-seat', seat, this.#visit.match.episode, this.#visit.match.tick);
      return;
    }
    this.leave(false);
    this.#tell({ code: 'seat-taken', message: 'another connection took the seat back' });
  }

  ended(error: AgentError): void {
    this.#visit = null;
    this.#tell(error);
  }

  leave(lost: boolean): void {
    this.#visit?.leave(lost);
    this.#visit = null;
  }

  #tell(error: AgentError): void {
    this.#forget();
    this.#connection.emit('left', { ...error, link: this.#link } satisfies Left);
  }
}
