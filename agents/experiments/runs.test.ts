import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { train } from '../training/trainer.ts';
import { planArms } from './experiment.ts';
import { IDENTITY } from './fixture.ts';
import { clearUnborn, type Task, tasksOf } from './runs.ts';

const root = mkdtempSync(join(tmpdir(), 'arena-runs-'));
afterAll(() => rmSync(root, { recursive: true }));

const arms = planArms(IDENTITY, { env: 'identity' });
const tasks = (folder: string, seeds: readonly number[] = [3]) => tasksOf(join(root, folder), arms, seeds);
const first = (folder: string) => tasks(folder)[0]!;

/** @param iterations after which it is stopped; all when left out. */
async function trained({ plan, folder }: Task, iterations = Number.POSITIVE_INFINITY): Promise<void> {
  const stop = new AbortController();
  const stream = new PassThrough();
  let reports = 0;
  stream.on('data', (chunk: Buffer) => {
    if (String(chunk).includes('%') && ++reports >= iterations) stop.abort();
  });
  await train({
    plan,
    folder,
    backend: { backend: 'onnx', why: '' },
    workers: 1,
    resume: false,
    command: '',
    signal: stop.signal,
    stream: stream as never,
  });
}

describe('tasksOf', () => {
  it('has all arms of a seed before the next seed', () => {
    expect(tasks('order', [1, 4]).map(({ name }) => name)).toEqual([
      'fast/seed-1',
      'slow/seed-1',
      'fast/seed-4',
      'slow/seed-4',
    ]);
  });

  it('gives each run its seed', () => {
    expect(tasks('order', [1, 4]).map(({ plan }) => plan.config.seed)).toEqual([1, 1, 4, 4]);
  });

  it('finds a run missing that has no folder', () => {
    expect(first('none').state).toBe('missing');
  });

  it('finds a run finished that has trained to its end', async () => {
    await trained(first('whole'));
    expect(tasks('whole').map(({ state }) => state)).toEqual(['finished', 'missing']);
  });

  it('finds a run begun that was stopped', async () => {
    await trained(first('stopped'), 1);
    expect(first('stopped').state).toBe('begun');
  });

  it('refuses a run with other settings, naming one', async () => {
    const other = planArms(IDENTITY, { env: 'identity', set: ['algo.gamma=0.9'] });
    await trained(first('changed'));
    expect(() => tasksOf(join(root, 'changed'), other, [3])).toThrow(
      /fast\/seed-3 has algo.gamma 0.4, not 0.9: an experiment goes on as it is/,
    );
  });

  it('refuses a folder of something else in the place of a run', () => {
    const { folder } = first('else');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'notes'), '');
    expect(() => tasks('else')).toThrow(/has notes and no run.json: it is no run/);
  });

  it('finds a run missing that was killed before it had said what it is, and makes room for it', () => {
    const { folder } = first('unborn');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config.yaml'), '');
    expect(first('unborn').state).toBe('missing');
    clearUnborn(folder);
    expect(existsSync(join(folder, 'config.yaml'))).toBe(false);
  });
});
