/** Checks of buffers that callers own, before anything is written to them. */

/** @throws {RangeError} unless `needed` elements fit from `offset` on. */
export function checkRoom(length: number, offset: number, needed: number, what: string): void {
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new RangeError(`${what}: offset ${offset} is not an index`);
  if (length - offset < needed) {
    throw new RangeError(
      `${what}: ${needed} elements are needed from offset ${offset} on, there are ${Math.max(0, length - offset)}`,
    );
  }
}
