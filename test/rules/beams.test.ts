/** Beams: which cells they cover, whom they hit, what they clean and in which order they are fired. */
import { describe, expect, it } from 'vitest';
import { ActionKind } from '../../shared/grid/actions.ts';
import { ClassId } from '../../shared/palette.ts';
import { type Arrow, type GameName, type Place, type Scene, scene } from './scene.ts';
import { binomial, SIGNIFICANCE } from './statistics.ts';

const { fine, clean, stay, forward, turnClockwise } = ActionKind;

/** An open field, 15 cells a side, the player in the middle: everything a beam of length 5 can reach is in it. */
const FIELD = Array.from({ length: 15 }, () => ' '.repeat(15));
const MIDDLE = 7;

/**
 * Player 0's window as text after a step, facing up: `f` and `c` beams, `@` wall, digits players, `H` waste, `.` else.
 * Its own cell is in the middle, at row 7, column 7.
 */
function seen(world: Scene): string[] {
  const [height, width] = world.environment.observationSpecs.ids!.shape as [number, number];
  const out = new Uint8Array(world.environment.players * height * width);
  world.environment.observe('ids', out);
  const letters: Record<number, string> = {
    [ClassId.wall]: '@',
    [ClassId.waste]: 'H',
    [ClassId.finingBeam]: 'f',
    [ClassId.cleaningBeam]: 'c',
  };
  return Array.from({ length: height }, (_, row) =>
    Array.from(out.subarray(row * width, (row + 1) * width), (id) =>
      id >= ClassId.player ? String(id - ClassId.player) : (letters[id] ?? '.'),
    ).join(''),
  );
}

/** The part of the window a beam of length 5 can reach: seven columns around the player, from six rows ahead to its own. */
function ahead(world: Scene): string[] {
  return seen(world)
    .slice(1, 8)
    .map((row) => row.slice(4, 11));
}

function fire(
  game: GameName,
  map: readonly string[],
  places: readonly Place[],
  action: number = fine,
  options = {},
): Scene {
  const world = scene(game, map, places, options);
  world.step(action, ...places.slice(1).map(() => stay));
  return world;
}

/** FIELD with cells replaced, for a player in the middle facing up. */
function field(cells: readonly (readonly [row: number, column: number, letter: string])[]): string[] {
  const rows = FIELD.map((row) => Array.from(row));
  for (const [row, column, letter] of cells) rows[row]![column] = letter;
  return rows.map((row) => row.join(''));
}

/** The middle ray covers one to five cells ahead, the side rays the player's own row to four ahead. */
const SHAPE = ['...f...', '..fff..', '..fff..', '..fff..', '..fff..', '..f0f..'];

describe('the shape of a beam', () => {
  it.each<Arrow>(['^', '>', 'v', '<'])(
    'is the same to the player facing %s: three rays of five cells, the side ones from beside it',
    (facing) => {
      expect(ahead(fire('harvest', FIELD, [`7,7${facing}`]))).toEqual(['.......', ...SHAPE]);
    },
  );

  it.each<[Arrow, number, number]>([
    ['^', -1, 0],
    ['>', 0, 1],
    ['v', 1, 0],
    ['<', 0, -1],
  ])('lies on the map where a player facing %s looks: its farthest cell is five ahead', (facing, dr, dc) => {
    const at = (distance: number) => `${7 + dr * distance},${7 + dc * distance}` as const;
    expect(fire('harvest', FIELD, [`7,7${facing}`, `${at(5)}^`]).events()).toContain(`hit 0>1 at ${at(5)}`);
    expect(fire('harvest', FIELD, [`7,7${facing}`, `${at(6)}^`]).events()).toHaveLength(1);
  });

  it('is shown until the next step', () => {
    const world = fire('harvest', FIELD, ['7,7^']);
    world.step(stay);
    expect(seen(world).join('')).not.toContain('f');
  });

  it('is not shown where beams are invisible, but hits all the same', () => {
    const world = fire('harvest', FIELD, ['7,7^', '5,7^'], fine, { beamsVisible: false });
    expect(seen(world).join('')).not.toContain('f');
    expect(world.rewards).toEqual(Float32Array.of(-1, -50));
  });

  it('has the length and the radius of the options', () => {
    const world = fire('harvest', FIELD, ['7,7^'], fine, { beamLength: 2, beamRadius: 2 });
    expect(ahead(world)).toEqual([
      '.......',
      '.......',
      '.......',
      '.......',
      '...f...',
      '.fffff.',
      '.ff0ff.',
    ]);
  });

  it('is a single ray with radius 0', () => {
    const world = fire('harvest', FIELD, ['7,7^'], fine, { beamLength: 3, beamRadius: 0 });
    expect(ahead(world)).toEqual([
      '.......',
      '.......',
      '.......',
      '...f...',
      '...f...',
      '...f...',
      '...0...',
    ]);
  });

  it('reports the lengths of its rays from left to right', () => {
    const world = fire(
      'harvest',
      field([
        [4, 6, '@'],
        [7, 8, '@'],
      ]),
      ['7,7^'],
    );
    expect(Array.from(world.environment.grid.rays(0))).toEqual([3, 5, 0]);
  });
});

describe('what stops a ray', () => {
  it('a wall, which is not covered', () => {
    const world = fire(
      'harvest',
      field([
        [5, MIDDLE, '@'],
        [6, 6, '@'],
      ]),
      ['7,7^'],
    );
    expect(ahead(world)).toEqual([
      '.......',
      '.......',
      '....f..',
      '....f..',
      '...@f..',
      '..@ff..',
      '..f0f..',
    ]);
  });

  it('a wall beside the player: that side ray is none', () => {
    const world = fire('harvest', field([[7, 6, '@']]), ['7,7^']);
    expect(ahead(world)).toEqual([
      '.......',
      '...f...',
      '...ff..',
      '...ff..',
      '...ff..',
      '...ff..',
      '..@0f..',
    ]);
  });

  it('a wall beside the player, also for the rays beyond it', () => {
    const world = fire('harvest', field([[7, 6, '@']]), ['7,7^'], fine, { beamLength: 1, beamRadius: 2 });
    expect(ahead(world).slice(-2)).toEqual(['...f...', '..@0ff.']);
  });

  it('the end of the map', () => {
    const world = fire('harvest', FIELD, ['1,7^']);
    expect(ahead(world)).toEqual([
      '.......',
      '.......',
      '.......',
      '.......',
      '.......',
      '..fff..',
      '..f0f..',
    ]);
  });

  it('the first player, which is covered and hit; who stands behind is neither', () => {
    const world = fire('harvest', FIELD, ['7,7^', '5,7^', '4,7^']);
    expect(ahead(world)).toEqual([
      '.......',
      '.......',
      '..f.f..',
      '..f2f..',
      '..fff..',
      '..fff..',
      '..f0f..',
    ]);
    expect(world.events()).toEqual(['fined 0 at 7,7', 'hit 0>1 at 5,7']);
  });

  it('a player beside the one who fires', () => {
    const world = fire('harvest', FIELD, ['7,7^', '7,6^', '7,8v']);
    expect(world.rewards).toEqual(Float32Array.of(-1, -50, -50));
  });

  it('not an apple', () => {
    const world = fire('harvest', field([[6, MIDDLE, 'A']]), ['7,7^', '5,7^']);
    expect(world.events()).toContain('hit 0>1 at 5,7');
    expect(world.cell(6, MIDDLE)).toBe(ClassId.apple);
  });

  it('not waste, for a fining beam', () => {
    const world = fire('cleanup', field([[6, MIDDLE, 'H']]), ['7,7^', '5,7^']);
    expect(world.events()).toContain('hit 0>1 at 5,7');
    expect(world.cell(6, MIDDLE)).toBe(ClassId.waste);
  });
});

describe('fines', () => {
  it('cost 1 to who fires, hit or not', () => {
    expect(fire('harvest', FIELD, ['7,7^']).rewards).toEqual(Float32Array.of(-1));
  });

  it('take 50 from each player hit', () => {
    const world = fire('harvest', FIELD, ['7,7^', '5,6^', '4,7^', '6,8^']);
    expect(world.rewards).toEqual(Float32Array.of(-1, -50, -50, -50));
  });

  it('add up with each other and with what was eaten in the step', () => {
    const world = scene('harvest', field([[4, MIDDLE, 'A']]), ['7,7^', '5,7^', '1,7v']);
    expect(world.step(fine, forward, fine)).toEqual([-1, 1 - 100, -1]);
  });

  it('are again for every time, with nobody out', () => {
    const world = scene('harvest', FIELD, ['7,7^', '5,7^']);
    expect([world.step(fine, stay), world.step(fine, turnClockwise)]).toEqual([
      [-1, -50],
      [-1, -50],
    ]);
    expect(world.places()[1]).toEqual('5,7>');
  });

  it('are what the options say', () => {
    const world = fire('harvest', FIELD, ['7,7^', '5,7^'], fine, { fineCost: 0.5, finePenalty: 3 });
    expect(world.rewards).toEqual(Float32Array.of(-0.5, -3));
  });

  it('hit where players stand after the moves of the step', () => {
    const into = scene('harvest', FIELD, ['7,7^', '4,5>']);
    expect(into.step(fine, forward)).toEqual([-1, -50]);
    const outOf = scene('harvest', FIELD, ['7,7^', '4,6<']);
    expect(outOf.step(fine, forward)).toEqual([-1, 0]);
  });
});

describe('cleaning', () => {
  it('stops at the first waste, which it covers and turns into river', () => {
    const world = fire(
      'cleanup',
      field([
        [5, MIDDLE, 'H'],
        [4, MIDDLE, 'H'],
      ]),
      ['7,7^'],
      clean,
    );
    expect([world.cell(5, MIDDLE), world.cell(4, MIDDLE)]).toEqual([ClassId.river, ClassId.waste]);
    expect(ahead(world)).toEqual([
      '.......',
      '.......',
      '..c.c..',
      '..cHc..',
      '..ccc..',
      '..ccc..',
      '..c0c..',
    ]);
    expect(world.events()).toEqual(['cleaned 0 at 5,7']);
    expect(world.rewards).toEqual(Float32Array.of(0));
  });

  it('cleans with all three rays at once', () => {
    const world = fire(
      'cleanup',
      field([
        [7, 6, 'H'],
        [6, MIDDLE, 'H'],
        [3, 8, 'H'],
      ]),
      ['7,7^'],
      clean,
    );
    expect(world.events().sort()).toEqual(['cleaned 0 at 3,8', 'cleaned 0 at 6,7', 'cleaned 0 at 7,6']);
  });

  it('stops at a player, to whom it does nothing', () => {
    const world = fire('cleanup', field([[4, MIDDLE, 'H']]), ['7,7^', '5,7^'], clean);
    expect(world.rewards).toEqual(Float32Array.of(0, 0));
    expect(world.cell(4, MIDDLE)).toBe(ClassId.waste);
    expect(world.events()).toEqual([]);
  });

  it('cleans the waste under a player that stops it', () => {
    const world = fire('cleanup', field([[5, MIDDLE, 'H']]), ['7,7^', '5,7^'], clean);
    expect(world.cell(5, MIDDLE)).toBe(ClassId.river);
    expect(world.rewards).toEqual(Float32Array.of(0, 0));
  });

  it('goes over river and stream', () => {
    const world = fire(
      'cleanup',
      field([
        [6, MIDDLE, 'R'],
        [5, MIDDLE, 'S'],
        [4, MIDDLE, 'H'],
      ]),
      ['7,7^'],
      clean,
    );
    expect(world.events()).toEqual(['cleaned 0 at 4,7']);
  });

  it('leaves the waste under the one who cleans', () => {
    const world = fire('cleanup', field([[MIDDLE, MIDDLE, 'H']]), ['7,7^'], clean);
    expect(world.cell(MIDDLE, MIDDLE)).toBe(ClassId.waste);
  });
});

describe('the order of beams in a step', () => {
  it(`is random: each of two is first in half of the draws (exact binomial, level ${SIGNIFICANCE})`, () => {
    const world = scene('harvest', FIELD, ['7,7^', '7,2^']);
    let first = 0;
    for (let seed = 0; seed < 4000; seed++) {
      world.reset(seed);
      world.step(fine, fine);
      if (world.events()[0] === 'fined 0 at 7,7') first++;
    }
    expect(binomial(first, 4000, 0.5)).toBeGreaterThan(SIGNIFICANCE);
  });

  it('decides who cleans the only waste', () => {
    const world = scene('cleanup', field([[4, MIDDLE, 'H']]), ['7,7^', '4,4>']);
    const cleaners = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      world.reset(seed);
      world.step(clean, clean);
      expect(world.events()).toHaveLength(1);
      cleaners.add(world.events()[0]!);
    }
    expect([...cleaners].sort()).toEqual(['cleaned 0 at 4,7', 'cleaned 1 at 4,7']);
  });

  it('decides which beam covers a cell that both reach: the one fired later', () => {
    const world = scene('cleanup', FIELD, ['7,7^', '5,4>', '5,9^']);
    const shown = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      world.reset(seed);
      world.step(clean, fine, fine);
      // 0 cleans up column 7, 1 fines along row 5: they cross two ahead of 0. Events tell only who fined first.
      shown.add(seen(world)[5]![7]!);
    }
    expect([...shown].sort()).toEqual(['c', 'f']);
  });
});
