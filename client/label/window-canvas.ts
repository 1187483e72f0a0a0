/** What an agent saw, as the map is painted elsewhere, and in it the agent itself, facing up. */
import { ClassId } from '../../shared/palette.ts';
import type { Sheet } from '../../shared/protocol/labels.ts';
import type { MapColours } from '../arena/palette.ts';
import { paintPreview } from '../lobby/preview.ts';

/** Pixels a cell. */
const CELL = 40;

/** @param cells [height, width] class ids. */
export function paintWindow(
  canvas: HTMLCanvasElement,
  cells: Uint8Array,
  { ahead, behind, left, right }: Sheet['window'],
  colours: MapColours,
): void {
  const width = left + 1 + right;
  const height = ahead + 1 + behind;
  paintPreview(canvas, { width, height, cells }, colours, CELL);
  const pen = canvas.getContext('2d')!;
  for (let cell = 0; cell < cells.length; cell++) {
    const id = cells[cell]!;
    if (id !== ClassId.finingBeam && id !== ClassId.cleaningBeam) continue;
    const beam = id === ClassId.finingBeam ? colours.finingBeam : colours.cleaningBeam;
    pen.fillStyle = `#${beam.toString(16).padStart(6, '0')}`;
    pen.fillRect((cell % width) * CELL + 6, Math.floor(cell / width) * CELL + 6, CELL - 12, CELL - 12);
  }
  // A beak: the agent looks up, and steps and turns are told from there.
  const x = (left + 0.5) * CELL;
  const y = ahead * CELL;
  pen.fillStyle = colours.label;
  pen.beginPath();
  pen.moveTo(x, y - 0.5 * CELL);
  pen.lineTo(x + 0.36 * CELL, y + 0.1 * CELL);
  pen.lineTo(x - 0.36 * CELL, y + 0.1 * CELL);
  pen.fill();
  pen.strokeStyle = colours.label;
  pen.lineWidth = 3;
  pen.beginPath();
  pen.arc(x, y + CELL / 2, CELL * 0.95, 0, 2 * Math.PI);
  pen.stroke();
}
