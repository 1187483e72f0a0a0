/** What metrics are called on axes, and which one somebody means. */
import { TrainingUsageError } from '../training/errors.ts';
import { nearestPath } from '../training/schema-keys.ts';
import type { Run } from './run-folder.ts';

/** Titles with units of the social outcome metrics; others are titled by their name. */
const TITLES: Readonly<Record<string, string>> = {
  'episode/collectiveReturn': 'Collective return per episode',
  'episode/efficiency': 'Efficiency (return per step)',
  'episode/equality': 'Equality',
  'episode/sustainability': 'Sustainability (mean step of eating)',
  'episode/peace': 'Peace (players not timed out)',
  'episode/finesPerPlayerStep': 'Fines per player step',
  'episode/hitsPerPlayerStep': 'Hits per player step',
  'intrinsic/influence-moa': 'Influence by models of others (nats per player step)',
  'intrinsic/influence-basic': 'Influence of who leads (nats per player step)',
  'intrinsic/influence-communication': 'Influence of what is said (nats per player step)',
  'moa/crossEntropy': 'Models of others: cross-entropy (nats)',
  'moa/marginal': 'Models of others: what frequencies alone give (nats)',
  'moa/accuracy': 'Models of others: share of actions foretold',
  environmentSteps: 'Environment steps',
  seconds: 'Seconds of training',
};

/** What ends like this cannot exceed a value. */
const MOST: Readonly<Record<string, number>> = { equality: 1, explainedVariance: 1 };

export function mostOf(name: string): number | null {
  const last = name.slice(name.lastIndexOf('/') + 1);
  return Object.hasOwn(MOST, last) ? MOST[last]! : null;
}

/** `loss/policyGradient` becomes `Loss: policy gradient`. */
export function titleOf(name: string): string {
  if (Object.hasOwn(TITLES, name)) return TITLES[name]!;
  let words = name
    .replaceAll('/', ': ')
    .replaceAll(/(?<=[a-z0-9])[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);
  words = words.replaceAll(/\bkl\b/g, 'KL');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * The full name of a metric, of which the last part is enough where only one has it.
 * @throws {TrainingUsageError} for one that no run has.
 */
export function resolveMetric(given: string, runs: readonly Run[]): string {
  const names = [...new Set(runs.flatMap(({ metrics }) => metrics.flatMap((report) => Object.keys(report))))];
  if (names.includes(given)) return given;
  const ending = names.filter((name) => name.endsWith(`/${given}`));
  if (ending.length === 1) return ending[0]!;
  if (ending.length > 1) throw new TrainingUsageError(`${given} can be ${ending.join(' or ')}`);
  const near = nearestPath(given, names, '/');
  const rest = near === null ? `there are ${names.join(', ')}` : `did you mean ${near}?`;
  throw new TrainingUsageError(`no run has the metric ${given}, ${rest}`);
}
