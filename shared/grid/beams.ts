/**
 * Beams: parallel rays of equal length, the middle one from ahead of the player, the others from beside it. A ray stops at
 * a wall, which it does not cover, and at the first player, which it does and hits. The fining beam costs who fires and who
 * is hit; the cleaning beam also stops at the first waste, which it covers and cleans, as it does waste under a player.
 */
import { EventKind, type Events, Outcome } from '../environment.ts';
import { ClassId } from '../palette.ts';
import type { Level } from './level.ts';
import type { Rules, WorldOptions } from './rules.ts';
import { BASE, CELL_BYTES, isClosed, OCCUPANT, type WorldState } from './world-state.ts';

/** Where the cells of a beam lie from the player's, by facing: what all worlds with beams of one size share. */
export class BeamShape {
  readonly rays: number;
  readonly length: number;
  /** [4][rays, length] what to add to the player's cell, from its left to its right and outwards. */
  readonly ahead: readonly Int32Array[];
  /** The same in the map turned for facing right, where a step right is one row up. */
  readonly turned: readonly Int32Array[];

  constructor(level: Level, radius: number, length: number) {
    this.rays = 2 * radius + 1;
    this.length = length;
    const turnedDirections = Int32Array.of(-1, -level.paddedHeight, 1, level.paddedHeight);
    const table = (directions: Int32Array, facing: number) =>
      Int32Array.from({ length: this.rays * length }, (_, i) => {
        const side = Math.floor(i / length) - radius;
        // The middle ray starts one cell ahead of the player, the side rays beside it.
        const steps = (i % length) + (side === 0 ? 1 : 0);
        return steps * directions[facing]! + side * directions[(facing + 1) & 3]!;
      });
    this.ahead = [0, 1, 2, 3].map((facing) => table(level.directions, facing));
    this.turned = [0, 1, 2, 3].map((facing) => table(turnedDirections, facing));
  }
}

export class Beams {
  readonly #state: WorldState;
  readonly #shape: BeamShape;
  readonly #options: WorldOptions;
  readonly #events: Events;
  readonly #rules: Rules;

  constructor(state: WorldState, shape: BeamShape, options: WorldOptions, events: Events, rules: Rules) {
    this.#state = state;
    this.#shape = shape;
    this.#options = options;
    this.#events = events;
    this.#rules = rules;
  }

  /** Casts the beams of those in `state.firing`, in random order. */
  cast(firing: number): void {
    const state = this.#state;
    const { u8, i32 } = state.heap;
    const order = state.firing;
    for (let k = firing - 1; k > 0; k--) {
      const j = state.random.below(k + 1);
      const other = u8[order + j]!;
      u8[order + j] = u8[order + k]!;
      u8[order + k] = other;
    }
    for (let k = 0; k < firing; k++) this.#beam(u8[order + k]!);
    if (this.#options.beamsVisible) i32[state.header + 1] = firing;
  }

  #beam(player: number): void {
    const state = this.#state;
    const { u8, u16, f32 } = state.heap;
    const { cells, level } = state;
    const { rays, length } = this.#shape;
    const { beamsVisible, fineCost, finePenalty } = this.#options;
    const events = this.#events;
    const facing = u8[state.facing + player]!;
    const own = u16[state.cell + player]!;
    const ownTurned = state.turned[own]!;
    const ahead = this.#shape.ahead[facing]!;
    const turned = this.#shape.turned[facing]!;
    const cleaning = u8[state.outcome + player] === Outcome.cleaned;
    const id = cleaning ? ClassId.cleaningBeam : ClassId.finingBeam;
    if (!cleaning) {
      f32[state.reward + player]! -= fineCost;
      events.add(EventKind.fined, player, 0, level.mapIndex(own));
    }
    for (let ray = 0; ray < rays; ray++) {
      let reach = this.#isCutOff(own, ahead, ray) ? -1 : 0;
      while (reach >= 0 && reach < length) {
        const cell = own + ahead[ray * length + reach]!;
        const at = cells + CELL_BYTES * cell;
        const base = u8[at + BASE]!;
        if (isClosed(base)) break;
        const hit = u8[at + OCCUPANT]! - 1;
        const waste = cleaning && base === ClassId.waste;
        if (waste) {
          u8[at + BASE] = ClassId.river;
          state.noteChange(cell);
          events.add(EventKind.cleaned, player, 0, level.mapIndex(cell));
          this.#rules.cleaned(cell);
        } else if (hit >= 0 && !cleaning) {
          f32[state.reward + hit]! -= finePenalty;
          events.add(EventKind.hit, player, hit, level.mapIndex(cell));
        }
        if (beamsVisible) state.show(cell, ownTurned + turned[ray * length + reach]!, id);
        else if (waste && hit < 0) state.paint(cell, ClassId.river);
        reach++;
        if (hit >= 0 || waste) break;
      }
      u8[state.ray + player * rays + ray] = Math.max(0, reach);
    }
  }

  /** Whether a wall lies between a player and where a side ray starts; never for the rays beside the middle one. */
  #isCutOff(own: number, ahead: Int32Array, ray: number): boolean {
    const { rays, length } = this.#shape;
    const middle = rays >> 1;
    const step = ray < middle ? -1 : 1;
    for (let between = middle + step; between !== ray && ray !== middle; between += step) {
      if (isClosed(this.#state.baseAt(own + ahead[between * length]!))) return true;
    }
    return false;
  }

  /** Takes the last step's beams out of sight. */
  erase(): void {
    this.#paint(true);
    this.#state.heap.i32[this.#state.header + 1] = 0;
  }

  /** Shows the last step's beams again, after the state was loaded. */
  repaint(): void {
    this.#paint(false);
  }

  /** Draws the beams of the last step, in their order, or shows again what they cover. */
  #paint(erase: boolean): void {
    const state = this.#state;
    const { u8, u16, i32 } = state.heap;
    const { rays, length } = this.#shape;
    const firing = i32[state.header + 1]!;
    for (let k = 0; k < firing; k++) {
      const player = u8[state.firing + k]!;
      const id = u8[state.outcome + player] === Outcome.cleaned ? ClassId.cleaningBeam : ClassId.finingBeam;
      const facing = u8[state.facing + player]!;
      const own = u16[state.cell + player]!;
      const ownTurned = state.turned[own]!;
      const ahead = this.#shape.ahead[facing]!;
      const turned = this.#shape.turned[facing]!;
      for (let ray = 0; ray < rays; ray++) {
        const end = ray * length + u8[state.ray + player * rays + ray]!;
        for (let i = ray * length; i < end; i++) {
          const cell = own + ahead[i]!;
          state.show(cell, ownTurned + turned[i]!, erase ? state.uncovered(cell) : id);
        }
      }
    }
  }
}
