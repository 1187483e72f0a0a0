/** Weighted means by name, until somebody takes them. */
export class Means {
  readonly #sums = new Map<string, { sum: number; weight: number }>();

  /** @param sum of `weight` things. */
  add(name: string, sum: number, weight: number): void {
    if (weight === 0) return;
    const entry = this.#sums.get(name);
    if (entry === undefined) this.#sums.set(name, { sum, weight });
    else {
      entry.sum += sum;
      entry.weight += weight;
    }
  }

  /** Seconds, which are summed: `time/name`. */
  time(name: string, seconds: number): void {
    const key = `time/${name}`;
    const entry = this.#sums.get(key);
    if (entry === undefined) this.#sums.set(key, { sum: seconds, weight: 1 });
    else entry.sum += seconds;
  }

  /** All of them; forgets them. */
  take(): Record<string, number> {
    const means = Object.fromEntries([...this.#sums].map(([name, { sum, weight }]) => [name, sum / weight]));
    this.#sums.clear();
    return means;
  }
}
