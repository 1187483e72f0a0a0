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
  it('is a function of what it is asked', () => {
    expect(evaluate(SHORT)).toEqual(evaluate(SHORT));
  });

  it('plays another game for another seed', () => {
    expect(evaluate(SHORT)).not.toEqual(evaluate({ ...SHORT, seed: 6 }));
  });

  it('plays episodes that do not depend on how many came before or follow', () => {
    const [first, second] = evaluate(SHORT);
    expect(evaluate({ ...SHORT, episodes: 1 })).toEqual([first]);
    expect([first!.seed, second!.seed]).toEqual([deriveSeed(5, 0), deriveSeed(5, 1)]);
    expect(first).not.toEqual(second);
  });

  it('repeats a shorter list of policies over the players', () => {
    const spelled = ['random', 'greedy', 'random', 'greedy', 'random'];
    expect(evaluate({ ...SHORT, policies: spelled })).toEqual(evaluate(SHORT));
  });

  it('reports returns that add up to the collective return', () => {
    for (const { returns, outcome } of evaluate(SHORT)) {
      expect(returns).toHaveLength(5);
      expect(returns.reduce((sum, value) => sum + value)).toBe(outcome.collectiveReturn);
      expect(outcome.steps).toBe(50);
    }
  });

  it('reports raw rewards whatever the players are rewarded with', () => {
    const collective = evaluate({ ...SHORT, options: { ...SHORT.options, reward: 'collective' } });
    expect(collective).toEqual(evaluate(SHORT));
  });

  it('refuses environments, options and policies that there are not', () => {
    expect(() => evaluate({ ...SHORT, environment: 'chess' })).toThrow(OptionsError);
    expect(() => evaluate({ ...SHORT, options: { players: 0 } })).toThrow(OptionsError);
    expect(() => evaluate({ ...SHORT, policies: ['angel'] })).toThrow(/angel/);
    expect(() => evaluate({ ...SHORT, policies: [] })).toThrow(RangeError);
  });
});
