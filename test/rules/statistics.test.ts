import { expect, it } from 'vitest';
import { binomial, chiSquare, chiSquareUniform, logGamma } from './statistics.ts';

it('knows the gamma function', () => {
  expect(Math.exp(logGamma(6))).toBeCloseTo(120, 9);
  expect(Math.exp(logGamma(0.5))).toBeCloseTo(Math.sqrt(Math.PI), 12);
});

it('agrees with tables of the chi-square distribution', () => {
  // One degree of freedom: 3.841 is the 5 % point; ten: 29.588 the 0.1 % point.
  const half = Math.sqrt((3.841458821 * 50) / 2);
  expect(chiSquare([50 + half, 50 - half], [50, 50])).toBeCloseTo(0.05, 8);
  const shares = Array.from({ length: 11 }, () => 100);
  const shift = Math.sqrt((29.58829845 * 100) / 2);
  expect(chiSquare([100 + shift, 100 - shift, ...shares.slice(2)], shares)).toBeCloseTo(0.001, 8);
  expect(chiSquareUniform([10, 10, 10])).toBeCloseTo(1, 12);
});

it('agrees with binomial tails worked by hand', () => {
  // P(X <= 1) for ten fair coins is 11 / 1024.
  expect(binomial(1, 10, 0.5)).toBeCloseTo(22 / 1024, 12);
  expect(binomial(5, 10, 0.5)).toBe(1);
  expect(binomial(0, 5, 0)).toBe(1);
  expect(binomial(1, 5, 0)).toBe(0);
  expect(binomial(0, 100, 0.05)).toBeCloseTo(2 * 0.95 ** 100, 12);
});
