/**
 * What an episode is a function of: its seed and everybody's actions so far. From it the episode can be played again, on the
 * same arena, on one that has been started anew, or on another one.
 */
export class EpisodeRecord {
  seed = 0;
  /** Steps so far. */
  steps = 0;
  readonly #players: number;
  /** [.., N] */
  #actions: Uint8Array;

  constructor(players: number) {
    this.#players = players;
    this.#actions = new Uint8Array(1024 * players);
  }

  begin(seed: number): void {
    this.seed = seed;
    this.steps = 0;
  }

  /** @param actions [N] from `offset` on. */
  add(actions: ArrayLike<number>, offset = 0): void {
    const n = this.#players;
    const at = this.steps * n;
    if (at === this.#actions.length) {
      const longer = new Uint8Array(2 * at);
      longer.set(this.#actions);
      this.#actions = longer;
    }
    for (let k = 0; k < n; k++) this.#actions[at + k] = actions[offset + k]!;
    this.steps++;
  }

  /** [steps, N] */
  get actions(): Uint8Array {
    return this.#actions.subarray(0, this.steps * this.#players);
  }

  /** Writes [N] of a step into `out`, from `offset` on. */
  read(step: number, out: Uint8Array, offset: number): void {
    const n = this.#players;
    for (let k = 0; k < n; k++) out[offset + k] = this.#actions[step * n + k]!;
  }
}
