/**
 * A room's heartbeat: the only module of a room that reads the wall clock.
 *
 * Beats lie on a grid of deadlines, so that N beats take N periods however late single timers fire. A beat that is more
 * than a period late moves the grid: an overloaded room slows down and says so instead of catching up in a burst.
 */

/** What time it is and how to be called later; tests give their own. */
export interface Clock {
  /** Milliseconds from any fixed point, never going back. */
  now(): number;
  /** Calls back once after `delay` milliseconds; returns how to cancel. */
  after(delay: number, callback: () => void): () => void;
}

export const wallClock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, delay);
    return () => clearTimeout(timer);
  },
};

/** How a pulse keeps its rate, measured over the last seconds. */
export interface PaceReading {
  /** Beats a second. */
  readonly hz: number;
  /** Milliseconds that the last beat came late. */
  readonly lateness: number;
  /** Whether the rate is held to within five per cent. */
  readonly steady: boolean;
}

const PACE_WINDOW_MS = 2000;

export class Pulse {
  readonly #clock: Clock;
  readonly #period: number;
  readonly #beat: (lateness: number) => void;
  #cancel: (() => void) | null = null;
  #deadline = 0;
  #windowStart = 0;
  #windowBeats = 0;
  #pace: PaceReading;

  /** @param hz beats a second. @param beat is told by how many milliseconds it comes late. */
  constructor(hz: number, beat: (lateness: number) => void, clock: Clock = wallClock) {
    this.#clock = clock;
    this.#period = 1000 / hz;
    this.#beat = beat;
    this.#pace = { hz, lateness: 0, steady: true };
  }

  get pace(): PaceReading {
    return this.#pace;
  }

  /** @param phase the share of a period after which the first beat comes, in (0, 1]. */
  start(phase = 1): void {
    if (this.#cancel !== null) return;
    const now = this.#clock.now();
    this.#deadline = now + phase * this.#period;
    this.#windowStart = now;
    this.#windowBeats = 0;
    this.#arm(now);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #arm(now: number): void {
    // Timers cut fractions of a millisecond off: rounded down, nearly every beat would wake twice, early and then in time.
    this.#cancel = this.#clock.after(Math.ceil(Math.max(0, this.#deadline - now)), () => this.#fire());
  }

  #fire(): void {
    const now = this.#clock.now();
    if (now < this.#deadline) {
      // Timers may fire up to a millisecond early.
      this.#arm(now);
      return;
    }
    const lateness = now - this.#deadline;
    this.#deadline = lateness > this.#period ? now + this.#period : this.#deadline + this.#period;
    this.#measure(now, lateness);
    // Armed before the beat, so that a beat may stop the pulse.
    this.#arm(now);
    this.#beat(lateness);
  }

  #measure(now: number, lateness: number): void {
    this.#windowBeats++;
    const span = now - this.#windowStart;
    if (span < PACE_WINDOW_MS) {
      this.#pace = { ...this.#pace, lateness };
      return;
    }
    const hz = (1000 * this.#windowBeats) / span;
    this.#pace = { hz, lateness, steady: (hz * this.#period) / 1000 > 0.95 };
    this.#windowStart = now;
    this.#windowBeats = 0;
  }
}
