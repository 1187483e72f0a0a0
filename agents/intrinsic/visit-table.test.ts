import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VisitTable } from './visit-table.ts';

const bytes = (...numbers: number[]) => Uint8Array.from(numbers);

it('says how often something was met, this time included', () => {
  const table = new VisitTable(2 ** 16);
  const met = [bytes(1), bytes(2), bytes(1), bytes(1, 0), bytes(1)].map((thing) => table.visit(thing));
  expect(met).toEqual([1, 1, 2, 1, 3]);
});

it('knows which share of its places is used', () => {
  const table = new VisitTable(256);
  for (const thing of [1, 2, 3, 1]) table.visit(bytes(thing));
  expect(table.used).toBe(3 / 256);
});

it('counts too many where it is too small, never too few', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 200 }), (things) => {
      const table = new VisitTable(16);
      const counts = new Map<number, number>();
      for (const thing of things) {
        const count = (counts.get(thing) ?? 0) + 1;
        counts.set(thing, count);
        expect(table.visit(bytes(thing))).toBeGreaterThanOrEqual(count);
      }
    }),
  );
});

it('of 100 things in 2^18 places all are told apart but by an accident of one in 53', () => {
  const table = new VisitTable(2 ** 18);
  for (let thing = 0; thing < 100; thing++) table.visit(bytes(thing, 7));
  expect(table.used * 2 ** 18).toBe(100);
});

describe('saved', () => {
  it('and loaded it goes on as it would have', () => {
    const things = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 600 });
    fc.assert(
      fc.property(things, fc.integer({ min: 3, max: 10 }), (met, bits) => {
        const table = new VisitTable(2 ** bits);
        for (const thing of met) table.visit(bytes(thing));
        const other = new VisitTable(2 ** bits);
        other.visit(bytes(9, 9));
        other.load(table.save());
        expect(other.used).toBe(table.used);
        for (let thing = 0; thing < 256; thing++) {
          expect(other.visit(bytes(thing))).toBe(table.visit(bytes(thing)));
        }
      }),
    );
  });

  it('a count beyond 7 bits takes two bytes, beyond 14 three', () => {
    const table = new VisitTable(8);
    for (let k = 0; k < 20_000; k++) table.visit(bytes(1));
    // The distance from before the table is at most 8.
    const [distance, ...count] = table.save();
    expect(distance).toBeLessThanOrEqual(8);
    // 20,000 = 32 + 128 * (28 + 128 * 1).
    expect(count).toEqual([32 + 128, 28 + 128, 1]);
  });

  it('a table that nothing was met with takes no room', () => {
    expect(new VisitTable(2 ** 18).save()).toHaveLength(0);
  });

  it('what ends in the middle of a number is refused', () => {
    expect(() => new VisitTable(8).load(bytes(1, 0x80))).toThrow('end in the middle of a number');
  });

  it('what lies behind the table is refused', () => {
    expect(() => new VisitTable(8).load(bytes(9, 1))).toThrow('of a table of more than 8 places');
  });
});
