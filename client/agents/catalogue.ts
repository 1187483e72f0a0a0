/** The arena's trained policies as this page knows them: asked for once, and again whenever somebody looks. */
import type { PolicyList, PolicySummary } from '../../shared/protocol/policies.ts';
import { Signal } from '../signal.ts';

/** Which of an evaluation's measures a page shows. */
export type Measure = 'collectiveReturn' | 'equality' | 'sustainability';

export class PolicyCatalogue {
  readonly #fetch: () => Promise<PolicyList>;
  #asking: Promise<PolicyList | null> | null = null;

  /** Null until the arena has answered for the first time. */
  list: PolicyList | null = null;
  /** Why the arena's last answer is missing, or null. */
  trouble: string | null = null;
  readonly changed = new Signal();

  /** @param fetch asks the arena; rejects with what to tell people. */
  constructor(fetch: () => Promise<PolicyList>) {
    this.#fetch = fetch;
  }

  /** Asks the arena, for policies may have come or gone. @returns the newest list there is, null for none. */
  refresh(): Promise<PolicyList | null> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  find(name: string): PolicySummary | undefined {
    return this.list?.policies.find((policy) => policy.name === name);
  }

  /** Why a filling cannot be played, null where nothing is known against it. */
  problemOf(name: string): string | null {
    return this.list?.broken.find((broken) => broken.name === name)?.problem ?? null;
  }

  /** Why whoever it plays stands still, null where nothing is known of it. */
  failureOf(name: string): string | null {
    return this.list?.broken.find((broken) => broken.name === name && broken.failed)?.problem ?? null;
  }

  async #ask(): Promise<PolicyList | null> {
    try {
      this.list = await this.#fetch();
      this.trouble = null;
    } catch (error) {
      this.trouble = (error as Error).message;
    }
    this.changed.emit();
    return this.list;
  }
}

/** Where a policy comes from: shipped with the arena, or put in by whoever runs it. */
export function originOf(policy: string): 'zoo' | 'own' {
  return policy.startsWith('zoo/') ? 'zoo' : 'own';
}

/** `harvest-moa` of `zoo/harvest-moa`: where it lies is said beside it, where there is room. */
export function shortName(policy: string): string {
  return policy.replace(/^(?:zoo|own)\//, '');
}

/** Mean over evaluation episodes, or null where there was no evaluation. */
export function meanOf(policy: PolicySummary, measure: Measure): number | null {
  return policy.scores?.[measure]?.mean ?? null;
}

/** Best first by collective return; those without an evaluation last. */
export function byReturn(policies: readonly PolicySummary[]): PolicySummary[] {
  const value = (policy: PolicySummary) => meanOf(policy, 'collectiveReturn') ?? Number.NEGATIVE_INFINITY;
  return [...policies].sort((a, b) => value(b) - value(a) || a.name.localeCompare(b.name));
}
