/**
 * Says across threads which policy a thread is in, so that one that never comes out, or takes the thread with it, is known by
 * its number.
 */
const POLICY = 0;
const ENTRIES = 1;

export class Whereabouts {
  /** Shared by both sides, int32 [2]: number of the policy plus one, 0 for none; how often one was entered, which wraps. */
  readonly buffer: SharedArrayBuffer;
  readonly #state: Int32Array;

  constructor(buffer = new SharedArrayBuffer(8)) {
    this.buffer = buffer;
    this.#state = new Int32Array(buffer);
  }

  /** Does `work`, which runs a policy. */
  async within<T>(policy: number, work: () => Promise<T>): Promise<T> {
    Atomics.store(this.#state, POLICY, policy + 1);
    Atomics.add(this.#state, ENTRIES, 1);
    try {
      return await work();
    } finally {
      Atomics.store(this.#state, POLICY, 0);
    }
  }

  get policy(): number | null {
    const policy = Atomics.load(this.#state, POLICY);
    return policy === 0 ? null : policy - 1;
  }

  get entries(): number {
    return Atomics.load(this.#state, ENTRIES);
  }
}
