import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AppendFile } from './append-file.ts';
import { WriteError } from './errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'arena-append-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('AppendFile', () => {
  it('adds behind what is there, and behind a cut', () => {
    const path = join(folder, 'x');
    for (const text of ['one', 'two']) {
      const file = new AppendFile(path);
      file.append(Buffer.from(text));
      file.close();
    }
    const file = new AppendFile(path);
    file.truncate(4);
    file.append(Buffer.from('!'));
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('onet!');
  });

  it('says which file cannot be written, and why', ({ skip }) => {
    if (!existsSync('/dev/full')) skip('no /dev/full, the device that is always full');
    const file = new AppendFile('/dev/full');
    expect(() => file.append(Uint8Array.of(1))).toThrow(WriteError);
    expect(() => file.append(Uint8Array.of(1))).toThrow(
      '/dev/full cannot be written: no space is left on the disk (ENOSPC)',
    );
    file.close();
  });
});
