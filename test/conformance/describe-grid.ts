/** What every environment on a grid must do beside the contract: a world without overlaps, and windows that show it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OptionsInput, parseOptions } from '../../shared/definition.ts';
import { type Environment, EventKind, elementsOf, Outcome } from '../../shared/environment.ts';
import type { GridDefinition, GridOptions } from '../../shared/grid/definition.ts';
import { ClassId, PALETTE } from '../../shared/palette.ts';
import { chiSquareUniform, SIGNIFICANCE } from '../rules/statistics.ts';
import { maps, windows } from './maps.ts';
import { Play } from './play.ts';
import { checkWindow, shownCells, VECTORS } from './window-oracle.ts';

/** Which kind of site a class id may lie on, where it may not lie anywhere. */
const SITE_OF: Readonly<Record<number, string>> = {
  [ClassId.apple]: 'apple',
  [ClassId.waste]: 'river',
  [ClassId.river]: 'river',
};

type Check = (environment: Environment, options: GridOptions, rewards: Float32Array) => void;

export function describeGrid(definition: GridDefinition, preset: string): void {
  const parse = (options: OptionsInput) => parseOptions(definition, { preset, ...options });

  /** Plays `steps` random steps and calls `check` after the reset and after each. */
  function walk(options: OptionsInput, seed: number, steps: number, check: Check) {
    const parsed = parse({ ...options, episodeLength: steps });
    const environment = definition.create(parsed);
    environment.reset(seed);
    const play = new Play(environment, seed);
    check(environment, parsed, play.rewards);
    for (let step = 0; step < steps; step++) {
      play.step();
      check(environment, parsed, play.rewards);
    }
  }
  it('keeps players off walls and off each other, and things on their sites, on any map', () => {
    fc.assert(
      fc.property(maps(definition), fc.nat(), ({ map, players }, seed) => {
        walk({ map, players }, seed, 40, (environment) => checkWorld(environment, definition, map));
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('keeps them so on its own map, with as many players as it has room for', () => {
    const players = definition.maxPlayers(parseOptions(definition, { preset }));
    walk({ players }, 1, 300, (environment) => checkWorld(environment, definition, definition.map));
  });

  it('is never terminated, only truncated', () => {
    const steps = 60;
    walk({}, 7, steps, ({ terminated, truncated, time }) => {
      expect(new Set(terminated)).toEqual(new Set([0]));
      expect(new Set(truncated)).toEqual(new Set([time === steps ? 1 : 0]));
    });
  });

  it('moves a player by one cell at most, in the direction it reports', () => {
    let before: number[][] = [];
    walk({}, 2, 300, ({ grid, players }) => {
      const now = Array.from({ length: players }, (_, i) => [grid!.row(i), grid!.column(i)]);
      before.forEach(([row, column], i) => {
        const direction = grid!.outcome(i) - Outcome.movedUp;
        const [dr, dc] = VECTORS[direction] ?? [0, 0];
        expect(now[i]).toEqual([row! + dr, column! + dc]);
      });
      before = now;
    });
  });

  it('pays what its events say: apples less fines and penalties, and nothing else', () => {
    fc.assert(
      fc.property(maps(definition), fc.nat(), ({ map, players }, seed) => {
        const prices = { appleReward: 1.5, fineCost: 0.25, finePenalty: 7 };
        walk({ map, players, ...prices }, seed, 40, ({ events, rawRewards }, _, rewards) => {
          const expected = new Float32Array(players);
          for (let k = 0; k < events.count; k++) {
            if (events.kind[k] === EventKind.ate) expected[events.player[k]!]! += prices.appleReward;
            if (events.kind[k] === EventKind.fined) expected[events.player[k]!]! -= prices.fineCost;
            if (events.kind[k] === EventKind.hit) expected[events.target[k]!]! -= prices.finePenalty;
          }
          expect(rawRewards).toEqual(expected);
          expect(rewards).toEqual(expected);
        });
      }),
      { numRuns: 40, seed: 2 },
    );
  });

  it('takes every action from every facing', () => {
    const seen = new Set<string>();
    const options = parse({ players: 1, episodeLength: 1_000_000 });
    const environment = definition.create(options);
    const rewards = new Float32Array(1);
    for (let seed = 0; seed < 100; seed++) {
      environment.reset(seed);
      for (let action = 0; action < definition.actions.length; action++) {
        const facing = environment.grid!.facing(0);
        environment.step(Uint8Array.of(action), rewards);
        seen.add(`${facing} ${action}`);
        const turn = action === 5 ? 1 : action === 6 ? 3 : 0;
        expect(environment.grid!.facing(0)).toBe((facing + turn) % 4);
      }
    }
    expect(seen.size).toBe(4 * definition.actions.length);
  });

  it(`starts every player on each spawn point and with each facing alike (chi-square, level ${SIGNIFICANCE})`, () => {
    const environment = definition.create(parse({}));
    const grid = environment.grid!;
    const last = environment.players - 1;
    const spawns = definition.map.flatMap((row, r) =>
      Array.from(row).flatMap((letter, c) =>
        definition.legend[letter]!.spawn === true ? [r * grid.width + c] : [],
      ),
    );
    const starts = [spawns.map(() => 0), spawns.map(() => 0)];
    const facings = [0, 0, 0, 0];
    for (let seed = 0; seed < 3000; seed++) {
      environment.reset(seed);
      [0, last].forEach((player, k) => {
        starts[k]![spawns.indexOf(grid.row(player) * grid.width + grid.column(player))]!++;
        facings[grid.facing(player)]!++;
      });
    }
    for (const counts of [...starts, facings]) {
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(counts === facings ? 6000 : 3000);
      expect(chiSquareUniform(counts)).toBeGreaterThan(SIGNIFICANCE);
    }
  });

  describe('windows', () => {
    it('show what lies around each player, with its facing up, on any map and of any size', () => {
      fc.assert(
        fc.property(maps(definition), windows(9), fc.nat(), ({ map, players }, window, seed) => {
          walk({ map, players, ...window }, seed, 15, checkWindows);
        }),
        { numRuns: 60, seed: 3 },
      );
    });

    it('show it on the environment’s own map, with as many players as it has room for', () => {
      const players = definition.maxPlayers(parseOptions(definition, { preset }));
      walk({ players }, 4, 150, checkWindows);
    });

    it('show it, beams included, after a snapshot was loaded', () => {
      const options = parse({ episodeLength: 50 });
      const copy = definition.create(options);
      walk({}, 5, 50, (environment) => {
        copy.load(environment.save());
        checkWindows(copy, options);
      });
    });

    it('hold exactly those whom their player sees, on any map and of any size, beams or not', () => {
      fc.assert(
        fc.property(maps(definition), windows(9), fc.nat(), ({ map, players }, window, seed) => {
          const open = { map, players, ...window, beamsVisible: false };
          const covered = definition.create(parse({ ...open, beamsVisible: true, episodeLength: 15 }));
          covered.reset(seed);
          const twin = new Play(covered, seed);
          walk(open, seed, 15, (environment) => {
            const seen = seenBy(environment);
            expect(Array.from(seen, Number)).toEqual(shownBy(environment));
            expect(seenBy(covered)).toEqual(seen);
            if (!covered.done) twin.step();
          });
        }),
        { numRuns: 60, seed: 4 },
      );
    });

    it('in rgb are the palette of the class ids', () => {
      walk({}, 6, 60, (environment) => {
        const { ids, rgb } = environment.observationSpecs;
        expect(rgb!.shape).toEqual([...ids!.shape, 3]);
        const size = environment.players * ids!.shape[0]! * ids!.shape[1]!;
        const classes = new Uint8Array(size);
        const colours = new Uint8Array(size * 3);
        environment.observe('ids', classes);
        environment.observe('rgb', colours);
        const expected = Uint8Array.from(
          { length: size * 3 },
          (_, k) => PALETTE[classes[Math.floor(k / 3)]! * 3 + (k % 3)]!,
        );
        expect(colours).toEqual(expected);
      });
    });
  });
}

/** Nobody in a wall, nobody on another, apples and waste and river where the map has their sites. */
function checkWorld(environment: Environment, definition: GridDefinition, map: readonly string[]): void {
  const grid = environment.grid!;
  const cells = new Uint8Array(grid.width * grid.height);
  grid.readCells(cells);
  const tile = (cell: number) => definition.legend[map[Math.floor(cell / grid.width)]![cell % grid.width]!]!;
  const taken = new Set<number>();
  for (let i = 0; i < environment.players; i++) {
    const cell = grid.row(i) * grid.width + grid.column(i);
    expect(tile(cell).id).not.toBe(ClassId.wall);
    taken.add(cell);
  }
  expect(taken.size).toBe(environment.players);
  cells.forEach((id, cell) => {
    const { id: start, site } = tile(cell);
    const kind = SITE_OF[id];
    // Only sites change, and only to what their kind can hold.
    const fits = kind === undefined ? id === start || site !== undefined : site === kind;
    if (!fits) expect.fail(`cell ${cell}, a site of ${site}, has class ${id}`);
  });
}

/** [N, N] who sees whom, as the environment says. */
function seenBy(environment: Environment): Uint8Array {
  const out = new Uint8Array(environment.players ** 2);
  environment.observeVisible(out);
  return out;
}

/** [N, N] 1 where the class id of the column's player is in the window of the row's; beams, if any, hide it. */
function shownBy(environment: Environment): number[] {
  const n = environment.players;
  const size = elementsOf(environment.observationSpecs.ids!);
  const ids = new Uint8Array(n * size);
  environment.observe('ids', ids);
  return Array.from({ length: n * n }, (_, k) => {
    const looker = Math.floor(k / n);
    return ids.subarray(looker * size, (looker + 1) * size).includes(ClassId.player + (k % n)) ? 1 : 0;
  });
}

function checkWindows(environment: Environment, options: GridOptions): void {
  const { windowAhead: ahead, windowBehind: behind, windowLeft: left, windowRight: right } = options;
  const size = (ahead + 1 + behind) * (left + 1 + right);
  const out = new Uint8Array(environment.players * size);
  environment.observe('ids', out);
  const shown = shownCells(environment, options.beamsVisible);
  for (let i = 0; i < environment.players; i++) {
    const window = out.subarray(i * size, (i + 1) * size);
    expect(checkWindow(environment, i, { ahead, behind, left, right }, shown, window)).toBe(null);
  }
}
