import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readPlan } from './config.ts';
import { createRunFolder, RUN_FILE, readRunFolder } from './run-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'arena-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

const plan = readPlan('env: {name: cartpole}\nenvironments: 4\nalgo: {name: a2c}\nseed: 3', 'a test');
const create = (path: string) => createRunFolder(path, plan, 'onnx', 'npx arena train');

it('describes the run, with versions and all settings', async () => {
  const path = join(folder, 'new', 'run');
  await create(path);
  const run = JSON.parse(readFileSync(join(path, RUN_FILE), 'utf8'));
  expect(run).toMatchObject({
    format: 1,
    env: 'cartpole',
    algo: 'a2c',
    seed: 3,
    backend: 'onnx',
    command: 'npx arena train',
    parameters: plan.parameters,
    config: { algo: { gamma: 0.99 } },
    versions: { node: process.versions.node },
  });
});

it('what it holds is the plan again, and the configuration says the same', async () => {
  const path = join(folder, 'again');
  await create(path);
  expect(readRunFolder(path).config).toEqual(plan.config);
  expect(readPlan(readFileSync(join(path, 'config.yaml'), 'utf8'), 'saved').config).toEqual(plan.config);
});

it('a folder that is there and empty will do', async () => {
  const path = join(folder, 'empty');
  mkdirSync(path);
  await create(path);
  expect(readRunFolder(path).config.seed).toBe(3);
});

it('a folder with a run is refused, with the way to go on', async () => {
  const path = join(folder, 'twice');
  await create(path);
  await expect(create(path)).rejects.toThrow(
    `${path} has a run already: add --resume to go on with it, or choose another --out`,
  );
});

it('a folder with something else is refused', async () => {
  const path = join(folder, 'other');
  mkdirSync(path);
  writeFileSync(join(path, 'letter.txt'), '');
  await expect(create(path)).rejects.toThrow(`${path} is not empty: choose another --out`);
});

it('a place that cannot be written to is named', async () => {
  const path = join(folder, 'file');
  writeFileSync(path, '');
  await expect(create(join(path, 'below'))).rejects.toThrow(/a file is there/);
});

it.each([
  ['nothing', null, /run.json cannot be read: there is no such file \(ENOENT\)/],
  ['no JSON', '{', /run.json cannot be read: /],
  ['another version', '{"format": 9, "config": {}}', /format: of another version of the format than 1/],
  ['no configuration', '{"format": 1}', /config: /],
])('%s where a run should be is refused', (name, text, message) => {
  const path = join(folder, `wrong ${name}`);
  mkdirSync(path);
  if (text !== null) writeFileSync(join(path, RUN_FILE), text);
  expect(() => readRunFolder(path)).toThrow(message);
});

it('a setting in a run that no algorithm knows is refused in words', () => {
  const path = join(folder, 'wrong setting');
  mkdirSync(path);
  const config = { ...plan.config, algo: { ...plan.config.algo, gama: 0.9 } };
  writeFileSync(join(path, RUN_FILE), JSON.stringify({ format: 1, config }));
  expect(() => readRunFolder(path)).toThrow(
    /run.json, config, line 1: algo.gama is unknown, did you mean algo.gamma\?/,
  );
});
