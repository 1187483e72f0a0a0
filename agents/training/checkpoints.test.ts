import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  bestCheckpoint,
  Checkpoints,
  encodeCheckpoint,
  hasCheckpoints,
  latestCheckpoint,
  NO_PROGRESS,
  type Progress,
  readCheckpoint,
} from './checkpoints.ts';
import type { RunState } from './crew.ts';
import { encodeSafetensors } from './safetensors.ts';

const folder = mkdtempSync(join(tmpdir(), 'arena-checkpoints-'));
afterAll(() => rmSync(folder, { recursive: true }));

const STATE: RunState = {
  shared: { theta: Float32Array.of(1, -2.5), updates: Float64Array.of(7), memory: new Float64Array(0) },
  shards: [
    { random: Uint32Array.of(1, 2 ** 32 - 1), 'return-scale/returns': Float64Array.of(0.1) },
    { random: Uint32Array.of(3, 4), environment0: Uint8Array.of(9) },
  ],
};
const at = (steps: number): Progress => ({
  ...NO_PROGRESS,
  steps,
  iterations: steps / 10,
  seconds: 1.5,
});

let run: string;
let checkpoints: Checkpoints;
let count = 0;
beforeEach(() => {
  run = join(folder, String(count++));
  checkpoints = new Checkpoints(run, 'harvest', 'ppo', 2);
});

const names = () => readdirSync(checkpoints.folder).sort();

it('what was written is read as it was', async () => {
  const progress = { ...at(20), bestScore: -3, window: { sum: 0.1, count: 3 } };
  const path = await checkpoints.write(progress, STATE, false);
  expect(readCheckpoint(path)).toEqual({
    path,
    env: 'harvest',
    algo: 'ppo',
    progress,
    state: STATE,
  });
});

it('the latest is that of the most steps, whatever the number of digits', async () => {
  for (const steps of [90, 100]) await checkpoints.write(at(steps), STATE, false);
  expect(latestCheckpoint(run).progress.steps).toBe(100);
});

it('as many of the latest stay as are to be kept, and the best beside them', async () => {
  await checkpoints.write({ ...at(10), bestScore: 5 }, STATE, true);
  for (const steps of [20, 30, 40]) await checkpoints.write(at(steps), STATE, false);
  expect(names()).toEqual([
    'best.safetensors',
    'step-000000000030.safetensors',
    'step-000000000040.safetensors',
  ]);
  expect(readCheckpoint(bestCheckpoint(run)).progress.steps).toBe(10);
});

it('a run without a checkpoint has none, and says so where one is wanted', () => {
  expect(hasCheckpoints(run)).toBe(false);
  expect(() => latestCheckpoint(run)).toThrow(`${run} has no checkpoint that can be read`);
});

describe('a damaged latest checkpoint', () => {
  const damages: [string, (bytes: Buffer) => Buffer, RegExp][] = [
    ['cut short', (bytes) => bytes.subarray(0, bytes.length - 3), /cut short/],
    ['a flipped bit', (bytes) => Buffer.from(bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1)), /damaged/],
    ['an empty file', () => Buffer.alloc(0), /0 bytes long/],
  ];

  it.each(damages)('%s is said, and the one before is taken', async (_, damage, message) => {
    await checkpoints.write(at(10), STATE, false);
    const path = await checkpoints.write(at(20), STATE, false);
    writeFileSync(path, damage(readFileSync(path)));
    const said: string[] = [];
    expect(latestCheckpoint(run, (problem) => said.push(problem)).progress.steps).toBe(10);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(path);
    expect(said[0]).toMatch(message);
    expect(said[0]).toMatch(/; the one before it is used$/);
  });
});

it('one of the time before scores were kept has an empty window', () => {
  const { window: _, ...before } = at(10);
  const path = join(checkpoints.folder, 'step-000000000010.safetensors');
  writeFileSync(path, encodeCheckpoint('harvest', 'ppo', before as Progress, STATE));
  expect(readCheckpoint(path).progress).toEqual(at(10));
});

it('a checkpoint of another version of the format is refused as such', () => {
  const file = encodeCheckpoint('harvest', 'ppo', at(10), STATE);
  const path = join(checkpoints.folder, 'step-000000000010.safetensors');
  writeFileSync(
    path,
    Buffer.from(Buffer.from(file).toString('latin1').replace('"format":"1"', '"format":"2"'), 'latin1'),
  );
  expect(() => readCheckpoint(path)).toThrow(/format: of another version of the format than 1/);
});

it('tensors that are no checkpoint are refused as such', () => {
  const path = join(checkpoints.folder, 'other.safetensors');
  writeFileSync(path, encodeSafetensors({ a: { shape: [1], data: Float32Array.of(1) } }));
  expect(() => readCheckpoint(path)).toThrow(`${path} is no checkpoint of a run: `);
});
