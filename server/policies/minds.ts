/** Who wants to see the minds of which seats. */
export class MindAskers {
  readonly #wanted = new Map<string, ReadonlySet<number>>();

  /** @param seats from now on, instead of any before. */
  set(client: string, seats: readonly number[]): void {
    if (seats.length === 0) this.#wanted.delete(client);
    else this.#wanted.set(client, new Set(seats));
  }

  forget(client: string): void {
    this.#wanted.delete(client);
  }

  wants(client: string, seat: number): boolean {
    return this.#wanted.get(client)?.has(seat) ?? false;
  }

  /** Seats that anybody wants to see who may. */
  seats(may: (client: string) => boolean): number[] {
    if (this.#wanted.size === 0) return NONE;
    const all = new Set<number>();
    for (const [client, seats] of this.#wanted) {
      if (may(client)) for (const seat of seats) all.add(seat);
    }
    return [...all];
  }
}

const NONE: number[] = [];
