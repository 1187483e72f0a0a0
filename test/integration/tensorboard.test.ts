/**
 * Our event files as TensorBoard itself reads them. Needs a Python with the package `tensorboard`, named by
 * ARENA_TENSORBOARD_PYTHON or in the cache folder, where `.ci/run` puts it; without one these tests are skipped.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { MetricsLog } from '../../agents/training/metrics-log.ts';

const PYTHON =
  process.env.ARENA_TENSORBOARD_PYTHON ?? join(homedir(), '.cache/commons-arena/venv-tensorboard/bin/python');
const CHECKER = fileURLToPath(new URL('../tensorboard_check.py', import.meta.url));
const missing = !existsSync(PYTHON);
if (missing) console.warn(`skipped: no TensorBoard at ${PYTHON} (python3 -m venv, pip install tensorboard)`);

const root = mkdtempSync(join(tmpdir(), 'arena-tensorboard-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Scalars that TensorBoard finds in a folder, [step, value] by tag. */
function scalars(folder: string): Record<string, [number, number | string][]> {
  return JSON.parse(
    execFileSync(PYTHON, [CHECKER, folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );
}

const report = (steps: number, reward: number) => ({
  steps,
  environmentSteps: steps / 5,
  seconds: steps / 100,
  'episode/collectiveReturn': reward,
});

describe.skipIf(missing)('TensorBoard', () => {
  test('finds every scalar at its step, zeros and NaN included', () => {
    const folder = mkdtempSync(join(root, 'a-'));
    const log = MetricsLog.open(folder, { resumeAt: null });
    log.write({ ...report(0, 0), 'loss/policy': Number.NaN });
    log.write(report(5_000_000_000, 1.5));
    log.close();
    expect(scalars(folder)).toEqual({
      environmentSteps: [
        [0, 0],
        [5_000_000_000, 1e9],
      ],
      seconds: [
        [0, 0],
        [5_000_000_000, 5e7],
      ],
      'episode/collectiveReturn': [
        [0, 0],
        [5_000_000_000, 1.5],
      ],
      'loss/policy': [[0, 'nan']],
    });
  });

  test('shows a resumed run as one curve, though the first file was torn', () => {
    const folder = mkdtempSync(join(root, 'b-'));
    const first = MetricsLog.open(folder, { resumeAt: null });
    for (const steps of [10, 20, 30]) first.write(report(steps, 1));
    first.close();
    const [events] = readdirSync(folder).filter((name) => name.startsWith('events'));
    appendFileSync(join(folder, events!), Uint8Array.of(40, 0, 0, 0, 0, 0, 0, 0, 1, 2));
    const second = MetricsLog.open(folder, { resumeAt: 20 });
    for (const steps of [35, 45]) second.write(report(steps, 2));
    second.close();
    expect(scalars(folder)['episode/collectiveReturn']).toEqual([
      [10, 1],
      [20, 1],
      [35, 2],
      [45, 2],
    ]);
  });
});
