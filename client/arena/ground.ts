/** The still part of the map on one canvas: drawn once for a map, each tick for a seat's window. */
import { drawGround, groundOf } from './art.ts';
import type { MapColours } from './palette.ts';
import type { Picture } from './picture.ts';

/** Where a window lies in its player's own reckoning, so that the ground's grain moves with the ground. */
export interface Anchor {
  readonly column: number;
  readonly row: number;
  readonly facing: number;
}

const NORTH_UP: Anchor = { column: 0, row: 0, facing: 0 };

export function paintGround(
  canvas: HTMLCanvasElement,
  picture: Picture,
  cell: number,
  colours: MapColours,
  anchor = NORTH_UP,
): void {
  const pen = canvas.getContext('2d')!;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  for (let row = 0; row < picture.height; row++) {
    for (let column = 0; column < picture.width; column++) {
      const index = row * picture.width + column;
      const [x, y] = unturn(column, row, anchor);
      pen.setTransform(cell / 16, 0, 0, cell / 16, column * cell, row * cell);
      drawGround(pen, groundOf(picture.cells[index]!), x, y, picture.sites[index] === 1, colours);
    }
  }
}

/** A window's cell as north-up offsets from the anchor's own count. */
function unturn(
  column: number,
  row: number,
  { column: atColumn, row: atRow, facing }: Anchor,
): readonly [number, number] {
  switch (facing) {
    case 1:
      return [atColumn - row, atRow + column];
    case 2:
      return [atColumn - column, atRow - row];
    case 3:
      return [atColumn + row, atRow - column];
    default:
      return [atColumn + column, atRow + row];
  }
}
