import { describe, expect, it } from 'vitest';
import { OptionsError } from '../shared/definition.ts';
import { deriveSeed } from '../shared/random.ts';
import { evaluate } from './evaluate.ts';

const SHORT = {
  environment: 'harvest',
  policies: ['random', 'greedy'],
  options: { episodeLength: 50 },
  episodes: 3,
  seed: 5,
};

describe('evaluate', () => {
  it('is a function of what it is asked', async () => {
    expect(await evaluate(SHORT)).toEqual(await evaluate(SHORT));
  });

  it('plays another game for another seed', async () => {
    expect(await evaluate(SHORT)).not.toEqual(await evaluate({ ...SHORT, seed: 6 }));
  });

  it('plays episodes that do not depend on how many came before or follow', async () => {
    const [first, second] = await evaluate(SHORT);
    expect(await evaluate({ ...SHORT, episodes: 1 })).toEqual([first]);
    expect([first!.seed, second!.seed]).toEqual([deriveSeed(5, 0), deriveSeed(5, 1)]);
    expect(first).not.toEqual(second);
  });

  it('repeats a shorter list of policies over the players', async () => {
    const spelled = ['random', 'greedy', 'random', 'greedy', 'random'];
    expect(await evaluate({ ...SHORT, policies: spelled })).toEqual(await evaluate(SHORT));
  });

  it('reports returns that add up to the collective return', async () => {
    for (const { returns, outcome } of await evaluate(SHORT)) {
      expect(returns).toHaveLength(5);
      expect(returns.reduce((sum, value) => sum + value)).toBe(outcome.collectiveReturn);
      expect(outcome.steps).toBe(50);
    }
  });

  it('reports raw rewards whatever the players are rewarded with', async () => {
    const collective = await evaluate({ ...SHORT, options: { ...SHORT.options, reward: 'collective' } });
    expect(collective).toEqual(await evaluate(SHORT));
  });

  it('refuses environments, options and policies that there are not', async () => {
    await expect(evaluate({ ...SHORT, environment: 'chess' })).rejects.toThrow(OptionsError);
    await expect(evaluate({ ...SHORT, options: { players: 0 } })).rejects.toThrow(OptionsError);
    await expect(evaluate({ ...SHORT, policies: ['angel'] })).rejects.toThrow(/angel/);
    await expect(evaluate({ ...SHORT, policies: [] })).rejects.toThrow(RangeError);
    await expect(evaluate({ ...SHORT, environment: 'cartpole' })).rejects.toThrow(/windows/);
  });
});
