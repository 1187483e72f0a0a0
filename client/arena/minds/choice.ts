/** Whose mind is looked at: one that is open, the arrows of all, or none. Asks the room for those and for no other. */
import type { SeatInfo } from '../../../shared/protocol/index.ts';
import { Signal } from '../../signal.ts';

/** What is needed of the session. */
export interface Minded {
  readonly seats: readonly SeatInfo[];
  readonly inWindow: boolean;
  readonly changed: Signal;
  watchMinds(seats: readonly number[]): void;
}

export class MindChoice {
  readonly #session: Minded;
  readonly #stop: () => void;
  #selected: number | null = null;
  #all = false;
  #trained: readonly number[] = [];
  #shown: readonly number[] = [];

  readonly changed = new Signal();

  constructor(session: Minded) {
    this.#session = session;
    this.#stop = session.changed.on(() => this.#check());
    this.#check();
  }

  destroy(): void {
    this.#stop();
    this.#session.watchMinds([]);
  }

  /** The seat whose mind is open. */
  get selected(): number | null {
    return this.#selected;
  }

  /** Whether the influence of all is shown. */
  get all(): boolean {
    return this.#all;
  }

  /** Seats with a mind that can be seen. */
  get trained(): readonly number[] {
    return this.#trained;
  }

  /** Seats whose minds are shown. */
  get shown(): readonly number[] {
    return this.#shown;
  }

  /** @returns whether that seat has a mind. */
  has(seat: number): boolean {
    return this.#trained.includes(seat);
  }

  /** Opens a mind, or closes it if it is open. */
  toggle(seat: number): void {
    if (this.has(seat)) this.#set(this.#selected === seat ? null : seat, this.#all);
  }

  /** Opens the mind of the next seat that has one. */
  next(): void {
    const after = this.#trained.find((seat) => this.#selected === null || seat > this.#selected);
    const seat = after ?? this.#trained[0];
    if (seat !== undefined) this.#set(seat, this.#all);
  }

  toggleAll(): void {
    if (this.#trained.length > 0) this.#set(this.#selected, !this.#all);
  }

  /** Closes the open mind, and all of them where none is open. */
  close(): void {
    this.#set(null, this.#selected === null ? false : this.#all);
  }

  #set(selected: number | null, all: boolean): void {
    if (selected === this.#selected && all === this.#all) return;
    this.#selected = selected;
    this.#all = all;
    this.#ask();
    this.changed.emit();
  }

  /** Seats may have changed hands. */
  #check(): void {
    const { seats, inWindow } = this.#session;
    const trained = inWindow ? [] : seats.filter(({ kind }) => kind === 'trained').map(({ seat }) => seat);
    const same =
      trained.length === this.#trained.length && trained.every((seat, i) => seat === this.#trained[i]);
    if (same) return;
    this.#trained = trained;
    if (this.#selected !== null && !trained.includes(this.#selected)) this.#selected = null;
    if (trained.length === 0) this.#all = false;
    this.#ask();
    this.changed.emit();
  }

  #ask(): void {
    this.#shown = this.#all ? this.#trained : this.#selected === null ? [] : [this.#selected];
    this.#session.watchMinds(this.#shown);
  }
}
