/** Watching and playing in a room, with all that can come between. */
import { Protocol } from '@colyseus/core';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { ClassId } from '../../shared/palette.ts';
import { Message } from '../../shared/protocol/index.ts';
import { hold, ROW_OF_APPLES, roomPath, score, seated, shownStep, useArena } from './arena-page.ts';
import { Line } from './line.ts';

const arena = useArena('--no-demo');

/** Types of the binary messages that a page gets from its room, in order, from now on. */
function messageTypes(page: Page): number[] {
  const types: number[] = [];
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      if (typeof payload !== 'string' && payload[0] === Protocol.ROOM_DATA_BYTES) types.push(payload[1]!);
    });
  });
  return types;
}

test('each apple that is stepped on counts once, in the room, in the score and in the feed', async () => {
  const host = await arena.room(ROW_OF_APPLES);
  const page = await arena.open(roomPath(host.room.roomId, '?play'));
  await seated(page);
  await hold(page, 'ArrowRight', async () => (await score(page, 0)) === 5);
  await host.until(() => host.mirror.metrics.returns[0] === 5);
  expect(await page.evaluate(() => window.arena!.players![0]!.return)).toBe(5);
  await page.getByTestId('feed').getByText('ate ×5', { exact: false }).waitFor();
});

test('whoever leaves a seat watches on, and the seat is free again', async () => {
  const host = await arena.room({ ...ROW_OF_APPLES, title: 'leaving' });
  const page = await arena.open(roomPath(host.room.roomId, '?play'));
  await seated(page);
  await page.getByTestId('leave-seat').click();
  await page.getByTestId('take-seat').waitFor();
  await host.until(() => host.seats[0]!.kind === 'open');
  await shownStep(page, (await shownStep(page)) + 5);
});

test('with partial view a player is sent its own window and nothing else of the map', async () => {
  const host = await arena.room({ view: 'partial', tickRate: 20, spectatorDelay: 1000 });
  const page = await arena.open();
  const types = messageTypes(page);
  await page.goto(`${arena.url}${roomPath(host.room.roomId, '?seat=2')}`);
  expect(await seated(page)).toBe(2);
  await page.waitForFunction(() => (window.arena?.tick ?? 0) > 20);
  const { players, window: seen } = await page.evaluate(() => ({
    players: window.arena!.players,
    window: window.arena!.window!,
  }));
  expect(players).toBeNull();
  expect(seen).toHaveLength(15 * 15);
  expect(seen[7 * 15 + 7]).toBe(ClassId.player + 2);
  expect(new Set(types)).toEqual(new Set([Message.window]));
  expect(await page.getByTestId('score-0').textContent()).toBe('–');
});

test('the pause of a spectator holds back what it sees, and the room plays on', async () => {
  const host = await arena.room({ tickRate: 20 });
  const page = await arena.open(roomPath(host.room.roomId));
  await shownStep(page, 1);
  await page.getByRole('button', { name: 'Pause what I see' }).click();
  const held = await shownStep(page);
  const { ticks } = host;
  await host.until(() => host.ticks >= ticks + 40);
  expect(await shownStep(page)).toBe(held);
  const live = page.getByRole('button', { name: 'go live' });
  expect(await live.textContent()).toMatch(/[1-9]\d* s behind/);
  await live.click();
  await shownStep(page, held + 40);
});

test('slow motion shows a quarter of the steps, and the room plays on', async () => {
  const host = await arena.room({ tickRate: 20 });
  const page = await arena.open(roomPath(host.room.roomId));
  const start = await shownStep(page, 1);
  await page.getByRole('button', { name: 'Slow motion' }).click();
  const { ticks } = host;
  await shownStep(page, start + 10);
  // Four times as many have passed in the room; half of that is asked for, since the page draws when it can.
  expect(host.ticks - ticks).toBeGreaterThan(20);
  expect(host.mirror.time - (await shownStep(page))).toBeGreaterThan(10);
});

test('a cut connection is said, and seat and score come back with it', async () => {
  const host = await arena.room(ROW_OF_APPLES);
  const line = await Line.to(arena.url);
  onTestFinished(() => line.close());
  const page = await arena.open(roomPath(host.room.roomId, '?play'), { origin: line.url });
  await seated(page);
  await hold(page, 'd', async () => (await score(page, 0)) === 5);
  arena.foresee(/net::ERR_(CONNECTION|EMPTY|SOCKET)|WebSocket/);
  line.cut();
  await page.getByTestId('overlay').getByText('Coming back').waitFor();
  await host.until(() => host.seats[0]!.keptUntil > 0);
  line.mend();
  await page.getByTestId('overlay').waitFor({ state: 'hidden' });
  expect(await seated(page)).toBe(0);
  await expect.poll(() => score(page, 0), { timeout: 60_000 }).toBe(5);
  await host.until(() => host.seats[0]!.kind === 'human');
});

test('a reload of the page keeps the seat', async () => {
  const host = await arena.room(ROW_OF_APPLES);
  const page = await arena.open(roomPath(host.room.roomId, '?play'));
  await seated(page);
  await page.reload();
  expect(await seated(page)).toBe(0);
});

test('a copied seat link seats somebody else, who may not come without it', async () => {
  const maker = await arena.open('/', { permissions: ['clipboard-read', 'clipboard-write'] });
  await maker.getByTestId('new-room').click();
  await maker.locator('summary', { hasText: 'seating' }).click();
  await maker.getByLabel('Seating', { exact: true }).selectOption('link');
  await maker.getByTestId('create').click();
  await shownStep(maker);
  const seats = maker.getByRole('region', { name: 'Players' }).getByRole('listitem');
  await seats.nth(2).hover();
  await seats.nth(2).getByRole('button', { name: 'Copy the link' }).click();
  const link = new URL(await maker.evaluate(() => navigator.clipboard.readText()));
  const friend = await arena.open(link.pathname + link.hash);
  expect(await seated(friend)).toBe(2);
  const stranger = await arena.open(link.pathname + link.hash.replace(/&key=.*/, ''));
  await stranger.getByTestId('refusal').waitFor();
  expect(await stranger.evaluate(() => window.arena!.seat)).toBeNull();
});

test('a refused seat is explained, and the page watches instead', async () => {
  const host = await arena.room(ROW_OF_APPLES);
  await host.sit();
  const page = await arena.open(roomPath(host.room.roomId, '?seat=0'));
  await page.getByTestId('refusal').getByText('seat 0 is taken').waitFor();
  await shownStep(page, 5);
});
