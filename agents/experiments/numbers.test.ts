import { describe, expect, it } from 'vitest';
import { counted, estimateText, human, listed } from './numbers.ts';

const estimate = (mean: number, low: number | null, high: number | null) => ({ runs: 3, mean, low, high });

describe('human', () => {
  it.each([
    [1859.4, '1,859'],
    [412.34, '412'],
    [41.234, '41.2'],
    [0.9273, '0.927'],
    [-4341, '\u22124,341'],
    [0, '0'],
    [0.001, '0.00100'],
    [0.000335, '3.35e-4'],
    [0.0000021, '2.10e-6'],
    [-4.2e-7, '\u22124.20e-7'],
    // What rounding leaves of 0.
    [-1.4e-16, '0'],
    [Number.NaN, '-'],
  ])('%d is %s', (value, text) => {
    expect(human(value)).toBe(text);
  });

  it('has no sign where nothing is left of the number', () => {
    expect(human(-0.0004, 2)).toBe('0.00');
  });
});

describe('estimateText', () => {
  it.each([
    [estimate(412.3, 380.1, 444.5), '412 [380, 445]'],
    [estimate(0.9012, 0.8996, 0.9023), '0.901 [0.900, 0.902]'],
    // Three digits would not tell the ends apart.
    [estimate(1.2031, 1.2012, 1.2052), '1.203 [1.201, 1.205]'],
    [estimate(-26.5, -44.1, -8.9), '\u221226.5 [\u221244.1, \u22128.9]'],
    [estimate(412.3, null, null), '412'],
    [estimate(2.1e-6, 1.98e-6, 2.4e-6), '2.10e-6 [1.98e-6, 2.40e-6]'],
    [estimate(2.004e-6, 2.001e-6, 2.006e-6), '2.004e-6 [2.001e-6, 2.006e-6]'],
    [estimate(3e-4, 0, 5e-4), '3.00e-4 [0, 5.00e-4]'],
    [estimate(0, 0, 0), '0 [0, 0]'],
    // The largest of them says how they are written.
    [estimate(0.0011, 0.0008, 0.0014), '0.00110 [0.00080, 0.00140]'],
    [null, '-'],
  ])('%j is %s', (value, text) => {
    expect(estimateText(value)).toBe(text);
  });
});

describe('words', () => {
  it('lists and counts', () => {
    expect([listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'])]).toEqual([
      'a',
      'a and b',
      'a, b and c',
    ]);
    expect([counted(1, 'seed'), counted(5, 'seed')]).toEqual(['1 seed', '5 seeds']);
  });
});
