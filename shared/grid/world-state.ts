/**
 * A grid world's memory. Everything that changes lies in one heap: first the core, which is what a snapshot holds, then
 * what can be derived from it: what stands on each cell, and the four turned maps that windows are cut from. Fields that
 * are numbers are places in the heap's views.
 */
import { ClassId } from '../palette.ts';
import { Random } from '../random.ts';
import type { Heap } from './heap.ts';
import type { Level } from './level.ts';

/** What is known of a padded cell, one byte each, side by side so that they share a cache line. */
export const CELL_BYTES = 2;
/** Class id without players and beams. */
export const BASE = 0;
/** 1 + the player that stands there, or NOBODY. */
export const OCCUPANT = 1;
export const NOBODY = 0;

/** Whether nobody and nothing enters a cell of this class. */
export function isClosed(id: number): boolean {
  return id === ClassId.wall || id === ClassId.outside;
}

export class WorldState {
  readonly level: Level;
  readonly heap: Heap;
  readonly players: number;
  /** Rays of a beam. */
  readonly rays: number;
  readonly random: Random;
  /** The whole state as bytes, the generator included: what a snapshot holds and a hash covers. */
  core: Uint8Array = new Uint8Array(0);

  /** [2] in `heap.i32`: steps since the reset, and how many beams of the last step are in sight. */
  readonly header: number;
  /** [N] raw rewards of the last step, in `heap.f32`. */
  readonly rawRewards: Float32Array;
  readonly reward: number;
  /** [N] padded cell of each player, in `heap.u16`. */
  readonly cellOf: Uint16Array;
  readonly cell: number;
  /** [N] facing of each player, and what its last action came to (see `Outcome`), in `heap.u8`. */
  readonly facingOf: Uint8Array;
  readonly facing: number;
  readonly outcomeOf: Uint8Array;
  readonly outcome: number;
  /** [N] who fired in the last step, in the order of the beams, in `heap.u8`. */
  readonly firing: number;
  /** [N, rays] lengths of the rays of the beam fired in the last step, left to right, in `heap.u8`. */
  readonly rayLengths: Uint8Array;
  readonly ray: number;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  /** Cells, as watchers number them, whose class the last step has changed. */
  readonly changes: Uint16Array;
  changeCount = 0;

  /** Derived: [size, CELL_BYTES] in `heap.u8`. */
  cells = 0;
  readonly turned: Uint16Array;
  /** Derived: the four turned maps in `heap.u8`: where they start and, for the last two, end. */
  #shown0 = 0;
  #shown1 = 0;
  #shown2 = 0;
  #shown3 = 0;

  /** Lays out the first part of the core; what is taken from the heap until `closeCore` belongs to it too. */
  constructor(level: Level, players: number, beamRadius: number, heap: Heap) {
    this.level = level;
    this.heap = heap;
    this.players = players;
    this.rays = 2 * beamRadius + 1;
    this.turned = level.turned;
    heap.align(64);
    this.random = new Random(heap.uint32(4));
    this.header = heap.int32(2).byteOffset >> 2;
    this.rawRewards = heap.float32(players);
    this.cellOf = heap.uint16(players);
    this.facingOf = heap.uint8(players);
    this.outcomeOf = heap.uint8(players);
    this.firing = heap.uint8(players).byteOffset;
    this.rayLengths = heap.uint8(players * this.rays);
    this.terminated = heap.uint8(players);
    this.truncated = heap.uint8(players);
    this.changes = new Uint16Array(2 * level.map.width * level.map.height);
    this.reward = this.rawRewards.byteOffset >> 2;
    this.cell = this.cellOf.byteOffset >> 1;
    this.facing = this.facingOf.byteOffset;
    this.outcome = this.outcomeOf.byteOffset;
    this.ray = this.rayLengths.byteOffset;
  }

  /** Ends the core and lays out what is derived. */
  closeCore(): void {
    const { heap, level } = this;
    this.core = heap.since(this.random.state.byteOffset);
    heap.align(16);
    const shown = heap.uint8(4 * level.turnSize).byteOffset;
    this.#shown0 = shown;
    this.#shown1 = shown + level.turnSize;
    this.#shown2 = shown + 2 * level.turnSize + level.size - 1;
    this.#shown3 = shown + 3 * level.turnSize + level.size - 1;
    this.cells = heap.uint8(CELL_BYTES * level.size).byteOffset;
  }

  get time(): number {
    return this.heap.i32[this.header]!;
  }

  /** Class id of a padded cell, without players and beams. */
  baseAt(cell: number): number {
    return this.heap.u8[this.cells + CELL_BYTES * cell + BASE]!;
  }

  isFree(cell: number): boolean {
    return this.heap.u8[this.cells + CELL_BYTES * cell + OCCUPANT] === NOBODY;
  }

  /** Sets a cell's class id: what the rules grow and spill. A player or a beam there stays in sight. */
  set(cell: number, id: number): void {
    const { u8 } = this.heap;
    u8[this.cells + CELL_BYTES * cell + BASE] = id;
    this.noteChange(cell);
    if (u8[this.#shown0 + cell]! < ClassId.finingBeam) this.paint(cell, id);
  }

  /** The same while the state is laid out, before anything is painted. */
  prepare(cell: number, id: number): void {
    this.heap.u8[this.cells + CELL_BYTES * cell + BASE] = id;
  }

  /** For whoever changes a cell's class by other ways than `set`. */
  noteChange(cell: number): void {
    this.changes[this.changeCount++] = this.level.mapIndex(cell);
  }

  /** The map as it starts, with the players where the core has them. */
  layOut(): void {
    const { u8 } = this.heap;
    const { initial, size } = this.level;
    for (let cell = 0; cell < size; cell++) {
      const at = this.cells + CELL_BYTES * cell;
      u8[at + BASE] = initial[cell]!;
      u8[at + OCCUPANT] = NOBODY;
    }
    this.enter();
  }

  /** Marks the cells that players stand on. */
  enter(): void {
    for (let i = 0; i < this.players; i++) {
      this.heap.u8[this.cells + CELL_BYTES * this.cellOf[i]! + OCCUPANT] = i + 1;
    }
  }

  /** Marks the cells that players stand on as free. */
  leave(): void {
    for (const cell of this.cellOf) this.heap.u8[this.cells + CELL_BYTES * cell + OCCUPANT] = NOBODY;
  }

  /** Writes (source, stride) for each player's window from pair `index` on, for `Heap.copyWindows`; returns N. */
  fillWindowList(list: Int32Array, index: number): number {
    const { u8, u16 } = this.heap;
    const { size, turnSize, corners, strides } = this.level;
    const last = size - 1;
    for (let i = 0; i < this.players; i++) {
      const facing = u8[this.facing + i]!;
      const cell = u16[this.cell + i]!;
      const turned = facing & 1 ? this.turned[cell]! : cell;
      const at = facing & 2 ? last - turned : turned;
      list[2 * (index + i)] = this.#shown0 + facing * turnSize + at + corners[facing]!;
      list[2 * (index + i) + 1] = strides[facing]!;
    }
    return this.players;
  }

  /** What a cell shows where no beam covers it. */
  uncovered(cell: number): number {
    const at = this.cells + CELL_BYTES * cell;
    const occupant = this.heap.u8[at + OCCUPANT]!;
    return occupant === NOBODY ? this.heap.u8[at + BASE]! : ClassId.player + occupant - 1;
  }

  paint(cell: number, id: number): void {
    this.show(cell, this.turned[cell]!, id);
  }

  /** Writes what `cell` shows to all four maps. @param turned its place in the map turned for facing right. */
  show(cell: number, turned: number, id: number): void {
    const { u8 } = this.heap;
    u8[this.#shown0 + cell] = id;
    u8[this.#shown1 + turned] = id;
    u8[this.#shown2 - cell] = id;
    u8[this.#shown3 - turned] = id;
  }

  paintAll(): void {
    for (let cell = 0; cell < this.level.size; cell++) this.paint(cell, this.uncovered(cell));
  }
}
