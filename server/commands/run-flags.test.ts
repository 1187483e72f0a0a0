import { describe, expect, it } from 'vitest';
import { seedRange } from './run-flags.ts';

describe('seedRange', () => {
  it.each([
    ['0', [0]],
    ['7', [7]],
    ['0..0', [0]],
    ['2..4', [2, 3, 4]],
  ])('%s is %j', (text, seeds) => {
    expect(seedRange.parse(text)).toEqual(seeds);
  });

  it.each(['', '3..1', '-1', '1.5', '0..', '0,1', '0..1000', '9007199254740993'])('refuses %j', (text) => {
    expect(() => seedRange.parse(text)).toThrow(/must be a seed such as 3 or a range such as 0\.\.9/);
  });
});
