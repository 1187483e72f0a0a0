/**
 * Which runs are one line of a figure: those with one label, or without one those that differ only by their seed, or by
 * what somebody does not ask about.
 */
import { TrainingUsageError } from '../training/errors.ts';
import { nearestPath } from '../training/schema-keys.ts';
import type { Run } from './run-folder.ts';
import { settingText, shortSettingText } from './setting-text.ts';

export interface Group {
  /** What sets it apart from the other groups, in few words. */
  readonly label: string;
  readonly runs: readonly Run[];
}

/** Settings that a label names, unless it takes more to tell groups apart. */
const NAMED = 3;

/** Differences that an error tells, of those there are. */
const TOLD = 4;

/**
 * Groups in the order of their first runs.
 * @param by settings that tell groups apart, whole paths, groups of settings or the ends of paths; all when left out.
 * @throws {TrainingUsageError} for a setting that no run has, and for runs of one label that differ in what tells groups
 *   apart.
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
    const identity =
      run.label === undefined
        ? JSON.stringify(telling.toSorted().map((key) => run.settings.get(key) ?? null))
        : `label ${run.label}`;
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, [run]);
    else group.push(run);
  }
  const all = [...groups.values()];
  for (const members of all) if (members[0]!.label !== undefined) checkAgreement(members, telling);
  const unnamed = all.filter(([run]) => run!.label === undefined);
  const derived = labelsOf(unnamed, telling);
  const result = all.map((members) => ({
    label: members[0]!.label ?? derived[unnamed.indexOf(members)]!,
    runs: members,
  }));
  for (const [k, { label, runs: members }] of result.entries()) {
    if (result.findIndex((other) => other.label === label) === k) continue;
    throw new TrainingUsageError(
      `two lines are called ${label}: give a label to ${members[0]!.path} too, as label=folder`,
    );
  }
  return result;
}

/** @throws {TrainingUsageError} naming the settings that differ between runs of one label. */
function checkAgreement([first, ...others]: readonly Run[], telling: readonly string[]): void {
  for (const other of others) {
    const differing = telling.filter((key) => first!.settings.get(key) !== other.settings.get(key));
    if (differing.length === 0) continue;
    const told = differing.slice(0, TOLD).map((key) => {
      const value = ({ settings }: Run) => settingText(settings.get(key)) ?? 'none';
      return `${key} (${value(first!)} and ${value(other)})`;
    });
    const rest = differing.length > TOLD ? ` and ${differing.length - TOLD} more` : '';
    throw new TrainingUsageError(
      `${first!.label}: ${first!.path} and ${other.path} differ in ${told.join(', ')}${rest}; runs of one label must agree ` +
        'in all but the seed, or in the settings that --group-by names',
    );
  }
}

/** In few words, but as many as tell groups apart. */
function labelsOf(groups: readonly (readonly Run[])[], telling: readonly string[]): string[] {
  const differing = telling.filter((key) => new Set(groups.map(([run]) => run!.settings.get(key))).size > 1);
  // Groups may differ only by what short values leave out.
  for (const brief of [true, false]) {
    const named = namedSettings(groups, differing, brief);
    const labels = groups.map((members) => labelOf(members, differing, named, brief));
    if (!brief || new Set(labels).size === labels.length) return labels;
  }
  return [];
}

/** The settings of a label, in their order: those that part most groups, and the first ones beside them. */
function namedSettings(
  groups: readonly (readonly Run[])[],
  differing: readonly string[],
  brief: boolean,
): string[] {
  const chosen: string[] = [];
  const parted = (keys: readonly string[]) =>
    new Set(groups.map(([run]) => JSON.stringify(keys.map((key) => shownValue(run!, key, brief) ?? null))))
      .size;
  while (parted(chosen) < parted(differing)) {
    let best = '';
    let most = 0;
    for (const key of differing) {
      const parts = parted([...chosen, key]);
      if (parts <= most) continue;
      best = key;
      most = parts;
    }
    chosen.push(best);
  }
  for (const key of differing) if (chosen.length < NAMED && !chosen.includes(key)) chosen.push(key);
  return differing.filter((key) => chosen.includes(key));
}

function shownValue({ settings }: Run, key: string, brief: boolean): string | undefined {
  const json = settings.get(key);
  return brief && json !== undefined ? shortSettingText(json) : settingText(json);
}

function labelOf(
  [first, ...others]: readonly Run[],
  differing: readonly string[],
  named: readonly string[],
  brief: boolean,
): string {
  const value = (key: string) => shownValue(first!, key, brief);
  if (differing.length === 0)
    return others.length === 0 ? first!.name : (value('algo') ?? value('algo.name') ?? 'runs');
  const parts = named.map((key) => {
    const text = value(key) ?? 'none';
    // What is learned, and where, needs no name: `ppo` says it.
    return ['algo', 'env', 'algo.name', 'env.name'].includes(key)
      ? text
      : `${shortName(key, differing)} ${text}`;
  });
  return parts.join(', ') + (differing.length > named.length ? ', ...' : '');
}

/** The last part of a dotted path where that is enough to know it by. */
function shortName(key: string, keys: readonly string[]): string {
  const last = (path: string) => path.slice(path.lastIndexOf('.') + 1);
  return keys.filter((other) => last(other) === last(key)).length === 1 ? last(key) : key;
}

function isMeantBy(key: string, path: string): boolean {
  return key === path || key.startsWith(`${path}.`) || key.endsWith(`.${path}`);
}
