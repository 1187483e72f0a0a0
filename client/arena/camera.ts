/** Which part of the map is seen, and how large: whole pixels a cell, always, so that pictures stay crisp. */

import type { Picture } from './picture.ts';

/** Each step of zoom makes cells larger by this. */
const ZOOM_STEP = 1.4;
const SMALLEST_CELL = 5;
/** Textures of this size are safe on phones. */
const LARGEST_TEXTURE = 4096;
/** After this the camera has come 95 % of its way, milliseconds. */
const EASE = 300;

/** Pixels a cell. @param zoom steps of zoom, 0 fits the whole map into the view. */
export function cellSize(
  viewWidth: number,
  viewHeight: number,
  columns: number,
  rows: number,
  zoom: number,
): number {
  const fit = Math.floor(Math.min(viewWidth / columns, viewHeight / rows));
  const largest = Math.floor(LARGEST_TEXTURE / Math.max(columns, rows));
  return Math.max(SMALLEST_CELL, Math.min(largest, Math.round(fit * ZOOM_STEP ** zoom)));
}

/** Zoom at which about `cells` cells are seen across the shorter side: near enough to play by hand on a phone. */
export function zoomFor(
  cells: number,
  viewWidth: number,
  viewHeight: number,
  columns: number,
  rows: number,
): number {
  const wanted = Math.min(viewWidth, viewHeight) / cells;
  const fit = Math.max(1, Math.min(viewWidth / columns, viewHeight / rows));
  return Math.max(0, Math.round(Math.log(wanted / fit) / Math.log(ZOOM_STEP)));
}

/** Where the camera's middle should be on one axis, so that it neither leaves the map nor moves one that fits. */
export function clampMiddle(middle: number, view: number, map: number): number {
  return map <= view ? map / 2 : Math.min(map - view / 2, Math.max(view / 2, middle));
}

/** One axis of a camera that glides to where it should be. */
export class Glide {
  value = 0;
  target = 0;

  /** @param elapsed milliseconds since the last frame. @returns whether it still moves. */
  advance(elapsed: number, still: boolean): boolean {
    const rest = this.target - this.value;
    if (still || Math.abs(rest) < 0.5) {
      this.value = this.target;
      return false;
    }
    this.value += rest * (1 - 0.05 ** (elapsed / EASE));
    return true;
  }
}

/** Where the camera looks: at the whole map, at a player that it follows, or out of a player's own eyes. */
export class Rig {
  /** The middle of the view, in pixels of the map. */
  readonly x = new Glide();
  readonly y = new Glide();
  /** Radians. */
  rotation = 0;

  /**
   * One frame. @param followed a player, or null for the whole map. @param width @param height of the view, pixels.
   * @param progress of the tick. @param jump without gliding. @param elapsed milliseconds since the last frame.
   * @returns whether it still glides.
   */
  aim(
    { motion, eyes, width: columns, height: rows }: Picture,
    followed: number | null,
    cell: number,
    width: number,
    height: number,
    progress: number,
    jump: boolean,
    elapsed: number,
  ): boolean {
    const player = eyes ?? followed;
    const x = player === null ? (columns * cell) / 2 : (motion.x(player, progress) + 0.5) * cell;
    const y = player === null ? (rows * cell) / 2 : (motion.y(player, progress) + 0.5) * cell;
    if (eyes !== null) {
      // Its own eyes move and turn with it, without gliding after it.
      this.x.value = this.x.target = x;
      this.y.value = this.y.target = y;
      this.rotation = (-motion.turn(eyes, progress) * Math.PI) / 2;
      return false;
    }
    this.rotation = 0;
    this.x.target = clampMiddle(x, width, columns * cell);
    this.y.target = clampMiddle(y, height, rows * cell);
    const movesX = this.x.advance(elapsed, jump);
    const movesY = this.y.advance(elapsed, jump);
    return movesX || movesY;
  }
}
