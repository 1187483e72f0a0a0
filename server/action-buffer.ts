/**
 * The slots that actions wait in: one for each seat and each of the next ticks. People, bots and network agents fill the
 * same slots; the room does not know which is which.
 */
import { MAX_TICKS_AHEAD } from '../shared/protocol/index.ts';

const SLOTS = MAX_TICKS_AHEAD + 1;
const EMPTY = -1;

export class ActionBuffer {
  /** [N, SLOTS], the slot of tick t is t mod SLOTS. */
  readonly #slots: Int16Array;

  constructor(players: number) {
    this.#slots = new Int16Array(players * SLOTS).fill(EMPTY);
  }

  /**
   * Puts an action in its slot; of several for one tick the last counts.
   * @param now the tick that comes next. @param tick the tick it is meant for, the next one by default.
   * @returns why it was refused, or null.
   */
  put(seat: number, action: number, now: number, tick = now): 'late' | 'early' | null {
    if (tick < now) return 'late';
    if (tick > now + MAX_TICKS_AHEAD) return 'early';
    this.#slots[seat * SLOTS + (tick % SLOTS)] = action;
    return null;
  }

  has(seat: number, tick: number): boolean {
    return this.#slots[seat * SLOTS + (tick % SLOTS)] !== EMPTY;
  }

  /** Takes the action of `tick` out of its slot; `otherwise` where there is none. */
  take(seat: number, tick: number, otherwise: number): number {
    const at = seat * SLOTS + (tick % SLOTS);
    const action = this.#slots[at]!;
    this.#slots[at] = EMPTY;
    return action === EMPTY ? otherwise : action;
  }

  /** Forgets what a seat had waiting: its next holder starts afresh. */
  clear(seat: number): void {
    this.#slots.fill(EMPTY, seat * SLOTS, (seat + 1) * SLOTS);
  }
}
