/**
 * The memory that grid worlds lie in: one block, handed out in order and never given back, so that E environments are
 * contiguous and a snapshot is one copy. With the kernel the block is a WebAssembly memory and windows are copied by
 * SIMD; without it it is a plain buffer. The bytes are the same either way.
 */
import { KERNEL_BASE64 } from './kernel.ts';

type CopyWindows = (list: number, count: number, width: number, height: number, out: number) => void;

const PAGE = 65536;

export class Heap {
  readonly buffer: ArrayBuffer;
  readonly bytes: Uint8Array;
  /** Null without the kernel. */
  readonly #copyWindows: CopyWindows | null;
  #top = 0;

  /** @param capacity bytes; a multiple of 64 KiB is taken with the kernel. */
  constructor(capacity: number, kernel: boolean) {
    if (kernel) {
      const pages = Math.ceil(capacity / PAGE);
      const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
      this.buffer = memory.buffer as ArrayBuffer;
      const instance = new WebAssembly.Instance(kernelModule(), { heap: { memory } });
      this.#copyWindows = instance.exports['windows'] as CopyWindows;
    } else {
      this.buffer = new ArrayBuffer(capacity);
      this.#copyWindows = null;
    }
    this.bytes = new Uint8Array(this.buffer);
  }

  /** Bytes handed out so far. */
  get used(): number {
    return this.#top;
  }

  uint8(length: number): Uint8Array {
    return new Uint8Array(this.buffer, this.#take(length, 1), length);
  }

  uint16(length: number): Uint16Array {
    return new Uint16Array(this.buffer, this.#take(length * 2, 2), length);
  }

  int32(length: number): Int32Array {
    return new Int32Array(this.buffer, this.#take(length * 4, 4), length);
  }

  uint32(length: number): Uint32Array {
    return new Uint32Array(this.buffer, this.#take(length * 4, 4), length);
  }

  float32(length: number): Float32Array {
    return new Float32Array(this.buffer, this.#take(length * 4, 4), length);
  }

  /** Moves on to a multiple of `alignment`, so that what follows starts there. */
  align(alignment: number): void {
    this.#top = Math.ceil(this.#top / alignment) * alignment;
    if (this.#top > this.buffer.byteLength) throw new RangeError('the heap is full');
  }

  /**
   * Copies `count` windows, [height, width] uint8 each, packed one after another.
   * @param list int32 [count, 2] in this heap: where a window's first cell lies in this heap, and its rows' distance.
   * @param out where they go, in any buffer; in this heap the copy is direct.
   */
  copyWindows(list: Int32Array, count: number, width: number, height: number, out: Uint8Array, offset: number): void {
    if (out.length - offset < count * width * height) {
      throw new RangeError(
        `${count} windows of ${height}x${width} need ${count * width * height} bytes, there are ${out.length - offset}`,
      );
    }
    // A row shorter than eight bytes would let a 16-byte store reach past the row that overwrites its rest.
    if (this.#copyWindows !== null && width >= 8 && width <= 16 && out.buffer === this.buffer) {
      this.#copyWindows(list.byteOffset, count, width, height, out.byteOffset + offset);
      return;
    }
    const bytes = this.bytes;
    for (let i = 0; i < count; i++) {
      let source = list[2 * i]!;
      const stride = list[2 * i + 1]!;
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) out[offset++] = bytes[source + column]!;
        source += stride;
      }
    }
  }

  #take(size: number, alignment: number): number {
    const start = Math.ceil(this.#top / alignment) * alignment;
    if (start + size > this.buffer.byteLength) throw new RangeError('the heap is full');
    this.#top = start + size;
    return start;
  }
}

let compiled: WebAssembly.Module | undefined;

function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(KERNEL_BASE64), (c) => c.charCodeAt(0)));
  return compiled;
}
