import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { TrainingUsageError } from './errors.ts';
import { MetricsLog, readMetrics } from './metrics-log.ts';

const root = mkdtempSync(join(tmpdir(), 'arena-metrics-'));
afterAll(() => rmSync(root, { recursive: true }));
const newFolder = () => mkdtempSync(join(root, 'run-'));
const fileOf = (folder: string) => join(folder, 'metrics.jsonl');

const report = (steps: number, value = steps) => ({
  steps,
  environmentSteps: steps / 5,
  seconds: steps / 1000,
  'loss/policy': value,
});

function write(folder: string, resumeAt: number | null, steps: readonly number[]): void {
  const log = MetricsLog.open(folder, { resumeAt, now: () => 1_700_000_000 });
  for (const step of steps) log.write(report(step));
  log.close();
}

const stepsIn = (folder: string) => readMetrics(fileOf(folder)).map(({ steps }) => steps);

describe('MetricsLog', () => {
  it('writes one line of JSON a report', () => {
    const folder = newFolder();
    write(folder, null, [10]);
    expect(readFileSync(fileOf(folder), 'utf8')).toBe(
      '{"steps":10,"environmentSteps":2,"seconds":0.01,"loss/policy":10}\n',
    );
  });

  it('writes null for what is no number', () => {
    const folder = newFolder();
    const log = MetricsLog.open(folder, { resumeAt: null });
    log.write({ ...report(5), nan: Number.NaN, infinite: -Infinity });
    log.close();
    expect(readMetrics(fileOf(folder))[0]).toMatchObject({ nan: null, infinite: null });
  });

  it('goes on after a crash as if nothing had happened, wherever it was', () => {
    const folder = newFolder();
    const all = [10, 20, 30, 40, 50];
    write(folder, null, all);
    const undisturbed = readFileSync(fileOf(folder), 'utf8');
    fc.assert(
      fc.property(fc.nat(undisturbed.length), fc.integer({ min: 0, max: 5 }), (cut, checkpoint) => {
        const torn = undisturbed.slice(0, cut);
        // A checkpoint is written after the report of its step.
        const resumeAt = Math.min(checkpoint, torn.split('\n').length - 1) * 10;
        const other = newFolder();
        writeFileSync(fileOf(other), torn);
        write(
          other,
          resumeAt,
          all.filter((steps) => steps > resumeAt),
        );
        expect(readFileSync(fileOf(other), 'utf8')).toBe(undisturbed);
      }),
    );
  });

  it('resumes where nothing was reported yet', () => {
    const folder = newFolder();
    write(folder, 100, [110]);
    expect(stepsIn(folder)).toEqual([110]);
  });

  it('does not write over another run', () => {
    const folder = newFolder();
    write(folder, null, [10]);
    expect(() => MetricsLog.open(folder, { resumeAt: null })).toThrow(
      new TrainingUsageError(
        `${fileOf(folder)} has reports already: resume that run or choose another folder`,
      ),
    );
  });

  it('refuses a report that is not behind the last one, also of the run that it resumes', () => {
    const folder = newFolder();
    write(folder, null, [10, 20]);
    const log = MetricsLog.open(folder, { resumeAt: 20 });
    expect(() => log.write(report(20))).toThrow('a report at 20 steps cannot follow one at 20');
    log.close();
  });

  it('says that a folder is not there', () => {
    expect(() => MetricsLog.open(join(root, 'none'), { resumeAt: null })).toThrow(
      /its folder does not exist/,
    );
  });
});

describe('readMetrics', () => {
  it('leaves out a line that is still being written', () => {
    const folder = newFolder();
    write(folder, null, [10]);
    appendFileSync(fileOf(folder), '{"steps":20,"envi');
    expect(stepsIn(folder)).toEqual([10]);
  });

  it.each([
    ['no JSON', 'hello', /line 2: not JSON/],
    ['no steps', '{"environmentSteps":1,"seconds":1}', /line 2: steps/],
    ['text', '{"steps":11,"environmentSteps":1,"seconds":1,"x":"y"}', /line 2: x/],
  ])('refuses a line with %s and says where it is', (_, line, message) => {
    const folder = newFolder();
    write(folder, null, [10]);
    appendFileSync(fileOf(folder), `${line}\n`);
    expect(() => readMetrics(fileOf(folder))).toThrow(TrainingUsageError);
    expect(() => readMetrics(fileOf(folder))).toThrow(message);
  });

  it('says that a file is not there', () => {
    expect(() => readMetrics(join(root, 'none', 'metrics.jsonl'))).toThrow(/cannot be read: .*\(ENOENT\)/);
  });
});
