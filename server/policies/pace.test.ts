import { expect, it } from 'vitest';
import { Pace } from './pace.ts';

function paceOf(...calls: number[]): Pace {
  const pace = new Pace();
  for (const milliseconds of calls) pace.add(milliseconds);
  return pace;
}

it('is slow where most of the last five calls are', () => {
  expect(paceOf(1, 1, 30, 30).slow).toBe(false);
  expect(paceOf(1, 1, 30, 30, 30).slow).toBe(true);
});

it('is the median of the last five calls', () => {
  expect(paceOf(90, 3, 1, 2, 5, 4).median).toBe(3);
});

it('is not slow for one call that the machine held up', () => {
  expect(paceOf(1, 1, 4000, 1, 1).slow).toBe(false);
});

it('is slow at the second call that takes a quarter of a second', () => {
  expect(paceOf(300).slow).toBe(false);
  expect(paceOf(300, 300).slow).toBe(true);
});

it('is quick again once slow calls are five calls ago', () => {
  expect(paceOf(300, 300, 1, 1, 1, 1).slow).toBe(false);
});
