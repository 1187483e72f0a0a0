import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CARD_FILE } from './card.ts';
import { PROGRESS, temporaryFolder, untrained } from './fixture.ts';
import { openPolicies } from './names.ts';
import { exportRun } from './write.ts';
import { checkSize, readEntry, readZoo, zooNames } from './zoo.ts';

const folder = temporaryFolder();
const { run, plan, theta } = await untrained(folder, 'run', 'env.name=cartpole', 'network.lstm=0');
const zoo = join(folder, 'zoo');
await exportRun(run, join(zoo, 'good'), plan, PROGRESS, { theta });
cpSync(join(zoo, 'good'), join(zoo, 'damaged'), { recursive: true });
writeFileSync(join(zoo, 'damaged', 'policy.onnx'), 'not a network');
mkdirSync(join(zoo, 'empty'));
writeFileSync(join(zoo, 'README.md'), 'not a policy');

describe('the zoo', () => {
  it('lists its folders in order', () => {
    expect(zooNames(zoo)).toEqual(['damaged', 'empty', 'good']);
  });

  it('gives the reason for what is broken, and the rest all the same', () => {
    const [damaged, empty, good] = readZoo(zoo);
    expect(damaged!.problem).toMatch(/policy\.onnx is not the file that policy\.json describes/);
    expect(empty!.problem).toMatch(/policy\.json is missing/);
    expect(good!.files?.card.env.name).toBe('cartpole');
  });

  it('names what it has where a name is none', () => {
    expect(() => readEntry('lion', zoo)).toThrow('the zoo has no "lion", there are damaged, empty, good');
  });

  it('refuses networks that are too large to ship', () => {
    const { card } = readEntry('good', zoo);
    const networks = [new Uint8Array(2_000_001)];
    expect(() => checkSize({ card, networks, models: [] })).toThrow(
      /has 2000001 bytes, the zoo takes at most 2000000/,
    );
  });

  it('ships only what can be used', () => {
    expect(readZoo().filter(({ problem }) => problem !== null)).toEqual([]);
  });
});

describe('names of policies', () => {
  it('are scripted ones or paths, and what is named twice is opened once', async () => {
    const [scripted, first, second] = await openPolicies(['greedy', join(zoo, 'good'), join(zoo, 'good')]);
    expect(scripted).toBe('greedy');
    expect(first).toBe(second);
    expect(first).toMatchObject({ card: { env: { name: 'cartpole' } } });
  });

  it('that are none are refused with those there are', async () => {
    await expect(openPolicies(['angel'])).rejects.toThrow(/"angel" is unknown, there are random, greedy/);
  });

  it('refuses a card of another version of the format', async () => {
    const path = join(zoo, 'good', CARD_FILE);
    const card = JSON.parse(readFileSync(path, 'utf8'));
    const other = join(folder, 'other');
    cpSync(join(zoo, 'good'), other, { recursive: true });
    writeFileSync(join(other, CARD_FILE), JSON.stringify({ ...card, format: 2 }));
    await expect(openPolicies([other])).rejects.toThrow(/format: of another version of the format than 1/);
  });
});
