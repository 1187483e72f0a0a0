/** What the page of agents gives away to copy, run as it stands: each program takes a seat of a room. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { TokenStore } from '../../server/gateway/tokens.ts';
import type { Visitor } from '../integration/visitor.ts';
import { useArena } from './arena-page.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const data = mkdtempSync(join(tmpdir(), 'arena-connect-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));
const arena = useArena('--no-demo', '--data', data);

/** A recipe of the page, with a token and a room put where it says so. */
async function recipe(page: Page, title: string, room: Visitor): Promise<string> {
  const store = new TokenStore(data);
  const { token } = store.create(title, ['play']);
  store.close();
  const code = await page.getByLabel(title, { exact: true }).textContent();
  expect(code).toMatch(/TOKEN[\s\S]*ROOM|ROOM[\s\S]*TOKEN/);
  return code!.replaceAll('TOKEN', token).replaceAll('ROOM', room.room.roomId);
}

/** Runs a program in the checkout until the test is over. */
function run(command: string, ...parameters: string[]): void {
  const child = spawn(command, parameters, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
}

/** Resolves once a program holds a seat of the room. */
async function joined(room: Visitor): Promise<void> {
  await room.until(() => room.seats.some(({ kind }) => kind === 'agent'));
}

test('TypeScript', async () => {
  const room = await arena.room({ players: 2 });
  const page = await arena.open('/#/agents');
  const code = await recipe(page, 'TypeScript', room);
  const file = join(data, 'player.mts');
  writeFileSync(file, code.replace("'./agents", `'${ROOT}agents`));
  run(process.execPath, file);
  await joined(room);
});

test('the console of the page', async () => {
  const room = await arena.room({ players: 2 });
  const page = await arena.open('/#/agents');
  const code = await recipe(page, 'Browser console', room);
  // It plays on, as it would in the console, until the page goes.
  await page.evaluate((script) => void new Function(`return (async () => { ${script} })()`)(), code);
  await joined(room);
});

test('the command line', async () => {
  const room = await arena.room({ players: 2 });
  const page = await arena.open('/#/agents');
  const code = await recipe(page, 'Command line', room);
  const [program, command, ...parameters] = code
    .replace('runs/mine', 'zoo/harvest-team')
    .replaceAll('\\\n', '')
    .split(/\s+/);
  expect([program, command]).toEqual(['npx', 'arena']);
  run(process.execPath, join(ROOT, 'server/arena.ts'), ...parameters);
  await joined(room);
});
