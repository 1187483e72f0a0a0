import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  fastest,
  findTorch,
  parseRecord,
  pythons,
  TorchMissing,
  type TorchRecord,
  torchBench,
} from './torch.ts';

const GEMM = {
  torch: '2.15.0',
  measure: 'gemm',
  variant: 'mm',
  batch: 1024,
  ms: 20,
  bestMs: 19,
  repeats: 50,
};
const inference = (variant: string, batch: number, input: 'ids' | 'rgb', ms: number): TorchRecord => ({
  ...{ torch: '2.15.0', measure: 'inference', variant, batch, input, ms, bestMs: ms / 2, repeats: 9 },
  samplesPerSecond: (batch / ms) * 1000,
});

describe('a line of torch_bench.py', () => {
  it('is taken as it is when all is there', () => {
    const record = { ...GEMM, gflops: 107.4 };
    expect(parseRecord(JSON.stringify(record), 1)).toEqual(record);
  });

  it.each([
    ['no JSON', 'Killed', /line 7: a JSON object was expected, not "Killed"/],
    ['a field that is missing', JSON.stringify(GEMM), /line 7: gflops: .*expected number/],
    ['a time that is not positive', JSON.stringify({ ...GEMM, gflops: 1, ms: 0 }), /line 7: ms: .*>0/],
    ['an unknown measure', JSON.stringify({ ...GEMM, measure: 'conv' }), /line 7: measure: /],
    ['a field that nobody knows', JSON.stringify({ ...GEMM, gflops: 1, tflops: 1 }), /line 7: .*"tflops"/],
  ])('is refused with its number and reason: %s', (_, text, message) => {
    expect(() => parseRecord(text, 7)).toThrow(message);
  });
});

describe('fastest', () => {
  it('takes the variant with the smallest median of each batch and input', () => {
    const records = [
      inference('eager', 5, 'ids', 0.2),
      inference('jit', 5, 'ids', 0.1),
      inference('eager', 5, 'rgb', 0.08),
      inference('jit', 5, 'rgb', 0.09),
      inference('eager', 40, 'ids', 0.4),
    ];
    expect(fastest(records)).toEqual([records[1], records[2], records[4]]);
  });
});

describe('where torch is looked for', () => {
  it('is ARENA_PYTHON first, then the cache folder, then Python on the PATH', () => {
    expect(pythons({ ARENA_PYTHON: '/opt/python', XDG_CACHE_HOME: '/cache' })).toEqual([
      '/opt/python',
      '/cache/commons-arena/venv-torch/bin/python',
      'python3',
      '/usr/bin/python3',
    ]);
  });

  it('passes over what does not run', () => {
    expect(findTorch(['/nowhere/python', '/bin/false'])).toBeNull();
  });
});

const folder = mkdtempSync(join(tmpdir(), 'arena-torch-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(spawnSync('python3', ['--version']).status !== 0)('a Python without torch', () => {
  it('is said to have none, and how to get one', async () => {
    // -S leaves out site-packages, where a torch would be.
    const python = join(folder, 'python');
    writeFileSync(python, '#!/bin/sh\nexec python3 -S "$@"\n');
    chmodSync(python, 0o755);
    const failure = torchBench({ python });
    await expect(failure).rejects.toThrow(TorchMissing);
    await expect(failure).rejects.toThrow(/PyTorch is missing from [\s\S]*pip install torch/);
  });
});

const torch = findTorch();

describe.skipIf(torch === null)('a Python with torch', () => {
  const quick = { python: torch?.python ?? '', seconds: 0.01, batches: [2], compile: 'no' } as const;
  const notes: string[] = [];
  let records: TorchRecord[] = [];
  beforeAll(async () => {
    records = await torchBench({ ...quick, note: (text) => notes.push(text) });
  }, 120_000);

  it('measures every point, from ids and from pixels', () => {
    expect(
      fastest(records).map((record) => [
        record.measure,
        record.batch,
        record.measure === 'inference' ? record.input : null,
      ]),
    ).toEqual([
      ['gemm', 1024, null],
      ['inference', 2, 'ids'],
      ['inference', 2, 'rgb'],
      ['update', 1280, null],
    ]);
  });

  it('says which torch it was', () => {
    expect(new Set(records.map((record) => record.torch))).toEqual(new Set([torch?.version]));
  });

  it('counts the floating-point operations of a matrix product as 2 n^3', () => {
    const gemm = records.find((record) => record.measure === 'gemm')!;
    expect(gemm.gflops).toBeCloseTo((2 * 1024 ** 3) / gemm.ms / 1e6, 6);
  });

  it('tells what it measures while it does', () => {
    expect(notes).toContain('inference of 2 from ids');
  });

  it('fails with the script’s own words where an option is wrong', async () => {
    await expect(torchBench({ ...quick, measures: ['conv' as 'gemm'] })).rejects.toThrow(
      /ended with 2:[\s\S]*invalid choice: 'conv'/,
    );
  });
});
