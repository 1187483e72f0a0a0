/** Random maps and random windows of a grid environment, for properties. */
import fc from 'fast-check';
import type { OptionsInput } from '../../shared/definition.ts';
import type { GridDefinition } from '../../shared/grid/definition.ts';

/**
 * Maps of every letter of the environment's legend, up to 12x12, open at the edges or not, with a spawn point a player.
 * Cells on which nothing happens are as frequent as all others together.
 */
export function maps(definition: GridDefinition): fc.Arbitrary<{ map: string[]; players: number }> {
  const letters = Object.keys(definition.legend).filter(
    (letter) => definition.legend[letter]!.spawn !== true,
  );
  const spawn = Object.keys(definition.legend).find((letter) => definition.legend[letter]!.spawn === true)!;
  const cell = fc.oneof(fc.constant(' '), fc.constantFrom(...letters));
  return fc
    .record({ height: fc.integer({ min: 1, max: 12 }), width: fc.integer({ min: 1, max: 12 }) })
    .chain(({ height, width }) =>
      fc.record({
        cells: fc.array(cell, { minLength: height * width, maxLength: height * width }),
        spawns: fc.uniqueArray(fc.nat(height * width - 1), { minLength: 1, maxLength: 8 }),
        width: fc.constant(width),
      }),
    )
    .map(({ cells, spawns, width }) => {
      for (const index of spawns) cells[index] = spawn;
      const map = Array.from({ length: cells.length / width }, (_, row) =>
        cells.slice(row * width, (row + 1) * width).join(''),
      );
      return { map, players: spawns.length };
    });
}

/** Windows as far as `most` cells each way. */
export function windows(most: number): fc.Arbitrary<OptionsInput> {
  const reach = fc.nat(most);
  return fc.record({ windowAhead: reach, windowBehind: reach, windowLeft: reach, windowRight: reach });
}
