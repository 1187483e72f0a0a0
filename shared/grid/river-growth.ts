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
import type { Rules, World } from './world.ts';

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

  constructor(level: Level, rule: RiverRule) {
    this.rule = rule;
    this.sites = level.sites('apple');
    this.river = level.sites('river');
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
  readonly #world: World;
  readonly #tables: RiverTables;
  /** Core: 1 where a site has its apple, 1 where a river cell has waste. */
  readonly #grown: Uint8Array;
  readonly #waste: Uint8Array;
  /** Core: the empty sites and the clean river cells, in no order but a fixed one; [empty, clean, trials to go]. */
  readonly #empty: Uint16Array;
  readonly #clean: Uint16Array;
  readonly #counts: Int32Array;
  readonly #born: Uint16Array;

  constructor(world: World, tables: RiverTables, heap: Heap) {
    this.#world = world;
    this.#tables = tables;
    this.#counts = heap.int32(3);
    this.#empty = heap.uint16(tables.sites.length);
    this.#clean = heap.uint16(tables.river.length);
    this.#grown = heap.uint8(tables.sites.length);
    this.#waste = heap.uint8(tables.river.length);
    this.#born = new Uint16Array(tables.sites.length);
  }

  reset(): void {
    const { river, skip, wasteAtStart } = this.#tables;
    this.#grown.fill(0);
    this.#waste.set(wasteAtStart);
    for (let site = 0; site < this.#grown.length; site++) this.#empty[site] = site;
    this.#counts[0] = this.#grown.length;
    this.#counts[1] = 0;
    for (let index = 0; index < river.length; index++) {
      if (this.#waste[index] === 0) this.#clean[this.#counts[1]!++] = index;
    }
    this.#counts[2] = skip.draw(this.#world.random);
  }

  eaten(cell: number): void {
    const site = this.#tables.indexAt[cell]!;
    this.#grown[site] = 0;
    this.#empty[this.#counts[0]!++] = site;
  }

  cleaned(cell: number): void {
    const index = this.#tables.indexAt[cell]!;
    this.#waste[index] = 0;
    this.#clean[this.#counts[1]!++] = index;
  }

  grow(): void {
    const { rule, sites, river, skip, spill } = this.#tables;
    const world = this.#world;
    const { random } = world;
    const counts = this.#counts;
    const clean = counts[1]!;
    const density = river.length === 0 ? 0 : (river.length - clean) / river.length;
    if (density >= rule.wasteThreshold) return;
    const accept = 1 - density / rule.wasteThreshold;
    const empty = counts[0]!;
    let trial = counts[2]!;
    let born = 0;
    while (trial < empty) {
      // Places in the list, descending work below: taking one out moves only what lies behind it.
      if (random.chance(accept) && world.isFree(sites[this.#empty[trial]!]!)) this.#born[born++] = trial;
      trial += 1 + skip.draw(random);
    }
    counts[2] = trial - empty;
    while (born > 0) {
      const place = this.#born[--born]!;
      const site = this.#empty[place]!;
      this.#empty[place] = this.#empty[--counts[0]!]!;
      this.#grown[site] = 1;
      this.#world.set(sites[site]!, ClassId.apple);
    }
    if (clean > 0 && random.chance(spill[clean]!)) {
      const place = random.below(clean);
      const index = this.#clean[place]!;
      this.#clean[place] = this.#clean[--counts[1]!]!;
      this.#waste[index] = 1;
      this.#world.set(river[index]!, ClassId.waste);
    }
  }

  restore(): void {
    const { sites, river } = this.#tables;
    const world = this.#world;
    for (let site = 0; site < sites.length; site++) {
      world.prepare(sites[site]!, this.#grown[site] === 1 ? ClassId.apple : ClassId.floor);
    }
    for (let index = 0; index < river.length; index++) {
      world.prepare(river[index]!, this.#waste[index] === 1 ? ClassId.waste : ClassId.river);
    }
  }
}
