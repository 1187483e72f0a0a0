/**
 * How often each of many things was met, by a hash of it, in a table of fixed size. Two whose hashes end alike share a
 * place and count together: with m of `size` places used, a new thing is taken for one that is known with probability
 * m / size, and counts too many, never too few.
 */
import { hash64 } from '../../shared/hash.ts';

export class VisitTable {
  readonly #counts: Uint32Array;
  readonly #bits: number;
  #used = 0;

  /** @param size a power of two. */
  constructor(size: number) {
    this.#counts = new Uint32Array(size);
    this.#bits = Math.log2(size);
  }

  /** Counts a visit. @returns how many there have been, this one included. */
  visit(bytes: Uint8Array): number {
    const place = Number(BigInt.asUintN(this.#bits, hash64(bytes)));
    const count = ++this.#counts[place]!;
    if (count === 1) this.#used++;
    return count;
  }

  /** Share of places that are used. */
  get used(): number {
    return this.#used / this.#counts.length;
  }

  /**
   * For each used place how far it is behind the one before and its count, 7 bits a byte with the lowest first, the
   * eighth bit set where more follow (LEB128): a table that is hardly used takes hardly any room.
   */
  save(): Uint8Array {
    const bytes: number[] = [];
    const write = (number: number) => {
      let rest = number;
      for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
      bytes.push(rest);
    };
    let before = -1;
    this.#counts.forEach((count, place) => {
      if (count === 0) return;
      write(place - before);
      write(count);
      before = place;
    });
    return Uint8Array.from(bytes);
  }

  /** @throws {Error} for what a table of another size saved, or none did. */
  load(bytes: Uint8Array): void {
    let at = 0;
    const read = () => {
      let number = 0;
      for (let unit = 1; ; unit *= 0x80) {
        const byte = bytes[at++];
        if (byte === undefined) throw new Error('the saved counts end in the middle of a number');
        number += (byte % 0x80) * unit;
        if (byte < 0x80) return number;
      }
    };
    this.#counts.fill(0);
    this.#used = 0;
    for (let place = -1; at < bytes.length; this.#used++) {
      place += read();
      if (place >= this.#counts.length) {
        throw new Error(`the saved counts are of a table of more than ${this.#counts.length} places`);
      }
      this.#counts[place] = read();
    }
  }
}
