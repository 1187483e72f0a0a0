import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SocialMetrics } from '../metrics.ts';
import { Random } from '../random.ts';
import { makeEnvironment } from '../registry.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { decodeWindow, encodeWindow, TickEncoder, WorldMirror } from './index.ts';

describe.each(['harvest', 'cleanup'])('mirror of %s', (name) => {
  /** Plays randomly and hands each step's bytes to `check`; some options make rewards fractions. */
  function play(players: number, seed: number, steps: number, fraction: boolean) {
    const environment = makeEnvironment(name, {
      players,
      appleReward: fraction ? 0.5 : 1,
      episodeLength: steps,
    });
    environment.reset(seed);
    const metrics = new SocialMetrics(players);
    const encoder = new TickEncoder(environment);
    const grid = environment.grid!;
    const shape = { width: grid.width, height: grid.height, players, beamRadius: grid.beamRadius };
    const mirror = new WorldMirror(shape);
    mirror.keyframe(encoder.keyframe(3, metrics));
    const random = new Random().seed(seed + 1);
    const actions = new Uint8Array(players);
    const rewards = new Float32Array(players);
    const cells = new Uint8Array(shape.width * shape.height);
    const kinds = environment.actionSpec.kind === 'discrete' ? environment.actionSpec.labels.length : 0;
    let bytes = 0;
    while (!environment.done) {
      for (let i = 0; i < players; i++) actions[i] = random.below(kinds);
      environment.step(actions, rewards);
      metrics.record(environment);
      const tick = encoder.tick();
      bytes += tick.length;
      mirror.tick(tick);
      grid.readCells(cells);
      expect(mirror.cells).toEqual(cells);
      for (let i = 0; i < players; i++) {
        expect([mirror.column[i], mirror.row[i], mirror.facing[i]]).toEqual([
          grid.column(i),
          grid.row(i),
          grid.facing(i),
        ]);
        expect(mirror.outcome[i]).toBe(grid.outcome(i));
        expect(mirror.rewards[i]).toBe(environment.rawRewards[i]);
        if (grid.outcome(i) === 7 || grid.outcome(i) === 8) {
          const rays = 2 * shape.beamRadius + 1;
          expect(mirror.rays.slice(i * rays, (i + 1) * rays)).toEqual(grid.rays(i).slice());
        }
      }
      expect(mirror.time).toBe(environment.time);
      expect(mirror.metrics.counts).toEqual(metrics.counts);
    }
    return { mirror, bytes };
  }

  test('follows every step of random play from the bytes alone', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.nat(1e6), fc.boolean(), (players, seed, fraction) => {
        play(players, seed, 60, fraction);
      }),
      { numRuns: 15 },
    );
  });

  test('a mirror that joins late by keyframe is the same as one that was there from the start', () => {
    const { mirror } = play(5, 7, 80, false);
    const late = new WorldMirror(mirror.shape);
    late.keyframe(mirror.encode());
    expect(late.cells).toEqual(mirror.cells);
    expect(late.metrics.counts).toEqual(mirror.metrics.counts);
    expect([late.episode, late.time]).toEqual([mirror.episode, mirror.time]);
  });

  test('a step of five players takes less than 62 bytes on average, which is 500 bytes/s at 8 Hz', () => {
    expect(play(5, 11, 1000, false).bytes / 1000).toBeLessThan(62);
  });
});

test('windows come back as they were sent', () => {
  const writer = new ByteWriter();
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 400 }),
      fc.nat(1e6),
      fc.integer({ min: -1000, max: 1000 }),
      (window, time, total) => {
        const frame = { episode: 2, time, facing: 3, outcome: 9, reward: -49, total, window };
        expect(decodeWindow(encodeWindow(writer, frame), window.length)).toEqual(frame);
      },
    ),
  );
});

test('numbers of any size come back as they were written', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger()), (numbers) => {
      const writer = new ByteWriter().reset();
      const small = numbers.map((value) => Math.trunc(value / 4));
      for (const value of small) writer.signed(value);
      const reader = new ByteReader(writer.finish());
      expect(small.map(() => reader.signed() + 0)).toEqual(small.map((value) => value + 0));
      expect(reader.done).toBe(true);
    }),
  );
});

test('bytes that are no tick, cut anywhere, throw and do not hang', () => {
  const environment = makeEnvironment('harvest', { players: 5 });
  environment.reset(1);
  const encoder = new TickEncoder(environment);
  const keyframe = encoder.keyframe(0, new SocialMetrics(5));
  const shape = { width: 38, height: 16, players: 5, beamRadius: 1 };
  for (const cut of [0, 1, 10, keyframe.length - 1]) {
    expect(() => new WorldMirror(shape).keyframe(keyframe.subarray(0, cut))).toThrow(RangeError);
  }
});
