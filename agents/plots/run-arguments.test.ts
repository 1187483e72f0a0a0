import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TrainingUsageError } from '../training/errors.ts';
import { readRunArguments } from './run-arguments.ts';

const folder = mkdtempSync(join(tmpdir(), 'arena-run-arguments-'));
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  for (const name of ['runs/a', 'runs/b', 'lr=1,2', 'mixed/empty', 'mixed/good', 'silent']) {
    const run = join(folder, name);
    mkdirSync(run, { recursive: true });
    writeFileSync(
      join(run, 'run.json'),
      JSON.stringify({ seed: 1, config: {}, env: 'x', algo: 'y', backend: '' }),
    );
    if (['mixed/empty', 'silent'].includes(name)) continue;
    writeFileSync(join(run, 'metrics.jsonl'), '{"steps": 1, "environmentSteps": 1, "seconds": 1}\n');
  }
});

/** Arguments in which `@` is the folder. */
const select = (...texts: string[]) => readRunArguments(texts.map((text) => text.replaceAll('@', folder)));
const read = (...texts: string[]) => select(...texts).runs.map(({ name, label }) => [name, label]);

describe('readRunArguments', () => {
  it('takes a label before folders with commas between them', () => {
    expect(read('two words=@/runs/a,@/runs/b')).toEqual([
      ['a', 'two words'],
      ['b', 'two words'],
    ]);
  });

  it('takes a folder of runs for all of them, with a label or without', () => {
    expect(read('x=@/runs')).toEqual(read('x=@/runs/a', 'x=@/runs/b'));
    expect(read('@/runs')).toEqual([
      ['a', undefined],
      ['b', undefined],
    ]);
  });

  it('knows a folder whose name looks like a label', () => {
    expect(read('@/lr=1,2')).toEqual([['lr=1,2', undefined]]);
    expect(read('x=@/lr=1,2')).toEqual([['lr=1,2', 'x']]);
  });

  it.each([[['@/runs', 'x=@/runs/b']], [['x=@/runs/b', '@/runs']]])(
    'gives a run its label, and once: %j',
    (texts) => {
      expect(Object.fromEntries(read(...texts))).toEqual({ a: undefined, b: 'x' });
      expect(read(...texts)).toHaveLength(2);
    },
  );

  it.each([
    ['=@/runs', ': give label=folder or label=folder,folder, for example selfish=runs/a,runs/b'],
    ['x=', ': give label=folder or label=folder,folder, for example selfish=runs/a,runs/b'],
    ['x=@/runs/a,', ': give label=folder or label=folder,folder, for example selfish=runs/a,runs/b'],
  ])('refuses %s', (text, message) => {
    expect(() => read(text)).toThrow(new TrainingUsageError(text.replace('@', folder) + message));
  });

  it('leaves out a run that has reported nothing, and says so', () => {
    expect(read('@/mixed')).toEqual([['good', undefined]]);
    expect(select('@/mixed', '@/silent').notes).toEqual([
      `${folder}/mixed/empty, ${folder}/silent: no metrics, training has reported nothing so far or before it ended; left out`,
    ]);
    expect(select('@/runs').notes).toEqual([]);
  });

  it('refuses runs of which none has reported anything', () => {
    expect(() => read('@/silent')).toThrow(
      new TrainingUsageError(
        `${folder}/silent: no metrics, training has reported nothing so far or before it ended`,
      ),
    );
  });

  it('refuses a label for no run', () => {
    expect(() => read('x=@/nowhere')).toThrow(new TrainingUsageError(`${folder}/nowhere: no such run`));
  });

  it('refuses two labels for one run', () => {
    expect(() => read('x=@/runs/a', 'y=@/runs')).toThrow(
      new TrainingUsageError(`${folder}/runs/a is in two lines, x and y: give it one label`),
    );
  });
});
