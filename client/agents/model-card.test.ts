import { expect, test } from 'vitest';
import { learned } from './fixture.ts';
import { rangeOf, scaleOf, shortCount } from './model-card.ts';

test.each([
  [10_000_000, '10 M'],
  [5_250_000, '5.25 M'],
  [12_345, '12.3 k'],
  [999, '999'],
])('%d steps are %s', (steps, text) => {
  expect(shortCount(steps)).toBe(text);
});

test('an interval is told in whole numbers, and a single episode has none', () => {
  expect(rangeOf({ mean: 291.2, low: 277.5, high: 305.6 })).toBe('278 to 306');
  expect(rangeOf({ mean: -3, low: -10.2, high: 4 })).toBe('−10 to 4');
  expect(rangeOf({ mean: 3, low: null, high: null })).toBeNull();
});

test('cards of one environment are drawn against its best', () => {
  const policies = [
    learned('zoo/a', { value: 90 }),
    learned('zoo/b', { value: null }),
    learned('zoo/c', { environment: 'cleanup', value: 500 }),
  ];
  expect(scaleOf(policies, 'harvest')).toBe(100);
  expect(scaleOf([policies[1]!], 'harvest')).toBe(1);
});
