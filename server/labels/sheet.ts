/**
 * A round of states that people label: who is asked about which, what was said, and what can be taken back. Knows nothing of
 * sockets.
 */

/** One state. */
export interface AskedState {
  /** T */
  readonly frames: number;
  /** [T, height, width] class ids. */
  readonly observations: Uint8Array;
  /** [A] */
  readonly probabilities: readonly number[];
}

/** Passed over. */
export const SKIPPED = -1;

export class LabelSheet {
  readonly states: readonly AskedState[];
  /** By state: an action, `SKIPPED`, or null while it is open. */
  readonly labels: (number | null)[];
  /** The state that each is asked about. */
  readonly #asked = new Map<string, number>();
  /** States that each has answered, the last one last. */
  readonly #answered = new Map<string, number[]>();

  constructor(states: readonly AskedState[]) {
    this.states = states;
    this.labels = states.map(() => null);
  }

  get labelled(): number {
    return this.labels.filter((label) => label !== null && label !== SKIPPED).length;
  }

  get skipped(): number {
    return this.labels.filter((label) => label === SKIPPED).length;
  }

  get done(): boolean {
    return !this.labels.includes(null);
  }

  /** The state that somebody is asked about; null where all others are answered, or with others. */
  askedOf(person: string): number | null {
    const asked = this.#asked.get(person);
    if (asked !== undefined) return asked;
    const taken = new Set(this.#asked.values());
    const next = this.labels.findIndex((label, state) => label === null && !taken.has(state));
    if (next < 0) return null;
    this.#asked.set(person, next);
    return next;
  }

  /** @param label an action or `SKIPPED`. @returns whether that state was theirs to answer. */
  answer(person: string, state: number, label: number): boolean {
    if (this.#asked.get(person) !== state) return false;
    this.labels[state] = label;
    this.#asked.delete(person);
    const answered = this.#answered.get(person);
    if (answered === undefined) this.#answered.set(person, [state]);
    else answered.push(state);
    return true;
  }

  /** How many answers somebody can take back: none once the round is done, for then the trainer has them. */
  undoable(person: string): number {
    if (this.done) return 0;
    return this.#answered.get(person)?.length ?? 0;
  }

  /** Takes the last answer back: its state is asked again. @returns whether there was one. */
  undo(person: string): boolean {
    if (this.done) return false;
    const state = this.#answered.get(person)?.pop();
    if (state === undefined) return false;
    this.labels[state] = null;
    this.#asked.set(person, state);
    return true;
  }

  /** Somebody is gone: what they were asked is asked of others. */
  leave(person: string): void {
    this.#asked.delete(person);
    this.#answered.delete(person);
  }
}
