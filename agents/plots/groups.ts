/** Which runs are one line of a figure: those that differ only by their seed, or by what somebody does not ask about. */
import { TrainingUsageError } from '../training/errors.ts';
import { nearestPath } from '../training/schema-keys.ts';
import { type Run, settingText } from './run-folder.ts';

export interface Group {
  /** What sets it apart from the other groups, in few words. */
  readonly label: string;
  readonly runs: readonly Run[];
}

/** Settings that a label names, unless it takes more to tell groups apart. */
const NAMED = 3;

/**
 * Groups in the order of their first runs.
 * @param by settings that tell groups apart, whole paths, groups of settings or the ends of paths; all when left out.
 * @throws {TrainingUsageError} for a setting that no run has.
 */
export function groupRuns(runs: readonly Run[], by: readonly string[] | null = null): Group[] {
  const known = [...new Set(runs.flatMap(({ settings }) => [...settings.keys()]))];
  for (const path of by ?? []) {
    if (known.some((key) => isMeantBy(key, path))) continue;
    const near = nearestPath(path, known, '.');
    throw new TrainingUsageError(
      `no run has the setting ${path}${near === null ? `, there are ${known.join(', ')}` : `, did you mean ${near}?`}`,
    );
  }
  const telling = by === null ? known : known.filter((key) => by.some((path) => isMeantBy(key, path)));
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const identity = JSON.stringify(telling.toSorted().map((key) => run.settings.get(key) ?? null));
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, [run]);
    else group.push(run);
  }
  const all = [...groups.values()];
  const differing = telling.filter((key) => new Set(all.map(([run]) => run!.settings.get(key))).size > 1);
  // Groups may differ only by what comes later than the first few settings.
  for (let named = NAMED; ; named++) {
    const labels = all.map((members) => labelOf(members, differing, named));
    if (new Set(labels).size < labels.length && named < differing.length) continue;
    return all.map((members, k) => ({ label: labels[k]!, runs: members }));
  }
}

function labelOf([first, ...others]: readonly Run[], differing: readonly string[], named: number): string {
  const { settings, name } = first!;
  const value = (key: string) => settingText(settings.get(key));
  if (differing.length === 0)
    return others.length === 0 ? name : (value('algo') ?? value('algo.name') ?? 'runs');
  const parts = differing.slice(0, named).map((key) => {
    const text = value(key) ?? 'none';
    // What is learned, and where, needs no name: `ppo` says it.
    return ['algo', 'env', 'algo.name', 'env.name'].includes(key)
      ? text
      : `${shortName(key, differing)} ${text}`;
  });
  return parts.join(', ') + (differing.length > named ? ', ...' : '');
}

/** The last part of a dotted path where that is enough to know it by. */
function shortName(key: string, keys: readonly string[]): string {
  const last = (path: string) => path.slice(path.lastIndexOf('.') + 1);
  return keys.filter((other) => last(other) === last(key)).length === 1 ? last(key) : key;
}

function isMeantBy(key: string, path: string): boolean {
  return key === path || key.startsWith(`${path}.`) || key.endsWith(`.${path}`);
}
