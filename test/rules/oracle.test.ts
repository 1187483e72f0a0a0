/** The engine against the oracle: on small crowded maps every step comes out as one of the ways the rules allow. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Outcome, outcomes, type State } from './oracle.ts';
import { type Arrow, GAMES, type GameName, type Place, scene } from './scene.ts';

const ARROWS: readonly Arrow[] = ['^', '>', 'v', '<'];
const LETTERS = { harvest: '    AA@', cleanup: '   HHRS@' } as const;
const STEPS = 10;

/** A map with up to six players on distinct cells that are no wall, and a joint action for each of some steps. */
function situations(game: GameName) {
  const letter = fc.constantFrom(...LETTERS[game]);
  // Half of the actions are steps forward and back: players get in each other's way.
  const action = fc.oneof(fc.constantFrom(2, 3), fc.nat(GAMES[game].actions.length - 1));
  return fc
    .tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 2, max: 6 }), fc.integer({ min: 3, max: 6 }))
    .chain(([height, width, wanted]) => {
      const players = Math.min(wanted, height * width - 1);
      return fc.record({
        map: fc.array(fc.array(letter, { minLength: width, maxLength: width }), {
          minLength: height,
          maxLength: height,
        }),
        cells: fc.uniqueArray(fc.nat(height * width - 1), { minLength: players, maxLength: players }),
        facings: fc.array(fc.constantFrom(...ARROWS), { minLength: players, maxLength: players }),
        actions: fc.array(fc.array(action, { minLength: players, maxLength: players }), {
          minLength: STEPS,
          maxLength: STEPS,
        }),
        seed: fc.nat(),
      });
    })
    .map(({ map, cells, facings, actions, seed }) => {
      const width = map[0]!.length;
      for (const cell of cells) map[Math.floor(cell / width)]![cell % width] = ' ';
      const places = cells.map(
        (cell, i): Place => `${Math.floor(cell / width)},${cell % width}${facings[i]!}`,
      );
      return { map: map.map((row) => row.join('')), places, actions, seed };
    });
}

function stateOf(map: readonly string[], places: readonly Place[]): State {
  const players = places.map((place) => {
    const [row, column] = place.slice(0, -1).split(',').map(Number);
    return { row: row!, column: column!, facing: ARROWS.indexOf(place.at(-1) as Arrow) };
  });
  return { map, players };
}

describe.each(['harvest', 'cleanup'] as const)('%s without growth', (game) => {
  it('steps as the rules allow, whatever the joint action', () => {
    let certain = 0;
    let drawn = 0;
    fc.assert(
      fc.property(situations(game), ({ map, places, actions, seed }) => {
        const world = scene(game, map, places);
        world.reset(seed);
        for (const joint of actions) {
          const allowed = outcomes(stateOf(world.text(), world.places()), joint);
          const rewards = world.step(...joint);
          const found: Outcome = { ...stateOf(world.text(), world.places()), rewards };
          if (new Set(allowed.map((outcome) => JSON.stringify(outcome))).size === 1) {
            certain++;
            expect(found).toEqual(allowed[0]);
          } else {
            drawn++;
            expect(allowed).toContainEqual(found);
          }
        }
      }),
      { numRuns: 500, seed: 1 },
    );
    // The generator makes both kinds of step, so that neither branch above is idle.
    expect(Math.min(certain, drawn)).toBeGreaterThan(200);
  });
});
