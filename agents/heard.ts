/** What the players of several games know of one another beside what they see: see `networks/signal-names.ts`. */
import { playerIn, type SignalName } from './networks/signal-names.ts';

/** Nothing. */
const NOTHING = 255;

export class Heard {
  /** [G * N] symbols of the step under way, written by who speaks. */
  readonly said: Uint8Array;
  readonly #players: number;
  /** [G * N] of the last step. */
  readonly #symbols: Uint8Array;
  readonly #actions: Uint8Array;
  /** [G * N] what those who lead chose in this step. */
  readonly #leading: Uint8Array;
  /** [N] */
  readonly #leads: Uint8Array;

  constructor(games: number, players: number) {
    const nothing = () => new Uint8Array(games * players).fill(NOTHING);
    this.#players = players;
    this.said = nothing();
    this.#symbols = nothing();
    this.#actions = nothing();
    this.#leading = nothing();
    this.#leads = new Uint8Array(players);
  }

  /** A game begins anew. */
  forget(game: number): void {
    const from = game * this.#players;
    for (const array of [this.said, this.#symbols, this.#actions, this.#leading]) {
      array.fill(NOTHING, from, from + this.#players);
    }
  }

  /** Those whose turn it was have chosen. @param actions [G * N] */
  lead(
    actions: Uint8Array,
    { players, last }: { readonly players: Uint8Array; readonly last: boolean },
  ): void {
    if (last) return;
    this.#leads.set(players);
    for (let i = 0; i < actions.length; i++) {
      this.#leading[i] = players[i % this.#players] === 1 ? actions[i]! : NOTHING;
    }
  }

  /** The step is done. @param actions [G * N] */
  follow(actions: Uint8Array): void {
    this.#actions.set(actions);
    this.#symbols.set(this.said);
    this.#leading.fill(NOTHING);
  }

  /**
   * What the player in `column` knows, in relative slots, from `offset` of `out` on.
   * @param choices what stands for nothing.
   */
  write(name: SignalName, column: number, choices: number, out: Uint8Array, offset: number): void {
    const player = column % this.#players;
    const first = column - player;
    const leads = name === 'leadersActions' && this.#leads[player] === 1;
    const source =
      name === 'lastActions' ? this.#actions : name === 'heardSymbols' ? this.#symbols : this.#leading;
    for (let slot = 0; slot < this.#players; slot++) {
      const value = source[first + playerIn(slot, player, this.#players)]!;
      out[offset + slot] = leads || value === NOTHING ? choices : value;
    }
  }
}
