/** `arena plot` on folders of runs as training leaves them, written by the log that training writes with. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MetricsLog } from '../../agents/training/metrics-log.ts';
import { runArena } from './run-arena.ts';

const folder = mkdtempSync(join(tmpdir(), 'arena-plot-'));
afterAll(() => rmSync(folder, { recursive: true }));

const plot = (...args: string[]) => runArena(['plot', ...args], folder);

/** A run whose return rises to `height` over ten reports. */
function writeRun(name: string, seed: number, gamma: number, height: number, reports = 10): void {
  const run = join(folder, name);
  mkdirSync(run, { recursive: true });
  const config = { seed, env: { name: 'harvest', players: 5 }, algo: { name: 'ppo', gamma } };
  const versions = { node: '24.21.0', note: '<b>' };
  writeFileSync(
    join(run, 'run.json'),
    JSON.stringify({ format: 1, env: 'harvest', algo: 'ppo', seed, backend: 'onnx', versions, config }),
  );
  const log = MetricsLog.open(run, { resumeAt: null });
  for (let k = 1; k <= reports; k++) {
    log.write({
      steps: k * 1e5,
      environmentSteps: k * 2e4,
      seconds: k,
      'episode/collectiveReturn': (height * k) / 10,
      'episode/equality': 0.5,
    });
  }
  log.close();
}

beforeAll(() => {
  writeRun('runs/a-1', 1, 0.99, 100);
  writeRun('runs/a-2', 2, 0.99, 104);
  writeRun('runs/b-1', 1, 0.998, 300);
  writeRun('new', 1, 0.99, 1, 0);
  mkdirSync(join(folder, 'empty'));
  mkdirSync(join(folder, 'broken'));
  writeFileSync(join(folder, 'broken', 'run.json'), '{"seed": "one"}');
});

describe('arena plot', () => {
  test('makes one line of runs that differ by their seed, and prints what they came to', async () => {
    const { code, out, err } = await plot('runs/a-1', 'runs/a-2', 'runs/b-1', '--out', 'a.svg');
    expect([code, err]).toEqual([0, '']);
    // The last tenth of 10 reports are the last: 100 and 104 have the mean 102; t(0.975, 1) = 12.7062, times 2.
    expect(out).toContain('gamma 0.99   2     102 [76.59, 127.4]');
    expect(out).toContain('gamma 0.998  1     300');
    const svg = readFileSync(join(folder, 'a.svg'), 'utf8');
    expect(svg).toMatch(/^<svg /);
    for (const text of [
      'harvest: ppo',
      'gamma 0.99',
      'gamma 0.998',
      'Collective return per episode',
      'Mean of 1 to 2 runs',
    ]) {
      expect(svg).toContain(text);
    }
  });

  test('takes a folder of runs for all of them, and draws a panel a metric', async () => {
    const { code } = await plot(
      'runs',
      '--metric',
      'collectiveReturn,equality',
      '--out',
      'b.svg',
      '--title',
      'Both',
    );
    expect(code).toBe(0);
    const svg = readFileSync(join(folder, 'b.svg'), 'utf8');
    for (const text of ['Both', 'Collective return per episode', 'Equality']) expect(svg).toContain(text);
  });

  test('writes a PNG', async () => {
    expect((await plot('runs', '--out', 'c.png', '--line', 'greedy bots=169')).code).toBe(0);
    expect(readFileSync(join(folder, 'c.png')).subarray(1, 4).toString()).toBe('PNG');
  });

  test('writes a page that asks nothing of a network and tells how it was made', async () => {
    await plot('runs', '--out', 'd.html', '--line', 'greedy bots=169');
    const page = readFileSync(join(folder, 'd.html'), 'utf8');
    expect(page).toContain('<svg ');
    expect(page).toContain('102 [76.59, 127.4]');
    expect(page).toContain("arena plot runs --out d.html --line 'greedy bots=169'");
    expect(page).toContain('algo.gamma');
    expect(page).toContain('&lt;b&gt;');
    expect(page).not.toContain('<b>');
    expect(page.match(/\b(?:src|href|url)\s*[=(]\s*["']?(?!#)[^"')\s]+/g) ?? []).toEqual([]);
  });

  test('--json says the same for machines', async () => {
    const { out } = await plot('runs', '--out', 'e.svg', '--json');
    const { file, groups } = JSON.parse(out);
    expect(file).toBe('e.svg');
    expect(groups[0]).toMatchObject({ label: 'gamma 0.99', runs: [{ seed: 1 }, { seed: 2 }] });
    expect(groups[1].final['episode/collectiveReturn']).toEqual({
      runs: 1,
      mean: 300,
      low: null,
      high: null,
    });
  });

  test('limits an axis, and says under the figure what lies outside', async () => {
    const { code, err } = await plot(
      'runs',
      '--range',
      '-20..200',
      '--line',
      'rule=1537',
      '--metric',
      'collectiveReturn,equality',
      '--out',
      'g.svg',
    );
    expect([code, err]).toEqual([0, '']);
    const svg = readFileSync(join(folder, 'g.svg'), 'utf8');
    expect(svg).toContain(
      'Collective return per episode: axis from -20 to 200. Curves go up to 300, cut off at the edge. Outside: rule (1537).',
    );
    expect(svg).toMatch(/↑ rule\s+1537/);
  });

  test('averages runs over a window, and says so; final values stay', async () => {
    const { out } = await plot('runs', '--smooth', '2e5', '--range', '0..290', '--out', 'h.svg');
    const svg = readFileSync(join(folder, 'h.svg'), 'utf8');
    expect(svg).toContain(
      'Mean of 1 to 2 runs, each averaged over 200k player steps, thin lines: single runs',
    );
    // The last report has only one before it within 100,000 steps: (270 + 300) / 2.
    expect(svg).not.toContain('Curves go up');
    expect(out).toContain('gamma 0.998  1     300');
  });

  test('calls lines what their arguments say', async () => {
    writeRun('lr=1,2', 1, 0.5, 50);
    const { out, code } = await plot(
      'runs',
      'short sight=runs/a-1,runs/a-2',
      'far=runs/b-1',
      'lr=1,2',
      '--json',
      '--out',
      'i.svg',
    );
    expect(code).toBe(0);
    expect(
      JSON.parse(out).groups.map(({ label, runs }: { label: string; runs: { path: string }[] }) => [
        label,
        ...runs.map(({ path }) => path),
      ]),
    ).toEqual([
      ['short sight', 'runs/a-1', 'runs/a-2'],
      ['far', 'runs/b-1'],
      ['lr=1,2', 'lr=1,2'],
    ]);
    const svg = readFileSync(join(folder, 'i.svg'), 'utf8');
    for (const label of ['short sight', 'far']) expect(svg).toContain(`>${label}</text>`);
  });

  test('gathers what has one label', async () => {
    const { out } = await plot('x=runs/a-1', 'x=runs/a-2', '--out', 'j.svg');
    expect(out).toContain('x  2     102 [76.59, 127.4]');
  });

  test('says which run ends the mean of a group early', async () => {
    writeRun('early/x-1', 1, 0.5, 100);
    writeRun('early/x-2', 2, 0.5, 100, 4);
    const { err } = await plot('early', '--out', 'f.svg');
    expect(err).toBe('note: ppo: its mean ends at 400000 player steps with early/x-2, the shortest run\n');
  });

  test('leaves out what has reported nothing, and says so to people and machines', async () => {
    const { code, out, err } = await plot('new', 'runs/b-1', '--json', '--out', 'k.svg');
    const note = 'new: no metrics, training has reported nothing so far or before it ended; left out';
    expect([code, err]).toEqual([0, `note: ${note}\n`]);
    const { notes, groups } = JSON.parse(out);
    expect(notes).toEqual([note]);
    expect(groups).toHaveLength(1);
  });

  test('says which runs of a line have the same seed', async () => {
    writeRun('twins/y-1', 7, 0.5, 100);
    writeRun('twins/y-2', 7, 0.5, 100);
    writeRun('twins/y-3', 8, 0.5, 100);
    const { err } = await plot('twins', '--out', 'l.svg');
    expect(err).toBe(
      'note: ppo: twins/y-1, twins/y-2 have the same seed 7, which makes their interval too narrow\n',
    );
  });

  test.each([
    [['nowhere'], /^error: nowhere: no such run\n$/],
    [['empty'], /^error: empty is not a run: it has no run\.json\n$/],
    [['broken'], /^error: broken\/run\.json: seed: .*config: /],
    [['new'], /^error: new: no metrics, training has reported nothing so far or before it ended\n$/],
    [
      ['runs', '--metric', 'equalty'],
      /^error: no run has the metric equalty, did you mean episode\/equality\?\n$/,
    ],
    [['runs', '--out', 'x.jpg'], /^error: --out x\.jpg: name a file that ends in \.svg, \.png, \.html\n$/],
    [
      ['runs', '--out', 'none/x.svg'],
      /^error: --out none\/x\.svg cannot be written: its folder does not exist/,
    ],
    [['runs', '--group-by', 'gama'], /^error: no run has the setting gama, did you mean algo\.gamma\?\n$/],
    [['runs', '--line', 'bots'], /^error: --line bots: give label=number/],
    [['runs', '--line', 'equality:x=1'], /^error: --line equality:x=1: episode\/equality is not plotted/],
    [['runs', '--range', '5..1'], /^error: --range 5\.\.1: give low\.\.high with low below high/],
    [
      ['runs', '--range', 'equality:0..1'],
      /^error: --range equality:0\.\.1: episode\/equality is not plotted/,
    ],
    [
      ['runs', '--range', '0..1', 'collectiveReturn:0..2'],
      /^error: --range collectiveReturn:0\.\.2: episode\/collectiveReturn has a range already\n$/,
    ],
    [['runs', '--smooth', '0'], /^error: --smooth 0: give a number of player steps above 0/],
    [['=runs'], /^error: =runs: give label=folder or label=folder,folder/],
    [
      ['x=runs'],
      /^error: x: runs\/a-1 and runs\/b-1 differ in algo\.gamma \(0\.99 and 0\.998\); runs of one label must agree/,
    ],
    [[], /^error: missing required argument 'run'/],
  ])('%j is refused with exit code 2', async (args, message) => {
    const { code, out, err } = await plot(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(existsSync(join(folder, 'curves.html'))).toBe(false);
  });
});
