/**
 * Keeps a thread from being ended while it is in native code, which would take the whole process down: ONNX Runtime does not
 * survive it. Whoever ends the process closes the gate first, which waits for the thread to come out and lets it in no more.
 */
const BUSY = 0;
const CLOSED = 1;

/** How long a process that ends waits for a thread, at most. */
const LONGEST_MS = 2000;

export class Gate {
  /** Shared by both sides, int32 [2]. */
  readonly buffer: SharedArrayBuffer;
  readonly #state: Int32Array;

  constructor(buffer = new SharedArrayBuffer(8)) {
    this.buffer = buffer;
    this.#state = new Int32Array(buffer);
  }

  /** For the thread. @returns whether `work` was done: not once the gate is closed. */
  async pass(work: () => Promise<void>): Promise<boolean> {
    Atomics.store(this.#state, BUSY, 1);
    try {
      if (Atomics.load(this.#state, CLOSED) === 1) return false;
      await work();
      return true;
    } finally {
      Atomics.store(this.#state, BUSY, 0);
      Atomics.notify(this.#state, BUSY);
    }
  }

  /** For whoever ends the process: blocks until the thread is out, or for as long as is bearable. */
  close(): void {
    Atomics.store(this.#state, CLOSED, 1);
    Atomics.wait(this.#state, BUSY, 1, LONGEST_MS);
  }
}
