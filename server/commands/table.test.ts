import { describe, expect, it } from 'vitest';
import { short } from './table.ts';

describe('short', () => {
  it.each([
    [0, '0'],
    [-2e-17, '0'],
    [0.000335, '3.35e-4'],
    [2.0004e-6, '2e-6'],
    [-0.00012345, '-1.23e-4'],
    [0.00099999, '1e-3'],
    [0.001, '0.001'],
    [0.123456, '0.1235'],
    [12.3456, '12.35'],
    [4321.5, '4322'],
  ])('%d is %s', (value, text) => {
    expect(short(value)).toBe(text);
  });
});
