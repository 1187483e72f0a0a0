/** Whole episodes against what the open implementation gives: rules that are each right can still be wrong together. */
import { expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import { makeEnvironment } from '../../shared/registry.ts';

/** Collective returns of episodes with five players that draw from the first `actions` actions alike. */
function returns(name: string, actions: number, episodes: number): number[] {
  const environment = makeEnvironment(name, { preset: 'ssd' });
  const joint = new Uint8Array(environment.players);
  const rewards = new Float32Array(environment.players);
  return Array.from({ length: episodes }, (_, seed) => {
    environment.reset(seed);
    const random = new Random().seed(seed);
    let total = 0;
    while (!environment.done) {
      for (let i = 0; i < joint.length; i++) joint[i] = random.below(actions);
      environment.step(joint, rewards);
      for (const reward of rewards) total += reward;
    }
    return total;
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

it('random walkers in Harvest collect 317 on average, as they do there', () => {
  // There 258 to 418 in single episodes; a mean of 60 has a standard error of about 5.
  const mine = mean(returns('harvest', 7, 60));
  expect(mine).toBeGreaterThan(297);
  expect(mine).toBeLessThan(337);
});

it('random players in Harvest fine each other to some thousands below nothing, as they do there', () => {
  // There -2,900 to -3,800.
  const mine = mean(returns('harvest', 8, 60));
  expect(mine).toBeGreaterThan(-4500);
  expect(mine).toBeLessThan(-2500);
});

it('random players in Cleanup that neither fine nor clean get exactly nothing', () => {
  expect(new Set(returns('cleanup', 7, 5))).toEqual(new Set([0]));
});
