/** Bytes as they come from Socket.IO: an ArrayBuffer, or in Node a view that may begin anywhere. */

/** @returns them as a plain array of bytes, since Node's own slices otherwise; null for anything else. */
export function bytesOf(data: unknown): Uint8Array | null {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : null;
}

/**
 * Numbers that lie in `bytes`: a view where they are aligned, else a copy. Frames are little endian, and so is every machine
 * that this runs on.
 */
export function floatsIn(bytes: Uint8Array, offset: number, count: number): Float32Array {
  const at = bytes.byteOffset + offset;
  if (at % 4 === 0) return new Float32Array(bytes.buffer as ArrayBuffer, at, count);
  return new Float32Array(bytes.slice(offset, offset + 4 * count).buffer);
}
