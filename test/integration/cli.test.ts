/** The command-line program as its user meets it: what it prints where, and its exit code. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, test } from 'vitest';
import { ENVIRONMENTS } from '../../shared/registry.ts';
import { type Ending, PROGRAM, ROOT, runArena } from './run-arena.ts';
import { Visitor } from './visitor.ts';

const folder = mkdtempSync(join(tmpdir(), 'arena-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const arena = (...args: string[]) => runArena(args);

/** Starts `arena serve` and resolves with the address that it prints. */
async function serving(
  ...args: string[]
): Promise<{ process: ChildProcess; url: string; ended: Promise<number> }> {
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--port', '0', ...args], { cwd: ROOT });
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Arena ready at (http:\S+)$/.exec(line)?.[1];
    if (url === undefined) throw new Error(`unexpected line ${line}`);
    return { process: child, url, ended };
  }
  throw new Error(`it ended with ${await ended}`);
}

describe('arena', () => {
  test.each(['serve', 'environments', 'simulate', 'compare'])(
    '%s --help tells its options and exits 0',
    async (command) => {
      const { code, out } = await arena(command, '--help');
      expect(code).toBe(0);
      expect(out).toContain(`Usage: arena ${command}`);
    },
  );

  test.each([
    [['dance'], /unknown command 'dance'/],
    [['simulate', '--env', 'chess'], /"chess" is unknown, there are harvest, cleanup/],
    [['simulate', '--env', 'cartpole'], /--env: cartpole has no windows .*, there are harvest, cleanup/],
    [['simulate', '--policy', 'genius'], /--policy: "genius" is unknown, there are random, greedy/],
    [
      ['simulate', '--players', '40', '--env', 'cleanup'],
      /40 players need as many spawn points, the map has 10/,
    ],
    [['simulate', '--episodes', '0'], /--episodes: must be a whole number from 1/],
    [['simulate', '--set', 'gravity=1'], /gravity/],
    [['simulate', '--set', 'players=3'], /use --players 3/],
    [['serve', '--port', ''], /--port is "": must be a whole number/],
    [['simulate', '--bogus'], /unknown option '--bogus'/],
    [['serve', '--port', '70000'], /--port is "70000": must be a whole number from 0 to 65535/],
    [['environments', 'chess'], /"chess" is unknown/],
    [['compare', '/nowhere.json'], /cannot be read: there is no such file \(ENOENT\)/],
  ])('%j is refused on standard error with exit code 2', async (args, message) => {
    const { code, out, err } = await arena(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).not.toContain('    at ');
  });
});

describe('arena environments', () => {
  test('lists all, and describes one with its options', async () => {
    expect((await arena('environments')).out).toMatch(/harvest.*\n[\s\S]*cleanup/);
    expect((await arena('environments', 'cartpole')).out).toMatch(/kind +control[\s\S]*players +1\n/);
    expect((await arena('environments', 'cleanup')).out).toMatch(/wasteThreshold .*\(0\.4\)/);
    expect(JSON.parse((await arena('environments', '--json')).out)).toHaveLength(ENVIRONMENTS.length);
  });
});

describe('arena simulate', () => {
  test('prints the metrics with intervals, the same for the same seed', async () => {
    const args = ['simulate', '--policy', 'greedy', '--episodes', '3', '--seed', '4'];
    const first = await arena(...args);
    expect(first.code).toBe(0);
    for (const measure of ['return', 'equality', 'sustainability', 'peace']) {
      expect(first.out).toMatch(new RegExp(`^${measure}\\s+[\\d.]+\\s+[\\d.]+\\s+[\\d.]+ to [\\d.]+`, 'm'));
    }
    const rows = ({ out }: Ending) => out.split('\n').slice(2);
    expect(rows(await arena(...args))).toEqual(rows(first));
  });

  test.each([
    ['2', 'note: 95% intervals of 2 episodes are too narrow, ask for 10 or more with --episodes\n'],
    ['1', ''],
    ['10', ''],
  ])('of %s episodes says on standard error: %j', async (episodes, note) => {
    const short = ['--set', 'episodeLength=5'];
    expect(await arena('simulate', '--episodes', episodes, ...short)).toMatchObject({ code: 0, err: note });
  });

  test('--json prints a line an episode and a summary', async () => {
    const { out } = await arena('simulate', '--episodes', '2', '--json', '--set', 'regrowth=lab2d');
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.episode)).toEqual([0, 1, undefined]);
    expect(lines[2].summary.collectiveReturn.mean).toBeCloseTo(
      (lines[0].collectiveReturn + lines[1].collectiveReturn) / 2,
    );
  });
});

describe('arena compare', () => {
  const vectors = join(ROOT, 'test/vectors/harvest.json');

  test('exits 0 with the number of steps that agree', async () => {
    expect(await arena('compare', vectors)).toMatchObject({ code: 0, out: '300 steps in 2 traces agree\n' });
  });

  test('exits 1 with the first difference', async () => {
    const file = JSON.parse(readFileSync(vectors, 'utf8'));
    file.traces[1].steps[17].rewards[3] += 1;
    const path = join(folder, 'different.json');
    writeFileSync(path, JSON.stringify(file));
    const { code, out } = await arena('compare', path);
    expect(code).toBe(1);
    expect(out).toMatch(/trace +1\n +step +17\n +field +rewards\[3\]\n +expected .*\n +found/);
  });

  test('exits 2 for a file that is none, with the place', async () => {
    const path = join(folder, 'none.json');
    writeFileSync(path, JSON.stringify({ traces: [{ environment: 'harvest', map: ['@'] }] }));
    const { code, err } = await arena('compare', path);
    expect(code).toBe(2);
    expect(err).toMatch(/not a trajectory file: traces\.0\./);
  });
});

describe('arena serve', () => {
  test('says in one line where it can be used, and can be used there', async () => {
    const server = await serving();
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const page = await (await fetch(server.url)).text();
    expect(page).toContain('<title>');
    server.process.kill('SIGTERM');
    expect(await server.ended).toBe(0);
  });

  test('tells its clients before it goes down, and goes down', async () => {
    const server = await serving('--no-demo');
    const ann = await Visitor.create(server.url, { tickRate: 30 });
    await ann.until(() => ann.ticks > 2);
    server.process.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    await expect.poll(() => ann.left, { timeout: 30_000 }).toBe(4001);
    expect(ann.closings).toMatchObject([{ reason: 'shutdown' }]);
  });

  test('says so when its port is in use', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as { port: number };
    const { code, err } = await arena('serve', '--port', String(port));
    holder.close();
    expect(code).toBe(2);
    expect(err).toContain(`port ${port} is in use: choose another with --port`);
  });
});
