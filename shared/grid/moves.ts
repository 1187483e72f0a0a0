/**
 * Simultaneous moves. (1) A step into a wall or off the map is a stay. (2) Of several players that want one cell, one keeps
 * its step, drawn uniformly; the others stay. (3) Until nothing changes: a step into a cell whose occupant stays is a stay,
 * and two who want each other's cell both stay. (4) All remaining steps happen at once.
 */
import { Outcome } from '../environment.ts';
import { ClassId } from '../palette.ts';
import { ActionKind } from './actions.ts';
import type { Heap } from './heap.ts';
import type { Level } from './level.ts';
import { BASE, CELL_BYTES, isClosed, NOBODY, OCCUPANT, type WorldState } from './world-state.ts';

/** What is known of a claimed cell, one byte each. */
const CLAIM_BYTES = 2;
/** 1 + the player that may enter. */
const CLAIMANT = 0;
/** How many want to. */
const CONTENDERS = 1;

/** By how many quarter turns a step's direction differs from the facing, two bits each: left 3, right 1, forward 0, backward 2. */
const MOVE_TURNS = 0b10_00_01_11;

/** What moves need while they are resolved and leave as they found it: one for all worlds of a heap. */
export class MoveScratch {
  /** [size, CLAIM_BYTES] in `heap.u8`, 0 between steps. */
  readonly claims: number;
  /** [2, N] in `heap.i32`: the cell that each player wishes to enter, and still may; -1 for none. */
  readonly wish: number;

  constructor(level: Level, players: number, heap: Heap) {
    this.claims = heap.uint8(CLAIM_BYTES * level.size).byteOffset;
    this.wish = heap.int32(2 * players).byteOffset >> 2;
  }
}

export class Moves {
  readonly #state: WorldState;
  readonly #scratch: MoveScratch;

  constructor(state: WorldState, scratch: MoveScratch) {
    this.#state = state;
    this.#scratch = scratch;
  }

  /** Turns and moves all players. @returns how many fire instead; who they are is in `state.firing`. */
  resolve(actions: Uint8Array, offset: number): number {
    const state = this.#state;
    const { u8, u16, i32 } = state.heap;
    const { directions } = state.level;
    const cells = state.cells;
    const { claims, wish } = this.#scratch;
    const n = state.players;
    const want = wish + n;
    let firing = 0;
    let movers = 0;
    // Each player's wish; of several for one cell a uniform draw keeps one (reservoir sampling, one draw a contender).
    for (let i = 0; i < n; i++) {
      const action = actions[offset + i]!;
      const facing = u8[state.facing + i]!;
      let outcome: number = Outcome.stayed;
      let to = -1;
      if (action <= ActionKind.backward) {
        const direction = (facing + ((MOVE_TURNS >> (2 * action)) & 3)) & 3;
        to = u16[state.cell + i]! + directions[direction]!;
        const claim = claims + CLAIM_BYTES * to;
        outcome = Outcome.movedUp + direction;
        if (isClosed(u8[cells + CELL_BYTES * to + BASE]!)) {
          outcome = Outcome.blocked;
          to = -1;
        } else {
          movers++;
          const contenders = ++u8[claim + CONTENDERS]!;
          if (contenders === 1) u8[claim + CLAIMANT] = i + 1;
          else if (state.random.below(contenders) === 0) {
            this.#refuse(u8[claim + CLAIMANT]! - 1);
            u8[claim + CLAIMANT] = i + 1;
          } else outcome = Outcome.blocked;
        }
      } else if (action === ActionKind.turnClockwise) {
        u8[state.facing + i] = (facing + 1) & 3;
        outcome = Outcome.turnedClockwise;
      } else if (action === ActionKind.turnCounterClockwise) {
        u8[state.facing + i] = (facing + 3) & 3;
        outcome = Outcome.turnedCounterClockwise;
      } else if (action !== ActionKind.stay) {
        outcome = action === ActionKind.fine ? Outcome.fined : Outcome.cleaned;
        u8[state.firing + firing++] = i;
      }
      u8[state.outcome + i] = outcome;
      i32[wish + i] = to;
      i32[want + i] = outcome === Outcome.blocked ? -1 : to;
    }
    if (movers === 0) return firing;
    // A claimed cell whose occupant stays stops its claimant, who then stays and stops its own, and so on up the chain.
    for (let i = 0; i < n; i++) if (i32[want + i]! < 0) this.#stopClaimants(u16[state.cell + i]!);
    // Two who want each other's cell both stay.
    for (let i = 0; i < n; i++) {
      const to = i32[want + i]!;
      if (to < 0) continue;
      const j = u8[cells + CELL_BYTES * to + OCCUPANT]! - 1;
      if (j >= 0 && i32[want + j] === u16[state.cell + i]) {
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
      const from = u16[state.cell + i]!;
      const left = cells + CELL_BYTES * from;
      // Whoever has entered the cell in this same loop keeps it.
      if (u8[left + OCCUPANT] === i + 1) {
        u8[left + OCCUPANT] = NOBODY;
        state.paint(from, u8[left + BASE]!);
      }
      u8[at + OCCUPANT] = i + 1;
      u16[state.cell + i] = wished;
      state.paint(wished, ClassId.player + i);
    }
    return firing;
  }

  #refuse(player: number): void {
    const state = this.#state;
    state.heap.i32[this.#scratch.wish + state.players + player] = -1;
    state.heap.u8[state.outcome + player] = Outcome.blocked;
  }

  #stopClaimants(cell: number): void {
    const state = this.#state;
    const { u8, u16, i32 } = state.heap;
    const { claims, wish } = this.#scratch;
    for (;;) {
      const claimant = u8[claims + CLAIM_BYTES * cell + CLAIMANT]! - 1;
      if (claimant < 0 || i32[wish + state.players + claimant]! < 0) return;
      this.#refuse(claimant);
      cell = u16[state.cell + claimant]!;
    }
  }
}
