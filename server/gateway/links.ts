/** The visits that a connection pays to rooms, by the number that names each of them in frames, playing or watching. */
import type { AgentError } from '../../shared/protocol/agents/index.ts';

/** Visits at a time. */
const MOST = 64;
const NUMBERS = 65_536;

export type Refused = { readonly error: AgentError };

export function refuse(code: AgentError['code'], message: string): Refused {
  return { error: { code, message } };
}

export class Links<V> {
  readonly #visits = new Map<number, V>();
  readonly #numbers: Numbers;

  constructor(numbers: Numbers) {
    this.#numbers = numbers;
  }

  /** @returns a number that names nothing yet, or why there is none. */
  take(): number | Refused {
    return (
      this.#numbers.take() ??
      refuse('too-much', `a connection visits ${MOST} rooms at a time: leave one first`)
    );
  }

  set(link: number, visit: V): void {
    this.#visits.set(link, visit);
  }

  get(link: number): V | Refused {
    return (
      this.#visits.get(link) ?? refuse('no-link', `there is no link ${link}: \`join\` or \`watch\` first`)
    );
  }

  /** Whether it was there. */
  delete(link: number): boolean {
    this.#numbers.free(link);
    return this.#visits.delete(link);
  }

  /** All, which are forgotten. */
  clear(): V[] {
    const visits = [...this.#visits.values()];
    for (const link of this.#visits.keys()) this.#numbers.free(link);
    this.#visits.clear();
    return visits;
  }
}

/** Of one connection: what it plays and what it watches is told apart by number. */
export class Numbers {
  readonly #used = new Set<number>();
  #next = 0;

  take(): number | null {
    if (this.#used.size >= MOST) return null;
    while (this.#used.has(this.#next)) this.#next = (this.#next + 1) % NUMBERS;
    const number = this.#next;
    this.#used.add(number);
    this.#next = (number + 1) % NUMBERS;
    return number;
  }

  free(number: number): void {
    this.#used.delete(number);
  }
}
