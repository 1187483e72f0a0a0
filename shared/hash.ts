/**
 * A 64-bit hash of bytes, for telling states apart (not for secrets). Two 32-bit multiply-rotate lanes in the manner
 * of MurmurHash3, over one byte at a time so that neither alignment nor the machine's byte order matters.
 */
export function hash64(bytes: Uint8Array): bigint {
  let a = 0x9e3779b9 ^ bytes.length;
  let b = 0x85ebca6b;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    a = Math.imul(a ^ byte, 0xcc9e2d51);
    a = (a << 15) | (a >>> 17);
    b = Math.imul(b + byte, 0x1b873593) ^ a;
    b = (b << 13) | (b >>> 19);
  }
  return (BigInt(finish(a ^ (b >>> 7))) << 32n) | BigInt(finish(b ^ (a << 9)));
}

/** MurmurHash3's avalanche: every input bit reaches every output bit. */
function finish(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** `hash64` as 16 hex digits. */
export function hashText(hash: bigint): string {
  return hash.toString(16).padStart(16, '0');
}
