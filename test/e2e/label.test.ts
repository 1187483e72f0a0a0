/** Somebody says in the browser what the agent of a training run should have done, and the run learns from it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import { record, scripted } from '../../agents/imitation/fixture.ts';
import { TokenStore } from '../../server/gateway/tokens.ts';
import { PROGRAM } from '../integration/run-arena.ts';
import { useArena } from './arena-page.ts';

const folder = mkdtempSync(join(tmpdir(), 'arena-label-'));
const data = join(folder, 'data');
const arena = useArena('--no-demo', '--data', data);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A run of that name that asks about three states once and ends; its link, and how it ended. */
async function startRun(name: string): Promise<{ link: string; out: string; ended: Promise<number | null> }> {
  const recording = join(folder, `${name}.arenarec`);
  const played = { environment: 'harvest', options: { players: 2, episodeLength: 50 }, episodes: 2, seed: 1 };
  record(recording, scripted(played, 'greedy'));
  const store = new TokenStore(data);
  const { token } = store.create('a trainer', ['train']);
  store.close();
  const out = join(folder, name);
  const settings = [
    'environments=2',
    'algo.labels=3',
    'algo.rounds=1',
    'algo.updates=1',
    'algo.batch=8',
    'reports=10',
  ];
  const child = spawn(
    process.execPath,
    // Two iterations: one on the recording, one that asks.
    [
      PROGRAM,
      'train',
      '--algo',
      'dagger',
      '--data',
      recording,
      '--arena',
      arena.url,
      '--steps',
      '320',
      '--out',
      out,
      '--set',
      ...settings,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ARENA_TOKEN: token } },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const link = /^say what you would do at: (\S+)$/.exec(line)?.[1];
    if (link === undefined) continue;
    child.stdout.resume();
    return { link, out, ended };
  }
  throw new Error('the run ended before it asked');
}

test('two labels reach the trainer, one that was taken back does not, nor what was passed over', async () => {
  const { link, out, ended } = await startRun('desk');
  const page = await arena.open(link.slice(arena.url.length));
  const progress = page.getByTestId('label-progress');
  const answer = async (key: string, labelled: string) => {
    await page.locator('[data-testid=label-action]:enabled').first().waitFor();
    await page.keyboard.press(key);
    await progress.filter({ hasText: labelled }).waitFor();
  };
  await answer('KeyW', '1 of 3 labelled');
  await page.getByTestId('label-undo').click();
  await progress.filter({ hasText: '0 of 3 labelled' }).waitFor();
  await answer('KeyE', '1 of 3 labelled');
  await answer('KeyN', '1 passed over');
  await page.locator('[data-testid=label-action]:enabled').nth(4).click();

  expect(await ended).toBe(0);
  const reports = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trim().split('\n');
  expect(JSON.parse(reports.at(-1)!)).toMatchObject({ 'dagger/labels': 2 });
  await page.getByTestId('label-note').filter({ hasText: 'The trainer is away' }).waitFor();
});

test('on a phone all that answers fits the screen: nothing is scrolled from one state to the next', async () => {
  const { link, ended } = await startRun('phone');
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  const page = await arena.open(link.slice(arena.url.length), phone);
  const ready = page.locator('[data-testid=label-action]:enabled');
  await ready.first().waitFor();
  const buttons = page.locator(
    '[data-testid=label-action], [data-testid=label-undo], [data-testid=label-skip]',
  );
  const places = await buttons.evaluateAll((all) =>
    all.map((button) => {
      const { right, bottom, height } = button.getBoundingClientRect();
      return { right, bottom, height, cut: button.scrollWidth > button.clientWidth };
    }),
  );
  expect(places).toHaveLength(10);
  expect(Math.max(...places.map(({ bottom }) => bottom))).toBeLessThanOrEqual(844);
  expect(Math.max(...places.map(({ right }) => right))).toBeLessThanOrEqual(390);
  expect(Math.min(...places.map(({ height }) => height))).toBeGreaterThanOrEqual(40);
  expect(places.filter(({ cut }) => cut)).toEqual([]);
  for (let answers = 1; answers <= 3; answers++) {
    await ready.first().tap();
    await page.getByTestId('label-progress').getByText(`${answers} of 3 labelled`).waitFor();
    if (answers < 3) await ready.first().waitFor();
  }
  expect(await ended).toBe(0);
});

test('a link that nobody asks at says so', async () => {
  arena.foresee(/404/);
  const page = await arena.open('/#/label/nobody-asks-here');
  await page.getByTestId('label-note').filter({ hasText: 'Nothing is asked here' }).waitFor();
});
