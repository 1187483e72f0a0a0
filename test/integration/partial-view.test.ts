import { expect, test } from 'vitest';
import { ClassId } from '../../shared/palette.ts';
import { startArena } from './start-arena.ts';
import { Visitor } from './visitor.ts';

const arena = await startArena();
const identity = (name: string) => name.padEnd(16, '-');

test('a player gets its own window each tick and nothing else of the map', async () => {
  const ann = await Visitor.create(arena.url, {
    view: 'partial',
    tickRate: 60,
    spectatorDelay: 5,
    bots: ['greedy'],
  });
  await ann.sit({ seat: 1 });
  await ann.until(() => ann.windows.length > 0);
  const { ticks, keyframes } = ann;
  const first = ann.windows.length;
  await ann.until(() => ann.windows.length >= first + 20);
  expect([ann.ticks, ann.keyframes]).toEqual([ticks, keyframes]);
  const { time, window } = ann.windows.at(-1)!;
  expect(time).toBe(ann.windows.at(-2)!.time + 1);
  // It stands in the middle, seven cells from each edge.
  expect(window[7 * 15 + 7]).toBe(ClassId.player + 1);
});

test('spectators see the same map some ticks late', async () => {
  const ann = await Visitor.create(arena.url, { view: 'partial', tickRate: 60, spectatorDelay: 30 });
  const bob = await Visitor.enter(arena.url, ann.room.roomId);
  await ann.sit();
  await bob.until(() => bob.mirror.time >= 5);
  await ann.until(() => ann.windows.length > 0 && ann.windows.at(-1)!.time >= bob.mirror.time);
  const seen = ann.windows.at(-1)!.time;
  expect(seen - bob.mirror.time).toBeGreaterThanOrEqual(29);
});

test('a player sees how an episode ended and goes on into the next', async () => {
  const ann = await Visitor.create(arena.url, { view: 'partial', tickRate: 60, episodeLength: 12 });
  await ann.sit();
  await ann.until(() => ann.episodes.length > 0 && ann.windows.some((frame) => frame.episode > 0));
  expect(ann.windows.some((frame) => frame.episode > 0 && frame.time === 0)).toBe(true);
});

test('a second tab of somebody who holds a seat shows nothing until the seat is given up', async () => {
  const ann = await Visitor.create(
    arena.url,
    { view: 'partial', tickRate: 60, spectatorDelay: 2 },
    { identity: identity('ann') },
  );
  await ann.sit();
  const tab = await Visitor.enter(arena.url, ann.room.roomId, { identity: identity('ann') });
  await tab.until(() => tab.refused.length > 0);
  expect(tab.refused[0]!.code).toBe('holds-seat');
  const first = ann.windows.length;
  await ann.until(() => ann.windows.length > first + 20);
  expect([tab.keyframes, tab.ticks, tab.windows.length]).toEqual([0, 0, 0]);
  ann.room.send(3, {});
  await tab.until(() => tab.ticks > 0);
});

test('one person does not see through two windows: a second tab gets no second seat', async () => {
  const ann = await Visitor.create(
    arena.url,
    { view: 'partial', tickRate: 60 },
    { identity: identity('two') },
  );
  await ann.sit();
  const tab = await Visitor.enter(arena.url, ann.room.roomId, { identity: identity('two') });
  await tab.until(() => tab.refused.length > 0);
  await expect(tab.sit()).rejects.toThrow('holds-seat');
  const bob = await Visitor.enter(arena.url, ann.room.roomId, { identity: identity('bob') });
  expect((await bob.sit()).seat).not.toBeNull();
});

test('before anything may be seen, newcomers and the list of rooms are shown nothing', async () => {
  const ann = await Visitor.create(arena.url, { view: 'partial', tickRate: 10, spectatorDelay: 1000 });
  await ann.sit();
  await ann.until(() => ann.windows.length > 2);
  const bob = await Visitor.enter(arena.url, ann.room.roomId);
  await ann.until(() => ann.windows.length > 6);
  expect([bob.keyframes, bob.ticks]).toEqual([0, 0]);
  expect(bob.history!.samples.length).toBe(0);
});

test('a tab that was watching goes dark when another tab of the same browser sits down', async () => {
  const tab = await Visitor.create(
    arena.url,
    { view: 'partial', tickRate: 60, spectatorDelay: 0 },
    { identity: identity('eve') },
  );
  await tab.until(() => tab.ticks > 0);
  const eve = await Visitor.enter(arena.url, tab.room.roomId, { identity: identity('eve') });
  await eve.sit();
  await tab.until(() => tab.refused.length > 0);
  const { ticks } = tab;
  const first = eve.windows.length;
  await eve.until(() => eve.windows.length > first + 20);
  expect(tab.ticks).toBe(ticks);
});

test('the list of rooms shows a partial-view room as its spectators see it, late', async () => {
  const ann = await Visitor.create(arena.url, { view: 'partial', tickRate: 60, spectatorDelay: 40 });
  await ann.sit();
  await ann.until(() => (ann.windows.at(-1)?.time ?? 0) > 60);
  const rooms = (await (await fetch(`${arena.url}/api/rooms`)).json()) as { roomId: string; step: number }[];
  const listed = rooms.find((room) => room.roomId === ann.room.roomId)!;
  await ann.until(() => ann.windows.at(-1)!.time >= listed.step + 40);
});
