/**
 * The memory that grid worlds lie in: one block, handed out in order and never given back, so that E environments are
 * contiguous and a snapshot is one copy. With the kernel the block is a WebAssembly memory and windows are copied by
 * SIMD; without it it is a plain buffer. The bytes are the same either way.
 */
import { checkRoom } from '../buffers.ts';
import { KERNEL_BASE64 } from './kernel.ts';

type CopyWindows = (list: number, count: number, width: number, height: number, out: number) => void;

const PAGE = 65536;

export class Heap {
  readonly buffer: ArrayBuffer;
  /**
   * The whole heap. Hot loops index these with an array's place in the heap instead of holding a view of each array:
   * hundreds of worlds then share four views that stay in cache, where each would bring a dozen of its own.
   */
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly f32: Float32Array;
  /** Null without the kernel. */
  readonly #copyWindows: CopyWindows | null;
  readonly #counting: boolean;
  #top = 0;

  /**
   * @param capacity bytes; a multiple of 64 KiB is taken with the kernel. `count` hands out arrays that lie anywhere and
   * only counts, to find out how much something takes.
   */
  constructor(capacity: number | 'count', kernel: boolean) {
    this.#counting = capacity === 'count';
    if (capacity === 'count') {
      this.buffer = new ArrayBuffer(0);
      this.#copyWindows = null;
    } else if (kernel) {
      const pages = Math.ceil(capacity / PAGE);
      const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
      this.buffer = memory.buffer as ArrayBuffer;
      const instance = new WebAssembly.Instance(kernelModule(), { heap: { memory } });
      this.#copyWindows = instance.exports.windows as CopyWindows;
    } else {
      this.buffer = new ArrayBuffer(Math.ceil(capacity / 4) * 4);
      this.#copyWindows = null;
    }
    this.u8 = new Uint8Array(this.buffer);
    this.u16 = new Uint16Array(this.buffer);
    this.i32 = new Int32Array(this.buffer);
    this.f32 = new Float32Array(this.buffer);
  }

  /** Bytes handed out so far. */
  get used(): number {
    return this.#top;
  }

  uint8(length: number): Uint8Array {
    const at = this.#take(length, 1);
    return this.#counting ? new Uint8Array(length) : new Uint8Array(this.buffer, at, length);
  }

  uint16(length: number): Uint16Array {
    const at = this.#take(length * 2, 2);
    return this.#counting ? new Uint16Array(length) : new Uint16Array(this.buffer, at, length);
  }

  int32(length: number): Int32Array {
    const at = this.#take(length * 4, 4);
    return this.#counting ? new Int32Array(length) : new Int32Array(this.buffer, at, length);
  }

  uint32(length: number): Uint32Array {
    const at = this.#take(length * 4, 4);
    return this.#counting ? new Uint32Array(length) : new Uint32Array(this.buffer, at, length);
  }

  float32(length: number): Float32Array {
    const at = this.#take(length * 4, 4);
    return this.#counting ? new Float32Array(length) : new Float32Array(this.buffer, at, length);
  }

  /** Everything handed out from byte `start` on, as bytes; nothing while counting. */
  since(start: number): Uint8Array {
    return this.#counting ? new Uint8Array(0) : new Uint8Array(this.buffer, start, this.#top - start);
  }

  /** Moves on to a multiple of `alignment`, so that what follows starts there. */
  align(alignment: number): void {
    this.#take(0, alignment);
  }

  /**
   * Copies `count` windows, [height, width] uint8 each, packed one after another.
   * @param list int32 [count, 2] in this heap: where a window's first cell lies in this heap, and its rows' distance.
   * @param out where they go, in any buffer; in this heap the copy is direct.
   */
  copyWindows(
    list: Int32Array,
    count: number,
    width: number,
    height: number,
    out: Uint8Array,
    offset: number,
  ): void {
    checkRoom(out.length, offset, count * width * height, 'observations');
    // A row shorter than eight bytes would let a 16-byte store reach past the row that overwrites its rest.
    if (this.#copyWindows !== null && width >= 8 && width <= 16 && out.buffer === this.buffer) {
      this.#copyWindows(list.byteOffset, count, width, height, out.byteOffset + offset);
      return;
    }
    const bytes = this.u8;
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
    if (!this.#counting && start + size > this.buffer.byteLength) throw new RangeError('the heap is full');
    this.#top = start + size;
    return start;
  }
}

let compiled: WebAssembly.Module | undefined;

function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(KERNEL_BASE64), (c) => c.charCodeAt(0)));
  return compiled;
}
