/** A file that grows by whole records, for logs of a run: one writer, and every record is with the system on return. */
import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { WriteError } from './errors.ts';

export class AppendFile {
  readonly path: string;
  readonly #handle: number;

  /** @throws {WriteError} */
  constructor(path: string) {
    this.path = path;
    this.#handle = this.#attempt(() => openSync(path, 'a'));
  }

  /** Cuts off what lies behind the first `size` bytes. @throws {WriteError} */
  truncate(size: number): void {
    this.#attempt(() => ftruncateSync(this.#handle, size));
  }

  /** @throws {WriteError} on a full disk; a part of the record may then be in the file. */
  append(record: Uint8Array): void {
    this.#attempt(() => {
      // A file system may take less than it is given, the last time before it is full.
      for (let at = 0; at < record.length; ) at += writeSync(this.#handle, record, at);
    });
  }

  /** @throws {WriteError} */
  close(): void {
    this.#attempt(() => {
      try {
        // Devices and pipes cannot be flushed, and need not be.
        fsyncSync(this.#handle);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
      } finally {
        closeSync(this.#handle);
      }
    });
  }

  #attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new WriteError(this.path, error);
    }
  }
}
