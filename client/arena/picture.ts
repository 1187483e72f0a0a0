/** What is to be drawn: the whole map or one seat's window, as cells and players in motion. One shape for both. */

import { Outcome } from '../../shared/environment.ts';
import { ClassId } from '../../shared/palette.ts';
import { isBeam, type Welcome, type WindowFrame, type WorldMirror } from '../../shared/protocol/index.ts';
import { Motion } from './motion.ts';

/** A beam as it was fired, in cells; or, in a window, a cell of one. */
export interface Ray {
  /** Class id of the beam. */
  readonly id: number;
  /** Who fired, or null where that cannot be seen. */
  readonly player: number | null;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly players: number;
  /** Class ids without players and beams, [height * width]. */
  readonly cells: Uint8Array;
  /** [height * width] 1 where an apple can grow, as far as that is known. */
  readonly sites: Uint8Array;
  readonly motion: Motion;
  readonly rays: Ray[];
  /** Players hit in the last step. */
  readonly hits: number[];
  /** Whose window this is: then the camera moves and turns with that player. */
  readonly eyes: number | null;
  /** Whether the ground itself changes from tick to tick. */
  readonly shifting: boolean;
}

const STEP_X = [0, 1, 0, -1];
const STEP_Y = [-1, 0, 1, 0];

export class MapPicture implements Picture {
  readonly width: number;
  readonly height: number;
  readonly players: number;
  readonly cells: Uint8Array;
  readonly sites: Uint8Array;
  readonly motion: Motion;
  readonly rays: Ray[] = [];
  readonly hits: number[] = [];
  readonly eyes = null;
  readonly shifting = false;
  readonly #mirror: WorldMirror;

  constructor(mirror: WorldMirror, appleSites: readonly number[]) {
    this.#mirror = mirror;
    this.width = mirror.shape.width;
    this.height = mirror.shape.height;
    this.players = mirror.shape.players;
    this.cells = mirror.cells;
    this.sites = new Uint8Array(this.cells.length);
    for (const cell of appleSites) this.sites[cell] = 1;
    this.motion = new Motion(this.players);
  }

  /** The mirror has a new step (or, with `jump`, a new keyframe). */
  update(now: number, interval: number, jump: boolean): void {
    const mirror = this.#mirror;
    this.motion.followMirror(mirror, now, interval, jump);
    this.rays.length = 0;
    this.hits.length = 0;
    if (jump) return;
    for (let i = 0; i < this.players; i++) if (isBeam(mirror.outcome[i]!)) this.#addRays(i);
    for (const event of mirror.events) if (event.kind === 'hit') this.hits.push(event.target);
  }

  /** Rays lie side by side, left to right; the side ones start beside the player, the middle one a cell ahead. */
  #addRays(player: number): void {
    const mirror = this.#mirror;
    const radius = mirror.shape.beamRadius;
    const facing = mirror.facing[player]!;
    const id = mirror.outcome[player] === Outcome.fined ? ClassId.finingBeam : ClassId.cleaningBeam;
    for (let k = -radius; k <= radius; k++) {
      const length = mirror.rays[player * (2 * radius + 1) + k + radius]!;
      if (length === 0) continue;
      const first = k === 0 ? 1 : 0;
      const right = (facing + 1) & 3;
      const nearX = mirror.column[player]! + STEP_X[right]! * k + STEP_X[facing]! * first;
      const nearY = mirror.row[player]! + STEP_Y[right]! * k + STEP_Y[facing]! * first;
      const farX = nearX + STEP_X[facing]! * (length - 1);
      const farY = nearY + STEP_Y[facing]! * (length - 1);
      this.rays.push({
        id,
        player,
        x: Math.min(nearX, farX),
        y: Math.min(nearY, farY),
        width: Math.abs(farX - nearX) + 1,
        height: Math.abs(farY - nearY) + 1,
      });
    }
  }
}

export class WindowPicture implements Picture {
  readonly width: number;
  readonly height: number;
  readonly players: number;
  readonly cells: Uint8Array;
  /** Bare sites look like floor in an agent's window, so they do here. */
  readonly sites: Uint8Array;
  readonly motion: Motion;
  readonly rays: Ray[] = [];
  readonly hits: number[] = [];
  readonly eyes: number;
  readonly shifting = true;
  readonly #row: number;
  readonly #column: number;

  constructor(welcome: Welcome, seat: number) {
    const { ahead, behind, left, right } = welcome.window;
    this.width = left + 1 + right;
    this.height = ahead + 1 + behind;
    this.players = welcome.players;
    this.cells = new Uint8Array(this.width * this.height);
    this.sites = new Uint8Array(this.cells.length);
    this.motion = new Motion(welcome.players);
    this.eyes = seat;
    this.#row = ahead;
    this.#column = left;
  }

  update(frame: WindowFrame, now: number, interval: number, jump: boolean): void {
    const { window } = frame;
    this.motion.followWindow(
      window,
      this.width,
      this.eyes,
      this.#row,
      this.#column,
      frame.outcome,
      frame.facing,
      now,
      interval,
      jump,
    );
    this.rays.length = 0;
    for (let cell = 0; cell < window.length; cell++) {
      const id = window[cell]!;
      const beam = id === ClassId.finingBeam || id === ClassId.cleaningBeam;
      this.cells[cell] = id >= ClassId.player || beam ? ClassId.floor : id;
      if (beam)
        this.rays.push({
          id,
          player: null,
          x: cell % this.width,
          y: Math.floor(cell / this.width),
          width: 1,
          height: 1,
        });
    }
  }
}
