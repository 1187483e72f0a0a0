import type { Saved } from './algorithm.ts';

/** Copies the array of that name into one of the same length. @throws {Error} where there is none such. */
export function restore(
  saved: Saved,
  name: string,
  into: { set(from: ArrayLike<number>): void; readonly length: number },
): void {
  const from = saved[name];
  if (from?.length !== into.length) {
    throw new Error(`${name} should have ${into.length} elements and has ${from?.length ?? 'none'}`);
  }
  into.set(from);
}
