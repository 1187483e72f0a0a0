import { describe, expect, test } from 'vitest';
import { Outcome } from '../../shared/environment.ts';
import { ActionKind } from '../../shared/grid/actions.ts';
import { SocialMetrics } from '../../shared/metrics.ts';
import { ClassId } from '../../shared/palette.ts';
import { TickEncoder, WorldMirror } from '../../shared/protocol/index.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { Motion, shortTurn } from './motion.ts';

test('turns go the short way', () => {
  expect(shortTurn(0, 1)).toBe(1);
  expect(shortTurn(0, 3)).toBe(-1);
  expect(shortTurn(3, 0)).toBe(1);
  expect(shortTurn(-5, 3)).toBe(0);
});

describe('following the whole map', () => {
  const environment = makeEnvironment('harvest', { players: 3 });
  environment.reset(7);
  const encoder = new TickEncoder(environment);
  const grid = environment.grid!;
  const mirror = new WorldMirror({ width: grid.width, height: grid.height, players: 3, beamRadius: 1 });
  mirror.keyframe(encoder.keyframe(0, new SocialMetrics(3)));
  const motion = new Motion(3);
  motion.followMirror(mirror, 0, 100, true);
  const start = [grid.column(0), grid.row(0)];

  test('positions ease over one tick from where they were to where the environment has them', () => {
    environment.step(
      Uint8Array.of(ActionKind.forward, ActionKind.turnClockwise, ActionKind.stay),
      new Float32Array(3),
    );
    mirror.tick(encoder.tick());
    motion.followMirror(mirror, 1000, 100, false);
    expect([motion.x(0, motion.progress(1000)), motion.y(0, motion.progress(1000))]).toEqual(start);
    const half = motion.progress(1050);
    expect(half).toBeCloseTo(0.5);
    expect(motion.x(0, half)).toBeCloseTo((start[0]! + grid.column(0)) / 2);
    expect(motion.y(0, half)).toBeCloseTo((start[1]! + grid.row(0)) / 2);
    expect([motion.x(0, 1), motion.y(0, 1)]).toEqual([grid.column(0), grid.row(0)]);
    expect(motion.turn(1, 1) - motion.turn(1, 0)).toBeCloseTo(1);
  });
});

describe('following a window', () => {
  // 3x3, the observer (player 0) in the middle; player 1 stands still in the world throughout.
  const look = (cell: number) => {
    const window = new Uint8Array(9).fill(ClassId.floor);
    window[4] = ClassId.player;
    window[cell] = ClassId.player + 1;
    return window;
  };
  const follow = (motion: Motion, cell: number, outcome: number, facing: number, now: number, jump = false) =>
    motion.followWindow(look(cell), 3, 0, 1, 1, outcome, facing, now, 100, jump);

  test('what stands still in the world does not move in it when the observer steps ahead', () => {
    const motion = new Motion(2);
    follow(motion, 0, Outcome.stayed, 1, 0, true);
    // Facing right, a move to the right is a step ahead: everything comes one row nearer.
    follow(motion, 3, Outcome.movedRight, 1, 1000);
    expect([motion.x(1, 0), motion.y(1, 0)]).toEqual([motion.x(1, 1), motion.y(1, 1)]);
    expect([motion.x(0, 0), motion.y(0, 0)]).toEqual([1, 2]);
    expect([motion.x(0, 1), motion.y(0, 1)]).toEqual([1, 1]);
  });

  test('nor when the observer turns clockwise: what was to its right is ahead', () => {
    const motion = new Motion(2);
    follow(motion, 5, Outcome.stayed, 0, 0, true);
    follow(motion, 1, Outcome.turnedClockwise, 1, 1000);
    expect(motion.x(1, 0)).toBeCloseTo(motion.x(1, 1));
    expect(motion.y(1, 0)).toBeCloseTo(motion.y(1, 1));
    expect(motion.turn(0, 0)).toBeCloseTo(-1);
    expect(motion.turn(0, 1)).toBeCloseTo(0);
  });

  test('the facing of others is not known, one’s own is', () => {
    const motion = new Motion(2);
    follow(motion, 5, Outcome.stayed, 2, 0, true);
    expect([...motion.faced]).toEqual([1, 0]);
    expect([...motion.visible]).toEqual([1, 1]);
  });
});
