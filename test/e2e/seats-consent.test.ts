/** Being recorded: nobody is without having said so, and whoever is sees it and can take it back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROW_OF_APPLES, roomPath, seated, shownStep, useArena } from './arena-page.ts';

const data = mkdtempSync(join(tmpdir(), 'arena-consent-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));
const arena = useArena('--no-demo', '--data', data);
const RECORDING = { ...ROW_OF_APPLES, record: true };

test('a seat of a room that records is taken only after an answer', async () => {
  const host = await arena.room(RECORDING);
  const page = await arena.open(roomPath(host.room.roomId, '?play'));
  await page.getByTestId('consent').waitFor();
  await shownStep(page, 5);
  expect(await page.evaluate(() => window.arena!.seat)).toBeNull();
  await page.getByTestId('play-recorded').click();
  await seated(page);
  await host.until(() => host.seats[0]!.recorded);
  await page.getByTestId('consent-line').getByText('You are being recorded.').waitFor();
});

test('whoever is recorded is marked so for all, and no longer once the consent is taken back', async () => {
  const host = await arena.room(RECORDING);
  const player = await arena.open(roomPath(host.room.roomId, '?play'));
  await player.getByTestId('play-recorded').click();
  const watcher = await arena.open(roomPath(host.room.roomId));
  const mark = watcher.getByRole('region', { name: 'Players' }).getByText('rec', { exact: true });
  await mark.waitFor();
  await player.getByTestId('change-consent').click();
  await mark.waitFor({ state: 'hidden' });
  await player.getByTestId('consent-line').getByText('You are not recorded.').waitFor();
  expect(await player.evaluate(() => window.arena!.seat)).toBe(0);
});

test('one plays without being recorded', async () => {
  const host = await arena.room(RECORDING);
  const page = await arena.open(roomPath(host.room.roomId, '?play'));
  await page.getByTestId('play-without').click();
  await seated(page);
  await host.until(() => host.seats[0]!.kind === 'human');
  expect(host.seats[0]!.recorded).toBe(false);
});

test('whoever closes the question watches', async () => {
  const host = await arena.room(RECORDING);
  const page = await arena.open(roomPath(host.room.roomId, '?play'));
  await page.getByTestId('consent').waitFor();
  await page.keyboard.press('Escape');
  await page.getByTestId('consent').waitFor({ state: 'hidden' });
  await shownStep(page, 5);
  expect(host.seats[0]!.kind).toBe('open');
  // And is asked again with the next wish.
  await page.getByTestId('take-seat').click();
  await page.getByTestId('consent').waitFor();
});

test('a reload neither asks again nor forgets the answer', async () => {
  const host = await arena.room(RECORDING);
  const page = await arena.open(roomPath(host.room.roomId, '?play'));
  await page.getByTestId('play-recorded').click();
  await seated(page);
  await page.reload();
  await seated(page);
  await page.getByTestId('consent-line').getByText('You are being recorded.').waitFor();
  expect(await page.getByTestId('consent').isVisible()).toBe(false);
});

test('a room that records nobody asks nothing', async () => {
  const host = await arena.room(ROW_OF_APPLES);
  const page = await arena.open(roomPath(host.room.roomId, '?play'));
  await seated(page);
  expect(await page.getByTestId('consent-line').isVisible()).toBe(false);
});
