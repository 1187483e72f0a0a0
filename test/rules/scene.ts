/** Small worlds drawn as text, with players exactly where a case needs them. */
import { parseOptions } from '../../shared/definition.ts';
import { EVENT_NAMES } from '../../shared/environment.ts';
import { cleanup } from '../../shared/environments/cleanup.ts';
import { harvest } from '../../shared/environments/harvest.ts';
import type { GridEnvironment } from '../../shared/grid/grid-environment.ts';
import { ClassId } from '../../shared/palette.ts';

export const GAMES = { harvest, cleanup } as const;
export type GameName = keyof typeof GAMES;

const FACINGS = { '^': 0, '>': 1, v: 2, '<': 3 } as const;
export type Arrow = keyof typeof FACINGS;

/** Where a player stands and looks, `row,column` and an arrow: `3,4>`. */
export type Place = `${number},${number}${Arrow}`;

function parsePlace(place: Place) {
  const [row, column] = place.slice(0, -1).split(',').map(Number);
  return { row: row!, column: column!, facing: FACINGS[place.at(-1) as Arrow] };
}

/** With nothing growing and no waste coming, unless the options say otherwise. */
const STILL = {
  harvest: { regrowth: 'off' },
  cleanup: { appleRate: 0, wasteRate: 0 },
} as const;

export interface Scene {
  readonly environment: GridEnvironment;
  readonly rewards: Float32Array;
  /** One joint action; returns the rewards. */
  step(...actions: number[]): number[];
  places(): Place[];
  /** Events of the last step as text: `ate 0 at 1,2`, `hit 0>1 at 1,3`. */
  events(): string[];
  /** Class id of a cell without players and beams. */
  cell(row: number, column: number): number;
  /** The map as text: `A` apple, `H` waste, `R` river, `@` wall. */
  text(): string[];
  reset(seed: number): void;
}

/**
 * A world on `map` with a player at each of `places`. The map needs no spawn points: a row of them is added below a wall.
 */
export function scene(
  game: GameName,
  map: readonly string[],
  places: readonly Place[],
  options: object = {},
): Scene {
  const width = Math.max(map[0]!.length, places.length);
  const padded = map.map((row) => row.padEnd(width, '@'));
  const full = [...padded, '@'.repeat(width), 'P'.repeat(width)];
  const definition = GAMES[game];
  const environment = definition.createGrid(
    parseOptions(definition, {
      ...STILL[game],
      map: full,
      players: places.length,
      episodeLength: 1_000_000,
      ...options,
    }),
  );
  const rewards = new Float32Array(places.length);
  const { grid } = environment;
  const cells = new Uint8Array(grid.width * grid.height);
  const arrows = Object.keys(FACINGS) as Arrow[];
  const reset = (seed: number) => {
    environment.reset(seed);
    environment.world.place(places.map(parsePlace));
  };
  reset(0);
  return {
    environment,
    rewards,
    reset,
    step(...actions) {
      environment.step(Uint8Array.from(actions), rewards);
      return Array.from(rewards);
    },
    places: () => places.map((_, i): Place => `${grid.row(i)},${grid.column(i)}${arrows[grid.facing(i)]!}`),
    events() {
      const { count, kind, player, target, cell } = environment.events;
      return Array.from({ length: count }, (_, k) => {
        const name = EVENT_NAMES[kind[k]!]!;
        const who = name === 'hit' ? `${player[k]}>${target[k]}` : `${player[k]}`;
        return `${name} ${who} at ${Math.floor(cell[k]! / grid.width)},${cell[k]! % grid.width}`;
      });
    },
    cell(row, column) {
      grid.readCells(cells);
      return cells[row * grid.width + column]!;
    },
    text() {
      grid.readCells(cells);
      return map.map((line, row) =>
        Array.from(line, (_, column) => LETTERS[cells[row * grid.width + column]!] ?? ' ').join(''),
      );
    },
  };
}

const LETTERS: Readonly<Record<number, string>> = {
  [ClassId.wall]: '@',
  [ClassId.apple]: 'A',
  [ClassId.waste]: 'H',
  [ClassId.river]: 'R',
  [ClassId.stream]: 'S',
};
