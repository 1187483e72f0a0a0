import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chooseHigh, highMoments } from './moments.ts';

function chosen(influence: readonly number[]): number[] {
  const out = new Uint32Array(highMoments(influence.length));
  const count = chooseHigh(
    Float32Array.from(influence),
    influence.length,
    new Float32Array(influence.length),
    out,
  );
  return [...out.subarray(0, count)];
}

const sequence = (length: number, at: (i: number) => number) => Array.from({ length }, (_, i) => at(i));

it('takes the highest tenth, in its order', () => {
  // 20 moments, so two: those of 18 and 19.
  expect(chosen(sequence(20, (i) => (i * 7) % 20))).toEqual([14, 17]);
});

it('rounds up: one of eleven would be less than a tenth', () => {
  expect(chosen(sequence(11, (i) => -i))).toEqual([0, 1]);
});

it('takes equals evenly over time', () => {
  expect(chosen(sequence(40, () => 1))).toEqual([9, 19, 29, 39]);
});

it('takes all that are higher, and fills up with equals', () => {
  // Three of 30: the 5 for certain, two of the 29 zeros.
  const places = chosen(sequence(30, (i) => (i === 3 ? 5 : 0)));
  expect(places).toContain(3);
  expect(places).toHaveLength(3);
});

it('passes over what is not known', () => {
  expect(chosen([...sequence(10, () => Number.NaN), ...sequence(10, (i) => i)])).toEqual([19]);
});

it('chooses nothing of nothing, and where nothing is known', () => {
  expect(chosen([])).toEqual([]);
  expect(chosen([Number.NaN, Number.NaN])).toEqual([]);
});

it('always takes as many as a tenth is, none of them lower than one that is left', () => {
  const values = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(Number.NaN)), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(values, (influence) => {
      const places = chosen(influence);
      expect(places).toHaveLength(highMoments(influence.filter((value) => !Number.isNaN(value)).length));
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      const least = Math.min(...places.map((place) => influence[place]!));
      influence.forEach((value, i) => {
        if (value > least) expect(places).toContain(i);
      });
    }),
  );
});
