/** All pictures that move or change, on one canvas: one texture, so that a renderer can draw them in one batch. */
import {
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
}

export interface Atlas {
  readonly canvas: HTMLCanvasElement;
  /** Side of every frame, pixels. */
  readonly cell: number;
  readonly frames: readonly AtlasFrame[];
}

/** Empty pixels around a frame, so that a turned one does not pick up its neighbour's edge. */
const MARGIN = 2;

export function paintAtlas(cell: number, players: number, colours: MapColours): Atlas {
  const drawings: [string, (pen: CanvasRenderingContext2D) => void][] = [];
  for (let k = 0; k < RIPENESS; k++) drawings.push([`apple${k}`, (pen) => drawApple(pen, k, colours)]);
  for (let k = 0; k < POPS; k++) drawings.push([`pop${k}`, (pen) => drawPop(pen, k, colours)]);
  for (let k = 0; k < WASTE_VARIANTS; k++) drawings.push([`waste${k}`, (pen) => drawWaste(pen, k, colours)]);
  for (let k = 0; k < RIPPLES; k++) drawings.push([`ripple${k}`, (pen) => drawRipple(pen, k, colours)]);
  drawings.push(['ring', (pen) => drawRing(pen, colours)]);
  for (let i = 0; i < players; i++) {
    drawings.push([`player${i}`, (pen) => drawCreature(pen, i, true, colours)]);
    drawings.push([`shape${i}`, (pen) => drawCreature(pen, i, false, colours)]);
  }

  const columns = Math.ceil(Math.sqrt(drawings.length));
  const pitch = cell + 2 * MARGIN;
  const canvas = document.createElement('canvas');
  canvas.width = columns * pitch;
  canvas.height = Math.ceil(drawings.length / columns) * pitch;
  const pen = canvas.getContext('2d')!;
  const frames = drawings.map(([name, draw], index) => {
    const x = (index % columns) * pitch + MARGIN;
    const y = Math.floor(index / columns) * pitch + MARGIN;
    pen.save();
    pen.translate(x, y);
    pen.scale(cell / 16, cell / 16);
    draw(pen);
    pen.restore();
    return { name, x, y };
  });
  return { canvas, cell, frames };
}
