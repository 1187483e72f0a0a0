/**
 * The grid world that Harvest and Cleanup stand on: players with facings, simultaneous moves, beams and egocentric
 * windows. One step is (1) turns and moves, resolved together, (2) eating, (3) beams in random player order,
 * (4) the rules' own growth. Everything that changes lies in one heap: first the core, which is what a snapshot holds,
 * then what can be derived from it. Nothing is allocated after construction.
 */
import { type ActionBuffer, EventKind, Events, Outcome } from '../environment.ts';
import { ClassId } from '../palette.ts';
import { Random } from '../random.ts';
import { ActionKind } from './actions.ts';
import { checkRoom, type Heap } from './heap.ts';
import type { Level } from './level.ts';

/** The numbers of the game that every grid environment has, as options. */
export interface WorldOptions {
  readonly players: number;
  readonly episodeLength: number;
  readonly appleReward: number;
  readonly fineCost: number;
  readonly finePenalty: number;
  readonly beamLength: number;
  readonly beamRadius: number;
  readonly beamsVisible: boolean;
}

/** What makes one game differ from another; see `shared/environments`. */
export interface Rules {
  /** Takes from the heap what need not be in a snapshot, once the core is laid out. */
  takeDerived(heap: Heap): void;
  /** Called with the world's cells as the map has them. */
  reset(): void;
  /** A player has eaten the apple at `cell`, which is floor now. */
  eaten(cell: number): void;
  /** A cleaning beam has cleaned the waste at `cell`, which is river now. */
  cleaned(cell: number): void;
  /** Phase 4 of a step. */
  grow(): void;
  /** Derives again, after the core was loaded, what the rules keep outside it, and sets the cells of their sites. */
  restore(): void;
}

/** What is known of a padded cell, one byte each, side by side so that they share a cache line. */
const CELL_BYTES = 2;
/** Class id without players and beams. */
const BASE = 0;
/** 1 + the player that stands there, 0 for nobody. */
const OCCUPANT = 1;

/** What a step needs while it is under way and leaves as it found it: one for all worlds of a heap. */
export class Scratch {
  /** [size, 2] in `heap.u8`, 0 between steps: 1 + the player that may enter a cell, and how many want to. */
  readonly claims: number;
  /** [2, N] in `heap.i32`: the cell that each player wishes to enter, and still may; -1 for none. */
  readonly wish: number;
  /** [N, 2], see `Heap.copyWindows`. */
  readonly windowList: Int32Array;
  /** [N, height, width]. */
  readonly windows: Uint8Array;

  constructor(level: Level, players: number, heap: Heap) {
    this.claims = heap.uint8(CLAIM_BYTES * level.size).byteOffset;
    this.wish = heap.int32(2 * players).byteOffset >> 2;
    this.windowList = heap.int32(2 * players);
    this.windows = heap.uint8(players * level.windowWidth * level.windowHeight);
  }
}

const CLAIM_BYTES = 2;
const CLAIMANT = 0;
const CONTENDERS = 1;

const NOBODY = 0;

export class World {
  readonly level: Level;
  readonly options: WorldOptions;
  readonly random: Random;
  readonly events: Events;
  readonly rawRewards: Float32Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  /** Padded cell of each player, and its facing. */
  readonly cellOf: Uint16Array;
  readonly facingOf: Uint8Array;
  /** See `Outcome`. */
  readonly outcomeOf: Uint8Array;
  /** [N, 2 * radius + 1] lengths of the rays of the beam fired in the last step, left to right. */
  readonly rayLengths: Uint8Array;
  /** The whole state as bytes, the generator included: what a snapshot holds and a hash covers. */
  readonly core: Uint8Array;

  readonly #heap: Heap;
  readonly #rules: Rules;
  readonly #players: number;
  readonly #rays: number;
  readonly #lastAction: number;
  readonly #turned: Uint16Array;
  /** [2] Core: time, and how many fired in the last step; its place in `heap.i32`. */
  readonly #header: number;
  /** Places in `heap.u16`, `heap.u8` and `heap.f32` of what the views above show. */
  readonly #cell: number;
  readonly #facing: number;
  readonly #outcome: number;
  readonly #ray: number;
  readonly #reward: number;
  /** Core: who fired in the last step, in the order of the beams; its place in `heap.u8`. */
  readonly #firing: number;
  /** [size, CELL_BYTES] in `heap.u8`. */
  readonly #cells: number;
  /** The four turned maps that windows are cut from, in `heap.u8`: where they start, and for the last two, end. */
  readonly #shown0: number;
  readonly #shown1: number;
  readonly #shown2: number;
  readonly #shown3: number;
  readonly #scratch: Scratch;

  /**
   * @param makeRules is handed the world while the core is laid out: what it takes from the heap is part of a snapshot.
   */
  constructor(
    level: Level,
    options: WorldOptions,
    actions: readonly string[],
    heap: Heap,
    scratch: Scratch,
    makeRules: (world: World, heap: Heap) => Rules,
  ) {
    const n = options.players;
    this.level = level;
    this.options = options;
    this.#heap = heap;
    this.#players = n;
    this.#rays = 2 * options.beamRadius + 1;
    this.#lastAction = actions.length - 1;
    this.#turned = level.turned;
    heap.align(64);
    const start = heap.used;
    this.random = new Random(heap.uint32(4));
    this.#header = heap.int32(2).byteOffset >> 2;
    this.rawRewards = heap.float32(n);
    this.cellOf = heap.uint16(n);
    this.facingOf = heap.uint8(n);
    this.outcomeOf = heap.uint8(n);
    this.#firing = heap.uint8(n).byteOffset;
    this.rayLengths = heap.uint8(n * this.#rays);
    this.terminated = heap.uint8(n);
    this.truncated = heap.uint8(n);
    // The rules read the fields below when they are reset, not while they are made.
    this.#rules = makeRules(this, heap);
    this.core = heap.since(start);
    this.#rules.takeDerived(heap);
    this.#reward = this.rawRewards.byteOffset >> 2;
    this.#cell = this.cellOf.byteOffset >> 1;
    this.#facing = this.facingOf.byteOffset;
    this.#outcome = this.outcomeOf.byteOffset;
    this.#ray = this.rayLengths.byteOffset;

    heap.align(16);
    const shown = heap.uint8(4 * level.turnSize).byteOffset;
    this.#shown0 = shown;
    this.#shown1 = shown + level.turnSize;
    this.#shown2 = shown + 2 * level.turnSize + level.size - 1;
    this.#shown3 = shown + 3 * level.turnSize + level.size - 1;
    this.#cells = heap.uint8(CELL_BYTES * level.size).byteOffset;
    this.#scratch = scratch;
    this.events = new Events(n * (3 + this.#rays * (options.beamLength + 1)));
  }

  get time(): number {
    return this.#heap.i32[this.#header]!;
  }

  get done(): boolean {
    return this.time >= this.options.episodeLength;
  }

  /** Class id of a padded cell, without players and beams. */
  baseAt(cell: number): number {
    return this.#heap.u8[this.#cells + CELL_BYTES * cell + BASE]!;
  }

  isFree(cell: number): boolean {
    return this.#heap.u8[this.#cells + CELL_BYTES * cell + OCCUPANT] === NOBODY;
  }

  reset(seed: number): void {
    const { level } = this;
    this.core.fill(0);
    this.random.seed(seed);
    this.events.count = 0;
    // A partial Fisher-Yates shuffle over the spawn points.
    const spawns = level.spawns.slice();
    for (let i = 0; i < this.#players; i++) {
      const j = i + this.random.below(spawns.length - i);
      this.cellOf[i] = spawns[j]!;
      spawns[j] = spawns[i]!;
      this.facingOf[i] = this.random.below(4);
    }
    this.#layOut();
    this.#rules.reset();
    this.#paintAll();
  }

  /** Puts the players where a recording has them, eating nothing; for replays of recordings made elsewhere. */
  place(places: readonly { readonly row: number; readonly column: number; readonly facing: number }[]): void {
    for (const cell of this.cellOf) this.#heap.u8[this.#cells + CELL_BYTES * cell + OCCUPANT] = NOBODY;
    for (const [i, place] of places.entries()) {
      this.cellOf[i] = this.level.cellAt(place.row, place.column);
      this.facingOf[i] = place.facing;
      this.#heap.u8[this.#cells + CELL_BYTES * this.cellOf[i]! + OCCUPANT] = i + 1;
    }
    this.#paintAll();
  }

  step(actions: ActionBuffer, rewards: Float32Array, offset: number, rewardOffset: number): void {
    this.#check(actions, rewards, offset, rewardOffset);
    this.advance(actions as Uint8Array, rewards, offset, rewardOffset);
  }

  /** `step` for a caller that has checked what it gives. */
  advance(actions: Uint8Array, rewards: Float32Array, offset: number, rewardOffset: number): void {
    const { f32, i32 } = this.#heap;
    const n = this.#players;
    const raw = this.#reward;
    for (let i = 0; i < n; i++) f32[raw + i] = 0;
    this.events.count = 0;
    if (i32[this.#header + 1]! > 0) this.#eraseBeams();
    const firing = this.#move(actions, offset);
    this.#eat();
    if (firing > 0) this.#fire(firing);
    this.#rules.grow();
    if (++i32[this.#header]! >= this.options.episodeLength) this.truncated.fill(1);
    for (let i = 0; i < n; i++) rewards[rewardOffset + i] = f32[raw + i]!;
  }

  /** Sets a cell's class id: what the rules grow and spill. A player or a beam there stays in sight. */
  set(cell: number, id: number): void {
    const { u8 } = this.#heap;
    u8[this.#cells + CELL_BYTES * cell + BASE] = id;
    const shown = u8[this.#shown0 + cell]!;
    if (shown < ClassId.finingBeam) this.#paint(cell, id);
  }

  /** The same while the state is laid out, before anything is painted. */
  prepare(cell: number, id: number): void {
    this.#heap.u8[this.#cells + CELL_BYTES * cell + BASE] = id;
  }

  /** [N, height, width] class ids, each player's window with its facing up. */
  observe(out: Uint8Array, offset: number): void {
    const { windowList } = this.#scratch;
    const n = this.fillWindowList(windowList, 0);
    this.#heap.copyWindows(windowList, n, this.level.windowWidth, this.level.windowHeight, out, offset);
  }

  /** The same, into memory that the next call, on any world of the heap, overwrites. */
  observeScratch(): Uint8Array {
    const { windows } = this.#scratch;
    this.observe(windows, 0);
    return windows;
  }

  /** Writes (source, stride) for each player's window from pair `index` on, for `Heap.copyWindows`; returns N. */
  fillWindowList(list: Int32Array, index: number): number {
    const { level } = this;
    const { u8, u16 } = this.#heap;
    const n = this.#players;
    const last = level.size - 1;
    const { turnSize, corners, strides } = level;
    for (let i = 0; i < n; i++) {
      const facing = u8[this.#facing + i]!;
      const cell = u16[this.#cell + i]!;
      const turned = facing & 1 ? this.#turned[cell]! : cell;
      const at = facing & 2 ? last - turned : turned;
      list[2 * (index + i)] = this.#shown0 + facing * turnSize + at + corners[facing]!;
      list[2 * (index + i) + 1] = strides[facing]!;
    }
    return n;
  }

  load(core: Uint8Array): void {
    this.core.set(core);
    this.events.count = 0;
    this.#layOut();
    this.#rules.restore();
    this.#paintAll();
    this.#paintBeams(false);
  }

  #check(actions: ActionBuffer, rewards: Float32Array, offset: number, rewardOffset: number): void {
    const n = this.#players;
    if (this.done) throw new Error(`the episode is over after ${this.time} steps: call reset`);
    if (!(actions instanceof Uint8Array)) throw new TypeError('actions of a grid world are a Uint8Array');
    checkRoom(actions.length, offset, n, 'actions');
    checkRoom(rewards.length, rewardOffset, n, 'rewards');
    for (let i = 0; i < n; i++) {
      const action = actions[offset + i]!;
      if (action > this.#lastAction) {
        throw new RangeError(`player ${i} has action ${action}, possible are 0 to ${this.#lastAction}`);
      }
    }
  }

  /** The map as it starts, with the players on it. */
  #layOut(): void {
    const { u8 } = this.#heap;
    const { initial, size } = this.level;
    for (let cell = 0; cell < size; cell++) {
      const at = this.#cells + CELL_BYTES * cell;
      u8[at + BASE] = initial[cell]!;
      u8[at + OCCUPANT] = NOBODY;
    }
    for (let i = 0; i < this.#players; i++) {
      u8[this.#cells + CELL_BYTES * this.cellOf[i]! + OCCUPANT] = i + 1;
    }
  }

  /** Phase 1. Returns how many fire; who they are is in `#firing`. */
  #move(actions: Uint8Array, offset: number): number {
    const { u8, u16, i32 } = this.#heap;
    const { directions } = this.level;
    const cells = this.#cells;
    const { claims, wish } = this.#scratch;
    const n = this.#players;
    const want = wish + n;
    let firing = 0;
    let movers = 0;
    // Each player's wish; of several for one cell a uniform draw keeps one (reservoir sampling, one draw a contender).
    for (let i = 0; i < n; i++) {
      const action = actions[offset + i]!;
      const facing = u8[this.#facing + i]!;
      let outcome: number = Outcome.stayed;
      let to = -1;
      if (action <= ActionKind.backward) {
        const direction = (facing + ((MOVE_TURNS >> (2 * action)) & 3)) & 3;
        to = u16[this.#cell + i]! + directions[direction]!;
        const claim = claims + CLAIM_BYTES * to;
        outcome = Outcome.movedUp + direction;
        if (isClosed(u8[cells + CELL_BYTES * to + BASE]!)) {
          outcome = Outcome.blocked;
          to = -1;
        } else {
          movers++;
          const contenders = ++u8[claim + CONTENDERS]!;
          if (contenders === 1) u8[claim + CLAIMANT] = i + 1;
          else if (this.random.below(contenders) === 0) {
            this.#refuse(u8[claim + CLAIMANT]! - 1);
            u8[claim + CLAIMANT] = i + 1;
          } else outcome = Outcome.blocked;
        }
      } else if (action === ActionKind.turnClockwise) {
        u8[this.#facing + i] = (facing + 1) & 3;
        outcome = Outcome.turnedClockwise;
      } else if (action === ActionKind.turnCounterClockwise) {
        u8[this.#facing + i] = (facing + 3) & 3;
        outcome = Outcome.turnedCounterClockwise;
      } else if (action !== ActionKind.stay) {
        outcome = action === ActionKind.fine ? Outcome.fined : Outcome.cleaned;
        u8[this.#firing + firing++] = i;
      }
      u8[this.#outcome + i] = outcome;
      i32[wish + i] = to;
      i32[want + i] = outcome === Outcome.blocked ? -1 : to;
    }
    if (movers === 0) return firing;
    // A claimed cell whose occupant stays stops its claimant, who then stays and stops its own, and so on up the chain.
    for (let i = 0; i < n; i++) if (i32[want + i]! < 0) this.#stopClaimants(u16[this.#cell + i]!);
    // Two who want each other's cell both stay.
    for (let i = 0; i < n; i++) {
      const to = i32[want + i]!;
      if (to < 0) continue;
      const j = u8[cells + CELL_BYTES * to + OCCUPANT]! - 1;
      if (j >= 0 && i32[want + j] === u16[this.#cell + i]) {
        this.#refuse(i);
        this.#refuse(j);
      }
    }
    for (let i = 0; i < n; i++) {
      const wished = i32[wish + i]!;
      if (wished < 0) continue;
      u8[claims + CLAIM_BYTES * wished + CLAIMANT] = 0;
      u8[claims + CLAIM_BYTES * wished + CONTENDERS] = 0;
      if (i32[want + i]! < 0) continue;
      const at = cells + CELL_BYTES * wished;
      const from = u16[this.#cell + i]!;
      const left = cells + CELL_BYTES * from;
      // Whoever has entered the cell in this same loop keeps it.
      if (u8[left + OCCUPANT] === i + 1) {
        u8[left + OCCUPANT] = NOBODY;
        this.#paint(from, u8[left + BASE]!);
      }
      u8[at + OCCUPANT] = i + 1;
      u16[this.#cell + i] = wished;
      this.#paint(wished, ClassId.player + i);
    }
    return firing;
  }

  #refuse(player: number): void {
    this.#heap.i32[this.#scratch.wish + this.#players + player] = -1;
    this.#heap.u8[this.#outcome + player] = Outcome.blocked;
  }

  #stopClaimants(cell: number): void {
    const { u8, u16, i32 } = this.#heap;
    const { claims, wish } = this.#scratch;
    for (;;) {
      const claimant = u8[claims + CLAIM_BYTES * cell + CLAIMANT]! - 1;
      if (claimant < 0 || i32[wish + this.#players + claimant]! < 0) return;
      this.#refuse(claimant);
      cell = u16[this.#cell + claimant]!;
    }
  }

  /** Phase 2. */
  #eat(): void {
    const { u8, u16, f32 } = this.#heap;
    const n = this.#players;
    for (let i = 0; i < n; i++) {
      const cell = u16[this.#cell + i]!;
      const at = this.#cells + CELL_BYTES * cell;
      if (u8[at + BASE] !== ClassId.apple) continue;
      u8[at + BASE] = ClassId.floor;
      f32[this.#reward + i]! += this.options.appleReward;
      this.events.add(EventKind.ate, i, 0, this.level.mapIndex(cell));
      this.#rules.eaten(cell);
    }
  }

  /** Phase 3: who fires, in random order. */
  #fire(firing: number): void {
    const { u8, i32 } = this.#heap;
    const order = this.#firing;
    for (let k = firing - 1; k > 0; k--) {
      const j = this.random.below(k + 1);
      const other = u8[order + j]!;
      u8[order + j] = u8[order + k]!;
      u8[order + k] = other;
    }
    for (let k = 0; k < firing; k++) this.#beam(u8[order + k]!);
    if (this.options.beamsVisible) i32[this.#header + 1] = firing;
  }

  /** The middle ray starts one cell ahead of the player, the side rays beside it; all are `beamLength` cells long. */
  #beam(player: number): void {
    const { u8, f32 } = this.#heap;
    const { options, level, events } = this;
    const visible = options.beamsVisible;
    const cells = this.#cells;
    const cleaning = u8[this.#outcome + player] === Outcome.cleaned;
    const ahead = level.directions[u8[this.#facing + player]!]!;
    if (!cleaning) {
      f32[this.#reward + player]! -= options.fineCost;
      events.add(EventKind.fined, player, 0, level.mapIndex(this.cellOf[player]!));
    }
    const id = cleaning ? ClassId.cleaningBeam : ClassId.finingBeam;
    const turnedAhead = this.#turnedAhead(player);
    for (let ray = 0; ray < this.#rays; ray++) {
      let length = 0;
      let cell = this.#rayStart(player, ray);
      let turned = cell < 0 ? 0 : this.#turned[cell]!;
      while (cell >= 0 && length < options.beamLength) {
        const at = cells + CELL_BYTES * cell;
        const base = u8[at + BASE]!;
        if (isClosed(base)) break;
        length++;
        const hit = u8[at + OCCUPANT]! - 1;
        const waste = cleaning && base === ClassId.waste;
        if (waste) {
          u8[at + BASE] = ClassId.river;
          events.add(EventKind.cleaned, player, 0, level.mapIndex(cell));
          this.#rules.cleaned(cell);
        } else if (hit >= 0 && !cleaning) {
          f32[this.#reward + hit]! -= options.finePenalty;
          events.add(EventKind.hit, player, hit, level.mapIndex(cell));
        }
        if (visible) this.#show(cell, turned, id);
        else if (waste && hit < 0) this.#show(cell, turned, ClassId.river);
        if (hit >= 0 || waste) break;
        cell += ahead;
        turned += turnedAhead;
      }
      u8[this.#ray + player * this.#rays + ray] = length;
    }
  }

  /** How far straight ahead is in the map turned for facing right, where a step right is one row up. */
  #turnedAhead(player: number): number {
    const facing = this.#heap.u8[this.#facing + player]!;
    if (facing & 1) return facing === 1 ? -this.level.paddedHeight : this.level.paddedHeight;
    return facing - 1;
  }

  /** The first cell of a ray, from the player's left to its right; -1 for a side ray with a wall between. */
  #rayStart(player: number, ray: number): number {
    const { u8, u16 } = this.#heap;
    const { directions } = this.level;
    const facing = u8[this.#facing + player]!;
    const cell = u16[this.#cell + player]!;
    const side = ray - this.options.beamRadius;
    if (side === 0) return cell + directions[facing]!;
    const aside = directions[(facing + (side < 0 ? 3 : 1)) & 3]!;
    const steps = side < 0 ? -side : side;
    for (let k = 1; k < steps; k++)
      if (isClosed(u8[this.#cells + CELL_BYTES * (cell + k * aside) + BASE]!)) return -1;
    return cell + steps * aside;
  }

  /** Draws the beams of the last step, in their order, or shows again what they cover. */
  #paintBeams(erase: boolean): void {
    const { u8, i32 } = this.#heap;
    const { directions } = this.level;
    const firing = i32[this.#header + 1]!;
    for (let k = 0; k < firing; k++) {
      const player = u8[this.#firing + k]!;
      const id = u8[this.#outcome + player] === Outcome.cleaned ? ClassId.cleaningBeam : ClassId.finingBeam;
      const facing = u8[this.#facing + player]!;
      const ahead = directions[facing]!;
      const turnedAhead = this.#turnedAhead(player);
      for (let ray = 0; ray < this.#rays; ray++) {
        const length = u8[this.#ray + player * this.#rays + ray]!;
        if (length === 0) continue;
        let cell = this.#rayStart(player, ray);
        let turned = this.#turned[cell]!;
        for (let step = 0; step < length; step++) {
          this.#show(cell, turned, erase ? this.#uncovered(cell) : id);
          cell += ahead;
          turned += turnedAhead;
        }
      }
    }
  }

  #eraseBeams(): void {
    this.#paintBeams(true);
    this.#heap.i32[this.#header + 1] = 0;
  }

  /** What a cell shows where no beam covers it. */
  #uncovered(cell: number): number {
    const at = this.#cells + CELL_BYTES * cell;
    const occupant = this.#heap.u8[at + OCCUPANT]!;
    return occupant === NOBODY ? this.#heap.u8[at + BASE]! : ClassId.player + occupant - 1;
  }

  #paint(cell: number, id: number): void {
    this.#show(cell, this.#turned[cell]!, id);
  }

  /** Writes what `cell` shows to all four maps. @param turned its place in the map turned for facing right. */
  #show(cell: number, turned: number, id: number): void {
    const { u8 } = this.#heap;
    u8[this.#shown0 + cell] = id;
    u8[this.#shown1 + turned] = id;
    u8[this.#shown2 - cell] = id;
    u8[this.#shown3 - turned] = id;
  }

  #paintAll(): void {
    for (let cell = 0; cell < this.level.size; cell++) this.#paint(cell, this.#uncovered(cell));
  }
}

/** By how many quarter turns a step's direction differs from the facing, two bits each: left 3, right 1, forward 0, backward 2. */
const MOVE_TURNS = 0b10_00_01_11;

function isClosed(id: number): boolean {
  return id === ClassId.wall || id === ClassId.outside;
}
