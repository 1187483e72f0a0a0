/** Coordination of what players say and do, from the steps of an evaluation. */
import { CoordinationSamples, IN_EVALUATION } from '../coordination/samples.ts';
import type { InfluenceSource } from './influence.ts';
import type { Meter, Play } from './play.ts';

/** Each step is told once it is known what is done next. */
export class CoordinationMeter implements Meter {
  readonly #play: Play;
  readonly #samples: CoordinationSamples;
  readonly #spoken: boolean;
  readonly #influence: InfluenceSource | null;
  /** [G] 1 where there was a step before in the same episode. */
  readonly #waiting: Uint8Array;
  /** [G * N] of that step. */
  readonly #actions: Uint8Array;
  readonly #symbols: Uint8Array;
  readonly #values: Float32Array;

  /**
   * @param symbols how many can be said; null where only actions are measured.
   * @param influence what moments of high influence are told by, a meter that goes before this one; null for none.
   */
  constructor(play: Play, symbols: number | null, influence: InfluenceSource | null, seed: number) {
    const { games, players, actions } = play;
    this.#play = play;
    this.#samples = new CoordinationSamples({ players, actions, symbols, seed, ...IN_EVALUATION });
    this.#spoken = symbols !== null;
    this.#influence = influence;
    this.#waiting = new Uint8Array(games);
    this.#actions = new Uint8Array(games * players);
    this.#symbols = new Uint8Array(games * players);
    this.#values = new Float32Array(games * players).fill(Number.NaN);
  }

  chosen(): void {}

  stepped(): void {
    const { games, players, chosen, said, vector } = this.#play;
    const influence = this.#influence;
    for (let game = 0; game < games; game++) {
      if (!this.#play.counts(game)) continue;
      const at = game * players;
      if (this.#waiting[game] === 1) {
        this.#samples.add({
          actions: this.#actions,
          symbols: this.#spoken ? this.#symbols : null,
          influence: influence?.late ? influence.values : this.#values,
          at,
          next: chosen,
          nextAt: at,
        });
      }
      if (vector.done[game] === 1) {
        // The last step: nothing follows, so it counts for speaker consistency only.
        const symbols = this.#spoken ? said : null;
        this.#samples.add({ actions: chosen, symbols, influence: null, at, next: null, nextAt: 0 });
        this.#waiting[game] = 0;
        continue;
      }
      for (let column = at; column < at + players; column++) {
        this.#actions[column] = chosen[column]!;
        if (this.#spoken) this.#symbols[column] = said[column]!;
        if (influence !== null && !influence.late) this.#values[column] = influence.values[column]!;
      }
      this.#waiting[game] = 1;
    }
  }

  /** By the names that training logs; see `coordination/samples.ts`. */
  take(): Record<string, number> {
    return this.#samples.take();
  }
}
