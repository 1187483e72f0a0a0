/** Work that is done at once where it can be: only for what lies beyond a network is there something to await. */
export type Soon = void | Promise<void>;

/** Does `next` after `first`, at once where `first` was. */
export function after(first: Soon, next: () => Soon): Soon {
  return first === undefined ? next() : first.then(next);
}

/** All of them; undefined where all were done at once. */
export function allOf(parts: readonly Soon[]): Soon {
  const waiting = parts.filter((part) => part !== undefined);
  return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => {});
}
