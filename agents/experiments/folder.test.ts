import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ExperimentRecord, joinRecords, lockFolder, readRecord, writeRecord } from './folder.ts';

const root = mkdtempSync(join(tmpdir(), 'arena-experiment-'));
afterAll(() => rmSync(root, { recursive: true }));

const RECORD: ExperimentRecord = {
  format: 1,
  experiment: 'x',
  env: 'identity',
  steps: 100,
  seeds: [0, 1],
  arms: ['b'],
  set: ['algo.gamma=1', 'algo.clip=2'],
  command: 'npx arena experiment x',
};
const joined = (asked: Partial<ExperimentRecord>) =>
  joinRecords('folder', RECORD, { ...RECORD, ...asked }, ['a', 'b', 'c']);

describe('readRecord', () => {
  it('reads what was written', async () => {
    const folder = join(root, 'written');
    await writeRecord(folder, RECORD);
    expect(readRecord(folder)).toEqual(RECORD);
  });

  it('is null for a folder that is not there or empty', () => {
    mkdirSync(join(root, 'empty'));
    expect([readRecord(join(root, 'none')), readRecord(join(root, 'empty'))]).toEqual([null, null]);
  });

  it('is null for a folder that is only locked', () => {
    const folder = join(root, 'locked');
    mkdirSync(folder);
    const lock = lockFolder(folder);
    expect(readRecord(folder)).toBeNull();
    lock.release();
  });

  it('refuses a folder of something else, and a file', () => {
    const other = join(root, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'notes'), '');
    expect(() => readRecord(other)).toThrow(/is not empty and has no experiment.json/);
    expect(() => readRecord(join(other, 'notes'))).toThrow(/is a file/);
  });

  it('refuses a record of another version', async () => {
    const folder = join(root, 'newer');
    await writeRecord(folder, { ...RECORD, format: 2 as never });
    expect(() => readRecord(folder)).toThrow(/of another version of the format than 1/);
  });
});

describe('joinRecords', () => {
  it('adds seeds and arms, in order', () => {
    expect(joined({ seeds: [0, 4, 2], arms: ['c', 'a'] })).toMatchObject({
      seeds: [0, 1, 2, 4],
      arms: ['a', 'b', 'c'],
    });
  });

  it('takes settings in any order', () => {
    expect(() => joined({ set: RECORD.set.toReversed() })).not.toThrow();
  });

  it.each([
    [{ steps: 200 }, /folder has steps 100, not 200: .*choose another --out/],
    [{ experiment: 'y' }, /has experiment x, not y/],
    [{ env: 'harvest' }, /has env identity, not harvest/],
    [{ set: ['algo.gamma=1'] }, /has --set algo.clip=2 algo.gamma=1, not algo.gamma=1/],
  ])('refuses %j', (asked, message) => {
    expect(() => joined(asked)).toThrow(message);
  });
});

describe('lockFolder', () => {
  it('is free again once it is released', () => {
    lockFolder(root).release();
    lockFolder(root).release();
  });

  it('is refused while a process that lives holds it', () => {
    // The parent of this process lives as long as the test does.
    writeFileSync(join(root, 'experiment.lock'), `${process.ppid}\n`);
    expect(() => lockFolder(root)).toThrow(new RegExp(`process ${process.ppid} is at work in`));
    rmSync(join(root, 'experiment.lock'));
  });

  it('is refused while a process lives that a killed one has started', () => {
    writeFileSync(join(root, 'experiment.lock'), `2147483646\n${process.ppid}\n`);
    expect(() => lockFolder(root)).toThrow(new RegExp(`process ${process.ppid} is at work in`));
    rmSync(join(root, 'experiment.lock'));
  });

  it('names the processes at work', () => {
    const lock = lockFolder(root);
    lock.add(7);
    lock.add(8);
    lock.remove(7);
    expect(readFileSync(join(root, 'experiment.lock'), 'utf8')).toBe(`${process.pid}\n8\n`);
    lock.release();
  });

  it.each(['2147483646\n', 'nonsense'])('is taken from what left it behind: %j', (holder) => {
    writeFileSync(join(root, 'experiment.lock'), holder);
    const lock = lockFolder(root);
    expect(readFileSync(join(root, 'experiment.lock'), 'utf8')).toBe(`${process.pid}\n`);
    lock.release();
  });
});
