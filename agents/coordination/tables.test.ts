import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionalEntropy, entropy, mutualInformation, speakerConsistency } from './tables.ts';

interface Table {
  readonly rows: number;
  readonly columns: number;
  readonly counts: Float64Array;
}

const side = fc.integer({ min: 2, max: 6 });
/** Tables with at least one sample, zeros being common. */
const tables: fc.Arbitrary<Table> = fc.tuple(side, side).chain(([rows, columns]) =>
  fc
    .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 50 })), {
      minLength: rows * columns,
      maxLength: rows * columns,
    })
    .filter((counts) => counts.some((count) => count > 0))
    .map((counts) => ({ rows, columns, counts: Float64Array.from(counts) })),
);

function transposed({ rows, columns, counts }: Table): Table {
  const turned = counts.map((_, at) => counts[(at % rows) * columns + Math.floor(at / rows)]!);
  return { rows: columns, columns: rows, counts: turned };
}

/** Rows and columns taken in other orders. */
function relabelled({ rows, columns, counts }: Table, rowShift: number, columnShift: number): Table {
  const moved = counts.map((_, at) => {
    const i = (Math.floor(at / columns) + rowShift) % rows;
    return counts[i * columns + ((at + columnShift) % columns)]!;
  });
  return { rows, columns, counts: moved };
}

/** n_ij = r_i c_j. */
function product(rows: readonly number[], columns: readonly number[]): Table {
  const counts = Float64Array.from(rows.flatMap((r) => columns.map((c) => r * c)));
  return { rows: rows.length, columns: columns.length, counts };
}

const identity = (n: number, times: number): Table => ({
  rows: n,
  columns: n,
  counts: Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? times : 0)),
});

const marginal = ({ rows, columns, counts }: Table): Float64Array =>
  Float64Array.from({ length: rows }, (_, i) =>
    counts.subarray(i * columns, (i + 1) * columns).reduce((sum, count) => sum + count, 0),
  );

const informationOf = ({ counts, rows, columns }: Table) => mutualInformation(counts, rows, columns);
const consistencyOf = ({ counts, rows, columns }: Table) =>
  speakerConsistency(counts, rows, columns).consistency;

describe('entropy', () => {
  it('of [1, 1, 2] is 3/2 log 2', () => {
    expect(entropy(Float64Array.of(1, 1, 2))).toBeCloseTo(1.0397208, 7);
  });

  it('of what is certain is 0', () => {
    expect(entropy(Float64Array.of(0, 7, 0))).toBeCloseTo(0, 12);
  });

  it('takes a column of a table by its stride', () => {
    expect(entropy(Float64Array.of(9, 1, 9, 1, 9, 2), 3, 1, 2)).toBeCloseTo(1.0397208, 7);
  });

  it('of nothing is refused', () => {
    expect(() => entropy(new Float64Array(3))).toThrow(/no samples/);
  });
});

describe('conditional entropy', () => {
  it('weighs rows by how often they came: 0 for [2, 0] and log 2 for [1, 1]', () => {
    expect(conditionalEntropy(Float64Array.of(2, 0, 1, 1), 2, 2)).toBeCloseTo(0.3465736, 7);
  });

  it('passes over rows that never came', () => {
    expect(conditionalEntropy(Float64Array.of(0, 0, 1, 1), 2, 2)).toBeCloseTo(Math.LN2, 12);
  });

  it('is what is left of the entropy without the mutual information', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const { rows, columns, counts } = table;
        const columnCounts = marginal(transposed(table));
        const left = entropy(columnCounts) - mutualInformation(counts, rows, columns);
        expect(conditionalEntropy(counts, rows, columns)).toBeCloseTo(left, 12);
      }),
    );
  });
});

describe('mutual information', () => {
  it('of [2 1; 1 2] by hand: 2/3 log 4/3 + 1/3 log 2/3', () => {
    expect(mutualInformation(Float64Array.of(2, 1, 1, 2), 2, 2)).toBeCloseTo(0.056633, 6);
  });

  it('of two equally likely rows [.8 .1 .1] and [.2 .6 .2] is the mean of their divergences', () => {
    // From the marginal [.5, .35, .15] they are .2101801 and .1976762.
    expect(mutualInformation(Float64Array.of(8, 1, 1, 2, 6, 2), 2, 3)).toBeCloseTo(0.2039281, 6);
  });

  it('of n values that tell each other is log n', () => {
    for (const n of [2, 3, 9]) expect(informationOf(identity(n, 5))).toBeCloseTo(Math.log(n), 12);
  });

  it('of what is independent is 0', () => {
    const shares = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 6 });
    const some = shares.filter((list) => list.some((share) => share > 0));
    fc.assert(
      fc.property(some, some, (rows, columns) => {
        expect(informationOf(product(rows, columns))).toBeCloseTo(0, 12);
      }),
    );
  });

  it('is never below 0 and never more than either entropy', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const information = informationOf(table);
        expect(information).toBeGreaterThanOrEqual(0);
        const least = Math.min(entropy(marginal(table)), entropy(marginal(transposed(table))));
        expect(information).toBeLessThanOrEqual(least + 1e-12);
      }),
    );
  });

  it('is the same seen from the other side, and under other names', () => {
    fc.assert(
      fc.property(tables, fc.nat(5), fc.nat(5), (table, rowShift, columnShift) => {
        const information = informationOf(table);
        expect(informationOf(transposed(table))).toBeCloseTo(information, 12);
        expect(informationOf(relabelled(table, rowShift, columnShift))).toBeCloseTo(information, 12);
      }),
    );
  });

  it('of nothing, or of a table of another size, is refused', () => {
    expect(() => mutualInformation(new Float64Array(4), 2, 2)).toThrow(/no samples/);
    expect(() => mutualInformation(Float64Array.of(1, 2, 3), 2, 2)).toThrow(
      'a table of 2 rows and 2 columns has 4 counts, not 3',
    );
  });
});

describe('speaker consistency', () => {
  it('by hand: symbol 0 always with action 0, symbol 1 with either', () => {
    // Of actions given symbols 1 and 0; of symbols given actions 1 - .6365142 / log 2 = .0817042, and 1.
    const { consistency } = speakerConsistency(Float64Array.of(2, 0, 1, 1), 2, 2);
    expect(consistency).toBeCloseTo((0.5 + 0.5408521) / 2, 7);
  });

  it('is 1 where symbol and action tell each other, however many of them there could be', () => {
    // Symbols 0 and 3 of 4 with actions 1 and 0 of 3.
    const counts = Float64Array.of(0, 5, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0);
    expect(speakerConsistency(counts, 4, 3).consistency).toBeCloseTo(1, 12);
  });

  it('tells how many symbols and actions occurred', () => {
    const { symbolsUsed, actionsUsed } = speakerConsistency(Float64Array.of(0, 1, 2, 0, 0, 0), 2, 3);
    expect([symbolsUsed, actionsUsed]).toEqual([1, 2]);
  });

  it('of a speaker that says one thing whatever it does is 1/2', () => {
    expect(speakerConsistency(Float64Array.of(0, 0, 3, 3), 2, 2).consistency).toBeCloseTo(0.5, 12);
  });

  it('measures entropy against all actions there are: two of four, equally often, are half a bit of two', () => {
    const counts = Float64Array.of(1, 1, 0, 0, 0, 0, 0, 0);
    expect(speakerConsistency(counts, 2, 4).consistency).toBeCloseTo((1 + 0.5) / 2, 12);
  });

  it('counts a symbol that came once as much as one that came often', () => {
    const often = speakerConsistency(Float64Array.of(50, 50, 1, 0), 2, 2).consistency;
    // Of actions 0 and 1, mean 1/2; of symbols given action 0 1 - H(50/51) / log 2 = .8607670, given action 1 1.
    expect(often).toBeCloseTo((0.5 + (0.860767 + 1) / 2) / 2, 6);
  });

  it('is 0 where both are uniform and independent', () => {
    expect(consistencyOf(product([1, 1, 1], [4, 4]))).toBeCloseTo(0, 12);
  });

  it('lies in [0, 1]', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const consistency = consistencyOf(table);
        expect(consistency).toBeGreaterThanOrEqual(0);
        expect(consistency).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is the same with symbols and actions swapped, and under other names', () => {
    fc.assert(
      fc.property(tables, fc.nat(5), fc.nat(5), (table, rowShift, columnShift) => {
        const consistency = consistencyOf(table);
        expect(consistencyOf(transposed(table))).toBeCloseTo(consistency, 12);
        expect(consistencyOf(relabelled(table, rowShift, columnShift))).toBeCloseTo(consistency, 12);
      }),
    );
  });

  it('needs two symbols, two actions and a sample', () => {
    expect(() => speakerConsistency(Float64Array.of(1, 2), 1, 2)).toThrow(/at least 2 of both/);
    expect(() => speakerConsistency(Float64Array.of(1, 2), 2, 1)).toThrow(/at least 2 of both/);
    expect(() => speakerConsistency(new Float64Array(4), 2, 2)).toThrow(/nothing was said/);
  });
});
