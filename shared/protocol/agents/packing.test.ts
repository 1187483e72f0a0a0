import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClassId } from '../../palette.ts';
import { PACKED_PLAYERS, packCells, packedLength, unpackCells } from './packing.ts';

const id = fc.oneof(
  fc.integer({ min: 0, max: 8 }),
  fc.integer({ min: ClassId.player, max: ClassId.player + PACKED_PLAYERS - 1 }),
);

test('cells of up to seven players come back as they were', () => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 50 }), fc.nat(3), fc.nat(3), (ids, offset, at) => {
      const cells = new Uint8Array(offset + ids.length);
      cells.set(ids, offset);
      const packed = new Uint8Array(at + packedLength(ids.length));
      packCells(cells, offset, ids.length, packed, at);
      const back = new Uint8Array(ids.length + 2).fill(99);
      unpackCells(packed, at, ids.length, back, 1);
      expect([...back]).toEqual([99, ...ids, 99]);
    }),
  );
});

test('an apple and player 2 are one byte, the apple in its low half', () => {
  const packed = new Uint8Array(1);
  packCells(Uint8Array.of(ClassId.apple, ClassId.player + 2), 0, 2, packed, 0);
  expect(packed[0]).toBe(3 | (11 << 4));
});

test('an odd number of cells leaves the high half of the last byte 0', () => {
  const packed = new Uint8Array(2);
  packCells(Uint8Array.of(1, 2, 3), 0, 3, packed, 0);
  expect([...packed]).toEqual([0x21, 0x03]);
});

test('wherever cells lie, they are packed and unpacked alike', () => {
  fc.assert(
    fc.property(fc.array(id, { minLength: 8, maxLength: 90 }), fc.nat(5), fc.nat(5), (ids, offset, at) => {
      const cells = new Uint8Array(offset + ids.length);
      cells.set(ids, offset);
      const there = new Uint8Array(at + packedLength(ids.length));
      packCells(cells, offset, ids.length, there, at);
      const here = new Uint8Array(packedLength(ids.length));
      packCells(Uint8Array.from(ids), 0, ids.length, here, 0);
      expect([...there.subarray(at)]).toEqual([...here]);
      const back = new Uint8Array(offset + ids.length);
      unpackCells(there, at, ids.length, back, offset);
      expect([...back.subarray(offset)]).toEqual(ids);
    }),
  );
});
