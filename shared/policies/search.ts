/**
 * Breadth-first search over a remembered map, nearest cells first, one cell a call, so that each policy says in its
 * own loop what it is looking for and what it will not walk through:
 *
 *     for (let cell = search.start(atlas); cell !== NOWHERE; cell = search.next()) {
 *       if (wanted(cell)) return search.actionTo(cell);
 *       if (passable(cell)) search.spread();
 *     }
 *
 * Walls, unknown cells and other players in view are never entered.
 */
import { ActionKind } from '../grid/actions.ts';
import { type Atlas, CELLS } from './atlas.ts';

export const NOWHERE = -1;

class Search {
  /** Steps from the player to the cell that `next` gave last. */
  distance = 0;
  #cell = NOWHERE;
  #atlas!: Atlas;
  #head = 0;
  #tail = 0;
  /** Number of this search: telling its marks from those of earlier ones spares wiping them. */
  #run = 0;
  readonly #queue = new Uint16Array(CELLS);
  /** [CELLS] the search that reached a cell last, in how many steps, and the direction of the first of them. */
  readonly #reached = new Uint32Array(CELLS);
  readonly #distance = new Uint16Array(CELLS);
  readonly #first = new Uint8Array(CELLS);

  /** Begins at the player's own cell, and gives it. */
  start(atlas: Atlas): number {
    this.#atlas = atlas;
    this.#run++;
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

  /** Lets the search go on through the cell that `next` gave last. */
  spread(): void {
    const atlas = this.#atlas;
    for (let direction = 0; direction < 4; direction++) {
      const to = atlas.beside(this.#cell, direction);
      if (this.#reached[to] === this.#run || !atlas.isOpen(to)) continue;
      this.#reached[to] = this.#run;
      this.#distance[to] = this.distance + 1;
      this.#first[to] = this.distance === 0 ? direction : this.#first[this.#cell]!;
      this.#queue[this.#tail++] = to;
    }
  }

  /** The action that begins a shortest way to a cell that this search has given. */
  actionTo(cell: number): number {
    return cell === this.#atlas.cell ? ActionKind.stay : this.#atlas.toward(this.#first[cell]!);
  }
}

/** One for all policies: a search is over before `act` returns, and nothing of it is kept. */
export const search = new Search();
