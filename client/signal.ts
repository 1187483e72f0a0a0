/** A thing that happens, and who wants to know. */
export class Signal<T = void> {
  readonly #listeners = new Set<(value: T) => void>();

  /** @returns how to stop listening. */
  on(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
}
