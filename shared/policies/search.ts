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
import { type Atlas, CELLS, UNKNOWN } from './atlas.ts';
import { BreadthFirst } from './breadth-first.ts';

export const NOWHERE = -1;

class Search {
  #atlas!: Atlas;
  #cell = NOWHERE;
  readonly #order = new BreadthFirst(CELLS);

  /** Steps from the player to the cell that `next` gave last. */
  get distance(): number {
    return this.#order.distance;
  }

  /** Begins at the player's own cell, and gives it. */
  start(atlas: Atlas): number {
    this.#atlas = atlas;
    this.#order.start(atlas.cell);
    return this.next();
  }

  /** The next cell, or NOWHERE. */
  next(): number {
    return (this.#cell = this.#order.next());
  }

  /**
   * Lets the search go on through the cell that `next` gave last.
   * @returns the direction of the first neighbour of it that was never seen, or -1.
   */
  spread(): number {
    const atlas = this.#atlas;
    let unknown = -1;
    for (let direction = 0; direction < 4; direction++) {
      const to = atlas.beside(this.#cell, direction);
      if (atlas.isOpen(to)) this.#order.reach(to, direction);
      else if (unknown < 0 && atlas.ground(to) === UNKNOWN) unknown = direction;
    }
    return unknown;
  }

  /** The action that begins a shortest way to a cell that this search has given. */
  actionTo(cell: number): number {
    return cell === this.#atlas.cell ? ActionKind.stay : this.#atlas.toward(this.#order.firstTo(cell));
  }
}

/** One for all policies: a search is over before `act` returns, and nothing of it is kept. */
export const search = new Search();
