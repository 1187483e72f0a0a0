/**
 * What a spectator sees, when: at once as a rule; held back or slowed down on request. The room knows nothing of it:
 * messages wait here, and are handed on in order.
 */
export interface Frame {
  /** Ticks take their time when played slowly; what belongs to them goes with them. */
  readonly isTick: boolean;
  apply(): void;
}

/** About four minutes at 8 Hz; beyond it the oldest are played at once, so that nothing is ever missed. */
const LONGEST = 2000;

export class Playback {
  /** Milliseconds between the room's ticks. */
  interval: number;
  #rate = 1;
  #queue: Frame[] = [];
  #waiting = 0;
  #credit = 0;
  #last: number | null = null;

  constructor(interval: number) {
    this.interval = interval;
  }

  /** Ticks that wait to be shown. */
  get behind(): number {
    return this.#waiting;
  }

  /** Of the room's own speed: 1, 0.25, 0 for a pause. */
  get rate(): number {
    return this.#rate;
  }

  set rate(rate: number) {
    this.#rate = rate;
    this.#last = null;
    this.#credit = 0;
  }

  get live(): boolean {
    return this.#rate === 1 && this.#queue.length === 0;
  }

  push(frame: Frame): void {
    if (this.live) {
      frame.apply();
      return;
    }
    this.#queue.push(frame);
    if (frame.isTick) this.#waiting++;
    while (this.#waiting > LONGEST) this.#shift();
  }

  /** Plays what is due. @param now milliseconds. @returns whether anything was played. */
  advance(now: number): boolean {
    const elapsed = this.#last === null ? 0 : now - this.#last;
    this.#last = now;
    if (this.#queue.length === 0) {
      this.#credit = 0;
      return false;
    }
    this.#credit += (elapsed / this.interval) * this.#rate;
    let played = false;
    while (this.#queue.length > 0 && this.#credit >= 1) {
      if (this.#shift()) this.#credit--;
      played = true;
    }
    return played;
  }

  /** Shows the present. */
  goLive(): void {
    this.rate = 1;
    while (this.#queue.length > 0) this.#shift();
  }

  /** Forgets what waits: another connection starts anew from a keyframe. */
  clear(): void {
    this.rate = 1;
    this.#queue = [];
    this.#waiting = 0;
  }

  #shift(): boolean {
    const frame = this.#queue.shift()!;
    if (frame.isTick) this.#waiting--;
    frame.apply();
    return frame.isTick;
  }
}
