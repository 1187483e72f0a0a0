/**
 * A room's game as one environment, whose players are the seats that are held there. Its clock goes on whoever is learning:
 * what is observed next is the newest there is, with the rewards of all ticks since, and what is learned from is the action
 * that counted. Episodes begin and end with the room's.
 */
import type { ActionBuffer } from '../../shared/environment.ts';
import { ActionKind } from '../../shared/grid/actions.ts';
import { SocialMetrics } from '../../shared/metrics.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import type { Player, PlayerView } from '../client/index.ts';
import type { EnvironmentBatch } from '../rollout/environments.ts';
import type { Observations } from '../rollout/rollout.ts';
import { ConnectionError } from '../training/errors.ts';
import { asEnding } from './errors.ts';

export interface RoomShape {
  /** S */
  readonly seats: number;
  readonly episodeLength: number;
}

export class RoomEnvironment implements EnvironmentBatch {
  readonly count = 1;
  readonly episodeLength: number;
  readonly done = new Uint8Array(1);
  readonly live = true;
  readonly #shape: RoomShape;
  readonly #join: () => Promise<Player>;
  #player: Player | null = null;
  /** What is acted on; null before an episode's first. */
  #view: PlayerView | null = null;
  /** Of the episode that has ended. */
  #last: PlayerView | null = null;
  /** Whether the episode was seen from its start. */
  #whole = false;
  readonly #terminated: Uint8Array;
  readonly #metrics: SocialMetrics;

  /** @param join takes the seats. */
  constructor(join: () => Promise<Player>, shape: RoomShape) {
    this.#join = join;
    this.#shape = shape;
    this.episodeLength = shape.episodeLength;
    this.#terminated = new Uint8Array(shape.seats);
    this.#metrics = new SocialMetrics(shape.seats);
  }

  time(): number {
    return this.#view?.tick ?? 0;
  }

  /** The room's own next episode: it has no seed of ours. */
  reset(): void {
    this.done[0] = 0;
  }

  advance(): boolean {
    throw new Error('a room is not advanced: start with stagger off');
  }

  /** Writes into `actions` what counted. */
  async step(actions: ActionBuffer, rewards: Float32Array): Promise<void> {
    const before = this.#known(this.#view);
    this.#player!.act(actions);
    const view = await this.#next();
    if (view.episode !== before.episode) this.#endUnseen(before, view, actions, rewards);
    else {
      for (const [k, seat] of view.seats.entries()) {
        rewards[k] = seat.reward;
        actions[k] = seat.acted ?? ActionKind.stay;
        this.#terminated[k] = seat.terminated ? 1 : 0;
      }
      this.done[0] = view.ended ? 1 : 0;
      this.#last = view.ended ? view : null;
      this.#view = view.ended ? null : view;
    }
    if (this.done[0] === 1) this.#count();
  }

  /** The episode went by while the connection was lost: what is known of it ends where it was seen last. */
  #endUnseen(before: PlayerView, view: PlayerView, actions: ActionBuffer, rewards: Float32Array): void {
    actions.fill(ActionKind.stay);
    rewards.fill(0);
    this.#terminated.fill(0);
    this.#whole = false;
    this.done[0] = 1;
    this.#last = before;
    this.#view = view.ended ? null : view;
  }

  /** What a player is told of an episode: what it came to for its seats, and how long it was. */
  #count(): void {
    const { seats, tick } = this.#known(this.#last);
    this.#metrics.reset();
    for (const [k, { total }] of seats.entries()) this.#metrics.returns[k] = total;
    this.#metrics.counts[5 * seats.length] = tick;
  }

  async observe(out: Observations, offset: number): Promise<void> {
    while (this.#view === null) {
      const view = await this.#next();
      if (view.ended) continue;
      this.#view = view;
      this.#whole = view.tick === 0;
    }
    write(this.#view, out, offset);
  }

  observeVisible(out: Uint8Array, offset: number): void {
    const { seats } = this.#known(this.#view);
    for (const [k, { visible }] of seats.entries()) out.set(visible, offset + k * visible.length);
  }

  observeFinal(_: number, out: Observations): void {
    write(this.#known(this.#last), out, 0);
  }

  terminated(): Uint8Array {
    return this.#terminated;
  }

  counts(): Float64Array | null {
    return this.#whole ? this.#metrics.counts : null;
  }

  /** The room keeps its own state. */
  save(): Saved {
    return {};
  }

  load(): void {
    this.done[0] = 0;
  }

  /** Gives the seats up. */
  leave(): void {
    // Of a room that is over, or a connection that is lost, there are none to give up.
    this.#player?.leave().catch(() => {});
  }

  async #next(): Promise<PlayerView> {
    try {
      this.#player ??= await this.#join();
      const view = await this.#player.next();
      if (view === null) {
        throw new ConnectionError(
          `the room is over: ${this.#player.farewell?.message ?? 'nobody says why'}; learn on in another one`,
        );
      }
      if (view.seats.length !== this.#shape.seats) {
        throw new ConnectionError('a seat of the run was taken by another connection');
      }
      return view;
    } catch (error) {
      throw asEnding(error);
    }
  }

  #known(view: PlayerView | null): PlayerView {
    if (view === null) throw new Error('nothing has been observed yet');
    return view;
  }
}

function write({ seats }: PlayerView, out: Observations, offset: number): void {
  for (const [k, { observation }] of seats.entries()) out.set(observation, offset + k * observation.length);
}
