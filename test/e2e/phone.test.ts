/** The whole way on a phone, by thumb: 390 x 844 CSS pixels. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ROW_OF_APPLES, score, seated, shownStep, useArena } from './arena-page.ts';

const arena = useArena();
const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
} as const;

/** What can be touched and sticks out of the screen, is too small for a thumb or lies under something else. */
function beyondThumbs(page: Page, selector: string): Promise<string[]> {
  return page.locator(selector).evaluateAll((elements) =>
    elements.flatMap((element) => {
      const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
      if (width === 0) return [];
      const name = element.getAttribute('aria-label') ?? element.textContent ?? '';
      if (left < 0 || right > innerWidth || bottom > innerHeight) return [`${name} sticks out`];
      if (width < 40 || height < 40) return [`${name} is ${width} x ${height}`];
      const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      return there !== null && element.contains(there) ? [] : [`${name} is covered`];
    }),
  );
}

test('somebody comes, reads the guide, plays and scores by touch', async () => {
  const host = await arena.room({ ...ROW_OF_APPLES, title: 'Thumbs' });
  const page = await arena.open('/', { ...PHONE, newcomer: true });
  const card = page.getByTestId('room-card').filter({ hasText: 'Thumbs' });
  await card.waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await card.getByTestId('play').tap();
  await page.getByRole('button', { name: 'How do I play?' }).tap();
  await page.getByRole('button', { name: 'Let me play' }).tap();
  expect(await seated(page)).toBe(0);
  await shownStep(page, 1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(await beyondThumbs(page, '.touch')).toEqual([]);
  const right = page.getByRole('button', { name: 'Right', exact: true });
  for (let apples = 1; apples <= 3; apples++) {
    await right.tap();
    await expect.poll(() => score(page, 0), { timeout: 60_000 }).toBe(apples);
  }
  await host.until(() => host.mirror.metrics.returns[0] === 3);
});

test('a room of one’s own is made by touch', async () => {
  const page = await arena.open('/', PHONE);
  await page.getByTestId('new-room').tap();
  await page.getByLabel('Environment', { exact: true }).selectOption('cleanup');
  await page.getByTestId('create').tap();
  await shownStep(page, 1);
  await page.getByTestId('take-seat').tap();
  await seated(page);
  // Cleanup has one button more.
  await page.getByRole('button', { name: 'Clean', exact: true }).waitFor();
  expect(await beyondThumbs(page, '.touch')).toEqual([]);
});
