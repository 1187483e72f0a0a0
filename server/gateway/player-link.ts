/** One visit of a connection that plays: the frames of its seats, what they are owed, and what becomes of their actions. */
import {
  type ActResult,
  type AgentError,
  type AgentRefused,
  type GameDescription,
  type Left,
  NO_ACTION,
  PLAY_HEADER,
  PlayFlag,
  type PlayLayout,
  packCells,
  playLayout,
  SEAT_BYTES,
} from '../../shared/protocol/agents/index.ts';
import { MAX_TICKS_AHEAD } from '../../shared/protocol/index.ts';
import type { Guest, Visit } from '../guests.ts';
import type { AgentConnection } from './connection.ts';

export class PlayerLink implements Guest {
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
