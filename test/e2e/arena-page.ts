/**
 * Pages on a running arena, for the tests of one file. Whatever a test does, its pages log no error, throw nothing and
 * have every request answered, unless it says beforehand what it is about to break.
 */
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { RoomOptionsInput } from '../../shared/protocol/index.ts';
import { Visitor } from '../integration/visitor.ts';
import { launchChromium, type Program, startProgram } from './program.ts';

/** Longest wait for anything in a page, milliseconds: only ends what hangs. */
const PATIENCE = 60_000;
const DESKTOP = { width: 1280, height: 720 };

interface Visit extends BrowserContextOptions {
  /** Whether the browser has never been here, so that the guide shows; otherwise it has been read. */
  readonly newcomer?: boolean;
  /** Where the page finds the arena, by default at its own address. */
  readonly origin?: string;
}

/** A room for one player, who steps onto one apple after another by going right; none grows back. */
export const ROW_OF_APPLES = {
  players: 1,
  bots: ['open'],
  tickRate: 20,
  episodeLength: 1_000_000,
  options: { map: ['@@@@@@@@', '@PAAAAA@', '@@@@@@@@'], regrowth: 'off' },
} satisfies RoomOptionsInput;

export class ArenaPages {
  #program: Program | null = null;
  #browser: Browser | null = null;
  #contexts: BrowserContext[] = [];
  #faults: string[] = [];
  #foreseen: RegExp | null = null;

  async start(flags: readonly string[]): Promise<void> {
    this.#program = await startProgram(...flags);
    this.#browser = await launchChromium();
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    await this.#program?.stop();
  }

  get url(): string {
    return this.#program!.url;
  }

  /** A page of its own browser context: of somebody else. */
  async open(path = '/', visit: Visit = {}): Promise<Page> {
    const { newcomer = false, origin = this.url, ...options } = visit;
    const context = await this.#browser!.newContext({ viewport: DESKTOP, colorScheme: 'dark', ...options });
    this.#contexts.push(context);
    context.setDefaultTimeout(PATIENCE);
    if (!newcomer) await context.addInitScript(() => localStorage.setItem('arena.guided', 'yes'));
    const page = await context.newPage();
    this.#listen(page);
    await page.goto(origin + path);
    return page;
  }

  /** A room that somebody else has made and stays in. */
  async room(options: RoomOptionsInput): Promise<Visitor> {
    return Visitor.create(this.url, options, { name: 'host' });
  }

  /** What this test is about to break, as it shows in the console or as a failed request. */
  foresee(faults: RegExp): void {
    this.#foreseen = faults;
  }

  async endTest(): Promise<void> {
    const unforeseen = this.#faults.filter((fault) => this.#foreseen === null || !this.#foreseen.test(fault));
    this.#faults = [];
    this.#foreseen = null;
    for (const context of this.#contexts.splice(0)) await context.close();
    expect(unforeseen).toEqual([]);
  }

  #listen(page: Page): void {
    page.on('console', (message) => {
      if (message.type() === 'error') this.#faults.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.#faults.push(`thrown: ${error.message}`));
    page.on('requestfailed', (request) => {
      const error = request.failure()?.errorText;
      // A page that goes, goes with what it was loading.
      if (error !== 'net::ERR_ABORTED') this.#faults.push(`failed: ${request.url()} ${error}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) this.#faults.push(`answered ${response.status()}: ${response.url()}`);
    });
  }
}

/** Starts the arena for all tests of a file. @param flags of `arena serve`. */
export function useArena(...flags: string[]): ArenaPages {
  const pages = new ArenaPages();
  beforeAll(() => pages.start(flags));
  afterEach(() => pages.endTest());
  afterAll(() => pages.stop());
  return pages;
}

export function roomPath(id: string, wish = ''): string {
  return `/#/room/${id}${wish}`;
}

/** Resolves with the seat once the page holds one. */
export async function seated(page: Page): Promise<number> {
  await page.waitForFunction(() => window.arena?.seat != null);
  return page.evaluate(() => window.arena!.seat!);
}

/** Resolves with the step that the page shows, once it is at least `step`. */
export async function shownStep(page: Page, step = 0): Promise<number> {
  await page.waitForFunction((wanted) => {
    const shown = document.querySelector<HTMLElement>('[data-testid=arena]')?.dataset.tick;
    return shown !== undefined && Number(shown) >= wanted;
  }, step);
  return Number(await page.getByTestId('arena').getAttribute('data-tick'));
}

/** Presses a key until `done`, looked at after each step that the page shows. */
export async function hold(page: Page, key: string, done: () => Promise<boolean>): Promise<void> {
  await page.keyboard.down(key);
  while (!(await done())) await shownStep(page, (await shownStep(page)) + 1);
  await page.keyboard.up(key);
}

/** Reads a score as the page shows it. */
export async function score(page: Page, seat: number): Promise<number> {
  const text = await page.getByTestId(`score-${seat}`).textContent();
  return Number(text!.replace('−', '-'));
}

/** Goes to an element as somebody without a mouse does. @throws {Error} if Tab does not lead there. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 120; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${target}`);
}
