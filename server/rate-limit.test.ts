import { expect, test } from 'vitest';
import { RateLimit } from './rate-limit.ts';

test('so many messages a second are read, the first beyond is answered, a flood ends the connection', () => {
  const limit = new RateLimit(60);
  const seen = Array.from({ length: 1300 }, () => limit.admit(0));
  expect(seen.filter((admission) => admission === 'admitted')).toHaveLength(60);
  expect(seen.filter((admission) => admission === 'refused-first')).toHaveLength(1);
  expect(seen.at(-1)).toBe('flood');
});

test('the next second starts afresh', () => {
  const limit = new RateLimit(2);
  for (let i = 0; i < 5; i++) limit.admit(0);
  expect(limit.admit(1000)).toBe('admitted');
});
