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

const NOBODY = 0;

export class World {
  readonly level: Level;
  readonly options: WorldOptions;
  /** The whole state as bytes, the generator included: what a snapshot holds and a hash covers. */
  readonly core: Uint8Array;
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
  /** Class id of every padded cell, without players and beams. */
  readonly base: Uint8Array;
  /** 1 + player on each padded cell, 0 for nobody. */
  readonly occupant: Uint8Array;

  readonly #heap: Heap;
  /** [time, number of beam cells]. */
  readonly #header: Int32Array;
  /** Cells that show a beam, in the order they were drawn, and what they show. */
  readonly #beamCell: Uint16Array;
  readonly #beamId: Uint8Array;
  /** The four turned maps, what windows are cut from. */
  readonly #shown: Uint8Array;
  readonly #turned: Uint16Array;
  readonly #flipFor: Int32Array;
  /** Scratch of a step. */
  readonly #want: Int32Array;
  readonly #claims: Uint8Array;
  readonly #claimCount: Uint8Array;
  readonly #firing: Uint8Array;
  /** [N, 2] int32 for the kernel, and where each facing's turned map starts in the heap. */
  readonly #windowList: Int32Array;
  readonly #turnStart: Int32Array;
  readonly #scratch: Uint8Array;
  readonly #rules: Rules;
  readonly #cleaning: boolean;

  /**
   * @param makeRules is handed the world while the core is laid out: what it takes from the heap is part of a snapshot.
   */
  constructor(
    level: Level,
    options: WorldOptions,
    actions: readonly string[],
    heap: Heap,
    makeRules: (world: World, heap: Heap) => Rules,
  ) {
    const n = options.players;
    const rays = 2 * options.beamRadius + 1;
    this.level = level;
    this.options = options;
    this.#heap = heap;
    this.#cleaning = actions.length > ActionKind.clean;
    heap.align(64);
    const start = heap.used;
    this.random = new Random(heap.uint32(4));
    this.#header = heap.int32(2);
    this.rawRewards = heap.float32(n);
    this.cellOf = heap.uint16(n);
    this.#beamCell = heap.uint16(n * rays * options.beamLength);
    this.facingOf = heap.uint8(n);
    this.outcomeOf = heap.uint8(n);
    this.terminated = heap.uint8(n);
    this.truncated = heap.uint8(n);
    this.rayLengths = heap.uint8(n * rays);
    this.#beamId = heap.uint8(n * rays * options.beamLength);
    // The rules read the fields below when they are reset, not while they are made.
    this.#rules = makeRules(this, heap);
    this.core = heap.since(start);

    heap.align(16);
    this.#shown = heap.uint8(4 * level.turnSize);
    this.base = heap.uint8(level.size);
    this.occupant = heap.uint8(level.size);
    this.#claims = heap.uint8(level.size);
    this.#claimCount = heap.uint8(level.size);
    this.#want = heap.int32(n);
    this.#firing = heap.uint8(n);
    this.#windowList = heap.int32(2 * n);
    this.#scratch = heap.uint8(n * level.windowWidth * level.windowHeight);
    this.#turned = level.turned;
    this.#flipFor = Int32Array.of(
      level.turnSize,
      2 * level.turnSize + level.size - 1,
      3 * level.turnSize + level.size - 1,
    );
    this.#turnStart = Int32Array.of(0, 1, 2, 3).map(
      (facing) => this.#shown.byteOffset + facing * level.turnSize,
    );
    this.events = new Events(n * (3 + rays * (options.beamLength + 1)));
  }

  get time(): number {
    return this.#header[0]!;
  }

  get done(): boolean {
    return this.#header[0]! >= this.options.episodeLength;
  }

  reset(seed: number): void {
    const { level } = this;
    this.core.fill(0);
    this.random.seed(seed);
    this.events.count = 0;
    this.base.set(level.initial);
    this.occupant.fill(NOBODY);
    // A partial Fisher-Yates shuffle over the spawn points.
    const spawns = level.spawns.slice();
    for (let i = 0; i < this.options.players; i++) {
      const j = i + this.random.below(spawns.length - i);
      const cell = spawns[j]!;
      spawns[j] = spawns[i]!;
      this.cellOf[i] = cell;
      this.facingOf[i] = this.random.below(4);
      this.occupant[cell] = i + 1;
    }
    this.#rules.reset();
    this.#paintAll();
  }

  /** Puts the players where a recording has them, eating nothing; for replays of recordings made elsewhere. */
  place(places: readonly { readonly row: number; readonly column: number; readonly facing: number }[]): void {
    this.occupant.fill(NOBODY);
    places.forEach((place, i) => {
      this.cellOf[i] = this.level.cellAt(place.row, place.column);
      this.facingOf[i] = place.facing;
      this.occupant[this.cellOf[i]!] = i + 1;
    });
    this.#paintAll();
  }

  step(actions: ActionBuffer, rewards: Float32Array, offset: number, rewardOffset: number): void {
    const raw = this.rawRewards;
    const n = raw.length;
    this.#check(actions, rewards, offset, rewardOffset);
    raw.fill(0);
    this.events.count = 0;
    this.#eraseBeams();
    const firing = this.#move(actions, offset);
    this.#eat();
    if (firing > 0) this.#fire(firing);
    this.#rules.grow();
    this.#drawBeams();
    if (++this.#header[0]! >= this.options.episodeLength) this.truncated.fill(1);
    for (let i = 0; i < n; i++) rewards[rewardOffset + i] = raw[i]!;
  }

  /** Sets a cell's class id: what the rules grow and spill. */
  set(cell: number, id: number): void {
    this.base[cell] = id;
    if (this.occupant[cell] === NOBODY) this.#paint(cell, id);
  }

  /** [N, height, width] class ids, each player's window with its facing up. */
  observe(out: Uint8Array, offset: number): void {
    const n = this.fillWindowList(this.#windowList, 0);
    this.#heap.copyWindows(this.#windowList, n, this.level.windowWidth, this.level.windowHeight, out, offset);
  }

  /** The same, into memory of the world's own; the next call overwrites it. */
  observeScratch(): Uint8Array {
    this.observe(this.#scratch, 0);
    return this.#scratch;
  }

  /** Writes (source, stride) for each player's window from pair `index` on, for `Heap.copyWindows`; returns N. */
  fillWindowList(list: Int32Array, index: number): number {
    const { level, cellOf, facingOf } = this;
    const n = cellOf.length;
    const last = level.size - 1;
    for (let i = 0; i < n; i++) {
      const facing = facingOf[i]!;
      const cell = cellOf[i]!;
      const turned = facing & 1 ? this.#turned[cell]! : cell;
      const at = facing & 2 ? last - turned : turned;
      list[2 * (index + i)] = this.#turnStart[facing]! + at + level.corners[facing]!;
      list[2 * (index + i) + 1] = level.strides[facing]!;
    }
    return n;
  }

  load(core: Uint8Array): void {
    this.core.set(core);
    this.events.count = 0;
    this.base.set(this.level.initial);
    this.occupant.fill(NOBODY);
    for (let i = 0; i < this.cellOf.length; i++) this.occupant[this.cellOf[i]!] = i + 1;
    this.#rules.restore();
    this.#paintAll();
    for (let k = 0; k < this.#header[1]!; k++) this.#paint(this.#beamCell[k]!, this.#beamId[k]!);
  }

  #check(actions: ActionBuffer, rewards: Float32Array, offset: number, rewardOffset: number): void {
    const n = this.cellOf.length;
    if (this.done) throw new Error(`the episode is over after ${this.time} steps: call reset`);
    if (!(actions instanceof Uint8Array)) throw new TypeError('actions of a grid world are a Uint8Array');
    checkRoom(actions.length, offset, n, 'actions');
    checkRoom(rewards.length, rewardOffset, n, 'rewards');
    const limit = this.#cleaning ? ActionKind.clean : ActionKind.fine;
    for (let i = 0; i < n; i++) {
      const action = actions[offset + i]!;
      if (action > limit) {
        throw new RangeError(`player ${i} has action ${action}, possible are 0 to ${limit}`);
      }
    }
  }

  /** Phase 1. Returns how many fire, who they are in `#firing`. */
  #move(actions: ActionBuffer, offset: number): number {
    const { cellOf, facingOf, outcomeOf, base, occupant } = this;
    const { directions } = this.level;
    const want = this.#want;
    const claims = this.#claims;
    const claimCount = this.#claimCount;
    const n = cellOf.length;
    let firing = 0;
    let movers = 0;
    // Each player's wish; of several for one cell a uniform draw keeps one (reservoir sampling, one draw a contender).
    for (let i = 0; i < n; i++) {
      const action = actions[offset + i]!;
      want[i] = -1;
      if (action <= ActionKind.backward) {
        const facing = facingOf[i]!;
        const direction = (facing + MOVE_TURN[action]!) & 3;
        const to = cellOf[i]! + directions[direction]!;
        const floor = base[to]!;
        if (floor === ClassId.wall || floor === ClassId.outside) {
          outcomeOf[i] = Outcome.blocked;
          continue;
        }
        movers++;
        const contenders = ++claimCount[to]!;
        outcomeOf[i] = Outcome.movedUp + direction;
        want[i] = to;
        if (contenders === 1) claims[to] = i + 1;
        else if (this.random.below(contenders) === 0) {
          this.#refuse(claims[to]! - 1);
          claims[to] = i + 1;
        } else this.#refuse(i);
      } else if (action === ActionKind.stay) {
        outcomeOf[i] = Outcome.stayed;
      } else if (action === ActionKind.turnClockwise) {
        facingOf[i] = (facingOf[i]! + 1) & 3;
        outcomeOf[i] = Outcome.turnedClockwise;
      } else if (action === ActionKind.turnCounterClockwise) {
        facingOf[i] = (facingOf[i]! + 3) & 3;
        outcomeOf[i] = Outcome.turnedCounterClockwise;
      } else {
        outcomeOf[i] = action === ActionKind.fine ? Outcome.fined : Outcome.cleaned;
        this.#firing[firing++] = i;
      }
    }
    if (movers === 0) return firing;
    // A claimed cell whose occupant stays stops its claimant, who then stays and stops its own, and so on up the chain.
    for (let i = 0; i < n; i++) {
      if (want[i]! < 0) this.#stopClaimants(cellOf[i]!);
    }
    // Two who want each other's cell both stay.
    for (let i = 0; i < n; i++) {
      const to = want[i]!;
      if (to < 0) continue;
      const j = occupant[to]! - 1;
      if (j >= 0 && want[j] === cellOf[i]) {
        this.#refuse(i);
        this.#refuse(j);
      }
    }
    for (let i = 0; i < n; i++) {
      const to = want[i]!;
      if (to < 0) continue;
      const from = cellOf[i]!;
      // Whoever has entered the cell in this same loop keeps it.
      if (occupant[from] === i + 1) {
        occupant[from] = NOBODY;
        this.#paint(from, base[from]!);
      }
      occupant[to] = i + 1;
      cellOf[i] = to;
      this.#paint(to, ClassId.player + i);
    }
    this.#clearClaims(actions, offset, n);
    return firing;
  }

  /** Wipes what `#move` wrote to the claims: each mover's wish lies one step from where its action began. */
  #clearClaims(actions: ActionBuffer, offset: number, n: number): void {
    const { cellOf, facingOf } = this;
    const { directions } = this.level;
    for (let i = 0; i < n; i++) {
      const action = actions[offset + i]!;
      if (action > ActionKind.backward) continue;
      const cell = cellOf[i]!;
      // Moved: the wish is where it stands; refused: one step ahead of where it still stands.
      const to = this.#want[i]! >= 0 ? cell : cell + directions[(facingOf[i]! + MOVE_TURN[action]!) & 3]!;
      this.#claims[to] = 0;
      this.#claimCount[to] = 0;
    }
  }

  #refuse(player: number): void {
    this.#want[player] = -1;
    this.outcomeOf[player] = Outcome.blocked;
  }

  #stopClaimants(cell: number): void {
    for (;;) {
      const claimant = this.#claims[cell]! - 1;
      if (claimant < 0 || this.#want[claimant]! < 0) return;
      this.#refuse(claimant);
      cell = this.cellOf[claimant]!;
    }
  }

  /** Phase 2. */
  #eat(): void {
    const { cellOf, base } = this;
    for (let i = 0; i < cellOf.length; i++) {
      const cell = cellOf[i]!;
      if (base[cell] !== ClassId.apple) continue;
      base[cell] = ClassId.floor;
      this.rawRewards[i]! += this.options.appleReward;
      this.events.add(EventKind.ate, i, 0, this.level.mapIndex(cell));
      this.#rules.eaten(cell);
    }
  }

  /** Phase 3: who fires, in random order. */
  #fire(firing: number): void {
    const order = this.#firing;
    for (let k = firing - 1; k > 0; k--) {
      const j = this.random.below(k + 1);
      const other = order[j]!;
      order[j] = order[k]!;
      order[k] = other;
    }
    for (let k = 0; k < firing; k++) this.#beam(order[k]!);
  }

  /** The middle ray starts one cell ahead of the player, the side rays beside it; all are `beamLength` cells long. */
  #beam(player: number): void {
    const { options, level, base, occupant, events, rawRewards } = this;
    const { beamLength, beamRadius } = options;
    const cleaning = this.outcomeOf[player] === Outcome.cleaned;
    const facing = this.facingOf[player]!;
    const ahead = level.directions[facing]!;
    const right = level.directions[(facing + 1) & 3]!;
    const rays = 2 * beamRadius + 1;
    if (!cleaning) {
      rawRewards[player]! -= options.fineCost;
      events.add(EventKind.fined, player, 0, level.mapIndex(this.cellOf[player]!));
    }
    for (let side = -beamRadius; side <= beamRadius; side++) {
      let length = 0;
      // A side ray that begins in a wall, or behind one, is no ray.
      let cell = this.cellOf[player]! + (side === 0 ? ahead : 0);
      let open = true;
      for (let k = 0; k < Math.abs(side) && open; k++) {
        cell += side < 0 ? -right : right;
        open = isOpen(base[cell]!);
      }
      while (open && length < beamLength && isOpen(base[cell]!)) {
        length++;
        if (options.beamsVisible) {
          const k = this.#header[1]!++;
          this.#beamCell[k] = cell;
          this.#beamId[k] = cleaning ? ClassId.cleaningBeam : ClassId.finingBeam;
        }
        const hit = occupant[cell]! - 1;
        let stop = hit >= 0;
        if (cleaning) {
          if (base[cell] === ClassId.waste) {
            stop = true;
            this.set(cell, ClassId.river);
            events.add(EventKind.cleaned, player, 0, level.mapIndex(cell));
            this.#rules.cleaned(cell);
          }
        } else if (stop) {
          rawRewards[hit]! -= options.finePenalty;
          events.add(EventKind.hit, player, hit, level.mapIndex(cell));
        }
        if (stop) break;
        cell += ahead;
      }
      this.rayLengths[player * rays + side + beamRadius] = length;
    }
  }

  #drawBeams(): void {
    const count = this.#header[1]!;
    for (let k = 0; k < count; k++) this.#paint(this.#beamCell[k]!, this.#beamId[k]!);
  }

  #eraseBeams(): void {
    const count = this.#header[1]!;
    this.#header[1] = 0;
    for (let k = 0; k < count; k++) {
      const cell = this.#beamCell[k]!;
      const player = this.occupant[cell]!;
      this.#paint(cell, player === NOBODY ? this.base[cell]! : ClassId.player + player - 1);
    }
  }

  #paint(cell: number, id: number): void {
    const shown = this.#shown;
    const flip = this.#flipFor;
    const turned = this.#turned[cell]!;
    shown[cell] = id;
    shown[flip[0]! + turned] = id;
    shown[flip[1]! - cell] = id;
    shown[flip[2]! - turned] = id;
  }

  #paintAll(): void {
    for (let cell = 0; cell < this.level.size; cell++) {
      const player = this.occupant[cell]!;
      this.#paint(cell, player === NOBODY ? this.base[cell]! : ClassId.player + player - 1);
    }
  }
}

/** By how many quarter turns a step's direction differs from the facing, for left, right, forward, backward. */
const MOVE_TURN = Uint8Array.of(3, 1, 0, 2);

function isOpen(id: number): boolean {
  return id !== ClassId.wall && id !== ClassId.outside;
}
