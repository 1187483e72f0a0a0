/**
 * Beams: parallel rays of equal length, the middle one from ahead of the player, the others from beside it. A ray stops at
 * a wall, which it does not cover, and at the first player, which it does and hits. The fining beam costs who fires and who
 * is hit; the cleaning beam also stops at the first waste, which it covers and cleans, as it does waste under a player.
 */
import { EventKind, type Events, Outcome } from '../environment.ts';
import { ClassId } from '../palette.ts';
import type { Rules, WorldOptions } from './world.ts';
import { BASE, CELL_BYTES, isClosed, OCCUPANT, type WorldState } from './world-state.ts';

export class Beams {
  readonly #state: WorldState;
  readonly #options: WorldOptions;
  readonly #events: Events;
  readonly #rules: Rules;

  constructor(state: WorldState, options: WorldOptions, events: Events, rules: Rules) {
    this.#state = state;
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

  /** The middle ray starts one cell ahead of the player, the side rays beside it; all are `beamLength` cells long. */
  #beam(player: number): void {
    const state = this.#state;
    const { u8, f32 } = state.heap;
    const { level } = state;
    const options = this.#options;
    const events = this.#events;
    const visible = options.beamsVisible;
    const cells = state.cells;
    const cleaning = u8[state.outcome + player] === Outcome.cleaned;
    const ahead = level.directions[u8[state.facing + player]!]!;
    if (!cleaning) {
      f32[state.reward + player]! -= options.fineCost;
      events.add(EventKind.fined, player, 0, level.mapIndex(state.cellOf[player]!));
    }
    const id = cleaning ? ClassId.cleaningBeam : ClassId.finingBeam;
    const turnedAhead = this.#turnedAhead(player);
    for (let ray = 0; ray < state.rays; ray++) {
      let length = 0;
      let cell = this.#rayStart(player, ray);
      let turned = cell < 0 ? 0 : state.turned[cell]!;
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
          f32[state.reward + hit]! -= options.finePenalty;
          events.add(EventKind.hit, player, hit, level.mapIndex(cell));
        }
        if (visible) state.show(cell, turned, id);
        else if (waste && hit < 0) state.show(cell, turned, ClassId.river);
        if (hit >= 0 || waste) break;
        cell += ahead;
        turned += turnedAhead;
      }
      u8[state.ray + player * state.rays + ray] = length;
    }
  }

  /** How far straight ahead is in the map turned for facing right, where a step right is one row up. */
  #turnedAhead(player: number): number {
    const state = this.#state;
    const facing = state.heap.u8[state.facing + player]!;
    if (facing & 1) return facing === 1 ? -state.level.paddedHeight : state.level.paddedHeight;
    return facing - 1;
  }

  /** The first cell of a ray, from the player's left to its right; -1 for a side ray with a wall between. */
  #rayStart(player: number, ray: number): number {
    const state = this.#state;
    const { u8, u16 } = state.heap;
    const { directions } = state.level;
    const facing = u8[state.facing + player]!;
    const cell = u16[state.cell + player]!;
    const side = ray - this.#options.beamRadius;
    if (side === 0) return cell + directions[facing]!;
    const aside = directions[(facing + (side < 0 ? 3 : 1)) & 3]!;
    const steps = side < 0 ? -side : side;
    for (let k = 1; k < steps; k++)
      if (isClosed(u8[state.cells + CELL_BYTES * (cell + k * aside) + BASE]!)) return -1;
    return cell + steps * aside;
  }

  /** Draws the beams of the last step, in their order, or shows again what they cover. */
  #paint(erase: boolean): void {
    const state = this.#state;
    const { u8, i32 } = state.heap;
    const { directions } = state.level;
    const firing = i32[state.header + 1]!;
    for (let k = 0; k < firing; k++) {
      const player = u8[state.firing + k]!;
      const id = u8[state.outcome + player] === Outcome.cleaned ? ClassId.cleaningBeam : ClassId.finingBeam;
      const facing = u8[state.facing + player]!;
      const ahead = directions[facing]!;
      const turnedAhead = this.#turnedAhead(player);
      for (let ray = 0; ray < state.rays; ray++) {
        const length = u8[state.ray + player * state.rays + ray]!;
        if (length === 0) continue;
        let cell = this.#rayStart(player, ray);
        let turned = state.turned[cell]!;
        for (let step = 0; step < length; step++) {
          state.show(cell, turned, erase ? state.uncovered(cell) : id);
          cell += ahead;
          turned += turnedAhead;
        }
      }
    }
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
}
