/** How many ticks a second really come. */
const SPAN = 4000;

export class TickMeter {
  #times: number[] = [];

  add(now: number): void {
    this.#times.push(now);
    while (this.#times[0]! < now - SPAN) this.#times.shift();
  }

  clear(): void {
    this.#times = [];
  }

  /** Hz over the last seconds, or null while too little is known. */
  get rate(): number | null {
    const first = this.#times[0];
    const last = this.#times.at(-1);
    if (first === undefined || last === undefined || this.#times.length < 3 || last === first) return null;
    return ((this.#times.length - 1) * 1000) / (last - first);
  }
}
