/** ASCII maps: rows of characters, read through a legend, checked before anything is built on them. */

/** What one character of a map stands for. */
export interface Tile {
  /** The class id of the cell when an episode starts. */
  readonly id: number;
  /** Which of the environment's kinds of site the cell is, if any. */
  readonly site?: string;
  /** Whether players start here. */
  readonly spawn?: boolean;
}

export type Legend = Readonly<Record<string, Tile>>;

export interface GridMap {
  readonly width: number;
  readonly height: number;
  /** Row by row, [height * width]. */
  readonly tiles: readonly Tile[];
}

/** Longest side of a map, in cells. */
export const MAX_SIDE = 128;

export class MapError extends Error {
  override name = 'MapError';
}

/**
 * @param rows the map, top row first.
 * @throws {MapError} for no rows, unequal rows, a side over MAX_SIDE, a character outside the legend, or fewer than
 * `players` spawn points.
 */
export function parseMap(rows: readonly string[], legend: Legend, players: number): GridMap {
  const height = rows.length;
  const width = rows[0]?.length ?? 0;
  if (height === 0 || width === 0) throw new MapError('the map has no cells: give rows of equal length');
  if (height > MAX_SIDE || width > MAX_SIDE) {
    throw new MapError(`the map is ${width}x${height} cells, at most ${MAX_SIDE}x${MAX_SIDE} are possible`);
  }
  const tiles: Tile[] = [];
  let spawns = 0;
  rows.forEach((line, row) => {
    if (line.length !== width) {
      throw new MapError(
        `map row ${row} has ${line.length} cells, row 0 has ${width}: all rows must be equally long`,
      );
    }
    for (let column = 0; column < width; column++) {
      const character = line[column]!;
      const tile = Object.hasOwn(legend, character) ? legend[character] : undefined;
      if (tile === undefined) {
        throw new MapError(
          `map row ${row}, column ${column} has ${JSON.stringify(character)}, known are ${Object.keys(legend)
            .map((key) => JSON.stringify(key))
            .join(' ')}`,
        );
      }
      if (tile.spawn) spawns++;
      tiles.push(tile);
    }
  });
  if (spawns === 0) throw new MapError('the map has no spawn point: put a P for each player');
  if (spawns < players) {
    throw new MapError(`${players} players need as many spawn points, the map has ${spawns} (P)`);
  }
  return { width, height, tiles };
}

/** How many players a map has room for. */
export function spawnPoints(rows: readonly string[], legend: Legend): number {
  let spawns = 0;
  for (const row of rows) for (const character of row) if (legend[character]?.spawn) spawns++;
  return spawns;
}
