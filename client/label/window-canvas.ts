/** What an agent saw, as the map is painted elsewhere, and in it the agent itself, facing up. */
import { ClassId } from '../../shared/palette.ts';
import type { Sheet } from '../../shared/protocol/labels.ts';
import type { MapColours } from '../arena/palette.ts';
import { paintPreview } from '../lobby/preview.ts';

/** Pixels a cell, as previews have them. */
const CELL = 10;

/** @param cells [height, width] class ids. */
export function paintWindow(
  canvas: HTMLCanvasElement,
  cells: Uint8Array,
  { ahead, behind, left, right }: Sheet['window'],
  colours: MapColours,
): void {
  const width = left + 1 + right;
  const height = ahead + 1 + behind;
  paintPreview(canvas, { width, height, cells }, colours);
  const pen = canvas.getContext('2d')!;
  for (let cell = 0; cell < cells.length; cell++) {
    const id = cells[cell]!;
    if (id !== ClassId.finingBeam && id !== ClassId.cleaningBeam) continue;
    const beam = id === ClassId.finingBeam ? colours.finingBeam : colours.cleaningBeam;
    pen.fillStyle = `#${beam.toString(16).padStart(6, '0')}`;
    pen.fillRect((cell % width) * CELL + 2, Math.floor(cell / width) * CELL + 2, CELL - 4, CELL - 4);
  }
  // A beak: the agent looks up, and steps and turns are told from there.
  const x = (left + 0.5) * CELL;
  const y = ahead * CELL;
  pen.fillStyle = colours.label;
  pen.beginPath();
  pen.moveTo(x, y - 5);
  pen.lineTo(x + 4, y + 1);
  pen.lineTo(x - 4, y + 1);
  pen.fill();
  pen.strokeStyle = colours.label;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.arc(x, y + CELL / 2, CELL * 0.95, 0, 2 * Math.PI);
  pen.stroke();
}
