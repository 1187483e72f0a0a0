/** A room's map in small: what is alive on it is seen before a word is read. */
import { ClassId } from '../../shared/palette.ts';
import type { RoomPreview } from '../../shared/protocol/index.ts';
import { grain } from '../arena/art.ts';
import type { MapColours } from '../arena/palette.ts';
import { lookOf } from '../players.ts';

/** Pixels a cell; the page scales the canvas to its card. */
const CARD_CELL = 10;

export function paintPreview(
  canvas: HTMLCanvasElement,
  { width, height, cells }: RoomPreview,
  colours: MapColours,
  cellSize = CARD_CELL,
): void {
  if (canvas.width !== width * cellSize || canvas.height !== height * cellSize) {
    canvas.width = width * cellSize;
    canvas.height = height * cellSize;
  }
  const pen = canvas.getContext('2d')!;
  const dot = (column: number, row: number, radius: number, colour: string) => {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.arc((column + 0.5) * cellSize, (row + 0.5) * cellSize, radius * cellSize, 0, 2 * Math.PI);
    pen.fill();
  };
  const ground: Readonly<Record<number, string>> = {
    [ClassId.outside]: colours.outside,
    [ClassId.wall]: colours.hedge,
    [ClassId.waste]: colours.waste,
    [ClassId.river]: colours.river,
    [ClassId.stream]: colours.stream,
  };
  for (let cell = 0; cell < cells.length; cell++) {
    const id = cells[cell]!;
    const column = cell % width;
    const row = Math.floor(cell / width);
    const shade = grain(column, row, 0) < 0.6 ? colours.floor : colours.floorShade[0]!;
    pen.fillStyle = ground[id] ?? shade;
    pen.fillRect(column * cellSize, row * cellSize, cellSize, cellSize);
    if (id === ClassId.apple) dot(column, row, 0.34, colours.apple);
  }
  // Players are larger than a cell, and come last.
  for (let cell = 0; cell < cells.length; cell++) {
    const player = cells[cell]! - ClassId.player;
    if (player < 0) continue;
    dot(cell % width, Math.floor(cell / width), 0.85, colours.outline);
    dot(cell % width, Math.floor(cell / width), 0.7, lookOf(player).colour);
  }
}
