/** When a room's next tick comes: at a fixed rate, or when all players have acted. */
import { type Clock, type PaceReading, Pulse, wallClock } from './pulse.ts';

export interface Tempo {
  start(): void;
  stop(): void;
  /** Somebody acted, sat down, stood up or went: perhaps nobody has to be waited for any more. */
  changed(): void;
}

/** Multiples of it, modulo 1, fall into the widest gaps between the earlier ones. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;
let rooms = 0;

/** Ticks lie on a grid of time, whoever has acted. */
export class RealtimeTempo implements Tempo {
  readonly #pulse: Pulse;
  #steady = true;

  /**
   * @param tick is told by how many milliseconds it comes late.
   * @param report is called when the rate cannot be held, and when it can again.
   */
  constructor(
    hz: number,
    tick: (lateness: number) => void,
    report: (pace: PaceReading) => void,
    clock: Clock = wallClock,
  ) {
    this.#pulse = new Pulse(
      hz,
      (lateness) => {
        tick(lateness);
        const { pace } = this.#pulse;
        if (pace.steady === this.#steady) return;
        this.#steady = pace.steady;
        report(pace);
      },
      clock,
    );
  }

  /** Rooms that open together would all tick in the same millisecond and wait for each other: each starts in a gap. */
  start(): void {
    rooms++;
    this.#pulse.start(1 - ((rooms * GOLDEN) % 1));
  }

  stop(): void {
    this.#pulse.stop();
  }

  changed(): void {}
}

/** What a lockstep room knows of its players. */
export interface Attendance {
  /** Whether any person or program plays. */
  anybody(): boolean;
  /** Whether all of these have acted for the next tick. */
  everybodyActed(): boolean;
  /** Whether a trained policy has been asked and has yet to act for the next tick. */
  thinking(): boolean;
}

/**
 * A tick when everybody who plays has acted, trained policies too, or after a timeout; where only bots and policies play
 * at a rate, so that they can be watched, or slower if policies need longer.
 */
export class LockstepTempo implements Tempo {
  readonly #timeout: number;
  readonly #period: number;
  readonly #attendance: Attendance;
  readonly #tick: () => void;
  readonly #clock: Clock;
  #cancel: (() => void) | null = null;
  #running = false;
  /** Whether the rate would have a tick by now, which waits for policies only. */
  #overdue = false;
  /** Whether the timer is that of waiting for somebody. */
  #patient = false;

  /** @param timeout seconds that players are waited for. @param hz ticks a second while only bots and policies play. */
  constructor(
    timeout: number,
    hz: number,
    attendance: Attendance,
    tick: () => void,
    clock: Clock = wallClock,
  ) {
    this.#timeout = 1000 * timeout;
    this.#period = 1000 / hz;
    this.#attendance = attendance;
    this.#tick = tick;
    this.#clock = clock;
  }

  start(): void {
    this.#running = true;
    this.#arm();
  }

  stop(): void {
    this.#running = false;
    this.#cancel?.();
  }

  changed(): void {
    if (!this.#running || this.#attendance.thinking()) return;
    const anybody = this.#attendance.anybody();
    if ((anybody && this.#attendance.everybodyActed()) || this.#overdue) this.#fire();
    // Who has just sat down is waited for, and nobody once the last has left.
    else if (anybody !== this.#patient) this.#arm();
  }

  #arm(): void {
    this.#cancel?.();
    this.#overdue = false;
    if (!this.#running) return;
    this.#patient = this.#attendance.anybody();
    if (this.#patient) this.#cancel = this.#clock.after(this.#timeout, () => this.#fire());
    else this.#cancel = this.#clock.after(this.#period, () => this.#due());
  }

  /** The rate would have a tick now. */
  #due(): void {
    if (!this.#attendance.thinking()) {
      this.#fire();
      return;
    }
    this.#overdue = true;
    this.#cancel = this.#clock.after(Math.max(0, this.#timeout - this.#period), () => this.#fire());
  }

  #fire(): void {
    this.#tick();
    this.#arm();
  }
}
