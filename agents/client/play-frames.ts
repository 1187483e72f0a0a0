/** What a player sees at a tick, taken out of the frame that it came in. */
import type { GameDescription } from '../../shared/protocol/agents/gateway.ts';
import {
  ACT_HEADER,
  NO_ACTION,
  PlayFlag,
  type PlayLayout,
  playLayout,
  SEAT_BYTES,
} from '../../shared/protocol/agents/play.ts';
import { type Observations, viewObservations } from './observations.ts';

/** What one seat sees, and what became of it. */
export interface SeatView {
  readonly seat: number;
  /** Of the steps since the view before: more than one where some were missed. */
  readonly reward: number;
  /** Of the episode so far. */
  readonly total: number;
  /** The action that counted in the last step; null where none did. */
  readonly acted: number | null;
  /** Whether an action of its own was there in time. */
  readonly own: boolean;
  readonly terminated: boolean;
  /** [...] of the game's shape. */
  readonly observation: Observations;
  /** [N] 0 or 1: whom it sees. */
  readonly visible: Uint8Array;
}

/** What the seats of a player see at a tick. Its arrays are its own, and are not written again. */
export interface PlayerView {
  readonly episode: number;
  /** Steps made in the episode: the tick that the next action is for. */
  readonly tick: number;
  /** In the order in which they were taken. */
  readonly seats: readonly SeatView[];
  /** [N] what everybody did in the last step, 255 for nothing; null at an episode's start, and where it is not revealed. */
  readonly lastActions: Uint8Array | null;
  /** The episode ended with the last step: there is nothing to act for until the next view. */
  readonly ended: boolean;
  /** Earlier ticks that were passed over since the view before, because nobody asked in time. */
  readonly missed: number;
}

/** A frame that nobody has asked for yet. */
export interface WaitingFrame {
  readonly bytes: Uint8Array;
  readonly episode: number;
  readonly ended: boolean;
  /** [S] of this step and of those that it has taken the place of. */
  readonly rewards: Float64Array;
  readonly missed: number;
}

export class PlayFrames {
  readonly #game: GameDescription;
  readonly #layout: PlayLayout;
  readonly #seats: number;

  /** @param seats how many. */
  constructor(game: GameDescription, seats: number) {
    this.#game = game;
    this.#seats = seats;
    this.#layout = playLayout({ ...game, seats });
  }

  /** @returns null for bytes that are no frame of this game. */
  receive(bytes: Uint8Array): WaitingFrame | null {
    const layout = this.#layout;
    if (bytes.length !== layout.bytes) return null;
    const view = viewOf(bytes);
    const rewards = Float64Array.from({ length: this.#seats }, (_, k) =>
      view.getFloat32(layout.seats + k * SEAT_BYTES + 4, true),
    );
    const ended = (bytes[3]! & PlayFlag.ended) !== 0;
    return { bytes, episode: view.getUint32(4, true), ended, rewards, missed: 0 };
  }

  /** Seats whose own action was there in time for the step of a frame; null for a frame that no step came before. */
  own({ bytes }: WaitingFrame): number | null {
    if (bytes[2] === 0) return null;
    let count = 0;
    for (let k = 0; k < this.#seats; k++) count += bytes[this.#layout.seats + k * SEAT_BYTES + 2]!;
    return count;
  }

  read({ bytes, episode, ended, rewards, missed }: WaitingFrame): PlayerView {
    const layout = this.#layout;
    const { players } = this.#game;
    const view = viewOf(bytes);
    const all = viewObservations(this.#game, bytes, layout.observations, this.#seats * layout.elements);
    const seats = Array.from({ length: this.#seats }, (_, k): SeatView => {
      const at = layout.seats + k * SEAT_BYTES;
      const visible = layout.visible + k * players;
      return {
        seat: bytes[at]!,
        reward: rewards[k]!,
        total: view.getFloat64(at + 8, true),
        acted: bytes[at + 1] === NO_ACTION ? null : bytes[at + 1]!,
        own: bytes[at + 2] === 1,
        terminated: bytes[at + 3] === 1,
        observation: all.subarray(k * layout.elements, (k + 1) * layout.elements),
        visible: bytes.subarray(visible, visible + players),
      };
    });
    const stepped = bytes[2] === 1;
    const revealed = stepped && (bytes[3]! & PlayFlag.lastActions) !== 0;
    return {
      episode,
      tick: view.getUint32(8, true),
      seats,
      lastActions: revealed ? bytes.subarray(layout.lastActions, layout.lastActions + players) : null,
      ended,
      missed,
    };
  }
}

/**
 * Frames that wait to be asked for: the newest, and before it the end of the episode before, if that was not seen yet. A frame
 * that a newer one takes the place of leaves its rewards to it.
 */
export class WaitingFrames {
  readonly #waiting: WaitingFrame[] = [];

  get any(): boolean {
    return this.#waiting.length > 0;
  }

  add(frame: WaitingFrame): void {
    const last = this.#waiting.at(-1);
    if (last === undefined || last.ended) {
      this.#waiting.push(frame);
      // Whoever is that late has missed an episode, its end included.
      if (this.#waiting.length > MOST_WAITING) {
        const { missed } = this.#waiting.shift()!;
        this.#waiting[0] = { ...this.#waiting[0]!, missed: this.#waiting[0]!.missed + missed };
      }
      return;
    }
    const same = last.episode === frame.episode;
    this.#waiting[this.#waiting.length - 1] = {
      ...frame,
      rewards: same ? frame.rewards.map((reward, k) => reward + last.rewards[k]!) : frame.rewards,
      missed: last.missed + 1,
    };
  }

  take(): WaitingFrame | undefined {
    return this.#waiting.shift();
  }

  clear(): void {
    this.#waiting.length = 0;
  }
}

const MOST_WAITING = 2;

/** What is sent for actions at a tick. @param seats which act, and @param actions what they do, in their order. */
export function actFrame(
  link: number,
  { episode, tick }: { readonly episode: number; readonly tick: number },
  seats: readonly number[],
  actions: ArrayLike<number>,
): Uint8Array {
  const bytes = new Uint8Array(ACT_HEADER + 2 * seats.length);
  const view = viewOf(bytes);
  view.setUint16(0, link, true);
  view.setUint32(4, episode, true);
  view.setUint32(8, tick, true);
  seats.forEach((seat, k) => {
    bytes[ACT_HEADER + 2 * k] = seat;
    bytes[ACT_HEADER + 2 * k + 1] = actions[k]!;
  });
  return bytes;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
