/**
 * The grid world that Harvest and Cleanup stand on: players with facings, simultaneous moves, beams and egocentric
 * windows. One step is (1) turns and moves, resolved together, (2) eating, (3) beams in random player order,
 * (4) the rules' own growth. Its memory is a `WorldState`; nothing is allocated after construction.
 */
import { checkRoom } from '../buffers.ts';
import { type ActionBuffer, EventKind, Events } from '../environment.ts';
import { ClassId } from '../palette.ts';
import { BeamShape, Beams } from './beams.ts';
import type { Heap } from './heap.ts';
import type { Level } from './level.ts';
import { MoveScratch, Moves } from './moves.ts';
import type { Rules, WorldOptions } from './rules.ts';
import { BASE, CELL_BYTES, WorldState } from './world-state.ts';

/** What worlds on one heap share: tables, and memory that they need only while they are looked at or stepped. */
export class Scratch {
  readonly moves: MoveScratch;
  readonly beams: BeamShape;
  /** [N, 2], see `Heap.copyWindows`. */
  readonly windowList: Int32Array;
  /** [N, height, width]. */
  readonly windows: Uint8Array;

  constructor(level: Level, { players, beamRadius, beamLength }: WorldOptions, heap: Heap) {
    this.moves = new MoveScratch(level, players, heap);
    this.beams = new BeamShape(level, beamRadius, beamLength);
    this.windowList = heap.int32(2 * players);
    this.windows = heap.uint8(players * level.windowWidth * level.windowHeight);
  }
}

export class World {
  readonly level: Level;
  readonly options: WorldOptions;
  readonly state: WorldState;
  readonly events: Events;
  readonly #scratch: Scratch;
  readonly #rules: Rules;
  readonly #moves: Moves;
  readonly #beams: Beams;
  readonly #lastAction: number;

  /**
   * @param makeRules is handed the state while the core is laid out: what it takes from the heap is part of a snapshot.
   */
  constructor(
    level: Level,
    options: WorldOptions,
    actions: readonly string[],
    heap: Heap,
    scratch: Scratch,
    makeRules: (state: WorldState, heap: Heap) => Rules,
  ) {
    const { players, beamRadius, beamLength } = options;
    this.level = level;
    this.options = options;
    this.#scratch = scratch;
    this.#lastAction = actions.length - 1;
    this.state = new WorldState(level, players, beamRadius, heap);
    this.#rules = makeRules(this.state, heap);
    this.state.closeCore();
    this.#rules.takeDerived(heap);
    this.events = new Events(players * (3 + this.state.rays * (beamLength + 1)));
    this.#moves = new Moves(this.state, scratch.moves);
    this.#beams = new Beams(this.state, scratch.beams, options, this.events, this.#rules);
  }

  get time(): number {
    return this.state.time;
  }

  get done(): boolean {
    return this.state.time >= this.options.episodeLength;
  }

  reset(seed: number): void {
    const { state } = this;
    const { random } = state;
    state.core.fill(0);
    random.seed(seed);
    this.events.count = 0;
    // A partial Fisher-Yates shuffle over the spawn points.
    const spawns = this.level.spawns.slice();
    for (let i = 0; i < state.players; i++) {
      const j = i + random.below(spawns.length - i);
      state.cellOf[i] = spawns[j]!;
      spawns[j] = spawns[i]!;
      state.facingOf[i] = random.below(4);
    }
    state.changeCount = 0;
    state.layOut();
    this.#rules.reset();
    state.paintAll();
  }

  /** Puts the players where a recording has them, eating nothing; for replays of recordings made elsewhere. */
  place(places: readonly { readonly row: number; readonly column: number; readonly facing: number }[]): void {
    const { state } = this;
    state.leave();
    for (const [i, place] of places.entries()) {
      state.cellOf[i] = this.level.cellAt(place.row, place.column);
      state.facingOf[i] = place.facing;
    }
    state.enter();
    state.paintAll();
  }

  step(actions: ActionBuffer, rewards: Float32Array, offset: number, rewardOffset: number): void {
    this.#check(actions, rewards, offset, rewardOffset);
    this.advance(actions as Uint8Array, rewards, offset, rewardOffset);
  }

  /** `step` for a caller that has checked what it gives. */
  advance(actions: Uint8Array, rewards: Float32Array, offset: number, rewardOffset: number): void {
    const { state } = this;
    const { f32, i32 } = state.heap;
    const { players, reward, header } = state;
    for (let i = 0; i < players; i++) f32[reward + i] = 0;
    this.events.count = 0;
    state.changeCount = 0;
    if (i32[header + 1]! > 0) this.#beams.erase();
    const firing = this.#moves.resolve(actions, offset);
    this.#eat();
    if (firing > 0) this.#beams.cast(firing);
    this.#rules.grow();
    if (++i32[header]! >= this.options.episodeLength) state.truncated.fill(1);
    for (let i = 0; i < players; i++) rewards[rewardOffset + i] = f32[reward + i]!;
  }

  /** [N, height, width] class ids, each player's window with its facing up. */
  observe(out: Uint8Array, offset: number): void {
    const { windowList } = this.#scratch;
    const { windowWidth, windowHeight } = this.level;
    const n = this.state.fillWindowList(windowList, 0);
    this.state.heap.copyWindows(windowList, n, windowWidth, windowHeight, out, offset);
  }

  /** The same, into memory that the next call, on any world of the heap, overwrites. */
  observeScratch(): Uint8Array {
    const { windows } = this.#scratch;
    this.observe(windows, 0);
    return windows;
  }

  /** [N, N] 1 where the window of the row's player holds the cell of the column's. */
  observeVisible(out: Uint8Array, offset: number): void {
    const { level, state } = this;
    const { players, cellOf, facingOf } = state;
    const { ahead, behind, left, right } = level.window;
    checkRoom(out.length, offset, players * players, 'visibility');
    let at = offset;
    for (let i = 0; i < players; i++) {
      const row = level.rowOf(cellOf[i]!);
      const column = level.columnOf(cellOf[i]!);
      const facing = facingOf[i]!;
      for (let j = 0; j < players; j++) {
        const down = level.rowOf(cellOf[j]!) - row;
        const across = level.columnOf(cellOf[j]!) - column;
        // The way from one to the other, turned so that the looker's facing is up.
        const sideways = (facing & 1) === 1;
        const sign = facing === 0 || facing === 3 ? -1 : 1;
        const forward = sign * (sideways ? across : down);
        const rightward = sideways ? sign * down : -sign * across;
        const inside = forward <= ahead && -forward <= behind && rightward <= right && -rightward <= left;
        out[at++] = inside ? 1 : 0;
      }
    }
  }

  load(core: Uint8Array): void {
    const { state } = this;
    state.core.set(core);
    this.events.count = 0;
    state.changeCount = 0;
    state.layOut();
    this.#rules.restore();
    state.paintAll();
    this.#beams.repaint();
  }

  #check(actions: ActionBuffer, rewards: Float32Array, offset: number, rewardOffset: number): void {
    const n = this.state.players;
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

  /** Phase 2: players eat the apples that they stand on. */
  #eat(): void {
    const { state } = this;
    const { u8, u16, f32 } = state.heap;
    for (let i = 0; i < state.players; i++) {
      const cell = u16[state.cell + i]!;
      const at = state.cells + CELL_BYTES * cell;
      if (u8[at + BASE] !== ClassId.apple) continue;
      u8[at + BASE] = ClassId.floor;
      state.noteChange(cell);
      f32[state.reward + i]! += this.options.appleReward;
      this.events.add(EventKind.ate, i, 0, this.level.mapIndex(cell));
      this.#rules.eaten(cell);
    }
  }
}
