/**
 * What a player should see, cell by cell from the grid view: slow, and apart from the engine's turned maps and kernel.
 */
import { type Environment, Outcome } from '../../shared/environment.ts';
import type { Window } from '../../shared/grid/level.ts';
import { ClassId } from '../../shared/palette.ts';

/** Rows and columns that a step up, right, down and left goes. */
export const VECTORS = [
  [-1, 0],
  [0, 1],
  [1, 0],
  [0, -1],
] as const;

/**
 * Class ids that may lie on each cell. One, but where beams of both kinds cross: the one fired later lies on top, and
 * the view does not tell which that was.
 */
export function shownCells(environment: Environment, beamsVisible: boolean): number[][] {
  const grid = environment.grid!;
  const base = new Uint8Array(grid.width * grid.height);
  grid.readCells(base);
  const shown = Array.from(base, (id) => [id]);
  for (let i = 0; i < environment.players; i++) {
    shown[grid.row(i) * grid.width + grid.column(i)] = [ClassId.player + i];
  }
  if (!beamsVisible) return shown;
  const beams = new Map<number, Set<number>>();
  for (let i = 0; i < environment.players; i++) {
    const outcome = grid.outcome(i);
    if (outcome !== Outcome.fined && outcome !== Outcome.cleaned) continue;
    const id = outcome === Outcome.fined ? ClassId.finingBeam : ClassId.cleaningBeam;
    const rays = grid.rays(i);
    const middle = (rays.length - 1) / 2;
    const [ar, ac] = VECTORS[grid.facing(i)]!;
    const [sr, sc] = VECTORS[(grid.facing(i) + 1) % 4]!;
    rays.forEach((length, ray) => {
      const side = ray - middle;
      const first = side === 0 ? 1 : 0;
      for (let k = first; k < first + length; k++) {
        const cell = (grid.row(i) + ar * k + sr * side) * grid.width + grid.column(i) + ac * k + sc * side;
        beams.set(cell, (beams.get(cell) ?? new Set()).add(id));
      }
    });
  }
  for (const [cell, ids] of beams) shown[cell] = [...ids];
  return shown;
}

/** Whether `window`, [height, width] class ids, is what `player` should see; else where it is not. */
export function checkWindow(
  environment: Environment,
  player: number,
  reach: Window,
  shown: readonly number[][],
  window: Uint8Array,
): string | null {
  const grid = environment.grid!;
  const width = reach.left + 1 + reach.right;
  const height = reach.ahead + 1 + reach.behind;
  const [ar, ac] = VECTORS[grid.facing(player)]!;
  const [sr, sc] = VECTORS[(grid.facing(player) + 1) % 4]!;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const forward = reach.ahead - row;
      const right = column - reach.left;
      const r = grid.row(player) + ar * forward + sr * right;
      const c = grid.column(player) + ac * forward + sc * right;
      const inside = r >= 0 && c >= 0 && r < grid.height && c < grid.width;
      const allowed = inside ? shown[r * grid.width + c]! : [ClassId.outside];
      const found = window[row * width + column]!;
      if (!allowed.includes(found)) {
        return `player ${player} sees ${found} at row ${row}, column ${column}, expected ${allowed.join(' or ')}`;
      }
    }
  }
  return null;
}
