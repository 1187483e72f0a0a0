/**
 * Apples that grow only while a river is clean: the public good of Cleanup.
 *
 * With density d = waste / river cells at or over the threshold nothing happens. Below it each empty apple site grows
 * with probability rate * (1 - d / threshold), drawn as geometric skips at `rate` that are then accepted with the rest;
 * and the clean river cells are tried in random order, the first to take waste ending the search: that is one draw
 * with probability 1 - (1 - wasteRate)^clean and a uniform choice.
 */
import { ClassId } from '../palette.ts';
import { GeometricSkip } from '../random.ts';
import type { Heap } from './heap.ts';
import type { Level } from './level.ts';
import type { Rules } from './rules.ts';
import type { WorldState } from './world-state.ts';

export interface RiverRule {
  readonly appleRate: number;
  readonly wasteRate: number;
  readonly wasteThreshold: number;
}

/** What all worlds on one level share. */
export class RiverTables {
  readonly rule: RiverRule;
  readonly sites: Uint16Array;
  readonly river: Uint16Array;
  /** Site or river index at each padded cell. */
  readonly indexAt: Int16Array;
  readonly skip: GeometricSkip;
  /** [clean river cells] probability that one of them takes waste. */
  readonly spill: Float64Array;
  /** River cells that are waste at the start. */
  readonly wasteAtStart: Uint8Array;
  /** Scratch of `grow`: places in the list of empty sites where an apple comes in this step. */
  readonly born: Uint16Array;

  constructor(level: Level, rule: RiverRule) {
    this.rule = rule;
    this.sites = level.sites('apple');
    this.river = level.sites('river');
    this.born = new Uint16Array(this.sites.length);
    this.indexAt = new Int16Array(level.size).fill(-1);
    for (const cells of [this.sites, this.river]) {
      cells.forEach((cell, index) => {
        this.indexAt[cell] = index;
      });
    }
    this.skip = new GeometricSkip(rule.appleRate);
    this.spill = new Float64Array(this.river.length + 1);
    let none = 1;
    for (let clean = 1; clean <= this.river.length; clean++) {
      none *= 1 - rule.wasteRate;
      this.spill[clean] = 1 - none;
    }
    this.wasteAtStart = Uint8Array.from(this.river, (cell) =>
      level.initial[cell] === ClassId.waste ? 1 : 0,
    );
  }
}

export class RiverGrowth implements Rules {
  readonly #world: WorldState;
  readonly #tables: RiverTables;
  readonly #heap: Heap;
  /** Core, in `heap.u8`: 1 where a site has its apple, 1 where a river cell has waste. */
  readonly #grown: number;
  readonly #waste: number;
  /** Core, in `heap.u16`: the empty sites and the clean river cells, in no order but a fixed one. */
  readonly #empty: number;
  readonly #clean: number;
  /** Core, in `heap.i32`: how many are empty, how many clean, how many trials fail until one succeeds. */
  readonly #emptyCount: number;
  readonly #cleanCount: number;
  readonly #skip: number;

  constructor(world: WorldState, tables: RiverTables, heap: Heap) {
    this.#world = world;
    this.#tables = tables;
    this.#heap = heap;
    this.#emptyCount = heap.int32(3).byteOffset >> 2;
    this.#cleanCount = this.#emptyCount + 1;
    this.#skip = this.#emptyCount + 2;
    this.#empty = heap.uint16(tables.sites.length).byteOffset >> 1;
    this.#clean = heap.uint16(tables.river.length).byteOffset >> 1;
    this.#grown = heap.uint8(tables.sites.length).byteOffset;
    this.#waste = heap.uint8(tables.river.length).byteOffset;
  }

  takeDerived(): void {}

  reset(): void {
    const { sites, river, skip, wasteAtStart } = this.#tables;
    const { u8, u16, i32 } = this.#heap;
    for (let site = 0; site < sites.length; site++) {
      u8[this.#grown + site] = 0;
      u16[this.#empty + site] = site;
    }
    i32[this.#emptyCount] = sites.length;
    i32[this.#cleanCount] = 0;
    for (let index = 0; index < river.length; index++) {
      u8[this.#waste + index] = wasteAtStart[index]!;
      if (wasteAtStart[index] === 0) u16[this.#clean + i32[this.#cleanCount]!++] = index;
    }
    i32[this.#skip] = skip.draw(this.#world.random);
  }

  eaten(cell: number): void {
    const { u8, u16, i32 } = this.#heap;
    const site = this.#tables.indexAt[cell]!;
    u8[this.#grown + site] = 0;
    u16[this.#empty + i32[this.#emptyCount]!++] = site;
  }

  cleaned(cell: number): void {
    const { u8, u16, i32 } = this.#heap;
    const index = this.#tables.indexAt[cell]!;
    u8[this.#waste + index] = 0;
    u16[this.#clean + i32[this.#cleanCount]!++] = index;
  }

  grow(): void {
    const { rule, sites, river, skip, spill, born } = this.#tables;
    const { u8, u16, i32 } = this.#heap;
    const world = this.#world;
    const { random } = world;
    const clean = i32[this.#cleanCount]!;
    const density = river.length === 0 ? 0 : (river.length - clean) / river.length;
    if (density >= rule.wasteThreshold) return;
    const accept = 1 - density / rule.wasteThreshold;
    const empty = i32[this.#emptyCount]!;
    let trial = i32[this.#skip]!;
    let births = 0;
    while (trial < empty) {
      // Places in the list, descending work below: taking one out moves only what lies behind it.
      if (random.chance(accept) && world.isFree(sites[u16[this.#empty + trial]!]!)) born[births++] = trial;
      trial += 1 + skip.draw(random);
    }
    i32[this.#skip] = trial - empty;
    while (births > 0) {
      const place = this.#empty + born[--births]!;
      const site = u16[place]!;
      u16[place] = u16[this.#empty + --i32[this.#emptyCount]!]!;
      u8[this.#grown + site] = 1;
      world.set(sites[site]!, ClassId.apple);
    }
    if (clean > 0 && random.chance(spill[clean]!)) {
      const place = this.#clean + random.below(clean);
      const index = u16[place]!;
      u16[place] = u16[this.#clean + --i32[this.#cleanCount]!]!;
      u8[this.#waste + index] = 1;
      world.set(river[index]!, ClassId.waste);
    }
  }

  restore(): void {
    const { sites, river } = this.#tables;
    const { u8 } = this.#heap;
    for (let site = 0; site < sites.length; site++) {
      this.#world.prepare(sites[site]!, u8[this.#grown + site] === 1 ? ClassId.apple : ClassId.floor);
    }
    for (let index = 0; index < river.length; index++) {
      this.#world.prepare(river[index]!, u8[this.#waste + index] === 1 ? ClassId.waste : ClassId.river);
    }
  }
}
