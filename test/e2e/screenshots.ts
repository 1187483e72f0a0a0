/**
 * The pictures of the documentation, of the running program: `npm run screenshots` takes them anew into `docs/images`, or
 * those that are named: `npm run screenshots -- minds`. Takes some three minutes, for the rooms have to come to what they
 * show.
 */
import { fileURLToPath } from 'node:url';
import { Client } from '@colyseus/sdk';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { PROTOCOL_VERSION, type RoomOptionsInput } from '../../shared/protocol/index.ts';
import { launchChromium, startProgram } from './program.ts';

const FOLDER = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const PATIENCE = 300_000;
const DESKTOP = { viewport: { width: 1280, height: 720 } };
const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 1.5,
  isMobile: true,
  hasTouch: true,
};
/** A way through the standard orchard of Harvest, in columns and rows. */
const ROUND: readonly (readonly [number, number])[] = [
  [18, 2],
  [26, 3],
  [28, 8],
  [21, 8],
  [16, 11],
  [10, 6],
  [10, 3],
];

const program = await startProgram();
const browser = await launchChromium();
try {
  // One after another: a page that is drawn beside others is drawn late.
  const wanted = process.argv.slice(2);
  for (const picture of [lobby, spectating, playing, phone, minds])
    if (wanted.length === 0 || wanted.includes(picture.name)) await picture(browser);
} finally {
  await browser.close();
  await program.stop();
}

async function open(browser: Browser, hash: string, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ colorScheme: 'dark', ...options });
  context.setDefaultTimeout(PATIENCE);
  await context.addInitScript(() => {
    localStorage.setItem('arena.guided', 'yes');
    localStorage.setItem('arena.name', 'ann');
  });
  const page = await context.newPage();
  await page.goto(`${program.url}/${hash}`);
  return page;
}

/** A room that stays as long as this program runs. @returns its id. */
async function room(options: RoomOptionsInput): Promise<string> {
  const made = await new Client(program.url).create('arena', { protocol: PROTOCOL_VERSION, room: options });
  made.onMessage('*', () => {});
  return made.roomId;
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${FOLDER}${name}.png` });
  await page.context().close();
}

async function untilStep(page: Page, step: number): Promise<void> {
  await page.waitForFunction((wanted) => (window.arena?.tick ?? 0) >= wanted, step);
}

/** Late enough that the greedy have eaten everything, while the others' orchard still stands. */
async function lobby(browser: Browser): Promise<void> {
  const page = await open(browser, '', { viewport: { width: 1280, height: 808 } });
  await page.waitForFunction(() => {
    const bars = [...document.querySelectorAll<HTMLElement>('[data-testid=room-card] .bar')];
    return bars.length === 4 && bars.every((bar) => Number(/step (\d+)/.exec(bar.title)?.[1]) >= 330);
  });
  await take(page, 'lobby');
}

/** Cleanup: two who clean, three who eat. */
async function spectating(browser: Browser): Promise<void> {
  const id = await room({
    title: 'Cleanup, two clean for three',
    environment: 'cleanup',
    bots: ['cleaner', 'cleaner', 'greedy', 'greedy', 'greedy'],
  });
  const page = await open(browser, `#/room/${id}`, DESKTOP);
  await untilStep(page, 260);
  await take(page, 'spectating');
}

/** Harvest: a person among three who eat only what grows back, and one who does not. */
async function playing(browser: Browser): Promise<void> {
  const id = await room({
    title: 'One greedy neighbour',
    bots: ['open', 'sustainable', 'sustainable', 'sustainable', 'greedy'],
  });
  const page = await open(browser, `#/room/${id}?seat=0`, DESKTOP);
  await walk(page, 110);
  await take(page, 'playing');
}

async function phone(browser: Browser): Promise<void> {
  const id = await room({ title: 'Orchard by thumb', bots: ['sustainable'] });
  const page = await open(browser, `#/room/${id}?seat=0`, PHONE);
  await walk(page, 120);
  await take(page, 'phone');
}

/** Harvest: five who learned to influence each other, one of them open, at a moment when much goes on between them. */
async function minds(browser: Browser): Promise<void> {
  const id = await room({
    title: 'Five who learned',
    bots: ['zoo/harvest-moa'],
    options: { revealActions: true },
    tickRate: 4,
    seed: 4,
  });
  const page = await open(browser, `#/room/${id}`, DESKTOP);
  await untilStep(page, 3);
  await page.keyboard.press('Shift+M');
  for (let seat = 0; seat <= 2; seat++) await page.keyboard.press('m');
  await untilStep(page, 70);
  await page.waitForFunction(() => {
    const { drawn } = window.arena!.minds;
    const wide = drawn?.arrows.filter(({ width }) => width > 2.5) ?? [];
    return wide.length >= 6 && wide.filter(({ from }) => from === drawn!.seat).length >= 3;
  });
  // Held where it is, with the arrows at their full width and the numbers written.
  await page.getByLabel('Pause what I see').click();
  await page.waitForTimeout(1000);
  await take(page, 'minds');
}

/** Plays by keys until the given step: along the round, first across, then up or down. */
async function walk(page: Page, until: number): Promise<void> {
  await page.waitForFunction(() => window.arena?.seat === 0 && window.arena.players !== null);
  const me = () => page.evaluate(() => ({ ...window.arena!.players![0]!, step: window.arena!.tick }));
  for (let leg = 0; (await me()).step < until; leg++) {
    const [column, row] = ROUND[leg % ROUND.length]!;
    const { column: x, row: y } = await me();
    if (x !== column) await hold(page, x < column ? 'd' : 'a', 'column', column, until);
    if (y !== row) await hold(page, y < row ? 's' : 'w', 'row', row, until);
  }
}

async function hold(
  page: Page,
  key: string,
  axis: 'column' | 'row',
  goal: number,
  until: number,
): Promise<void> {
  await page.keyboard.down(key);
  await page.waitForFunction(
    ({ axis, goal, until }) => window.arena!.players![0]![axis] === goal || window.arena!.tick >= until,
    { axis, goal, until },
  );
  await page.keyboard.up(key);
}
