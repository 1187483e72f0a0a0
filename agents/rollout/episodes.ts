/** What the episodes of a shard came to: outcomes of those that ended, as sums by name until somebody takes them. */
import type { EnvironmentKind } from '../../shared/definition.ts';
import { SocialMetrics, type SocialOutcome } from '../../shared/metrics.ts';
import type { Means } from '../algorithms/means.ts';

/** The outcome's numbers by the names they are logged under. */
export const EPISODE_METRICS = {
  'episode/collectiveReturn': (outcome) => outcome.collectiveReturn,
  'episode/equality': (outcome) => outcome.equality,
  'episode/sustainability': (outcome) => outcome.sustainability,
  'episode/peace': (outcome) => outcome.peace,
  'episode/fines': (outcome, players) => outcome.finesPerPlayerStep * outcome.steps * players,
  'episode/hits': (outcome, players) => outcome.hitsPerPlayerStep * outcome.steps * players,
  'episode/length': (outcome) => outcome.steps,
} as const satisfies Record<string, (outcome: SocialOutcome, players: number) => number>;

export type EpisodeMetric = keyof typeof EPISODE_METRICS;
export const EPISODE_METRIC_NAMES = Object.keys(EPISODE_METRICS) as EpisodeMetric[];

export class Episodes {
  /** [E] 1 where the episode under way is not counted, since it did not start at its beginning. */
  readonly partial: Uint8Array;
  /** Episodes that ended since `take`. */
  #count = 0;
  readonly #sums = new Float64Array(EPISODE_METRIC_NAMES.length);
  /** Of the one that is summed. */
  readonly #metrics: SocialMetrics;

  constructor(environments: number, players: number) {
    this.partial = new Uint8Array(environments);
    this.#metrics = new SocialMetrics(players);
  }

  /** The episode of environment `index` is over. @param counts of its `SocialMetrics`; null of one that is not counted. */
  end(index: number, counts: Float64Array | null): void {
    if (this.partial[index] === 0 && counts !== null) {
      this.#metrics.counts.set(counts);
      const outcome = this.#metrics.outcome();
      this.#count++;
      EPISODE_METRIC_NAMES.forEach((name, k) => {
        this.#sums[k]! += EPISODE_METRICS[name](outcome, this.#metrics.players);
      });
    }
    this.partial[index] = 0;
  }

  /** [1 + metrics] count and sums, from `at` on in `row`; forgets them. */
  take(row: Float64Array, at: number): void {
    row[at] = this.#count;
    row.set(this.#sums, at + 1);
    this.#count = 0;
    this.#sums.fill(0);
  }
}

/** What of the outcome says something of a control task. */
export const CONTROL_METRICS: readonly EpisodeMetric[] = ['episode/collectiveReturn', 'episode/length'];

/** Adds what `Episodes.take` wrote into `row` from `at` on to means that are logged. */
export function addEpisodes(means: Means, row: Float64Array, at: number, kind: EnvironmentKind): void {
  const count = row[at]!;
  EPISODE_METRIC_NAMES.forEach((name, k) => {
    if (kind === 'dilemma' || CONTROL_METRICS.includes(name)) means.add(name, row[at + 1 + k]!, count);
  });
}
