/** What trained players think, over a real arena with what is shipped. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { RoomOptionsInput } from '../../shared/protocol/index.ts';
import type { Visitor } from '../integration/visitor.ts';
import { roomPath, shownStep, useArena } from './arena-page.ts';

const arena = useArena('--no-demo');

/** Five who learned to influence each other. Slow, so that a player is still where it was when it is clicked. */
const LEARNED = {
  bots: ['zoo/harvest-moa'],
  options: { revealActions: true },
  tickRate: 4,
} satisfies RoomOptionsInput;

async function watch(options: RoomOptionsInput = LEARNED): Promise<{ host: Visitor; page: Page }> {
  const host = await arena.room(options);
  const page = await arena.open(roomPath(host.room.roomId));
  await shownStep(page, 1);
  return { host, page };
}

/** Seats whose minds the page asks the room for. */
function asked(page: Page): Promise<readonly number[]> {
  return page.evaluate(() => window.arena!.minds.asked);
}

/** Resolves with who influences whom, once anything of that is drawn. */
async function arrows(page: Page): Promise<readonly { from: number; to: number; width: number }[]> {
  await page.waitForFunction(() => (window.arena!.minds.drawn?.arrows.length ?? 0) > 0);
  return page.evaluate(() => window.arena!.minds.drawn!.arrows);
}

/** Clicks a player on the map, where it stands at that moment. */
async function clickPlayer(
  page: Page,
  { welcome: { width, height } }: Visitor,
  player: number,
): Promise<void> {
  const [x, y] = await page.evaluate(
    ({ width, height, player }) => {
      const view = document.querySelector('[data-testid=arena]')!;
      const cell = Math.floor(Math.min(view.clientWidth / width, view.clientHeight / height));
      const box = view.querySelector('canvas')!.getBoundingClientRect();
      const { column, row } = window.arena!.players![player]!;
      return [
        box.left + box.width / 2 + (column + 0.5 - width / 2) * cell,
        box.top + box.height / 2 + (row + 0.5 - height / 2) * cell,
      ] as const;
    },
    { width, height, player },
  );
  await page.mouse.click(x, y);
}

test('a click on a trained player opens its mind, and its row closes it', async () => {
  const { host, page } = await watch();
  // It may have stepped away under the pointer.
  while ((await asked(page)).length === 0) await clickPlayer(page, host, 2);
  const [seat] = await asked(page);
  await page.locator(`[data-testid=mind][data-seat="${seat}"]`).waitFor();
  await page.waitForFunction((open) => window.arena!.minds.drawn?.seat === open, seat);
  await page.getByRole('button', { name: `Open the mind of harvest-moa ${seat! + 1}` }).click();
  await page.waitForFunction(() => window.arena!.minds.drawn?.seat === null);
  expect(await asked(page)).toEqual([]);
});

test('M goes from mind to mind; what is drawn stands in the panel in numbers', async () => {
  const { page } = await watch();
  await page.keyboard.press('m');
  await page.keyboard.press('m');
  expect(await asked(page)).toEqual([1]);
  const drawn = await arrows(page);
  expect(new Set(drawn.map(({ from }) => from))).toEqual(new Set([1]));
  await page.getByTestId('mind-value').filter({ hasText: /\d/ }).waitFor();
  const odds = await page.getByTestId('mind-odds').allTextContents();
  expect(odds).toHaveLength(8);
  const total = odds.reduce((sum, text) => sum + Number(/(\d+)%/.exec(text)![1]), 0);
  expect(Math.abs(total - 100)).toBeLessThanOrEqual(4);
  expect(odds.filter((text) => text.includes('which it did'))).toHaveLength(1);
  expect(await page.getByTestId('mind-influence').count()).toBe(4);
  expect(await page.evaluate(() => window.arena!.minds.drawn!.ghosts)).toBeGreaterThan(0);
});

test('all minds are those of all trained players, and Escape closes them', async () => {
  const { page } = await watch();
  await page.getByTestId('all-minds').click();
  expect(await asked(page)).toEqual([0, 1, 2, 3, 4]);
  await arrows(page);
  await page.getByTestId('mind-legend').waitFor();
  await page.waitForFunction(() => {
    const drawn = window.arena!.minds.drawn!.arrows;
    return new Set(drawn.map(({ from }) => from)).size > 1;
  });
  await page.keyboard.press('Escape');
  expect(await asked(page)).toEqual([]);
  await page.waitForFunction(() => window.arena!.minds.drawn!.arrows.length === 0);
});

test('closing tells the room to send no more', async () => {
  const { page } = await watch();
  const sent: Buffer[] = [];
  const received: Buffer[] = [];
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => void sent.push(Buffer.from(payload)));
    socket.on('framereceived', ({ payload }) => void received.push(Buffer.from(payload)));
  });
  await page.reload();
  await shownStep(page, 1);
  await page.keyboard.press('m');
  await page.getByTestId('mind-odds').first().waitFor();
  await page.keyboard.press('Escape');
  const asking = () => sent.filter((frame) => frame.includes('seats'));
  await expect.poll(() => asking().length, { timeout: 60_000 }).toBe(2);
  // MessagePack: arrays of one and of none.
  expect(asking().map((frame) => frame.subarray(frame.indexOf('seats') + 5))).toEqual([
    Buffer.of(0x91, 0),
    Buffer.of(0x90),
  ]);
  const step = await shownStep(page);
  await shownStep(page, step + 2);
  const before = received.filter(isMind).length;
  expect(before).toBeGreaterThan(0);
  await shownStep(page, step + 6);
  expect(received.filter(isMind)).toHaveLength(before);
});

test('a mind closes when a person takes its place', async () => {
  const { host, page } = await watch();
  await page.keyboard.press('m');
  await page.getByTestId('mind').waitFor();
  await host.sit({ seat: 0 });
  await page.getByTestId('mind').waitFor({ state: 'detached' });
  expect(await asked(page)).toEqual([]);
});

test('players who talk have what they say above their heads', async () => {
  const { page } = await watch({ ...LEARNED, bots: ['zoo/harvest-communication'] });
  await page.keyboard.press('Shift+M');
  await page.waitForFunction(() => window.arena!.minds.drawn?.symbols === 5);
});

test('where nobody is trained there is no mind to open', async () => {
  const { page } = await watch({ bots: ['greedy'] });
  await page.keyboard.press('m');
  expect(await asked(page)).toEqual([]);
  expect(await page.getByTestId('all-minds').isVisible()).toBe(false);
});

/** A room's message of type 23: after the protocol's own byte. */
function isMind(frame: Buffer): boolean {
  return frame.length > 40 && frame[1] === 23;
}
