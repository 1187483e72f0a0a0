/** What worlds on one map share and nobody changes: sizes, index tables, sites, spawn points. */
import { ClassId } from '../palette.ts';
import type { GridMap } from './map.ts';

/** How far a player sees, in cells, with its facing up. */
export interface Window {
  readonly ahead: number;
  readonly behind: number;
  readonly left: number;
  readonly right: number;
}

/**
 * Cells are numbered in the map padded on every side by as much as a window can reach, so that neither a window nor a
 * neighbour needs a bounds check. Four copies of the map, turned so that up, right, down and left point up, make every
 * window a block of whole rows.
 */
export class Level {
  readonly map: GridMap;
  readonly window: Window;
  readonly windowWidth: number;
  readonly windowHeight: number;
  readonly pad: number;
  /** Of the padded map. */
  readonly stride: number;
  readonly paddedHeight: number;
  /** Cells of the padded map. */
  readonly size: number;
  /** Bytes from one turned map to the next: 16-byte loads may read past the last row. */
  readonly turnSize: number;
  /** Where a cell lies in the map turned for facing right; for down it is size - 1 - cell, for left size - 1 - this. */
  readonly turned: Uint16Array;
  /** What to add to a cell to go up, right, down, left. */
  readonly directions: Int32Array;
  /** Row distance of the map turned for each facing. */
  readonly strides: Int32Array;
  /** From a player's cell in the turned map back to its window's first cell, for each facing. */
  readonly corners: Int32Array;
  /** Class id of every padded cell at the start of an episode. */
  readonly initial: Uint8Array;
  /** [size] by padded cell; a table, since two divisions an event would show in the step's time. */
  readonly #mapIndex: Uint16Array;
  /** Padded cells players start on. */
  readonly spawns: Uint16Array;

  constructor(map: GridMap, window: Window) {
    this.map = map;
    this.window = window;
    this.windowWidth = window.left + 1 + window.right;
    this.windowHeight = window.ahead + 1 + window.behind;
    this.pad = Math.max(1, window.ahead, window.behind, window.left, window.right);
    this.stride = map.width + 2 * this.pad;
    this.paddedHeight = map.height + 2 * this.pad;
    this.size = this.stride * this.paddedHeight;
    this.turnSize = this.size + 16;
    this.directions = Int32Array.of(-this.stride, 1, this.stride, -1);
    this.strides = Int32Array.of(this.stride, this.paddedHeight, this.stride, this.paddedHeight);
    this.corners = this.strides.map((stride) => -window.ahead * stride - window.left);
    this.turned = new Uint16Array(this.size);
    for (let row = 0; row < this.paddedHeight; row++) {
      for (let column = 0; column < this.stride; column++) {
        this.turned[row * this.stride + column] = (this.stride - 1 - column) * this.paddedHeight + row;
      }
    }
    this.initial = new Uint8Array(this.size).fill(ClassId.outside);
    this.#mapIndex = new Uint16Array(this.size);
    const spawns: number[] = [];
    map.tiles.forEach((tile, index) => {
      const cell = this.cellAt(Math.floor(index / map.width), index % map.width);
      this.initial[cell] = tile.id;
      this.#mapIndex[cell] = index;
      if (tile.spawn) spawns.push(cell);
    });
    this.spawns = Uint16Array.from(spawns);
  }

  cellAt(row: number, column: number): number {
    return (row + this.pad) * this.stride + column + this.pad;
  }

  rowOf(cell: number): number {
    return Math.floor(cell / this.stride) - this.pad;
  }

  columnOf(cell: number): number {
    return (cell % this.stride) - this.pad;
  }

  /** Row by row index without the padding, as watchers number cells. */
  mapIndex(cell: number): number {
    return this.#mapIndex[cell]!;
  }

  /** The padded cells of one kind of site, in reading order. */
  sites(kind: string): Uint16Array {
    const cells: number[] = [];
    this.map.tiles.forEach((tile, index) => {
      if (tile.site === kind)
        cells.push(this.cellAt(Math.floor(index / this.map.width), index % this.map.width));
    });
    return Uint16Array.from(cells);
  }
}
