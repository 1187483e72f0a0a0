/** Beams as soft ribbons of the firer's colour with a bright core; in a seat's window, where nobody knows who fired, as lit cells. */
import type { GameObjects } from 'phaser';
import { ClassId } from '../../shared/palette.ts';
import { lookOf } from '../players.ts';
import type { MapColours } from './palette.ts';
import type { Ray } from './picture.ts';

/** Beams fade within this many ticks. */
export const BEAM_TICKS = 2;

/** @param strength 1 for a fresh beam, 0 for one that has faded. */
export function drawBeams(
  pen: GameObjects.Graphics,
  rays: readonly Ray[],
  cell: number,
  strength: number,
  colours: MapColours,
): void {
  pen.clear();
  for (const ray of rays) {
    const plain = ray.id === ClassId.finingBeam ? colours.finingBeam : colours.cleaningBeam;
    if (ray.player === null) {
      pen.fillStyle(plain, 0.42 * strength);
      fill(pen, ray, 0, cell);
      continue;
    }
    pen.fillStyle(Number.parseInt(lookOf(ray.player).colour.slice(1), 16), 0.42 * strength);
    fill(pen, ray, 0.16, cell);
    pen.fillStyle(plain, 0.75 * strength);
    fill(pen, ray, 0.4, cell);
  }
}

/** @param inset from the ray's edge, in cells. */
function fill(pen: GameObjects.Graphics, { x, y, width, height }: Ray, inset: number, cell: number): void {
  pen.fillRect(
    (x + inset) * cell,
    (y + inset) * cell,
    (width - 2 * inset) * cell,
    (height - 2 * inset) * cell,
  );
}
