/** Moves that meet: each case of the rule that resolves a joint action. */
import { describe, expect, it } from 'vitest';
import { Outcome } from '../../shared/environment.ts';
import { ActionKind } from '../../shared/grid/actions.ts';
import { type Arrow, type Place, scene } from './scene.ts';
import { binomial, chiSquareUniform, SIGNIFICANCE } from './statistics.ts';

const { left, right, forward, backward, stay, turnClockwise, turnCounterClockwise, fine } = ActionKind;
const ROOM = ['@@@@@@', '@    @', '@    @', '@    @', '@@@@@@'];

/** Cells after one step, as `row,column`. */
function settle(places: readonly Place[], actions: readonly number[], seed = 0, map = ROOM): string[] {
  const world = scene('harvest', map, places);
  world.reset(seed);
  world.step(...actions);
  return world.places().map((place) => place.slice(0, -1));
}

describe('one player', () => {
  const cases: [Arrow, number, string][] = [
    ['^', forward, '1,2'],
    ['^', right, '2,3'],
    ['^', backward, '3,2'],
    ['^', left, '2,1'],
    ['>', forward, '2,3'],
    ['>', right, '3,2'],
    ['>', backward, '2,1'],
    ['>', left, '1,2'],
    ['v', forward, '3,2'],
    ['v', right, '2,1'],
    ['v', backward, '1,2'],
    ['v', left, '2,3'],
    ['<', forward, '2,1'],
    ['<', right, '1,2'],
    ['<', backward, '2,3'],
    ['<', left, '3,2'],
  ];
  it.each(cases)('facing %s, action %i goes to %s', (facing, action, cell) => {
    const world = scene('harvest', ROOM, [`2,2${facing}`]);
    world.step(action);
    expect(world.places()).toEqual([`${cell}${facing}`]);
  });

  it('turns in place, four times around both ways', () => {
    const world = scene('harvest', ROOM, ['2,2^']);
    const seen = (action: number) => {
      world.step(action);
      return world.places()[0];
    };
    expect([1, 2, 3, 4].map(() => seen(turnClockwise))).toEqual(['2,2>', '2,2v', '2,2<', '2,2^']);
    expect([1, 2, 3, 4].map(() => seen(turnCounterClockwise))).toEqual(['2,2<', '2,2v', '2,2>', '2,2^']);
  });

  it('stays where a wall is', () => {
    const world = scene('harvest', ROOM, ['1,1^']);
    world.step(forward);
    expect(world.places()).toEqual(['1,1^']);
    expect(world.environment.grid.outcome(0)).toBe(Outcome.blocked);
  });

  it('stays where the map ends', () => {
    const world = scene('harvest', ['  ', '  '], ['0,0^']);
    world.step(forward);
    world.step(left);
    expect(world.places()).toEqual(['0,0^']);
  });

  it('walks on waste, river and stream', () => {
    const world = scene('cleanup', ['  ', 'HR', ' S'], ['0,0v']);
    world.step(forward);
    world.step(left);
    world.step(forward);
    expect(world.places()).toEqual(['2,1v']);
    expect(world.text()).toEqual(['  ', 'HR', ' S']);
  });
});

describe('players in each other’s way', () => {
  it('A into the cell that B leaves: both move', () => {
    expect(settle(['1,1>', '1,2>'], [forward, forward])).toEqual(['1,2', '1,3']);
    expect(settle(['1,2>', '1,1>'], [forward, forward])).toEqual(['1,3', '1,2']);
  });

  it('A and B swap: both stay', () => {
    expect(settle(['1,1>', '1,2<'], [forward, forward])).toEqual(['1,1', '1,2']);
    expect(settle(['1,1>', '1,2>'], [forward, backward])).toEqual(['1,1', '1,2']);
  });

  it('A into B, B into a wall: both stay', () => {
    expect(settle(['1,3>', '1,4>'], [forward, forward])).toEqual(['1,3', '1,4']);
    expect(settle(['1,4>', '1,3>'], [forward, forward])).toEqual(['1,4', '1,3']);
  });

  it('a chain moves as one, and stands as one when its head is stopped', () => {
    const row: Place[] = ['1,1>', '1,2>', '1,3>'];
    expect(settle(row, [forward, forward, forward])).toEqual(['1,2', '1,3', '1,4']);
    expect(settle(row, [forward, forward, stay])).toEqual(['1,1', '1,2', '1,3']);
  });

  it('a chain behind a swap stays', () => {
    expect(settle(['1,1>', '1,2>', '1,3<'], [forward, forward, forward])).toEqual(['1,1', '1,2', '1,3']);
  });

  it.each([
    ['stays', stay],
    ['turns', turnClockwise],
    ['turns back', turnCounterClockwise],
    ['fines', fine],
  ])('a player that %s keeps its cell', (_, action) => {
    expect(settle(['1,1>', '1,2^'], [forward, action])).toEqual(['1,1', '1,2']);
  });

  it('a player that cleans keeps its cell', () => {
    const world = scene('cleanup', ROOM, ['1,1>', '1,2^']);
    world.step(forward, ActionKind.clean);
    expect(world.places()).toEqual(['1,1>', '1,2^']);
  });

  /** A, B, C, D clockwise around a 2x2 block, A at the top left. */
  const block: Place[] = ['1,1>', '1,2v', '2,2<', '2,1^'];

  it('four around a 2x2 block all move', () => {
    const around = [forward, forward, forward, forward];
    expect(settle(block, around)).toEqual(['1,2', '2,2', '2,1', '1,1']);
    expect(settle(block, around, 0, ['   ', '   ', '   '])).toEqual(settle(block, around));
  });

  it('six around a 2x3 block all move', () => {
    const six: Place[] = ['1,1>', '1,2>', '1,3v', '2,3<', '2,2<', '2,1^'];
    const ahead = six.map(() => forward);
    expect(settle(six, ahead)).toEqual(['1,2', '1,3', '2,3', '2,2', '2,1', '1,1']);
  });

  it('with E outside wanting A’s cell: D wins and the four rotate, or E wins and all five stay; each in half of the draws', () => {
    const map = ['@@@@@', '@   @', '@@  @', '@@@@@'];
    const places: Place[] = ['1,2>', '1,3v', '2,3<', '2,2^', '1,1>'];
    const rotated = ['1,3', '2,3', '2,2', '1,2', '1,1'];
    const stayed = ['1,2', '1,3', '2,3', '2,2', '1,1'];
    const ahead = places.map(() => forward);
    let rotations = 0;
    const draws = 4000;
    for (let seed = 0; seed < draws; seed++) {
      const found = settle(places, ahead, seed, map);
      expect([rotated, stayed]).toContainEqual(found);
      if (found[0] === '1,3') rotations++;
    }
    expect(binomial(rotations, draws, 0.5)).toBeGreaterThan(SIGNIFICANCE);
  });
});

describe('the draw for a contested cell', () => {
  const around: Place[] = ['1,2v', '2,3<', '3,2^', '2,1>'];

  it.each([2, 3, 4])(`is fair among %i contenders (chi-square, level ${SIGNIFICANCE})`, (contenders) => {
    const places = around.slice(0, contenders);
    const world = scene('harvest', ROOM, places);
    const wins = places.map(() => 0);
    for (let seed = 0; seed < 6000; seed++) {
      world.reset(seed);
      world.step(...places.map(() => forward));
      const inside = world.places().flatMap((place, i) => (place.startsWith('2,2') ? [i] : []));
      expect(inside).toHaveLength(1);
      wins[inside[0]!]!++;
      expect(world.environment.grid.outcome((inside[0]! + 1) % contenders)).toBe(Outcome.blocked);
    }
    expect(chiSquareUniform(wins)).toBeGreaterThan(SIGNIFICANCE);
  });

  it('is won by nobody where the occupant stays', () => {
    const places: Place[] = [...around, '2,2^'];
    for (let seed = 0; seed < 50; seed++) {
      expect(settle(places, [forward, forward, forward, forward, stay], seed)).toEqual([
        '1,2',
        '2,3',
        '3,2',
        '2,1',
        '2,2',
      ]);
    }
  });

  it('is between those who want the cell, also when its occupant leaves it', () => {
    const wins = [0, 0];
    for (let seed = 0; seed < 4000; seed++) {
      const cells = settle(['1,2v', '3,2^', '2,2>'], [forward, forward, forward], seed);
      expect(cells[2]).toBe('2,3');
      wins[cells[0] === '2,2' ? 0 : 1]!++;
      expect(cells.filter((cell) => cell === '2,2')).toHaveLength(1);
    }
    expect(binomial(wins[0]!, 4000, 0.5)).toBeGreaterThan(SIGNIFICANCE);
  });

  it('leaves who follows a loser standing', () => {
    for (let seed = 0; seed < 50; seed++) {
      // 0 and 1 contend for 2,2; 2 follows 0.
      const cells = settle(['2,3<', '1,2v', '2,4<'], [forward, forward, forward], seed);
      expect(cells[2]).toBe(cells[0] === '2,2' ? '2,3' : '2,4');
    }
  });
});

describe('eating', () => {
  it('pays who has stepped on an apple, once', () => {
    const world = scene('harvest', ['@@@@@', '@ AA@', '@@@@@'], ['1,1>']);
    expect(world.step(forward)).toEqual([1]);
    expect(world.events()).toEqual(['ate 0 at 1,2']);
    expect(world.step(stay)).toEqual([0]);
    expect(world.events()).toEqual([]);
    expect(world.text()).toEqual(['@@@@@', '@  A@', '@@@@@']);
  });

  it('pays what the option says', () => {
    const world = scene('harvest', [' A'], ['0,0>'], { appleReward: 2.5 });
    expect(world.step(forward)).toEqual([2.5]);
  });

  it('gives a contested apple to who won the cell', () => {
    const world = scene('harvest', [' A '], ['0,0>', '0,2<']);
    for (let seed = 0; seed < 20; seed++) {
      world.reset(seed);
      const rewards = world.step(forward, forward);
      const winner = world.places()[0]!.startsWith('0,1') ? 0 : 1;
      expect(rewards).toEqual(winner === 0 ? [1, 0] : [0, 1]);
    }
  });
});
