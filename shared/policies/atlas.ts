/**
 * What a player remembers of the map: every window it has seen, laid side by side by dead reckoning.
 *
 * Where the player stands follows from its own actions, with one doubt: a step may have been refused. By the rules of
 * movement another player then stands in the wanted cell after the step, so a window that shows nobody there proves
 * that the step was made. Where it shows somebody, or a beam, which hides whoever is under it, the window is compared
 * with the map under both readings, and where both fit alike the step was refused. Walls never change: if they fit neither, somebody else has moved the player in
 * the meantime, and everything is forgotten.
 *
 * Cells are numbered relative to where the player started and turned as it then faced, row * 128 + column modulo
 * 128 * 128: the largest map there can be fits on such a torus wherever in it the player started.
 */
import { ActionKind } from '../grid/actions.ts';
import { MAX_SIDE } from '../grid/map.ts';
import { ClassId } from '../palette.ts';
import type { PolicyContext } from '../policy.ts';

export const CELLS = MAX_SIDE * MAX_SIDE;
/** A sum of cells and steps is a cell again after `& WRAP`. */
export const WRAP = CELLS - 1;
/** What to add to a cell to go up, right, down, left. */
export const STEP = Int32Array.of(-MAX_SIDE, 1, MAX_SIDE, -1);
/** What to add to a cell to reach its eight neighbours. */
export const AROUND = Int32Array.of(
  -MAX_SIDE - 1,
  -MAX_SIDE,
  -MAX_SIDE + 1,
  -1,
  1,
  MAX_SIDE - 1,
  MAX_SIDE,
  MAX_SIDE + 1,
);
/** By how many quarter turns clockwise the steps left, right, forward, backward lead away from the facing. */
export const STEP_TURN = Uint8Array.of(3, 1, 0, 2);
/** The other way round: the step that leads away by 0, 1, 2, 3 quarter turns. */
const STEP_FOR_TURN = Uint8Array.of(
  ActionKind.forward,
  ActionKind.right,
  ActionKind.backward,
  ActionKind.left,
);

const { outside, wall, apple, floor, finingBeam } = ClassId;
const firstPlayer = ClassId.player;
/** Class id of a cell that was never seen. */
export const UNKNOWN = 0;
const START = (MAX_SIDE / 2) * (MAX_SIDE + 1);
/** Misfit of an apple that is gone with nobody on its cell: whoever picks one stands there, so this cannot be. */
const PICKED = 1 << 8;
/** Misfit of a wall where there was none or none where there was one, which nothing short of it adds up to. */
const LOST = 1 << 20;

export class Atlas {
  /** [CELLS] class id last seen on each cell without players and beams, or UNKNOWN. */
  readonly ground = new Uint8Array(CELLS);
  /** [16] how many cells of `ground` have each class id. */
  readonly count = new Int32Array(16);
  /** [CELLS] how many of the eight neighbours of a cell have an apple. */
  readonly applesNear = new Uint8Array(CELLS);
  /** [CELLS] 1 where an apple was ever seen. */
  readonly site = new Uint8Array(CELLS);
  /** [CELLS] the step in which a cell was last seen, not under a beam, modulo 2^16. */
  readonly seenAt = new Uint16Array(CELLS);
  /** [CELLS] 1 where another player stands in view. */
  readonly occupied = new Uint8Array(CELLS);
  /** The cells that `occupied` marks; the first `othersCount` count. */
  readonly others: Int32Array;
  othersCount = 0;
  /** Steps since `reset`, 1 with the first window. */
  time = 0;
  /** Where the player stands, and where it faces: 0 up, 1 right, 2 down, 3 left. */
  cell = START;
  facing = 0;

  /** Cells of a window. */
  readonly #size: number;
  readonly #ownId: number;
  /** [4][size] what to add to the player's cell to reach each cell of the window, by facing. */
  readonly #offsets: readonly Int32Array[];
  /** Index in the window of the cell to the left, right, ahead and behind; -1 outside the window. */
  readonly #beside: Int32Array;
  #lastAction: number = ActionKind.stay;

  constructor(context: PolicyContext) {
    const { windowHeight, windowWidth, row, column } = context;
    this.#size = windowHeight * windowWidth;
    this.#ownId = firstPlayer + context.player;
    this.others = new Int32Array(this.#size + 1);
    this.#offsets = [0, 1, 2, 3].map((facing) =>
      Int32Array.from({ length: this.#size }, (_, i) => {
        const ahead = row - Math.floor(i / windowWidth);
        const right = (i % windowWidth) - column;
        return ahead * STEP[facing]! + right * STEP[(facing + 1) & 3]!;
      }),
    );
    const own = row * windowWidth + column;
    this.#beside = Int32Array.of(
      column > 0 ? own - 1 : -1,
      column < windowWidth - 1 ? own + 1 : -1,
      row > 0 ? own - windowWidth : -1,
      row < windowHeight - 1 ? own + windowWidth : -1,
    );
  }

  reset(): void {
    this.#forget();
    this.time = 0;
    this.#lastAction = ActionKind.stay;
  }

  /** Takes in the window that the last action led to. @param window [height, width] class ids from `offset` on. */
  look(window: Uint8Array, offset: number): void {
    this.time++;
    for (let k = 0; k < this.othersCount; k++) this.occupied[this.others[k]!] = 0;
    this.othersCount = 0;
    this.#reckon(window, offset);
    const offsets = this.#offsets[this.facing]!;
    for (let i = 0; i < this.#size; i++) {
      const id = window[offset + i]!;
      const cell = (this.cell + offsets[i]!) & WRAP;
      if (id < finingBeam) {
        if (id !== outside) this.note(cell, id);
        // Nobody can go there, as into a wall. A map as wide as the torus goes on where its outside seems to lie.
        else if (this.ground[cell] === UNKNOWN) this.note(cell, wall);
      } else {
        const known = this.ground[cell]!;
        if (id >= firstPlayer && id !== this.#ownId) this.#meet(cell);
        // Players and beams hide what is under them, but an apple under a player has been eaten.
        if (known === UNKNOWN || (known === apple && id >= firstPlayer)) this.note(cell, floor);
      }
      this.seenAt[cell] = this.time;
    }
  }

  /** Writes down that a cell has a class id. */
  note(cell: number, id: number): void {
    const known = this.ground[cell]!;
    if (known === id) return;
    this.count[known]!--;
    this.count[id]!++;
    this.ground[cell] = id;
    const grown = (id === apple ? 1 : 0) - (known === apple ? 1 : 0);
    if (grown === 0) return;
    if (grown === 1) this.site[cell] = 1;
    for (let k = 0; k < AROUND.length; k++) this.applesNear[(cell + AROUND[k]!) & WRAP]! += grown;
  }

  /** Every action goes out through here: the next window is read in its light. */
  did(action: number): number {
    this.#lastAction = action;
    return action;
  }

  /** The cell one step away in a direction: 0 up, 1 right, 2 down, 3 left. */
  beside(cell: number, direction: number): number {
    return (cell + STEP[direction]!) & WRAP;
  }

  /** Whether neither a player nor a beam can ever enter a cell, or nobody knows. */
  isBarred(cell: number): boolean {
    const id = this.ground[cell]!;
    return id === UNKNOWN || id === wall;
  }

  /** Whether one can walk there, as far as is known. */
  isOpen(cell: number): boolean {
    return this.occupied[cell] === 0 && !this.isBarred(cell);
  }

  /** The action that steps in a direction (0 up, 1 right, 2 down, 3 left). */
  toward(direction: number): number {
    return STEP_FOR_TURN[(direction - this.facing) & 3]!;
  }

  /** Where the last action has led. */
  #reckon(window: Uint8Array, offset: number): void {
    const action = this.#lastAction;
    if (action === ActionKind.turnClockwise) this.facing = (this.facing + 1) & 3;
    else if (action === ActionKind.turnCounterClockwise) this.facing = (this.facing + 3) & 3;
    const stayed = this.cell;
    let misfit = this.#misfit(window, offset, stayed);
    if (action <= ActionKind.backward) {
      const moved = (stayed + STEP[(this.facing + STEP_TURN[action]!) & 3]!) & WRAP;
      const misfitMoved = this.#misfit(window, offset, moved);
      const beside = this.#beside[action]!;
      const shown = beside < 0 ? outside : window[offset + beside]!;
      const isFree = shown < finingBeam && shown !== wall && shown !== outside;
      if (isFree || misfitMoved < misfit) {
        this.cell = moved;
        misfit = misfitMoved;
      } else this.#meet(moved);
    }
    if (misfit >= LOST) this.#forget();
  }

  /**
   * How little a window fits the map if the player stands on `at`: LOST for each wall that differs, and for each cell of
   * the last window PICKED for an apple that is gone, 1 for any other change.
   */
  #misfit(window: Uint8Array, offset: number, at: number): number {
    const offsets = this.#offsets[this.facing]!;
    const lastTime = (this.time - 1) & 0xffff;
    let misfit = 0;
    for (let i = 0; i < this.#size; i++) {
      const id = window[offset + i]!;
      const cell = (at + offsets[i]!) & WRAP;
      const known = this.ground[cell]!;
      if (known === id || known === UNKNOWN || id >= finingBeam || id === outside) continue;
      if (known === wall || id === wall) misfit += LOST;
      else if (this.seenAt[cell] === lastTime) misfit += known === apple ? PICKED : 1;
    }
    return misfit;
  }

  #meet(cell: number): void {
    if (this.occupied[cell] === 1) return;
    this.occupied[cell] = 1;
    this.others[this.othersCount++] = cell;
  }

  #forget(): void {
    this.ground.fill(UNKNOWN);
    this.count.fill(0);
    this.applesNear.fill(0);
    this.site.fill(0);
    this.seenAt.fill(0);
    this.occupied.fill(0);
    this.othersCount = 0;
    this.cell = START;
    this.facing = 0;
  }
}

/** City-block distance between two cells less than 64 rows and columns apart. */
export function stepsApart(a: number, b: number): number {
  // The middle of the torus is where nothing wraps.
  const d = (a - b + START) & WRAP;
  return Math.abs((d % MAX_SIDE) - MAX_SIDE / 2) + Math.abs(Math.floor(d / MAX_SIDE) - MAX_SIDE / 2);
}
