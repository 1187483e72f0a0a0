/** What is said of episodes: which measures, and how sure they are. */
import type { EnvironmentKind } from '../shared/definition.ts';
import type { EpisodeReport } from './evaluate.ts';
import { CONTROL_METRICS, EPISODE_METRICS } from './rollout/episodes.ts';
import { bootstrap, summarize } from './statistics.ts';

export interface Measure {
  readonly name: MeasureName;
  /** As a row of a table has it. */
  readonly label: string;
  readonly unit: string;
}

/** In the order of tables. */
const MEASURES = [
  { name: 'collectiveReturn', label: 'return', unit: 'raw reward of all players together' },
  { name: 'equality', label: 'equality', unit: '1 where all eat alike, to 0' },
  { name: 'sustainability', label: 'sustainability', unit: 'mean step at which they eat' },
  { name: 'peace', label: 'peace', unit: 'players not timed out, of all' },
  { name: 'fines', label: 'fines', unit: 'fining beams an episode' },
  { name: 'hits', label: 'hits', unit: 'players hit an episode' },
  { name: 'length', label: 'length', unit: 'steps' },
] as const;

/** What training logs them as, without `episode/`. */
export type MeasureName = (typeof MEASURES)[number]['name'];

/** Those that say something of a kind of environment: nobody eats or fines in a control task. */
export function measuresOf(kind: EnvironmentKind): readonly Measure[] {
  return kind === 'dilemma'
    ? MEASURES
    : MEASURES.filter(({ name }) => CONTROL_METRICS.includes(`episode/${name}`));
}

/** A mean over episodes with its 95% percentile bootstrap interval, which a single episode has not. */
export interface Score {
  readonly mean: number;
  /** Of a single episode, with count - 1 degrees of freedom. */
  readonly deviation: number;
  readonly low: number | null;
  readonly high: number | null;
}

export interface Scores {
  readonly measures: Readonly<Partial<Record<MeasureName, Score>>>;
  /** [N] returns of the seats. */
  readonly seats: readonly Score[];
}

/** @param seed of the bootstrap: the same reports have the same intervals. */
export function scoresOf(reports: readonly EpisodeReport[], kind: EnvironmentKind, seed: number): Scores {
  const players = reports[0]?.returns.length ?? 0;
  const score = (values: readonly number[]): Score => {
    const { mean, deviation } = summarize(values);
    const { low, high } = bootstrap(values, meanOf, { seed });
    return { mean, deviation, ...(values.length > 1 ? { low, high } : { low: null, high: null }) };
  };
  return {
    measures: Object.fromEntries(
      measuresOf(kind).map(({ name }) => [
        name,
        score(reports.map(({ outcome }) => EPISODE_METRICS[`episode/${name}`](outcome, players))),
      ]),
    ),
    seats: Array.from({ length: players }, (_, i) => score(reports.map(({ returns }) => returns[i]!))),
  };
}

function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
