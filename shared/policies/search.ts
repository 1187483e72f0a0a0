/**
 * Breadth-first search over a remembered map, nearest cells first, one cell a call, so that each policy says in its
 * own loop what it is looking for and what it will not walk through:
 *
 *     for (let cell = search.start(atlas); cell !== NOWHERE; cell = search.next()) {
 *       if (wanted(cell)) return search.action();
 *       if (passable(cell)) search.spread();
 *     }
 *
 * Walls, unknown cells and other players in view are never entered.
 */
import { ActionKind } from '../grid/actions.ts';
import { ClassId } from '../palette.ts';
import { type Atlas, CELLS, STEP, UNKNOWN, WRAP } from './atlas.ts';

export const NOWHERE = -1;

class Search {
  /** Steps from the player to the cell that `next` gave last. */
  distance = 0;
  #atlas!: Atlas;
  readonly #queue = new Uint16Array(CELLS);
  #head = 0;
  #tail = 0;
  /** [CELLS] the search in which a cell was reached last, its distance and the direction of the first step to it. */
  readonly #reached = new Int32Array(CELLS);
  readonly #distance = new Uint16Array(CELLS);
  readonly #first = new Uint8Array(CELLS);
  #run = 0;
  #cell = 0;

  /** Begins at the player's own cell. */
  start(atlas: Atlas): number {
    this.#atlas = atlas;
    this.#run++;
    for (let k = 0; k < atlas.othersCount; k++) this.#reached[atlas.others[k]!] = this.#run;
    this.#reached[atlas.cell] = this.#run;
    this.#distance[atlas.cell] = 0;
    this.#queue[0] = atlas.cell;
    this.#head = 0;
    this.#tail = 1;
    return this.next();
  }

  /** The next cell, or NOWHERE. */
  next(): number {
    if (this.#head === this.#tail) return NOWHERE;
    this.#cell = this.#queue[this.#head++]!;
    this.distance = this.#distance[this.#cell]!;
    return this.#cell;
  }

  /** Goes on through the cell that `next` gave last. */
  spread(): void {
    const { ground } = this.#atlas;
    for (let direction = 0; direction < 4; direction++) {
      const to = (this.#cell + STEP[direction]!) & WRAP;
      if (this.#reached[to] === this.#run) continue;
      const id = ground[to]!;
      if (id === UNKNOWN || id === ClassId.wall) continue;
      this.#reached[to] = this.#run;
      this.#distance[to] = this.distance + 1;
      this.#first[to] = this.distance === 0 ? direction : this.#first[this.#cell]!;
      this.#queue[this.#tail++] = to;
    }
  }

  /** The action that begins a shortest way to `cell`, which this search has reached. */
  action(cell: number): number {
    if (cell === this.#atlas.cell) return ActionKind.stay;
    return this.#atlas.toward(this.#first[cell]!);
  }
}

/** One for all policies: a search is over before `act` returns, and nothing of it is kept. */
export const search = new Search();
