import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { WriteError } from './errors.ts';

/**
 * Makes a folder, and those above it that are missing. One by one: Node's own recursion never ends where the system calls
 * a folder missing that is there, as it does below /proc.
 * @param mode of those that are made.
 * @throws {WriteError}
 */
export function makeFolder(path: string, mode = 0o777): void {
  const folder = resolve(path);
  if (isFolder(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder), mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have been quicker.
    if (isFolder(folder)) return;
    // The one above it is there: this file system takes none.
    const none = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new WriteError(folder, none ? new Error(`no folder can be made in ${dirname(folder)}`) : error);
  }
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
