/**
 * What workers share while they learn together. A run has S shards, each with environments, generators and memory of its
 * own; W workers carry them. Whatever crosses shards goes through here and is combined in the order of shards, so that
 * how many workers there are, and which is the first to finish, does not change a digit.
 */

/** Numbers a shard may hand to the others at a time: three for each of 240 players, and some more. */
export const EXCHANGE_WIDTH = 1024;

/** Shared by all workers; made once by who starts them. */
export interface CollectiveMemory {
  readonly workers: number;
  readonly shards: number;
  /** P, the length of a gradient. */
  readonly parameters: number;
  /** float32 [2, S, P]: two sets, so that a fast worker writes the next while a slow one still reads this. */
  readonly gradients: SharedArrayBuffer;
  /** float64 [2, S, EXCHANGE_WIDTH]. */
  readonly numbers: SharedArrayBuffer;
  /** int32 [arrived, generation, given up]. */
  readonly barrier: SharedArrayBuffer;
}

export function collectiveMemory(workers: number, shards: number, parameters: number): CollectiveMemory {
  return {
    workers,
    shards,
    parameters,
    gradients: new SharedArrayBuffer(2 * shards * parameters * Float32Array.BYTES_PER_ELEMENT),
    numbers: new SharedArrayBuffer(2 * shards * EXCHANGE_WIDTH * Float64Array.BYTES_PER_ELEMENT),
    barrier: new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT),
  };
}

/** Lets go of the workers that wait for others, and of those that would: they fail, and end. */
export function giveUp({ barrier }: CollectiveMemory): void {
  const view = new Int32Array(barrier);
  Atomics.store(view, 2, 1);
  // A generation that nobody was waited for, so that one who is about to wait does not sleep through the notice.
  Atomics.add(view, 1, 1);
  Atomics.notify(view, 1);
}

export class Collective {
  readonly shards: number;
  /** The shards that this worker carries, in order. */
  readonly own: readonly number[];
  readonly #workers: number;
  /** [2][S] views. */
  readonly #gradients: readonly (readonly Float32Array[])[];
  readonly #numbers: readonly (readonly Float64Array[])[];
  readonly #barrier: Int32Array;
  #gradientSet = 0;
  #numberSet = 0;

  constructor(memory: CollectiveMemory, worker: number) {
    const { shards, workers, parameters } = memory;
    this.shards = shards;
    this.#workers = workers;
    this.own = Array.from({ length: shards }, (_, shard) => shard).filter(
      (shard) => shard % workers === worker,
    );
    const indices = [0, 1].map((set) => Array.from({ length: shards }, (_, shard) => set * shards + shard));
    this.#gradients = indices.map((row) =>
      row.map((k) => new Float32Array(memory.gradients, k * parameters * 4, parameters)),
    );
    this.#numbers = indices.map((row) =>
      row.map((k) => new Float64Array(memory.numbers, k * EXCHANGE_WIDTH * 8, EXCHANGE_WIDTH)),
    );
    this.#barrier = new Int32Array(memory.barrier);
  }

  /** Both memories that `shard` writes its gradients to in turn, for binding: the one with index `turn` is the next. */
  gradientMemories(shard: number): readonly [Float32Array, Float32Array] {
    return [this.#gradients[0]![shard]!, this.#gradients[1]![shard]!];
  }

  /** 0 or 1: which of its two memories a shard writes to now. */
  get turn(): number {
    return this.#gradientSet;
  }

  /** Waits until every shard's gradient is there, then writes their mean into `out` [P]. */
  meanGradient(out: Float32Array): void {
    this.wait();
    const slots = this.#gradients[this.#gradientSet]!;
    this.#gradientSet = 1 - this.#gradientSet;
    const scale = 1 / this.shards;
    const [first, second] = slots as [Float32Array, Float32Array?];
    if (second === undefined) {
      out.set(first);
      return;
    }
    if (slots.length === 2) {
      for (let i = 0; i < out.length; i++) out[i] = (first[i]! + second[i]!) * scale;
      return;
    }
    out.set(first);
    for (let shard = 1; shard < slots.length; shard++) {
      const slot = slots[shard]!;
      for (let i = 0; i < out.length; i++) out[i]! += slot[i]!;
    }
    for (let i = 0; i < out.length; i++) out[i]! *= scale;
  }

  /**
   * Every shard hands numbers to all. @param write fills the row of one of the own shards, zeroed before.
   * @returns [S] rows in the order of shards, valid until the exchange after the next.
   */
  exchange(write: (row: Float64Array, shard: number) => void): readonly Float64Array[] {
    const rows = this.#numbers[this.#numberSet]!;
    this.#numberSet = 1 - this.#numberSet;
    for (const shard of this.own) write(rows[shard]!.fill(0), shard);
    this.wait();
    return rows;
  }

  /**
   * Returns when all workers have called it. Blocks the thread: for workers only, unless there is one.
   * @throws {Error} where the run is given up meanwhile.
   */
  wait(): void {
    if (this.#workers === 1) return;
    const barrier = this.#barrier;
    const generation = Atomics.load(barrier, 1);
    if (Atomics.add(barrier, 0, 1) === this.#workers - 1) {
      Atomics.store(barrier, 0, 0);
      Atomics.add(barrier, 1, 1);
      Atomics.notify(barrier, 1);
      return;
    }
    while (Atomics.load(barrier, 1) === generation) Atomics.wait(barrier, 1, generation);
    if (Atomics.load(barrier, 2) === 1) throw new Error('the run was given up');
  }
}
