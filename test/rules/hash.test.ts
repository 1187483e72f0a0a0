/** The hash that tells states apart. */
import { describe, expect, it } from 'vitest';
import { hash64, hashText } from '../../shared/hash.ts';
import { Random } from '../../shared/random.ts';
import { binomial, SIGNIFICANCE } from './statistics.ts';

function block(seed: number, length = 64): Uint8Array {
  const random = new Random().seed(seed);
  return Uint8Array.from({ length }, () => random.below(256));
}

it('gives these values for these bytes, on every machine and in every version', () => {
  const pinned = [new Uint8Array(), Uint8Array.of(0), Uint8Array.of(1, 2, 3, 4, 5), block(1)];
  expect(pinned.map((bytes) => hashText(hash64(bytes)))).toEqual([
    'e1938cafae797c00',
    '1bab8ebd9716246f',
    '4e856b0e25b7a69f',
    '8199d4cfd24af100',
  ]);
});

describe('a block of 64 bytes', () => {
  it('hashes to a value of its own for every bit that is flipped', () => {
    const bytes = block(2);
    const hashes = new Set([hash64(bytes)]);
    for (let bit = 0; bit < 512; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      hashes.add(hash64(bytes));
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(hashes.size).toBe(513);
  });

  it(`changes half of the output bits when one is flipped (exact binomial, level ${SIGNIFICANCE})`, () => {
    let changed = 0;
    for (let seed = 0; seed < 10; seed++) {
      const bytes = block(seed);
      const hash = hash64(bytes);
      for (let bit = 0; bit < 512; bit++) {
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        changed += (hash64(bytes) ^ hash).toString(2).replaceAll('0', '').length;
        bytes[bit >> 3]! ^= 1 << (bit & 7);
      }
    }
    expect(binomial(changed, 10 * 512 * 64, 0.5)).toBeGreaterThan(SIGNIFICANCE);
  });

  it('hashes to another value when two bytes are exchanged, or bytes are moved', () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => i);
    const hashes = new Set([hash64(bytes)]);
    for (let i = 0; i < 63; i++) {
      const swapped = bytes.slice();
      swapped[i] = i + 1;
      swapped[i + 1] = i;
      hashes.add(hash64(swapped));
    }
    expect(hashes.size).toBe(64);
  });
});

it('tells lengths of zeros apart', () => {
  const hashes = new Set(Array.from({ length: 200 }, (_, length) => hash64(new Uint8Array(length))));
  expect(hashes.size).toBe(200);
});

it('has no collision among a hundred thousand counters, in neither half', () => {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  const high = new Set<bigint>();
  const low = new Set<bigint>();
  for (let k = 0; k < 100_000; k++) {
    view.setUint32(20, k);
    const hash = hash64(bytes);
    high.add(hash >> 32n);
    low.add(hash & 0xffffffffn);
  }
  // A random 32-bit function has 1.16 collisions here on average; ten or more have a probability below 1e-6.
  expect([high.size > 99_990, low.size > 99_990]).toEqual([true, true]);
});

it('does not depend on where in memory the bytes lie', () => {
  const bytes = block(3);
  const moved = new Uint8Array(80);
  moved.set(bytes, 7);
  expect(hash64(moved.subarray(7, 71))).toBe(hash64(bytes));
});

it('is written as 16 hex digits', () => {
  expect(hashText(0x1fn)).toBe('000000000000001f');
});
