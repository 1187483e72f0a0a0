/** What a stranger finds, and how a room of one's own comes about. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ROW_OF_APPLES, roomPath, score, seated, shownStep, tabTo, useArena } from './arena-page.ts';

const arena = useArena();

/** The pictures of all rooms, in the order of the page. */
function pictures(page: Page): Promise<string[]> {
  return page
    .locator('[data-testid=room-card] canvas')
    .evaluateAll((canvases) => canvases.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));
}

test('the lobby lists the four demo rooms with pictures that live', async () => {
  const page = await arena.open();
  const cards = page.getByTestId('room-card');
  await cards.nth(2).waitFor();
  expect(await cards.getByRole('heading').allTextContents()).toEqual(
    expect.arrayContaining(['Harvest, greedy', 'Harvest, sustainable', 'Cleanup, mixed']),
  );
  const first = await pictures(page);
  await expect
    .poll(async () => (await pictures(page)).filter((picture, i) => picture === first[i]), {
      timeout: 60_000,
    })
    .toEqual([]);
});

test('a room that is watched shows its players moving', async () => {
  const page = await arena.open();
  await page.getByTestId('room-card').filter({ hasText: 'sustainable' }).getByTestId('watch').click();
  const step = await shownStep(page);
  const places = () =>
    page.evaluate(() => window.arena!.players!.map(({ column, row }) => `${column} ${row}`));
  const first = await places();
  expect(first).toHaveLength(5);
  await shownStep(page, step + 10);
  expect(await places()).not.toEqual(first);
});

test('the guide greets a newcomer once', async () => {
  const page = await arena.open('/', { newcomer: true });
  await page.getByTestId('watch').first().click();
  await page.getByTestId('guide-skip').click();
  await page.getByTestId('guide').waitFor({ state: 'hidden' });
  await page.reload();
  await shownStep(page, 1);
  expect(await page.getByTestId('guide').isVisible()).toBe(false);
});

test.each([
  ['wide', { width: 1280, height: 720 }],
  ['on a phone', { width: 390, height: 844 }],
])('the guide lies beside the map, never on it, %s', async (_, viewport) => {
  const page = await arena.open('/', { newcomer: true, viewport });
  await page.getByTestId('watch').first().click();
  await shownStep(page, 1);
  const guide = (await page.getByTestId('guide').boundingBox())!;
  const map = (await page.getByTestId('arena').boundingBox())!;
  expect(guide.y).toBeGreaterThanOrEqual(map.y + map.height);
  expect(guide.height).toBeLessThan(map.height);
  expect(guide.x + guide.width).toBeLessThanOrEqual(viewport.width);
});

test('the theme is the system’s, even as it changes, until one is chosen', async () => {
  const page = await arena.open('/', { colorScheme: 'light' });
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  await page.getByTestId('room-card').first().waitFor();
  expect(await theme()).toBe('light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(theme).toBe('dark');
  await page.getByLabel('Switch to the light theme').click();
  expect(await theme()).toBe('light');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.reload();
  expect(await theme()).toBe('light');
});

test('a room is made, a seat taken and an apple eaten with the keyboard alone', async () => {
  const page = await arena.open();
  await page.getByTestId('room-card').first().waitFor();
  await tabTo(page, page.getByTestId('new-room'));
  await page.keyboard.press('Enter');
  const type = async (label: string, text: string) => {
    await tabTo(page, page.getByLabel(label, { exact: true }));
    await page.keyboard.type(text);
  };
  await type('Title', 'By hand');
  await type('Players', String(ROW_OF_APPLES.players));
  await tabTo(page, page.locator('summary', { hasText: 'rules' }));
  await page.keyboard.press('Enter');
  await type('Map', ROW_OF_APPLES.options.map.join('\n'));
  await type('Regrowth', 'off');
  await tabTo(page, page.getByTestId('create'));
  await page.keyboard.press('Enter');
  await shownStep(page);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('By hand');
  await tabTo(page, page.getByTestId('take-seat'));
  await page.keyboard.press('Enter');
  expect(await seated(page)).toBe(0);
  await page.keyboard.down('d');
  await expect.poll(() => score(page, 0), { timeout: 60_000 }).toBe(5);
  await page.keyboard.up('d');
});

test.each([
  ['Players', '0', />=1/],
  ['Players', '21', /at most 20: the map has as many spawn points/],
  ['Tick rate', 'fast', /a number is wanted/],
  ['Tick rate', '61', /<=60/],
])('the form refuses %s %s as it is typed, and says why', async (label, text, problem) => {
  const page = await arena.open();
  await page.getByTestId('new-room').click();
  const field = page.getByLabel(label, { exact: true });
  await field.fill(text);
  const note = page.locator('.problem:not(:empty)');
  await note.waitFor();
  expect(await note.textContent()).toMatch(problem);
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  expect(await page.getByTestId('create').isDisabled()).toBe(true);
  await field.fill('5');
  expect(await page.getByTestId('create').isEnabled()).toBe(true);
});

test('the form refuses a map with an unknown letter, and names it', async () => {
  const page = await arena.open();
  await page.getByTestId('new-room').click();
  await page.locator('summary', { hasText: 'rules' }).click();
  await page.getByLabel('Map', { exact: true }).fill('@@@@@\n@PXA@\n@@@@@');
  const note = page.locator('.problem:not(:empty)').first();
  await note.waitFor();
  expect(await note.textContent()).toContain('X');
  expect(await page.getByTestId('create').isDisabled()).toBe(true);
});

test('a room that does not exist says so and leads back', async () => {
  // Its answer is how the page knows; the browser reports it as a failed request.
  arena.foresee(/matchmake|status of \d+/);
  const page = await arena.open(roomPath('nowhere'));
  await page.getByTestId('overlay').getByText('This room is over').waitFor();
  await page.getByRole('link', { name: 'Back to the lobby' }).last().click();
  await page.getByTestId('room-card').first().waitFor();
});
