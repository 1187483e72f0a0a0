/** Cleanup's growth and waste: their rates by density, and where they come. */
import { describe, expect, it } from 'vitest';
import { EventKind } from '../../shared/environment.ts';
import { ActionKind } from '../../shared/grid/actions.ts';
import { ClassId } from '../../shared/palette.ts';
import { Random } from '../../shared/random.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { type Scene, scene } from './scene.ts';
import { binomial, chiSquareUniform, SIGNIFICANCE } from './statistics.ts';

const { stay, forward, backward } = ActionKind;

/** A river of `waste` dirty and `clean` clean cells above ten rows of ten apple sites, with a player beside them. */
function river(waste: number, clean: number, options: object): Scene {
  const cells = ('H'.repeat(waste) + 'R'.repeat(clean)).padEnd(100, '@');
  const row = (k: number) => `${cells.slice(10 * k, 10 * k + 10)}@${'B'.repeat(10)} `;
  return scene(
    'cleanup',
    Array.from({ length: 10 }, (_, k) => row(k)),
    ['0,21^'],
    options,
  );
}

function cellsOf(world: Scene, id: number): number[] {
  const { grid } = world.environment;
  const cells = new Uint8Array(grid.width * grid.height);
  grid.readCells(cells);
  return Array.from(cells).flatMap((cell, index) => (cell === id ? [index] : []));
}

describe('apples', () => {
  it.each([
    [0, 100],
    [10, 90],
    [20, 80],
    [30, 70],
    [39, 61],
  ])(
    `with %i waste and %i clean cells grow with probability 0.05 (1 - d / 0.4) (exact binomial, level ${SIGNIFICANCE})`,
    (waste, clean) => {
      const world = river(waste, clean, { appleRate: 0.05 });
      let trials = 0;
      let grew = 0;
      for (let seed = 0; seed < 100; seed++) {
        world.reset(seed);
        for (let step = 0; step < 10; step++) {
          const before = cellsOf(world, ClassId.apple).length;
          world.step(stay);
          trials += 100 - before;
          grew += cellsOf(world, ClassId.apple).length - before;
        }
      }
      expect(binomial(grew, trials, 0.05 * (1 - waste / 100 / 0.4))).toBeGreaterThan(SIGNIFICANCE);
    },
  );

  it.each([
    [40, 60],
    [2, 3],
    [41, 59],
    [100, 0],
  ])(
    'with %i waste and %i clean cells, a density of 0.4 or more, grow never, and no waste comes',
    (waste, clean) => {
      const world = river(waste, clean, { appleRate: 1, wasteRate: 1 });
      for (let step = 0; step < 200; step++) world.step(stay);
      expect([cellsOf(world, ClassId.apple).length, cellsOf(world, ClassId.waste).length]).toEqual([
        0,
        waste,
      ]);
    },
  );

  it(`grow on every site alike (chi-square, level ${SIGNIFICANCE})`, () => {
    const world = river(10, 90, { appleRate: 0.2 });
    const grew = new Map<number, number>();
    for (let seed = 0; seed < 500; seed++) {
      world.reset(seed);
      world.step(stay);
      for (const cell of cellsOf(world, ClassId.apple)) grew.set(cell, (grew.get(cell) ?? 0) + 1);
    }
    expect(grew.size).toBe(100);
    expect(chiSquareUniform([...grew.values()])).toBeGreaterThan(SIGNIFICANCE);
  });

  it('do not grow under a player, and do when it has left', () => {
    const world = scene('cleanup', ['R', ' ', 'B'], ['1,0v'], { appleRate: 1 });
    world.step(forward);
    for (let step = 0; step < 20; step++) expect(world.step(stay)).toEqual([0]);
    world.step(backward);
    expect(world.text()).toEqual(['R', ' ', 'A']);
    expect(world.step(forward)).toEqual([1]);
  });

  it('grow at the full rate where there is no river at all', () => {
    const world = scene('cleanup', [' BBBB'], ['0,0>'], { appleRate: 1 });
    world.step(stay);
    expect(world.text()).toEqual([' AAAA']);
  });
});

describe('waste', () => {
  it.each([1, 2, 3, 5, 10])(
    `comes with probability 1 - 0.5^k with k = %i clean cells (exact binomial, level ${SIGNIFICANCE})`,
    (clean) => {
      const world = river(0, clean, { wasteRate: 0.5 });
      let came = 0;
      for (let seed = 0; seed < 5000; seed++) {
        world.reset(seed);
        world.step(stay);
        came += cellsOf(world, ClassId.waste).length;
      }
      expect(binomial(came, 5000, 1 - 0.5 ** clean)).toBeGreaterThan(SIGNIFICANCE);
    },
  );

  it(`comes on each clean cell alike, on a dirty one never (chi-square, level ${SIGNIFICANCE})`, () => {
    const world = river(3, 12, { wasteRate: 0.5 });
    const came = new Map<number, number>();
    for (let seed = 0; seed < 6000; seed++) {
      world.reset(seed);
      const before = new Set(cellsOf(world, ClassId.waste));
      world.step(stay);
      for (const cell of cellsOf(world, ClassId.waste))
        if (!before.has(cell)) came.set(cell, (came.get(cell) ?? 0) + 1);
    }
    expect(came.size).toBe(12);
    expect(chiSquareUniform([...came.values()])).toBeGreaterThan(SIGNIFICANCE);
  });

  it('comes until the density is at the threshold, and not past it', () => {
    const world = river(0, 100, { wasteRate: 1 });
    for (let step = 1; step <= 60; step++) {
      world.step(stay);
      expect(cellsOf(world, ClassId.waste)).toHaveLength(Math.min(step, 40));
    }
  });

  it('can come under a player', () => {
    const world = scene('cleanup', ['@R@'], ['0,1>'], { wasteRate: 1 });
    world.step(stay);
    expect(world.text()).toEqual(['@H@']);
  });
});

describe('the standard map', () => {
  it('starts with 56 of 119 river cells under waste and no apple', () => {
    const environment = makeEnvironment('cleanup');
    environment.reset(1);
    const { grid } = environment;
    const cells = new Uint8Array(grid!.width * grid!.height);
    grid!.readCells(cells);
    const count = (id: number) => cells.reduce((sum, cell) => sum + (cell === id ? 1 : 0), 0);
    expect([count(ClassId.waste), count(ClassId.river), count(ClassId.stream), count(ClassId.apple)]).toEqual(
      [56, 63, 12, 0],
    );
  });

  it('stays as it is until somebody cleans', () => {
    const environment = makeEnvironment('cleanup');
    environment.reset(2);
    const random = new Random().seed(2);
    const before = new Uint8Array(18 * 25);
    const after = new Uint8Array(18 * 25);
    const rewards = new Float32Array(5);
    environment.grid!.readCells(before);
    while (!environment.done)
      environment.step(
        Uint8Array.from({ length: 5 }, () => random.below(7)),
        rewards,
      );
    environment.grid!.readCells(after);
    expect(after).toEqual(before);
  });

  it('takes one new waste cell a step at most, and none but by growth; apples only below the threshold', () => {
    const environment = makeEnvironment('cleanup', { players: 10 });
    environment.reset(3);
    const random = new Random().seed(3);
    const cells = new Uint8Array(18 * 25);
    const rewards = new Float32Array(10);
    const count = (id: number) => {
      environment.grid!.readCells(cells);
      return cells.reduce((sum, cell) => sum + (cell === id ? 1 : 0), 0);
    };
    const came = [0, 0];
    let waste = 56;
    let apples = 0;
    while (!environment.done) {
      // Cleaning as often as anything else: the river gets below the threshold and back.
      environment.step(
        Uint8Array.from({ length: 10 }, () => (random.chance(0.5) ? 8 : random.below(7))),
        rewards,
      );
      let cleaned = 0;
      let ate = 0;
      for (let k = 0; k < environment.events.count; k++) {
        if (environment.events.kind[k] === EventKind.cleaned) cleaned++;
        if (environment.events.kind[k] === EventKind.ate) ate++;
      }
      const left = waste - cleaned;
      const newWaste = count(ClassId.waste) - left;
      const newApples = count(ClassId.apple) - (apples - ate);
      if (left / 119 >= 0.4) expect([newWaste, newApples]).toEqual([0, 0]);
      else came[newWaste]!++;
      expect([0, 1]).toContain(newWaste);
      waste = left + newWaste;
      apples = count(ClassId.apple);
    }
    // With dozens of clean cells waste comes in practically every step below the threshold.
    expect(came[0]).toBe(0);
    expect(came[1]).toBeGreaterThan(100);
  });
});
