/** The bot of `docs/examples/browser-bot.js`, in the page of a room that it plays in. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { TokenStore } from '../../server/gateway/tokens.ts';
import { ROW_OF_APPLES, roomPath, score, useArena } from './arena-page.ts';

const data = mkdtempSync(join(tmpdir(), 'arena-bot-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));
const arena = useArena('--no-demo', '--data', data);
const CODE = readFileSync(new URL('../../docs/examples/browser-bot.js', import.meta.url), 'utf8');

test('a bot pasted into the console plays, in sight of the page', async () => {
  const host = await arena.room(ROW_OF_APPLES);
  const store = new TokenStore(data);
  const { token } = store.create('console', ['play']);
  store.close();
  const page = await arena.open(roomPath(host.room.roomId));
  const script = CODE.replace("'TOKEN'", JSON.stringify(token));
  await page.evaluate((code) => new Function(`return (async () => {${code}\n})()`)(), script);
  await host.until(() => host.seats.some(({ kind, name }) => kind === 'agent' && name === 'Console'));
  await host.until(() => host.mirror.metrics.returns.some((value) => value > 0));
  const seat = host.seats.findIndex(({ kind }) => kind === 'agent');
  await page.waitForFunction(
    (id) => Number(document.querySelector(`[data-testid=${id}]`)?.textContent) > 0,
    `score-${seat}`,
  );
  expect(await score(page, seat)).toBeGreaterThan(0);
});
