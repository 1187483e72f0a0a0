/** An arena that goes away while a run learns there: one that comes back, and one that does not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { latestCheckpoint } from '../../agents/training/checkpoints.ts';
import { TokenStore } from '../../server/gateway/tokens.ts';
import { computed, hasCheckpoint, type Running, runProgram } from './train-process.ts';

const root = mkdtempSync(join(tmpdir(), 'arena-lost-'));
afterAll(() => rmSync(root, { recursive: true }));

const running: Running[] = [];
afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
});

/** An arena with the tokens of this file. @param port 0 for a free one. */
async function serve(port: string): Promise<{ arena: Running; url: string; port: string }> {
  const arena = runProgram(['serve', '--port', port, '--no-demo', '--data', join(root, 'data')], root);
  running.push(arena);
  const [, url, chosen] = await arena.until(/(http:\/\/127\.0\.0\.1:(\d+))\b/);
  return { arena, url: url!, port: chosen! };
}

async function kill({ child, ended }: Running, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  child.kill(signal);
  await ended;
}

let token: string;
// A policy knows the name of its run's folder.
const whole = join(root, 'whole', 'run');
/** So many steps that a run is still under way when its arena goes. */
const SETTINGS = [
  ...['--env', 'harvest', '--steps', '23040', '--set', 'env.episodeLength=30', 'env.players=3'],
  ...['environments=4', 'shards=2', 'reports=120', 'checkpoints=12', 'network.filters=2'],
  ...['network.dense=[4]', 'network.lstm=4', 'algo.segment=16', 'algo.sequence=8', 'algo.minibatches=2'],
];
beforeAll(async () => {
  const store = new TokenStore(join(root, 'data'));
  token = store.create('learner', ['train']).token;
  store.close();
  expect(await runProgram(['train', ...SETTINGS, '--out', whole], root).ended).toMatchObject({ code: 0 });
});

const train = (...args: string[]) => {
  const run = runProgram(['train', ...args], root, { ARENA_TOKEN: token });
  running.push(run);
  return run;
};

test.each([
  ['is killed', 'SIGKILL'],
  ['goes down in good order', 'SIGTERM'],
] as const)('a run whose arena %s and is started again computes the same digits', async (_, signal) => {
  const { arena, url, port } = await serve('0');
  const out = join(root, signal, 'run');
  const run = train(...SETTINGS, '--arena', url, '--out', out);
  await run.until(/of 23k steps/);
  await kill(arena, signal);
  await run.until(/\narena lost, trying again for 60 s: no arena lets agents in at http/);
  const again = await serve(port);
  const { code, out: said } = await run.ended;
  expect(code).toBe(0);
  // Once each, of however many connections.
  expect(said.match(/^arena (lost|back after \d+\.\d s$)/gm)).toEqual([
    'arena lost',
    expect.stringMatching(/^arena back after/),
  ]);
  expect(computed(out)).toEqual(computed(whole));
  await kill(again.arena);
});

test('one whose arena stays away ends with 1 and says how to go on, and --resume comes to the same digits', async () => {
  const { arena, url, port } = await serve('0');
  const out = join(root, 'away', 'run');
  const run = train(...SETTINGS, '--arena', url, '--out', out, '--patience', '1');
  await run.until(/of 23k steps/);
  await hasCheckpoint(out);
  await kill(arena);
  const { code, err } = await run.ended;
  expect(code).toBe(1);
  expect(err).toMatch(/error: the arena at http:\/\/127\.0\.0\.1:\d+ has not answered for 1 s: /);
  expect(err).toContain(`Go on with: npx arena train --resume --out ${out}\n`);
  expect(err).not.toContain('    at ');
  expect(latestCheckpoint(out).progress.steps).toBeLessThan(23_040);
  const again = await serve(port);
  expect(await train('--resume', '--out', out).ended).toMatchObject({ code: 0 });
  expect(computed(out)).toEqual(computed(whole));
  await kill(again.arena);
});

test('--resume of a run that has its environments at an arena says so without a token', async () => {
  const { arena, url } = await serve('0');
  const out = join(root, 'resumed');
  const short = ['--steps', '192', ...SETTINGS.slice(4)];
  expect(await train('--env', 'harvest', ...short, '--arena', url, '--out', out).ended).toMatchObject({
    code: 0,
  });
  const { code, err } = await runProgram(['train', '--resume', '--out', out], root, { ARENA_TOKEN: '' })
    .ended;
  expect(code).toBe(2);
  expect(err).toContain('an arena wants a token');
  await kill(arena);
});
