import { expect, test } from 'vitest';
import { deriveSeed } from '../shared/random.ts';
import { episodeSeeds } from './seeds.ts';

test('in practice both seeds follow from the one that the creator chose, another for each episode', () => {
  expect(episodeSeeds(7, 0)).toEqual(episodeSeeds(7, 0));
  expect(episodeSeeds(7, 0).world).not.toBe(episodeSeeds(7, 1).world);
});

test('in a match that counts the bots are not seeded from what the environment is seeded from', () => {
  for (let k = 0; k < 100; k++) {
    const { world, bots } = episodeSeeds(undefined, 0);
    expect(bots).not.toBe(world);
    // Nor is it a child of it, nor the other way round.
    for (let index = 0; index < 64; index++) {
      expect([deriveSeed(world, index), deriveSeed(bots, index)]).not.toContain(
        index % 2 === 0 ? bots : world,
      );
    }
  }
});

test('secret seeds use all 53 bits', () => {
  const seeds = Array.from({ length: 200 }, () => episodeSeeds(undefined, 0).world);
  expect(Math.max(...seeds)).toBeGreaterThan(2 ** 52);
  expect(seeds.every(Number.isSafeInteger)).toBe(true);
  expect(new Set(seeds.map((seed) => seed % 2)).size).toBe(2);
});
