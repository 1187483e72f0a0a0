/** A thread of policies that takes every question and answers none: no room waits for it. */
import { afterAll, expect, test } from 'vitest';
import { serveConfig } from '../../server/config.ts';
import { hostArena } from '../../server/host.ts';
import { Visitor } from './visitor.ts';

const SILENT = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ kind, policy }) => {
      if (kind === 'load') parentPort.postMessage({ kind: 'loaded', policy });
      if (kind === 'close') parentPort.close();
    });`)}`,
);
const arena = await hostArena(serveConfig({ port: 0, demo: false }, {}), SILENT);
afterAll(() => arena.close());

test('its players stay, the others play on at their rate, and the ticks are counted', async () => {
  const visitor = await Visitor.create(arena.url, { bots: ['zoo/harvest-dqn', 'greedy'], tickRate: 20 });
  await visitor.until(() => visitor.ticks > 0);
  const places = () =>
    Array.from(visitor.mirror.column, (column, seat) => [column, visitor.mirror.row[seat]]);
  const before = places();
  await visitor.until(() => visitor.ticks > 40);
  const moved = places().map((place, seat) => place.join() !== before[seat]!.join());
  expect([moved[0], moved[2], moved[4]]).toEqual([false, false, false]);
  expect(moved[1] || moved[3]).toBe(true);
  const metrics = await (await fetch(`${arena.url}/metrics`)).text();
  const late = /^arena_policy_late_total\{policy="zoo\/harvest-dqn"\} (\d+)$/m.exec(metrics);
  expect(Number(late?.[1])).toBeGreaterThanOrEqual(3 * 40);
});

test('a person in lockstep waits for it no longer than for anybody', async () => {
  const visitor = await Visitor.create(arena.url, {
    bots: ['zoo/harvest-dqn'],
    clock: 'lockstep',
    lockstepTimeout: 0.1,
  });
  await visitor.sit({ seat: 0 });
  for (let tick = 0; tick < 5; tick++) {
    const { ticks } = visitor;
    visitor.act(0);
    await visitor.until(() => visitor.ticks > ticks);
  }
  expect(visitor.mirror.time).toBeGreaterThanOrEqual(5);
});
