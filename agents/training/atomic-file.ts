/** Files that are there whole or not at all, whenever the process or the machine stops. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { WriteError } from './errors.ts';

/**
 * Writes a file beside its place, flushes it to the disk and moves it there: a reader sees the old file or the new one.
 * @throws {WriteError} naming path and cause; the old file is then as it was and nothing is left beside it.
 */
export async function writeAtomic(path: string, contents: Uint8Array | string): Promise<void> {
  const folder = dirname(path);
  // Random, so that two writers of the same path never share a temporary file.
  const temporary = join(folder, `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(contents);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // Where even this fails, what went wrong first is what matters.
    await rm(temporary, { force: true }).catch(() => {});
    throw new WriteError(path, error);
  }
  await flushFolder(folder, path);
}

/** The move itself is safe only once the folder that lists it is on the disk. */
async function flushFolder(folder: string, path: string): Promise<void> {
  // Windows does not open folders, and writes its directory entries through.
  if (process.platform === 'win32') return;
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new WriteError(path, error);
  }
}
