import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAtomic } from './atomic-file.ts';
import { WriteError } from './errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'arena-atomic-'));
afterAll(() => rmSync(folder, { recursive: true }));

const contents = (path: string) => readFileSync(path, 'utf8');

describe('writeAtomic', () => {
  it('writes a file and leaves nothing beside it', async () => {
    const place = mkdtempSync(join(folder, 'a-'));
    await writeAtomic(join(place, 'x'), 'one');
    await writeAtomic(join(place, 'x'), Uint8Array.of(116, 119, 111));
    expect(readdirSync(place)).toEqual(['x']);
    expect(contents(join(place, 'x'))).toBe('two');
  });

  it('never shows a reader half a file while several write', async () => {
    const path = join(folder, 'contended');
    const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(200_000));
    await writeAtomic(path, texts[0]!);
    let writing = true;
    const writers = Promise.all(texts.map((text) => writeAtomic(path, text))).finally(
      () => (writing = false),
    );
    while (writing) {
      expect(texts).toContain(contents(path));
      await new Promise(setImmediate);
    }
    await writers;
  });

  it.each([
    ['a missing folder', join(folder, 'none', 'x'), /its folder does not exist \(ENOENT\)/],
    ['a file as folder', join(folder, 'file', 'x'), /a part of the path is a file, not a folder \(ENOTDIR\)/],
    ['a folder as file', join(folder, 'full'), /it is a folder \(EISDIR\)/],
  ])('names path and cause for %s, and leaves nothing behind', async (_, path, message) => {
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'full', 'inner'), { recursive: true });
    const before = readdirSync(folder);
    const error = await writeAtomic(path, 'text').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WriteError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message.startsWith(path)).toBe(true);
    expect(readdirSync(folder)).toEqual(before);
  });
});

/** A disk of 64 KB, if this process may mount one. */
const disk = join(folder, 'disk');
function mountDisk(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'only root on Linux can mount a small disk';
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return `no small disk can be mounted: ${(error as Error).message.trim()}`;
  }
}

describe('on a full disk', () => {
  let obstacle: string | null = null;
  beforeAll(() => {
    obstacle = mountDisk();
    return () => {
      if (obstacle === null) execFileSync('umount', [disk]);
    };
  });

  it('keeps the old file, removes the new one and says that no space is left', async ({ skip }) => {
    if (obstacle !== null) skip(obstacle);
    const path = join(disk, 'x');
    await writeAtomic(path, 'old');
    await expect(writeAtomic(path, new Uint8Array(200_000))).rejects.toThrow(
      `${path} cannot be written: no space is left on the disk (ENOSPC)`,
    );
    expect(readdirSync(disk)).toEqual(['x']);
    expect(contents(path)).toBe('old');
  });
});
