/** Policies as an arena lists them, for tests. */
import type { PolicySummary } from '../../shared/protocol/policies.ts';

interface Differences extends Partial<Omit<PolicySummary, 'name' | 'scores'>> {
  /** Mean collective return; null for one that was not evaluated. */
  readonly value?: number | null;
}

export function learned(name: string, { value = 100, signals = [], ...rest }: Differences): PolicySummary {
  return {
    name,
    environment: 'harvest',
    players: 5,
    algorithm: 'ppo',
    intrinsic: [],
    playerSteps: 5e6,
    seed: 0,
    created: '2026-11-25T18:00:01.184Z',
    symbols: 0,
    models: false,
    signals,
    scores: value === null ? null : { collectiveReturn: { mean: value, low: value - 10, high: value + 10 } },
    ...rest,
    options: { revealActions: signals.includes('lastActions'), ...rest.options },
  };
}
