/**
 * The Python package's own tests against an arena of this process. Needs a Python with what the package's extras name, named
 * by ARENA_AGENTS_PYTHON or in the cache folder, where `.ci/run` puts it; without one these tests are skipped.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TokenStore } from '../../server/gateway/tokens.ts';
import type { Arena } from '../../server/host.ts';
import { startArena } from './start-arena.ts';

const CACHE = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
const PYTHON = process.env.ARENA_AGENTS_PYTHON ?? join(CACHE, 'commons-arena/venv-python/bin/python');
const PACKAGE = fileURLToPath(new URL('../../agents/python', import.meta.url));
const missing = !existsSync(PYTHON);
if (missing) console.warn(`skipped: no Python at ${PYTHON}; agents/python/README.md says how to make it`);

const run = promisify(execFile);
const data = mkdtempSync(join(tmpdir(), 'arena-python-'));
afterAll(() => rmSync(data, { recursive: true }));

describe.skipIf(missing)('the Python package', () => {
  let arena: Arena;
  let variables: Record<string, string>;
  beforeAll(async () => {
    arena = await startArena({ data });
    const store = new TokenStore(data);
    const { token } = store.create('pytest', ['train', 'play', 'watch']);
    store.close();
    variables = {
      ...(process.env as Record<string, string>),
      ARENA_URL: arena.url,
      ARENA_DATA: data,
      ARENA_TOKEN: token,
      PYTHONDONTWRITEBYTECODE: '1',
    };
  });

  const files = readdirSync(join(PACKAGE, 'tests')).filter((name) => /^test_\w+\.py$/.test(name));
  test.each(files)(
    'passes %s',
    async (file) => {
      const pytest = run(PYTHON, ['-m', 'pytest', '-q', `tests/${file}`], { cwd: PACKAGE, env: variables });
      // What failed is in what it prints.
      const { stdout } = await pytest.catch((error: { stdout: string }) => error);
      expect(stdout).toMatch(/\d+ passed in/);
      expect(stdout).not.toMatch(/failed|error/i);
      // Loading and training take several times as long where all cores are busy.
    },
    600_000,
  );

  test('the snippet of the project’s README trains, as it stands', async () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const snippet = /```python\n(from commons_arena[\s\S]+?)```/.exec(readme)![1]!;
    const code = snippet
      .replace('http://127.0.0.1:2567', arena.url)
      .replace('TOKEN', variables.ARENA_TOKEN!)
      .replace('300_000', '4_000');
    const { stdout } = await run(PYTHON, ['-c', `${code}\nprint(model.num_timesteps)`], {
      cwd: PACKAGE,
      env: variables,
    });
    expect(stdout.trim()).toBe('4000');
  }, 600_000);

  test('its benchmark tells how many round trips it makes', async () => {
    const flags = ['--arena', arena.url, '--token', variables.ARENA_TOKEN!];
    const size = ['--connections', '2', '--environments', '3', '--seconds', '0.1', '--packing', 'nibbles'];
    const { stdout } = await run(PYTHON, ['bench.py', ...flags, ...size], { cwd: PACKAGE, env: variables });
    const told = JSON.parse(stdout) as Record<string, number>;
    expect(told.environmentStepsPerSecond).toBeCloseTo(3 * told.roundTripsPerSecond!);
    // Of an environment: 3 frames of 5 players' actions and a header to the arena; back come rewards, ends and windows.
    expect(told.bytesPerStep).toBeCloseTo((4 + 15 + (4 + 60 + 15 + 3 + 2 + (3 * 5 * 225 + 1) / 2)) / 3, 0);
    expect(told.p99Ms).toBeGreaterThanOrEqual(told.p50Ms!);
  });
});
