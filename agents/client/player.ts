/**
 * Seats of a room, held by an agent: a view a tick, actions by tick number. The clock is the room's. Whoever is slow sees the
 * newest view, with the rewards of those that it has missed; seats that are lost with a connection are taken back.
 */
import type {
  AgentError,
  AgentRefused,
  GameDescription,
  Joined,
  JoinInput,
} from '../../shared/protocol/agents/gateway.ts';
import { ACT_RESULTS, type ActResult } from '../../shared/protocol/agents/play.ts';
import { bytesOf } from './bytes.ts';
import type { Channel, LinkEvent } from './channel.ts';
import { ArenaError } from './errors.ts';
import { actFrame, type PlayerView, PlayFrames, WaitingFrames } from './play-frames.ts';
import { Visit, type VisitEvents } from './visit.ts';

/** The tick that an action is for. */
export interface ForTick {
  readonly episode: number;
  readonly tick: number;
}

/** How well a player keeps up: over all steps of the room that it was told of, in seats times steps. */
export interface Punctuality {
  readonly asked: number;
  /** Those in which an action of its own was there in time. */
  readonly onTime: number;
}

const EVENTS: VisitEvents = { begin: 'join', leave: 'leave' };

export class Player {
  /** Called for actions that do not count, and for those that take the place of earlier ones (`doubled`). */
  onRefused: ((refused: AgentRefused) => void) | null = null;
  readonly #channel: Channel;
  readonly #options: JoinInput;
  readonly #frames = new WaitingFrames();
  #visit!: Visit<Joined>;
  #joined!: Joined;
  #seats: Joined['seats'] = [];
  #reader!: PlayFrames;
  #view: PlayerView | null = null;
  #asked = 0;
  #onTime = 0;

  private constructor(channel: Channel, options: JoinInput) {
    this.#channel = channel;
    this.#options = options;
  }

  /** @param ended is called when it is over. @throws {ArenaError} */
  static async join(channel: Channel, options: JoinInput, ended: () => void = () => {}): Promise<Player> {
    const player = new Player(channel, options);
    const visitor = {
      began: (joined: Joined) => player.#begin(joined),
      again: () => player.#again(),
      hear: (event: LinkEvent) => player.#hear(event),
    };
    player.#visit = await Visit.begin(channel, EVENTS, options, visitor, ended);
    return player;
  }

  get game(): GameDescription {
    return this.#joined.game;
  }

  /** Its id. */
  get room(): string {
    return this.#joined.room;
  }

  get clock(): Joined['clock'] {
    return this.#joined.clock;
  }

  /** Ticks a second. */
  get tickRate(): number {
    return this.#joined.tickRate;
  }

  /** The seats that it holds, in the order of views. */
  get seats(): readonly number[] {
    return this.#seats.map(({ seat }) => seat);
  }

  /** They take the seats back, by `tokens` instead of `seats`, within 30 s after the connection is lost. */
  get tokens(): string[] {
    return this.#seats.map(({ token }) => token);
  }

  /** The view that was given last; null before the first. */
  get view(): PlayerView | null {
    return this.#view;
  }

  get punctuality(): Punctuality {
    return { asked: this.#asked, onTime: this.#onTime };
  }

  /** Why there are no more views, where the room has ended them: it is no more, or its match is over. */
  get farewell(): AgentError | null {
    return this.#visit.farewell;
  }

  /**
   * The next view, once there is one; null when the room or its match is over, or it has left.
   * @throws {ArenaError} where the seats are lost.
   */
  async next(): Promise<PlayerView | null> {
    do {
      const frame = this.#frames.take();
      if (frame === undefined) continue;
      this.#view = this.#reader.read(frame);
      return this.#view;
    } while (await this.#visit.more());
    return null;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PlayerView, void> {
    for (let view = await this.next(); view !== null; view = await this.next()) yield view;
  }

  /**
   * Acts, for the tick of the view that was given last by default. After a view that ended its episode there is none, and
   * nothing is sent. What does not count comes to `onRefused`.
   * @param actions of all seats in the order of views, or of the only one.
   */
  act(actions: number | ArrayLike<number>, forTick?: Partial<ForTick>): void {
    const bytes = this.#action(actions, forTick);
    if (bytes !== null) this.#channel.tell('act', bytes);
  }

  /** Acts likewise, and resolves with what became of the action of each seat; of none where there is no tick to act for. */
  async actAndHear(
    actions: number | ArrayLike<number>,
    forTick?: Partial<ForTick>,
  ): Promise<readonly ActResult[]> {
    const bytes = this.#action(actions, forTick);
    if (bytes === null) return [];
    const results = bytesOf(await this.#channel.ask('act', bytes));
    if (results === null) throw new ArenaError('bad-answer', 'the arena does not say what became of actions');
    return Array.from(results, (result) => ACT_RESULTS[result]!);
  }

  /** Gives the seats up. */
  async leave(): Promise<void> {
    await this.#visit.leave();
    this.#frames.clear();
  }

  #action(actions: number | ArrayLike<number>, forTick: Partial<ForTick> = {}): Uint8Array | null {
    const view = this.#view;
    if (view === null || (view.ended && forTick.tick === undefined)) return null;
    const chosen = typeof actions === 'number' ? [actions] : actions;
    const seats = this.seats;
    if (chosen.length !== seats.length) {
      throw new ArenaError(
        'wrong-length',
        `${seats.length} seats take as many actions, not ${chosen.length}`,
      );
    }
    const most = (this.game.actions?.length ?? 256) - 1;
    for (const [k, seat] of seats.entries()) {
      const action = chosen[k]!;
      // Of a number that is no byte another action would be sent.
      if (Number.isInteger(action) && action >= 0 && action < 256) continue;
      throw new ArenaError('bad-action', `action ${action} of seat ${seat} is none: they are 0 to ${most}`);
    }
    const { episode = view.episode, tick = view.tick } = forTick;
    return actFrame(this.#visit.link, { episode, tick }, seats, chosen);
  }

  #begin(joined: Joined): void {
    this.#joined = joined;
    this.#hold(joined.seats);
  }

  #again(): object {
    const { room, name, encoding, packing } = this.#options;
    return { room, name, encoding, packing, tokens: this.tokens };
  }

  #hold(seats: Joined['seats']): void {
    this.#seats = seats;
    this.#reader = new PlayFrames(this.game, seats.length);
  }

  #hear(event: LinkEvent): void {
    if (event.kind === 'observation') {
      const frame = this.#reader.receive(event.bytes);
      // One of other seats than are held now, on its way when another connection took one of them back.
      if (frame === null) return;
      const onTime = this.#reader.own(frame);
      if (onTime !== null) {
        this.#asked += this.#seats.length;
        this.#onTime += onTime;
      }
      this.#frames.add(frame);
    } else if (event.kind === 'refused') {
      if (event.refused.code === 'no-seat') this.#drop(event.refused.seat);
      this.onRefused?.(event.refused);
    }
  }

  /** Another connection has taken one of its seats back: frames go on with the others. */
  #drop(seat: number): void {
    const seats = this.#seats.filter((held) => held.seat !== seat);
    if (seats.length === this.#seats.length) return;
    this.#frames.clear();
    this.#hold(seats);
  }
}
