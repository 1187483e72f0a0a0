/** Minds that the room sends, kept by tick: what is shown may lag behind what has come. */
import type { Mind } from '../shared/protocol/index.ts';
import { Signal } from './signal.ts';

/** A mind is shown for so many ticks after its own, should the next ones be missing. */
const GRACE = 4;
/** As many as playback holds ticks back; the oldest go first. */
const LONGEST = 2000;

export class MindFeed {
  #wanted: readonly number[] = [];
  #episode = -1;
  /** Steps taken as shown: the mind of the last one has tick `#time - 1`. */
  #time = 0;
  /** By seat, in the order of ticks, the shown one first if there is one. */
  readonly #kept = new Map<number, Mind[]>();

  /** Another mind is to be shown of some seat, or none any more. */
  readonly changed = new Signal();

  /** Seats whose minds are asked for. */
  get wanted(): readonly number[] {
    return this.#wanted;
  }

  /** @returns whether that is something else than before. */
  want(seats: readonly number[]): boolean {
    const known = this.#wanted;
    if (seats.length === known.length && seats.every((seat, i) => seat === known[i])) return false;
    this.#wanted = [...seats];
    for (const seat of this.#kept.keys()) if (!seats.includes(seat)) this.#kept.delete(seat);
    this.changed.emit();
    return true;
  }

  /** A mind came from the room, before the tick that it led to or after it. */
  add(mind: Mind): void {
    // One that was on its way when we stopped asking.
    if (!this.#wanted.includes(mind.seat)) return;
    const before = this.of(mind.seat);
    const kept = this.#kept.get(mind.seat) ?? [];
    kept.push(mind);
    if (kept.length > LONGEST) kept.shift();
    this.#kept.set(mind.seat, kept);
    this.#settle(kept);
    if (this.of(mind.seat) !== before) this.changed.emit();
  }

  /** What is shown has moved on. @param time steps taken in that episode. */
  show(episode: number, time: number): void {
    this.#episode = episode;
    this.#time = time;
    if (this.#kept.size === 0) return;
    for (const kept of this.#kept.values()) this.#settle(kept);
    this.changed.emit();
  }

  /** What seat `seat` thought as it took the step that is shown last; null while that is not known. */
  of(seat: number): Mind | null {
    const mind = this.#kept.get(seat)?.[0];
    if (mind === undefined || !this.#isPast(mind)) return null;
    return mind.episode === this.#episode && mind.tick >= this.#time - 1 - GRACE ? mind : null;
  }

  clear(): void {
    this.#kept.clear();
    this.#episode = -1;
    this.changed.emit();
  }

  /** Drops what lies before the newest mind that may be shown. */
  #settle(kept: Mind[]): void {
    while (kept.length > 1 && this.#isPast(kept[1]!)) kept.shift();
  }

  #isPast({ episode, tick }: Mind): boolean {
    return episode < this.#episode || (episode === this.#episode && tick < this.#time);
  }
}
