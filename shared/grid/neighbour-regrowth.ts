/**
 * Apples that grow back the faster the more apples are near: the commons of Harvest.
 *
 * The counts of apples near each site are kept up to date as apples come and go, empty sites lie in one list for each
 * growth probability, and for each list a geometric skip says how many trials pass until the next apple: a step costs
 * a draw for each apple that grows, not a draw and a look around for each site that might.
 */
import { ClassId } from '../palette.ts';
import { GeometricSkip } from '../random.ts';
import type { Heap } from './heap.ts';
import type { Level } from './level.ts';
import type { Rules } from './rules.ts';
import type { WorldState } from './world-state.ts';

/** Which cells count as near, and how likely an empty site grows an apple in a step by how many are. */
export interface RegrowthRule {
  /** chebyshev radius 1: the eight neighbours; euclidean radius 2: twelve cells; cityblock radius 3: 24 cells. */
  readonly metric: 'chebyshev' | 'euclidean' | 'cityblock';
  readonly radius: number;
  /** By number of apples near; the last holds for all higher numbers. */
  readonly probability: readonly number[];
}

const NONE = 255;

/** What all worlds on one level share. */
export class RegrowthTables {
  readonly sites: Uint16Array;
  /** Site at each padded cell, or -1. */
  readonly siteAt: Int16Array;
  /** Sites near site s: near[nearStart[s]] to near[nearStart[s + 1] - 1]. */
  readonly nearStart: Int32Array;
  readonly near: Int16Array;
  readonly maxNear: number;
  /** Which list an empty site with this many apples near is in; NONE where nothing ever grows. */
  readonly listOf: Uint8Array;
  /** For each list. */
  readonly skips: readonly GeometricSkip[];
  /** Scratch of `grow`: the sites where an apple comes in this step. */
  readonly born: Uint16Array;

  constructor(level: Level, rule: RegrowthRule) {
    this.sites = level.sites('apple');
    this.born = new Uint16Array(this.sites.length);
    this.siteAt = new Int16Array(level.size).fill(-1);
    this.sites.forEach((cell, site) => {
      this.siteAt[cell] = site;
    });
    const near: number[] = [];
    this.nearStart = new Int32Array(this.sites.length + 1);
    this.sites.forEach((cell, site) => {
      const row = level.rowOf(cell);
      const column = level.columnOf(cell);
      for (let dr = -rule.radius; dr <= rule.radius; dr++) {
        for (let dc = -rule.radius; dc <= rule.radius; dc++) {
          if ((dr === 0 && dc === 0) || !isNear(rule, dr, dc)) continue;
          const r = row + dr;
          const c = column + dc;
          if (r < 0 || c < 0 || r >= level.map.height || c >= level.map.width) continue;
          const other = this.siteAt[level.cellAt(r, c)]!;
          if (other >= 0) near.push(other);
        }
      }
      this.nearStart[site + 1] = near.length;
    });
    this.near = Int16Array.from(near);
    this.maxNear = (2 * rule.radius + 1) ** 2;
    const probabilities: number[] = [];
    this.listOf = new Uint8Array(this.maxNear + 1);
    for (let count = 0; count <= this.maxNear; count++) {
      const probability = rule.probability[Math.min(count, rule.probability.length - 1)]!;
      if (probability === 0) {
        this.listOf[count] = NONE;
        continue;
      }
      if (!probabilities.includes(probability)) probabilities.push(probability);
      this.listOf[count] = probabilities.indexOf(probability);
    }
    this.skips = probabilities.map((probability) => new GeometricSkip(probability));
  }
}

function isNear(rule: RegrowthRule, dr: number, dc: number): boolean {
  if (rule.metric === 'chebyshev') return true;
  if (rule.metric === 'euclidean') return dr * dr + dc * dc <= rule.radius * rule.radius;
  return Math.abs(dr) + Math.abs(dc) <= rule.radius;
}

export class NeighbourRegrowth implements Rules {
  readonly #world: WorldState;
  readonly #tables: RegrowthTables;
  readonly #heap: Heap;
  readonly #sites: number;
  /** Core, in `heap.u8`: 1 where a site has its apple. */
  readonly #grown: number;
  /** Core, in `heap.u16`: the empty sites of each list, [lists, sites], and how many there are. */
  readonly #empty: number;
  readonly #emptyCount: number;
  /** Core, in `heap.i32`: how many trials of each list fail until one succeeds. */
  readonly #skip: number;
  /** Derived, in `heap.u8` and `heap.u16`: apples near each site, and where in its list an empty site is. */
  #nearby = 0;
  #place = 0;

  constructor(world: WorldState, tables: RegrowthTables, heap: Heap) {
    const sites = tables.sites.length;
    const lists = tables.skips.length;
    this.#world = world;
    this.#tables = tables;
    this.#heap = heap;
    this.#sites = sites;
    this.#skip = heap.int32(lists).byteOffset >> 2;
    this.#empty = heap.uint16(lists * sites).byteOffset >> 1;
    this.#emptyCount = heap.uint16(lists).byteOffset >> 1;
    this.#grown = heap.uint8(sites).byteOffset;
  }

  takeDerived(heap: Heap): void {
    this.#place = heap.uint16(this.#sites).byteOffset >> 1;
    this.#nearby = heap.uint8(this.#sites).byteOffset;
  }

  /** Every site starts with an apple. */
  reset(): void {
    const { u8, i32 } = this.#heap;
    u8.fill(1, this.#grown, this.#grown + this.#sites);
    this.#countNearby();
    for (const [list, skip] of this.#tables.skips.entries())
      i32[this.#skip + list] = skip.draw(this.#world.random);
  }

  eaten(cell: number): void {
    const { u8 } = this.#heap;
    const { siteAt, listOf } = this.#tables;
    const site = siteAt[cell]!;
    u8[this.#grown + site] = 0;
    this.#enter(site, listOf[u8[this.#nearby + site]!]!);
    this.#change(site, -1);
  }

  cleaned(): void {}

  grow(): void {
    const { skips, sites, listOf, born } = this.#tables;
    const { u8, u16, i32 } = this.#heap;
    const world = this.#world;
    let births = 0;
    // All draws see the counts of before this step's growth, so apples come only after the last list.
    for (let list = 0; list < skips.length; list++) {
      const count = u16[this.#emptyCount + list]!;
      let trial = i32[this.#skip + list]!;
      while (trial < count) {
        const site = u16[this.#empty + list * this.#sites + trial]!;
        if (world.isFree(sites[site]!)) born[births++] = site;
        trial += 1 + skips[list]!.draw(world.random);
      }
      i32[this.#skip + list] = trial - count;
    }
    for (let i = 0; i < births; i++) {
      const site = born[i]!;
      this.#leave(site, listOf[u8[this.#nearby + site]!]!);
      u8[this.#grown + site] = 1;
      this.#change(site, 1);
      world.set(sites[site]!, ClassId.apple);
    }
  }

  restore(): void {
    const { sites } = this.#tables;
    const { u8, u16 } = this.#heap;
    for (let site = 0; site < this.#sites; site++) {
      this.#world.prepare(sites[site]!, u8[this.#grown + site] === 1 ? ClassId.apple : ClassId.floor);
    }
    this.#countNearby();
    for (let list = 0; list < this.#tables.skips.length; list++) {
      const start = this.#empty + list * this.#sites;
      const count = u16[this.#emptyCount + list]!;
      for (let k = 0; k < count; k++) u16[this.#place + u16[start + k]!] = k;
    }
  }

  #countNearby(): void {
    const { near, nearStart } = this.#tables;
    const { u8 } = this.#heap;
    for (let site = 0; site < this.#sites; site++) {
      let count = 0;
      for (let k = nearStart[site]!; k < nearStart[site + 1]!; k++) count += u8[this.#grown + near[k]!]!;
      u8[this.#nearby + site] = count;
    }
  }

  /** An apple has come to (+1) or gone from (-1) `site`: counts change around it, and empty sites change lists. */
  #change(site: number, by: number): void {
    const { near, nearStart, listOf } = this.#tables;
    const { u8 } = this.#heap;
    const end = nearStart[site + 1]!;
    for (let k = nearStart[site]!; k < end; k++) {
      const other = near[k]!;
      const before = u8[this.#nearby + other]!;
      u8[this.#nearby + other] = before + by;
      if (u8[this.#grown + other] === 1) continue;
      const from = listOf[before]!;
      const to = listOf[before + by]!;
      if (from === to) continue;
      this.#leave(other, from);
      this.#enter(other, to);
    }
  }

  #enter(site: number, list: number): void {
    if (list === NONE) return;
    const { u16 } = this.#heap;
    const k = u16[this.#emptyCount + list]!++;
    u16[this.#empty + list * this.#sites + k] = site;
    u16[this.#place + site] = k;
  }

  #leave(site: number, list: number): void {
    if (list === NONE) return;
    const { u16 } = this.#heap;
    const start = this.#empty + list * this.#sites;
    const last = --u16[this.#emptyCount + list]!;
    const moved = u16[start + last]!;
    const k = u16[this.#place + site]!;
    u16[start + k] = moved;
    u16[this.#place + moved] = k;
  }
}
