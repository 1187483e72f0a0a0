/** Sine and cosine against values worked out to fifty digits and rounded, and against the engine's own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cos, sin } from '../../shared/trigonometry.ts';

/** One unit in the last place is at most this part of a double. */
const LAST_PLACE = 2 ** -52;

describe('sine and cosine', () => {
  it.each([
    [0.1, 0.09983341664682815, 0.9950041652780258],
    [0.5, 0.479425538604203, 0.8775825618903728],
    [1, 0.8414709848078965, 0.5403023058681398],
    [2, 0.9092974268256817, -0.4161468365471424],
    [-4, 0.7568024953079282, -0.6536436208636119],
    [11, -0.9999902065507035, 0.004425697988050785],
    [22, -0.008851309290403876, -0.9999608263946371],
    // As near a zero as a double gets: what is left is the rounding of pi, and takes all of the reduction to see.
    [Math.PI, 1.2246467991473532e-16, -1],
    [Math.PI / 2, 1, 6.123233995736766e-17],
  ])('of %d are right to the last place', (angle, sine, cosine) => {
    expect(Math.abs(sin(angle) - sine)).toBeLessThanOrEqual(LAST_PLACE * Math.abs(sine));
    expect(Math.abs(cos(angle) - cosine)).toBeLessThanOrEqual(LAST_PLACE * Math.abs(cosine));
  });

  it('agree with the engine’s to the last places, over all angles that are taken', () => {
    const angle = fc.double({ min: -(2 ** 20), max: 2 ** 20, noNaN: true });
    const small = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(
      fc.property(fc.oneof(angle, small), (x) => {
        expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThanOrEqual(2 * LAST_PLACE * Math.abs(Math.sin(x)));
        expect(Math.abs(cos(x) - Math.cos(x))).toBeLessThanOrEqual(2 * LAST_PLACE * Math.abs(Math.cos(x)));
      }),
      { numRuns: 5000, seed: 1 },
    );
  });

  it('are odd and even, to the bit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2 ** 20, noNaN: true }), (x) => {
        expect(sin(-x)).toBe(-sin(x));
        expect(cos(-x)).toBe(cos(x));
      }),
      { numRuns: 1000, seed: 2 },
    );
  });

  it.each([2 ** 20 + 1, Number.POSITIVE_INFINITY, Number.NaN])('of %d are refused', (angle) => {
    expect(() => sin(angle)).toThrow(RangeError);
    expect(() => cos(angle)).toThrow(RangeError);
  });
});
