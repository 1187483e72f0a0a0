/** Whoever goes by Tab sees where they are. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { roomPath, shownStep, useArena } from './arena-page.ts';

const arena = useArena();

interface Stop {
  readonly name: string;
  readonly visible: boolean;
}

/** Goes once around the page by Tab: each element that takes the focus, and whether that shows. */
async function tabStops(page: Page): Promise<Stop[]> {
  const stops: Stop[] = [];
  for (;;) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      // Between the last element and the first, the focus is the browser's own.
      if (!(element instanceof HTMLElement) || element === document.body) return 'browser';
      if ('stop' in element.dataset) return 'seen';
      element.dataset.stop = '';
      const { outlineStyle, outlineWidth, outlineColor, boxShadow, opacity, visibility } =
        getComputedStyle(element);
      const clear = /^transparent$|, 0\)$/;
      const outline =
        outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1 && !clear.test(outlineColor);
      const { width, height } = element.getBoundingClientRect();
      const there = width > 0 && height > 0 && opacity !== '0' && visibility === 'visible';
      const label = element.getAttribute('aria-label') ?? element.textContent ?? '';
      return {
        name: `${element.tagName} ${label.trim()}`,
        visible: (outline || boxShadow !== 'none') && there,
      };
    });
    if (stop === 'seen') return stops;
    if (stop !== 'browser') stops.push(stop);
  }
}

async function expectRings(page: Page, atLeast: number): Promise<void> {
  const stops = await tabStops(page);
  expect(stops.length).toBeGreaterThanOrEqual(atLeast);
  expect(stops.filter((stop) => !stop.visible).map((stop) => stop.name)).toEqual([]);
}

test.each(['dark', 'light'])('in the lobby, %s', async (theme) => {
  const page = await arena.open();
  await page.evaluate((chosen) => localStorage.setItem('arena.theme', chosen), theme);
  await page.reload();
  await page.getByTestId('room-card').nth(2).waitFor();
  // Name, theme, five ways on, and two links a room.
  await expectRings(page, 11);
});

test('in the dialog that makes a room', async () => {
  const page = await arena.open();
  await page.getByTestId('new-room').click();
  for (const summary of await page.locator('summary').all()) await summary.click();
  await expectRings(page, 40);
});

test('in the dialog that chooses who plays a seat', async () => {
  const page = await arena.open();
  await page.getByTestId('new-room').click();
  await page.getByTestId('seat-0').click();
  await page.getByTestId('filling-dialog').locator('input:checked').waitFor();
  // The list, which arrows go through, and two ways out.
  await expectRings(page, 3);
});

test('on the page of agents', async () => {
  const page = await arena.open('/#/agents');
  await page.getByTestId('model-card').nth(5).waitFor();
  // The head, two ways to meet each agent, what connects one's own.
  await expectRings(page, 27);
});

test('in a room', async () => {
  const host = await arena.room({ players: 3 });
  const page = await arena.open(roomPath(host.room.roomId));
  await shownStep(page, 1);
  // Back, playback, controls, help, theme, camera, links, and each player.
  await expectRings(page, 14);
});
