/** An episode's course for the charts: evenly spaced samples, thinned to every other one whenever they become too many. */
import type { History } from '../../shared/protocol/index.ts';

const MOST_SAMPLES = 400;

export class Series {
  /** Values of one sample. */
  readonly width: number;
  readonly #steps: number[] = [];
  /** By column, one value a sample. */
  readonly #columns: number[][];
  /** Steps from one sample to the next. */
  #every = 1;

  constructor(width: number) {
    this.width = width;
    this.#columns = Array.from({ length: width }, () => []);
  }

  get steps(): readonly number[] {
    return this.#steps;
  }

  column(index: number): readonly number[] {
    return this.#columns[index]!;
  }

  clear(): void {
    this.#steps.length = 0;
    for (const column of this.#columns) column.length = 0;
    this.#every = 1;
  }

  /** The episode so far, as the room tells it on entering. @param samples [n, width] */
  restore({ every, samples }: History): void {
    this.clear();
    this.#every = Math.max(1, every);
    const count = Math.floor(samples.length / this.width);
    for (let k = 0; k < count; k++) {
      this.#steps.push(k * this.#every);
      this.#columns.forEach((column, c) => void column.push(samples[k * this.width + c]!));
    }
    while (this.#steps.length > MOST_SAMPLES) this.#thin();
  }

  /** Takes the sample of a step, if it is due. @param sample [width], copied. */
  add(step: number, sample: ArrayLike<number>): void {
    const last = this.#steps.at(-1);
    if (last !== undefined && step < last + this.#every) return;
    this.#steps.push(step);
    this.#columns.forEach((column, c) => void column.push(sample[c]!));
    if (this.#steps.length > MOST_SAMPLES) this.#thin();
  }

  #thin(): void {
    this.#every *= 2;
    const keep = (values: number[]) => {
      let kept = 0;
      for (let k = 0; k < values.length; k += 2) values[kept++] = values[k]!;
      values.length = kept;
    };
    keep(this.#steps);
    for (const column of this.#columns) keep(column);
  }
}
