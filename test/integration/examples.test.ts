/** The examples of `docs/examples` that connect, run as a reader would, against a real arena. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
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
