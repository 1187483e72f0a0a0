/** The examples of `docs/examples` that connect, run as a reader would, against a real arena. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { watch } from '../../agents/client/index.ts';
import { Outcome } from '../../shared/environment.ts';
import { startAgentArena } from './agent-arena.ts';
import { ROOT } from './run-arena.ts';

const arena = await startAgentArena();
const example = (name: string) => fileURLToPath(new URL(`../../docs/examples/${name}`, import.meta.url));

it.each(['player.ts', 'browser-bot.js'])('docs/clients.md has %s as it is', (name) => {
  const page = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
  expect(page).toContain(readFileSync(example(name), 'utf8'));
});

it.each([
  ['player.ts', 30],
  ['trainer.ts', 40],
])(
  '%s can be taken in at a glance, and says how it is run with the Node that is installed here',
  (name, lines) => {
    const text = readFileSync(example(name), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(lines);
    expect(text.split('\n', 1)[0]).toContain(`\`npx node docs/examples/${name} `);
  },
);

it('the snippet of the README walks about in a room, as it stands', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const snippet = /```ts\n(import \{ connectPlayer[\s\S]+?)```/.exec(readme)![1]!;
  const room = await arena.createRoom({ bots: ['open'], tickRate: 60 });
  const watcher = await watch({ url: arena.url, token: arena.token, room });
  const code = snippet
    .replace('http://127.0.0.1:2567', arena.url)
    .replace('ROOM', room)
    .replace('TOKEN', arena.token);
  // Node takes the types out, as it does of a file in this folder.
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', code], { cwd: ROOT });
  let moved = 0;
  for await (const event of watcher) {
    const outcome = watcher.mirror.outcome[0]!;
    if (event.type === 'tick' && outcome >= Outcome.movedUp && outcome <= Outcome.movedLeft) moved++;
    if (moved >= 5) break;
  }
  expect(watcher.welcome.seats).toHaveLength(5);
  child.kill();
  await watcher.leave();
});

it('trainer.ts learns to eat', async () => {
  const args = [example('trainer.ts'), arena.url, arena.token, '1000'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  const returns = stdout
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ')[1]));
  expect(returns).toHaveLength(20);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value) / values.length;
  expect(mean(returns.slice(-5))).toBeGreaterThan(1.2 * returns[0]!);
});

it('player.ts eats in a room, and leaves it on Ctrl-C', async () => {
  const room = await arena.createRoom({
    players: 1,
    bots: ['open'],
    tickRate: 60,
    episodeLength: 100,
    options: { map: ['@@@@@@', '@PAAA@', '@AAAA@', '@@@@@@'], regrowth: 'off' },
  });
  const address = `${arena.url}/#/room/${room}`;
  const child = spawn(process.execPath, [example('player.ts'), address, arena.token], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (said.push(line) === 2) child.kill('SIGINT');
  }
  expect(await ended).toEqual([0, null]);
  // Of the second episode, which it played from the beginning: all seven apples.
  expect(said[1]).toMatch(/^episode \d+: 7$/);
});
