import { describe, expect, it } from 'vitest';
import { clock, compact, measure } from './number-format.ts';

describe('compact', () => {
  it.each([
    [0, '0'],
    [0.81234, '0.812'],
    [-3.5, '-3.5'],
    [412.4, '412'],
    [999.6, '1k'],
    [15_234, '15.2k'],
    [-2816, '-2.82k'],
    [10_000_000, '10M'],
    [4_230_000, '4.23M'],
    [5e8, '500M'],
    [2.5e9, '2.5B'],
    [0.00123, '0.00123'],
    [0.0000123, '1.23e-5'],
    [Number.NaN, 'none'],
    [-Infinity, '-∞'],
  ])('writes %d as %s', (value, text) => {
    expect(compact(value)).toBe(text);
  });
});

describe('measure', () => {
  it.each([
    [0.81234, '0.8123'],
    [412.44, '412.4'],
    [999.96, '1000'],
    [-1537.2, '-1537'],
    [9999.4, '9999'],
    [9999.6, '10k'],
    [15_234, '15.2k'],
    [Infinity, '∞'],
  ])('writes %d as %s', (value, text) => {
    expect(measure(value)).toBe(text);
  });
});

describe('clock', () => {
  it.each([
    [0, '0:00'],
    [59.6, '1:00'],
    [725, '12:05'],
    [3599.4, '59:59'],
    [11_229, '3:07:09'],
    [-1, '0:00'],
    [Infinity, '?'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(clock(seconds)).toBe(text);
  });
});
