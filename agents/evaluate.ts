/**
 * Episodes without a server: what policies earn, scripted and trained ones in any mix of seats, and what becomes of the
 * commons. Several games are played side by side, so that a trained policy acts for all of them in one call.
 */
import type { OptionsInput } from '../shared/definition.ts';
import type { SocialOutcome } from '../shared/metrics.ts';
import { type Measured, type MeasureKind, Measurement } from './evaluation/measures.ts';
import type { Sight } from './evaluation/seats.ts';
import { Table } from './evaluation/table.ts';
import type { Policy } from './policies/policy.ts';

export { MEASURES, type Measured, type MeasureKind } from './evaluation/measures.ts';
export { SIGHTS, type Sight } from './evaluation/seats.ts';

export interface Evaluation {
  /** The registry's name of the environment. */
  readonly environment: string;
  readonly options?: OptionsInput;
  /** Names of scripted policies, or trained policies, one a player; a shorter list is repeated. */
  readonly policies: readonly (string | Policy)[];
  readonly episodes: number;
  /** An integer in [0, 2^53): the result is a function of it and the other fields. */
  readonly seed: number;
  /** Whether trained policies take their most likely action instead of drawing; false by default. */
  readonly greedy?: boolean;
  /** `own` by default. */
  readonly sight?: Sight;
}

export interface EpisodeReport {
  /** What the environment was reset with. */
  readonly seed: number;
  readonly outcome: SocialOutcome;
  /** [N] sums of raw rewards. */
  readonly returns: Float64Array;
}

/** Games side by side. With a trained policy there are always as many: products of another size may round otherwise. */
const GAMES = 16;

export interface Evaluated {
  readonly reports: EpisodeReport[];
  readonly measured: Measured;
}

/**
 * Episode e has seed s = deriveSeed(seed, e), and in it player i's policy has the stream deriveSeed(s, i). Game g plays
 * the episodes g, g + G, g + 2G...: none of them depends on how many are asked for.
 * @throws {OptionsError} for an environment or options that are unknown.
 * @throws {RangeError} for an unknown policy or none, or a scripted one where there are no windows of class ids.
 * @throws {PolicyError} for a trained policy that is for something else.
 */
export async function evaluate(evaluation: Evaluation): Promise<EpisodeReport[]> {
  return (await evaluateAndMeasure(evaluation, [])).reports;
}

/**
 * The same, and what was measured beside: of a function of the seed too. Looking on changes nothing of the episodes.
 * @throws {PolicyError} before any episode, for what the policies have nothing to measure of. Else as `evaluate`.
 */
export async function evaluateAndMeasure(
  evaluation: Evaluation,
  kinds: readonly MeasureKind[],
): Promise<Evaluated> {
  const { episodes, sight = 'own' } = evaluation;
  const trained = evaluation.policies.some((policy) => typeof policy !== 'string');
  if (!trained && sight !== 'own') {
    throw new RangeError(`sight: ${sight} is for trained policies, of which there is none`);
  }
  // What scripted policies do is the same beside however many games: as many as leave the fewest over.
  const table = new Table(
    evaluation,
    trained ? GAMES : Math.ceil(episodes / Math.ceil(episodes / GAMES)) || 1,
  );
  const measurement = new Measurement(table, kinds, evaluation);
  const reports: EpisodeReport[] = [];
  let open = episodes;
  while (open > 0) {
    await table.step(measurement.meters, (episode, report) => {
      reports[episode] = report;
      open--;
    });
  }
  return { reports, measured: measurement.take() };
}
