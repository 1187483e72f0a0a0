import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { decodeRecording } from './recording.ts';

it('docs/examples/record-scripted.ts writes a recording of as many episodes as it is told', () => {
  const folder = mkdtempSync(join(tmpdir(), 'record-'));
  try {
    const file = join(folder, 'greedy.arenarec');
    const example = fileURLToPath(new URL('../../docs/examples/record-scripted.ts', import.meta.url));
    execFileSync(process.execPath, [example, 'greedy', '2', file, '1', '300']);
    const { chunks } = decodeRecording(readFileSync(file), file);
    expect(chunks.map(({ episode, steps, ended }) => [episode, steps, ended])).toEqual([
      [0, 300, true],
      [1, 300, true],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
