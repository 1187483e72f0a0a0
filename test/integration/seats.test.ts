import { expect, test } from 'vitest';
import { startArena } from './start-arena.ts';
import { Visitor } from './visitor.ts';

const arena = await startArena();

/** One player on a strip of apples, so that any step earns. */
const orchard = { players: 1, options: { map: ['AAAAAAAA', 'AAAPAAAA', 'AAAAAAAA'] } };

test('a seat changes hands at once: bot, person, bot', async () => {
  const ann = await Visitor.create(arena.url, { ...orchard, tickRate: 30, bots: ['greedy'] });
  expect(ann.seats[0]).toMatchObject({ kind: 'bot', name: 'greedy' });
  await ann.sit({ name: 'Ann' });
  await ann.until(() => ann.seats[0]!.kind === 'human');
  expect(ann.seats[0]!.name).toBe('Ann');
  ann.room.send(3, {});
  await ann.until(() => ann.seats[0]!.kind === 'bot');
  expect(ann.seated).toMatchObject({ seat: null, token: null });
});

test('whoever drops comes back to the seat with its score, and sees what the bot earned meanwhile', async () => {
  const host = await Visitor.create(arena.url, {
    ...orchard,
    tickRate: 30,
    bots: ['open'],
    episodeLength: 100_000,
  });
  const ann = await Visitor.enter(arena.url, host.room.roomId, { name: 'Ann' });
  const { token } = await ann.sit();
  // Each side step moves over the strip: two apples at least.
  while (host.mirror.metrics.returns[0]! < 2) {
    ann.act(host.mirror.time % 4);
    const { ticks } = host;
    await host.until(() => host.ticks > ticks);
  }
  const own = host.mirror.metrics.returns[0]!;
  await ann.drop();
  await host.until(() => host.seats[0]!.kind === 'bot');
  expect(host.seats[0]).toMatchObject({ name: 'Ann' });
  expect(host.seats[0]!.keptUntil).toBeGreaterThan(Date.now());
  await host.until(() => host.mirror.metrics.returns[0]! > own + 2);
  const other = await Visitor.enter(arena.url, host.room.roomId);
  await expect(other.sit({ seat: 0 })).rejects.toThrow('seat-taken');
  const back = await Visitor.enter(arena.url, host.room.roomId);
  expect(await back.sit({ token: token! })).toMatchObject({ seat: 0, token });
  await back.until(() => back.seats[0]!.kind === 'human');
  const seat = back.seats[0]!;
  expect(seat).toMatchObject({ name: 'Ann', keptUntil: 0 });
  expect(seat.botEarned).toBeGreaterThan(0);
  expect(back.mirror.metrics.returns[0]!).toBeGreaterThanOrEqual(own + seat.botEarned);
});

test('a wrong token takes no seat', async () => {
  const ann = await Visitor.create(arena.url, orchard);
  await expect(ann.sit({ token: '0123456789abcdef0123456789abcdef' })).rejects.toThrow('wrong-token');
  expect(ann.seats[0]!.kind).toBe('bot');
});

test('a token takes the seat over from the tab that holds it', async () => {
  const ann = await Visitor.create(arena.url, orchard);
  const { token } = await ann.sit();
  const second = await Visitor.enter(arena.url, ann.room.roomId);
  await second.sit({ token: token! });
  await ann.until(() => ann.seated!.seat === null);
});

test('where seats go by link, the creator is given the key and others need it', async () => {
  const ann = await Visitor.create(arena.url, { seating: 'link' });
  expect(ann.key).not.toBeNull();
  const bob = await Visitor.enter(arena.url, ann.room.roomId);
  expect(bob.key).toBeNull();
  await expect(bob.sit()).rejects.toThrow('wrong-key');
  await expect(bob.sit({ key: 'guess' })).rejects.toThrow('wrong-key');
  expect((await bob.sit({ key: ann.key!, seat: 2 })).seat).toBe(2);
});

test('where nobody may sit, nobody sits', async () => {
  const ann = await Visitor.create(arena.url, { seating: 'nobody' });
  await expect(ann.sit()).rejects.toThrow('seating-closed');
});

test('a full row of seats refuses one more person', async () => {
  const ann = await Visitor.create(arena.url, orchard);
  await ann.sit();
  const bob = await Visitor.enter(arena.url, ann.room.roomId);
  await expect(bob.sit()).rejects.toThrow('no-free-seat');
});
