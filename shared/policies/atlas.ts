/**
 * What a player remembers of the map: every window it has seen, laid side by side by dead reckoning.
 *
 * Where the player stands follows from its own actions, with one doubt: a step may have been refused. By the rules of
 * movement another player then stands in the wanted cell after the step, so a window that shows nobody there proves
 * that the step was made. Where it shows somebody, or a beam, which hides whoever is under it, the window is compared
 * with the map under both readings, and where both fit alike the step was refused. Walls never change: where one turns
 * up or is gone, somebody else has moved the player in the meantime, and everything is forgotten.
 *
 * Cells are numbered relative to where the player started and turned as it then faced, row * 128 + column modulo
 * 128 * 128: the largest map there can be fits on such a torus wherever in it the player started.
 *
 * A server hosts hundreds of maps and comes to each a few times a second, when it has long left the processor's caches:
 * all that is known of a cell is one 32-bit word, so that a row of a window is a cache line or two.
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

/** A cell's word: class id in bits 0-3, apples near it in bits 4-7, two flags, and from bit 16 the step it was last seen in. */
const GROUND = 0xf;
const NEAR = 4;
const SITE = 1 << 8;
const OCCUPIED = 1 << 9;
const SEEN_AT = 16;
const ALL_BUT_SEEN_AT = (1 << SEEN_AT) - 1;

export class Atlas {
  /** [16] how many cells of the map have each class id. */
  readonly count = new Int32Array(16);
  /** The cells where other players stand in view; the first `othersCount` count. */
  readonly others: Int32Array;
  othersCount = 0;
  /** Where the player stands, and where it faces: 0 up, 1 right, 2 down, 3 left. */
  cell = START;
  facing = 0;

  /** [CELLS] a word each. */
  readonly #cells = new Int32Array(CELLS);
  readonly #context: PolicyContext;
  readonly #ownId: number;
  /** Index in the window of the cell to the left, right, ahead and behind; -1 outside the window. */
  readonly #beside: Int32Array;
  /** Steps since `reset`, 1 with the first window. */
  #time = 0;
  #lastAction: number = ActionKind.stay;

  constructor(context: PolicyContext) {
    const { windowHeight, windowWidth, row, column } = context;
    this.#context = context;
    this.#ownId = firstPlayer + context.player;
    this.others = new Int32Array(windowHeight * windowWidth + 1);
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
    this.#time = 0;
    this.#lastAction = ActionKind.stay;
  }

  /** Takes in the window that the last action led to. @param window [height, width] class ids from `offset` on. */
  look(window: Uint8Array, offset: number): void {
    this.#time++;
    for (let k = 0; k < this.othersCount; k++) this.#cells[this.others[k]!]! &= ~OCCUPIED;
    this.othersCount = 0;
    this.#reckon(window, offset);
    if (this.#takeIn(window, offset)) return;
    this.#forget();
    this.#takeIn(window, offset);
  }

  /** The class id last seen on a cell without players and beams, or UNKNOWN. */
  ground(cell: number): number {
    return this.#cells[cell]! & GROUND;
  }

  /** How many of the eight neighbours of a cell have an apple. */
  applesNear(cell: number): number {
    return (this.#cells[cell]! >> NEAR) & 0xf;
  }

  /** Whether a cell was ever seen with an apple. */
  isSite(cell: number): boolean {
    return (this.#cells[cell]! & SITE) !== 0;
  }

  /** Whether another player stands on a cell in view. */
  isOccupied(cell: number): boolean {
    return (this.#cells[cell]! & OCCUPIED) !== 0;
  }

  /** Steps since a cell was last in view, modulo 2^16. */
  unseenFor(cell: number): number {
    return (this.#time - (this.#cells[cell]! >> SEEN_AT)) & 0xffff;
  }

  /** Writes down that a cell has a class id. */
  note(cell: number, id: number): void {
    const cells = this.#cells;
    const known = cells[cell]! & GROUND;
    if (known === id) return;
    this.count[known]!--;
    this.count[id]!++;
    cells[cell] = (cells[cell]! & ~GROUND) | id;
    const grown = (id === apple ? 1 : 0) - (known === apple ? 1 : 0);
    if (grown === 0) return;
    if (grown === 1) cells[cell]! |= SITE;
    for (let k = 0; k < AROUND.length; k++) cells[(cell + AROUND[k]!) & WRAP]! += grown << NEAR;
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
    const id = this.#cells[cell]! & GROUND;
    return id === UNKNOWN || id === wall;
  }

  /** Whether one can walk there, as far as is known. */
  isOpen(cell: number): boolean {
    return !this.isBarred(cell) && !this.isOccupied(cell);
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
    if (action > ActionKind.backward) return;
    const wanted = this.beside(this.cell, (this.facing + STEP_TURN[action]!) & 3);
    const beside = this.#beside[action]!;
    const shown = beside < 0 ? outside : window[offset + beside]!;
    const isFree = shown < finingBeam && shown !== wall && shown !== outside;
    if (isFree || this.#misfit(window, offset, wanted) < this.#misfit(window, offset, this.cell)) {
      this.cell = wanted;
    } else this.#meet(wanted);
  }

  /** The cell that the first cell of a window lies on if the player stands on `at`. */
  #corner(at: number): number {
    const { row, column } = this.#context;
    return at + row * STEP[this.facing]! + column * STEP[(this.facing + 3) & 3]!;
  }

  /**
   * How little a window fits the map if the player stands on `at`: LOST for each wall that differs, and for each cell of
   * the last window PICKED for an apple that is gone, 1 for any other change.
   */
  #misfit(window: Uint8Array, offset: number, at: number): number {
    const { windowHeight, windowWidth } = this.#context;
    const right = STEP[(this.facing + 1) & 3]!;
    const down = STEP[(this.facing + 2) & 3]!;
    let misfit = 0;
    let rowStart = this.#corner(at);
    for (let row = 0, i = offset; row < windowHeight; row++, rowStart += down) {
      for (let column = 0, to = rowStart; column < windowWidth; column++, i++, to += right) {
        const id = window[i]!;
        const cell = to & WRAP;
        const known = this.ground(cell);
        if (known === id || known === UNKNOWN || id >= finingBeam || id === outside) continue;
        if (known === wall || id === wall) misfit += LOST;
        else if (this.unseenFor(cell) === 1) misfit += known === apple ? PICKED : 1;
      }
    }
    return misfit;
  }

  /** Lays a window onto the map where the player stands. @returns false, halfway, at a wall that differs. */
  #takeIn(window: Uint8Array, offset: number): boolean {
    const { windowHeight, windowWidth } = this.#context;
    const cells = this.#cells;
    const seenNow = this.#time << SEEN_AT;
    const right = STEP[(this.facing + 1) & 3]!;
    const down = STEP[(this.facing + 2) & 3]!;
    let rowStart = this.#corner(this.cell);
    for (let row = 0, i = offset; row < windowHeight; row++, rowStart += down) {
      for (let column = 0, to = rowStart; column < windowWidth; column++, i++, to += right) {
        const id = window[i]!;
        const cell = to & WRAP;
        const known = cells[cell]! & GROUND;
        if (id === outside) {
          // Nobody can go there, as into a wall. A map as wide as the torus goes on where its outside seems to lie.
          if (known === UNKNOWN) this.note(cell, wall);
        } else if (known !== id && !this.#change(cell, known, id)) return false;
        cells[cell] = (cells[cell]! & ALL_BUT_SEEN_AT) | seenNow;
      }
    }
    return true;
  }

  /** Takes in a cell that does not look as it is `known` to. @returns false if a wall differs. */
  #change(cell: number, known: number, id: number): boolean {
    if (id >= finingBeam) {
      if (id >= firstPlayer && id !== this.#ownId) this.#meet(cell);
      // Players and beams hide what is under them, but an apple under a player has been eaten.
      if (known === UNKNOWN || (known === apple && id >= firstPlayer)) this.note(cell, floor);
      return true;
    }
    if (known !== UNKNOWN && (known === wall || id === wall)) return false;
    this.note(cell, id);
    return true;
  }

  #meet(cell: number): void {
    if (this.isOccupied(cell)) return;
    this.#cells[cell]! |= OCCUPIED;
    this.others[this.othersCount++] = cell;
  }

  #forget(): void {
    this.#cells.fill(0);
    this.count.fill(0);
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
