/** All pictures that move or change, on one canvas: one texture, drawn once for each size of cell. */
import {
  CREATURE_SIZE,
  drawApple,
  drawCreature,
  drawPop,
  drawRing,
  drawRipple,
  drawWaste,
  POPS,
  RIPENESS,
  RIPPLES,
} from './art.ts';
import type { MapColours } from './palette.ts';

export const WASTE_VARIANTS = 3;

export interface AtlasFrame {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  /** Side, pixels. */
  readonly size: number;
}

export interface Atlas {
  readonly canvas: HTMLCanvasElement;
  readonly frames: readonly AtlasFrame[];
}

interface Drawing {
  readonly name: string;
  readonly size: number;
  draw(pen: CanvasRenderingContext2D): void;
}

/** Empty pixels around a frame, so that a turned one does not pick up its neighbour's edge. */
const MARGIN = 2;

/** @param cell pixels a cell. */
export function paintAtlas(cell: number, players: number, colours: MapColours): Atlas {
  const creature = even(cell * CREATURE_SIZE);
  const drawings: Drawing[] = [];
  const add = (name: string, size: number, draw: Drawing['draw']) => void drawings.push({ name, size, draw });
  for (let k = 0; k < RIPENESS; k++) add(`apple${k}`, cell, (pen) => drawApple(pen, k, colours));
  for (let k = 0; k < POPS; k++) add(`pop${k}`, cell, (pen) => drawPop(pen, k, colours));
  for (let k = 0; k < WASTE_VARIANTS; k++) add(`waste${k}`, cell, (pen) => drawWaste(pen, k, colours));
  for (let k = 0; k < RIPPLES; k++) add(`ripple${k}`, cell, (pen) => drawRipple(pen, k, colours));
  add('ring', even(cell * 1.5), (pen) => drawRing(pen, colours));
  for (let i = 0; i < players; i++) {
    add(`player${i}`, creature, (pen) => drawCreature(pen, i, true, colours));
    add(`shape${i}`, creature, (pen) => drawCreature(pen, i, false, colours));
  }

  const columns = Math.ceil(Math.sqrt(drawings.length));
  const pitch = Math.max(...drawings.map((drawing) => drawing.size)) + 2 * MARGIN;
  const canvas = document.createElement('canvas');
  canvas.width = columns * pitch;
  canvas.height = Math.ceil(drawings.length / columns) * pitch;
  const pen = canvas.getContext('2d')!;
  const frames = drawings.map(({ name, size, draw }, index) => {
    const x = (index % columns) * pitch + MARGIN;
    const y = Math.floor(index / columns) * pitch + MARGIN;
    pen.save();
    pen.translate(x, y);
    pen.scale(size / 16, size / 16);
    draw(pen);
    pen.restore();
    return { name, x, y, size };
  });
  return { canvas, frames };
}

/** Sprites turn about their middle, which lies between pixels only if their side is even. */
function even(size: number): number {
  return 2 * Math.round(size / 2);
}
