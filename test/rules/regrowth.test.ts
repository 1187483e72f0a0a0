/** Harvest's regrowth: how often, where, and after which counts an apple comes back. */
import { describe, expect, it } from 'vitest';
import { EventKind } from '../../shared/environment.ts';
import { harvest } from '../../shared/environments/harvest.ts';
import { ActionKind } from '../../shared/grid/actions.ts';
import { ClassId } from '../../shared/palette.ts';
import { Random } from '../../shared/random.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { type Place, scene } from './scene.ts';
import { binomial, chiSquare, SIGNIFICANCE } from './statistics.ts';

const { forward, backward, left, right, stay } = ActionKind;

/** The rules as the literature has them: which cells are near, and the probability by number of apples there. */
const RULES = {
  ssd: {
    near: (dr: number, dc: number) => Math.max(Math.abs(dr), Math.abs(dc)) <= 1,
    probability: [0, 0.005, 0.02, 0.05],
  },
  radius2: { near: (dr: number, dc: number) => Math.hypot(dr, dc) <= 2, probability: [0, 0.005, 0.02, 0.05] },
  hughes: {
    near: (dr: number, dc: number) => Math.hypot(dr, dc) <= 2,
    probability: [0, 0.005, 0.005, 0.02, 0.02, 0.05],
  },
  lab2d: {
    near: (dr: number, dc: number) => Math.abs(dr) + Math.abs(dc) <= 3,
    probability: [0, 0.001, 0.005, 0.025],
  },
} as const;
type RuleName = keyof typeof RULES;

/** Offsets of the cells near a site under a rule. */
function offsets(rule: RuleName): [number, number][] {
  const near: [number, number][] = [];
  for (let dr = -3; dr <= 3; dr++) {
    for (let dc = -3; dc <= 3; dc++)
      if ((dr !== 0 || dc !== 0) && RULES[rule].near(dr, dc)) near.push([dr, dc]);
  }
  return near;
}

interface Trials {
  /** By probability class, as an index into the rule's probabilities: empty sites with nobody on them, and how many grew. */
  readonly empty: number[];
  readonly grew: number[];
  /** Apples that came up under a player, or where there is no site. */
  misplaced: number;
}

/** Plays the standard map with random walkers and counts, step by step, what grew with how many apples near. */
function count(rule: RuleName, episodes: number): Trials {
  const environment = makeEnvironment('harvest', { regrowth: rule, players: 8, episodeLength: 1000 });
  const grid = environment.grid!;
  const { width, height } = grid;
  const near = offsets(rule);
  const { probability } = RULES[rule];
  const trials: Trials = { empty: probability.map(() => 0), grew: probability.map(() => 0), misplaced: 0 };
  const before = new Uint8Array(width * height);
  const after = new Uint8Array(width * height);
  const sites = harvest.map.flatMap((row, r) =>
    Array.from(row).flatMap((cell, c) => (cell === 'A' ? [r * width + c] : [])),
  );
  const actions = new Uint8Array(environment.players);
  const rewards = new Float32Array(environment.players);
  for (let seed = 0; seed < episodes; seed++) {
    environment.reset(seed);
    const random = new Random().seed(seed);
    while (!environment.done) {
      grid.readCells(before);
      for (let i = 0; i < actions.length; i++) actions[i] = random.below(7);
      environment.step(actions, rewards);
      const { events } = environment;
      for (let k = 0; k < events.count; k++) {
        if (events.kind[k] === EventKind.ate) before[events.cell[k]!] = ClassId.floor;
      }
      grid.readCells(after);
      const taken = new Set(Array.from(actions, (_, i) => grid.row(i) * width + grid.column(i)));
      for (const site of sites) {
        if (before[site] === ClassId.apple) continue;
        if (taken.has(site)) {
          if (after[site] === ClassId.apple) trials.misplaced++;
          continue;
        }
        let apples = 0;
        for (const [dr, dc] of near) {
          const row = Math.floor(site / width) + dr;
          const column = (site % width) + dc;
          if (
            row >= 0 &&
            column >= 0 &&
            row < height &&
            column < width &&
            before[row * width + column] === ClassId.apple
          )
            apples++;
        }
        const group = Math.min(apples, probability.length - 1);
        trials.empty[group]!++;
        if (after[site] === ClassId.apple) trials.grew[group]!++;
      }
    }
  }
  return trials;
}

describe.each(Object.keys(RULES) as RuleName[])('rule %s', (rule) => {
  const trials = count(rule, 12);
  it.each(RULES[rule].probability.map((probability, apples) => [apples, probability] as const))(
    `%i apples near (the last class: or more): probability %d (exact binomial, level ${SIGNIFICANCE})`,
    (apples, probability) => {
      expect(trials.empty[apples]).toBeGreaterThan(1000);
      expect(binomial(trials.grew[apples]!, trials.empty[apples]!, probability)).toBeGreaterThan(
        SIGNIFICANCE,
      );
    },
  );

  it('grows nothing under a player', () => {
    expect(trials.misplaced).toBe(0);
  });
});

it('preset ssd has rule ssd, hughes and lab2d have theirs', () => {
  const hashes = (options: object) => {
    const environment = makeEnvironment('harvest', { beamsVisible: true, ...options });
    environment.reset(3);
    const random = new Random().seed(3);
    const rewards = new Float32Array(5);
    const cells = new Uint8Array(38 * 16);
    for (let step = 0; step < 400; step++) {
      environment.step(
        Uint8Array.from({ length: 5 }, () => random.below(7)),
        rewards,
      );
    }
    environment.grid!.readCells(cells);
    return cells.join('');
  };
  for (const preset of ['ssd', 'hughes', 'lab2d'])
    expect(hashes({ preset })).toBe(hashes({ regrowth: preset }));
  expect(hashes({ preset: 'default' })).toBe(hashes({ regrowth: 'ssd' }));
});

it('under ssd three of the 155 sites have no site beside them, and never grow back', () => {
  const sites = new Set(
    harvest.map.flatMap((row, r) =>
      Array.from(row).flatMap((cell, c) => (cell === 'A' ? [`${r},${c}`] : [])),
    ),
  );
  const lonely = [...sites].filter((site) => {
    const [row, column] = site.split(',').map(Number);
    return !offsets('ssd').some(([dr, dc]) => sites.has(`${row! + dr},${column! + dc}`));
  });
  expect([sites.size, lonely.length]).toEqual([155, 3]);
});

describe('counts', () => {
  /** Every empty site with an apple beside it grows at once. */
  const CERTAIN = { regrowth: 'ssd', regrowthProbability: [0, 1] };

  it('are those before the step’s growth: certain growth spreads by one cell a step', () => {
    const world = scene('harvest', ['       ', ' AAAAA ', '       '], ['1,0>'], CERTAIN);
    world.step(forward);
    world.step(forward);
    world.step(forward);
    world.step(forward);
    expect(world.text()[1]).toBe('     A ');
    world.step(left);
    expect(world.text()[1]).toBe('    AA ');
    world.step(stay);
    expect(world.text()[1]).toBe('   AAA ');
    world.step(stay);
    expect(world.text()[1]).toBe('  AAAA ');
  });

  it('do not count what is eaten in the step', () => {
    const world = scene('harvest', ['    ', ' AA ', '    '], ['1,0>', '1,3<'], CERTAIN);
    world.step(forward, forward);
    world.step(left, left);
    world.step(stay, stay);
    expect(world.text()[1]).toBe('    ');
  });

  it('are of neighbours only: the site’s own cell and cells farther away do not count', () => {
    const world = scene('harvest', ['     ', ' A A ', '     '], ['1,0>'], CERTAIN);
    world.step(forward);
    world.step(backward);
    world.step(stay);
    expect(world.text()[1]).toBe('   A ');
  });

  it('hold after a snapshot was loaded', () => {
    const world = scene('harvest', ['       ', ' AAAAA ', '       '], ['1,0>'], CERTAIN);
    for (let k = 0; k < 4; k++) world.step(forward);
    world.environment.load(world.environment.save());
    world.step(left);
    world.step(stay);
    expect(world.text()[1]).toBe('   AAA ');
  });
});

it('no apple grows under a player, however likely, and it grows when the player has left', () => {
  const world = scene('harvest', ['    ', ' AA ', '    '], ['1,0>'], {
    regrowth: 'ssd',
    regrowthProbability: [0, 1],
  });
  expect(world.step(forward)).toEqual([1]);
  for (let k = 0; k < 20; k++) expect(world.step(stay)).toEqual([0]);
  expect(world.text()[1]).toBe('  A ');
  world.step(right);
  expect(world.text()[1]).toBe(' AA ');
});

describe(`draws are independent (chi-square, level ${SIGNIFICANCE})`, () => {
  const SITES = 4;
  /** Four players eat four sites side by side in one step and leave them empty in the next, which is the first trial. */
  const places = Array.from({ length: SITES }, (_, i): Place => `0,${i}v`);
  const ahead = places.map(() => forward);
  const back = places.map(() => backward);
  const still = places.map(() => stay);
  const P = 0.3;
  const world = scene('harvest', [' '.repeat(SITES), 'A'.repeat(SITES)], places, {
    regrowth: 'ssd',
    regrowthProbability: [P],
  });
  /** For each of some episodes, the step in which each site grew, from 0, or 2 for later. */
  const grown = Array.from({ length: 20_000 }, (_, seed) => {
    world.reset(seed);
    world.step(...ahead);
    const when = places.map(() => 2);
    for (const [step, actions] of [back, still].entries()) {
      world.step(...actions);
      Array.from(world.text()[1]!).forEach((cell, site) => {
        if (cell === 'A' && when[site] === 2) when[site] = step;
      });
    }
    return when;
  });

  it('between the sites of a step', () => {
    const observed = Array.from({ length: 2 ** SITES }, () => 0);
    for (const when of grown)
      observed[when.reduce((bits, step, site) => bits | (step === 0 ? 1 << site : 0), 0)]!++;
    const expected = observed.map((_, bits) => {
      const grew = bits.toString(2).replaceAll('0', '').length;
      return grown.length * P ** grew * (1 - P) ** (SITES - grew);
    });
    expect(chiSquare(observed, expected)).toBeGreaterThan(SIGNIFICANCE);
  });

  it('between consecutive steps, at one site and at two', () => {
    const waiting = [P, (1 - P) * P, (1 - P) ** 2];
    const observed = Array.from({ length: 9 }, () => 0);
    for (const when of grown) observed[3 * when[0]! + when[1]!]!++;
    const expected = observed.map((_, k) => grown.length * waiting[Math.floor(k / 3)]! * waiting[k % 3]!);
    expect(chiSquare(observed, expected)).toBeGreaterThan(SIGNIFICANCE);
  });
});
