/**
 * What a player remembers of the map: every window it has seen, laid side by side by dead reckoning.
 *
 * Where the player stands follows from its own actions, with one doubt: a step may have been refused. Then, by the
 * rules of movement, another player stands in the wanted cell after the step, so a window that shows nobody there
 * proves the step was made; where it shows somebody (or a beam, which hides who is under it) the window is compared
 * with the map under both readings. Walls never change: a window whose walls fit neither reading means that somebody
 * else has moved the player meanwhile, and everything is forgotten.
 *
 * Cells are numbered on a torus of 128 x 128, the largest map there can be, relative to where the player started and
 * turned as it then faced. A cell's neighbours are found by adding `STEP`, wrapping with `WRAP`.
 */
import { ActionKind } from '../grid/actions.ts';
import { MAX_SIDE } from '../grid/map.ts';
import { ClassId } from '../palette.ts';
import type { PolicyContext } from '../policy.ts';

export const CELLS = MAX_SIDE * MAX_SIDE;
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
/** A cell that was never seen. */
export const UNKNOWN = 0;
const START = (MAX_SIDE / 2) * MAX_SIDE + MAX_SIDE / 2;

export class Atlas {
  /** [CELLS] class id last seen on each cell without players and beams, or UNKNOWN. */
  readonly ground = new Uint8Array(CELLS);
  /** [CELLS] 1 where an apple was ever seen. */
  readonly site = new Uint8Array(CELLS);
  /** [CELLS] the step in which a cell was last seen, modulo 2^16. */
  readonly seenAt = new Uint16Array(CELLS);
  /** Steps since `reset`, counting from 1 with the first window. */
  time = 0;
  /** Where the player stands, and where it faces: 0 up, 1 right, 2 down, 3 left. */
  cell = START;
  facing = 0;
  /** Cells of the other players in view, and which players they are; the first `othersCount` count. */
  readonly others: Int32Array;
  readonly otherPlayer: Uint8Array;
  othersCount = 0;

  readonly #own: number;
  readonly #size: number;
  /** [4, height * width] what to add to the player's cell to reach each cell of the window, for each facing. */
  readonly #offsets: readonly Int32Array[];
  /** Index in the window of the cell that a step to the left, right, forward, backward leads to. */
  readonly #wanted: Int32Array;
  #lastAction: number = ActionKind.stay;

  constructor(context: PolicyContext) {
    const { windowHeight, windowWidth, row, column } = context;
    this.#size = windowHeight * windowWidth;
    this.#own = ClassId.player + context.player;
    this.others = new Int32Array(this.#size);
    this.otherPlayer = new Uint8Array(this.#size);
    this.#offsets = [0, 1, 2, 3].map((facing) =>
      Int32Array.from({ length: this.#size }, (_, i) => {
        const ahead = row - Math.floor(i / windowWidth);
        const right = (i % windowWidth) - column;
        return ahead * STEP[facing]! + right * STEP[(facing + 1) & 3]!;
      }),
    );
    const centre = row * windowWidth + column;
    this.#wanted = Int32Array.of(
      column > 0 ? centre - 1 : -1,
      column < windowWidth - 1 ? centre + 1 : -1,
      row > 0 ? centre - windowWidth : -1,
      row < windowHeight - 1 ? centre + windowWidth : -1,
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
    this.#reckon(window, offset);
    const offsets = this.#offsets[this.facing]!;
    this.othersCount = 0;
    for (let i = 0; i < this.#size; i++) {
      const id = window[offset + i]!;
      const cell = (this.cell + offsets[i]!) & WRAP;
      if (id < ClassId.finingBeam) {
        if (id === ClassId.outside) {
          if (this.ground[cell] === UNKNOWN) this.ground[cell] = ClassId.wall;
          continue;
        }
        this.ground[cell] = id;
        if (id === ClassId.apple) this.site[cell] = 1;
      } else {
        // A player or a beam hides what it covers; an apple under a player is eaten.
        if (id >= ClassId.player && id !== this.#own) {
          this.others[this.othersCount] = cell;
          this.otherPlayer[this.othersCount++] = id - ClassId.player;
        }
        const known = this.ground[cell];
        if (known === UNKNOWN || (known === ClassId.apple && id >= ClassId.player))
          this.ground[cell] = ClassId.floor;
      }
      this.seenAt[cell] = this.time;
    }
  }

  /** Every action goes out through here: the next window is read in its light. */
  did(action: number): number {
    this.#lastAction = action;
    return action;
  }

  /** The action that steps in a direction (0 up, 1 right, 2 down, 3 left). */
  toward(direction: number): number {
    return STEP_FOR_TURN[(direction - this.facing) & 3]!;
  }

  #reckon(window: Uint8Array, offset: number): void {
    const action = this.#lastAction;
    if (action === ActionKind.turnClockwise) this.facing = (this.facing + 1) & 3;
    else if (action === ActionKind.turnCounterClockwise) this.facing = (this.facing + 3) & 3;
    const stayed = this.cell;
    if (action <= ActionKind.backward) {
      const moved = (stayed + STEP[(this.facing + MOVE_TURN[action]!) & 3]!) & WRAP;
      const wanted = this.#wanted[action]!;
      const certain = wanted >= 0 && window[offset + wanted]! < ClassId.finingBeam;
      if (certain || this.#misfit(window, offset, moved) <= this.#misfit(window, offset, stayed))
        this.cell = moved;
    }
    if (this.#misfit(window, offset, this.cell) >= LOST) this.#forget();
  }

  /** How badly a window fits the map if the player stands on `at`: LOST or more where walls disagree. */
  #misfit(window: Uint8Array, offset: number, at: number): number {
    const offsets = this.#offsets[this.facing]!;
    let misfit = 0;
    for (let i = 0; i < this.#size; i++) {
      const id = window[offset + i]!;
      if (id >= ClassId.finingBeam || id === ClassId.outside) continue;
      const known = this.ground[(at + offsets[i]!) & WRAP]!;
      if (known === UNKNOWN || known === id) continue;
      misfit += known === ClassId.wall || id === ClassId.wall ? LOST : 1;
    }
    return misfit;
  }

  #forget(): void {
    this.ground.fill(UNKNOWN);
    this.site.fill(0);
    this.seenAt.fill(0);
    this.cell = START;
    this.facing = 0;
    this.othersCount = 0;
  }
}

/** More than any number of cells that can differ without a wall among them. */
const LOST = 1 << 16;
/** By how many quarter turns clockwise the steps left, right, forward, backward lead away from the facing. */
const MOVE_TURN = Uint8Array.of(3, 1, 0, 2);
/** Its inverse: the step that leads 0, 1, 2, 3 quarter turns clockwise away from the facing. */
const STEP_FOR_TURN = Uint8Array.of(
  ActionKind.forward,
  ActionKind.right,
  ActionKind.backward,
  ActionKind.left,
);
