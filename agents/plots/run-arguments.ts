/** Which runs a figure is asked to show, and what their lines are called. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { TrainingUsageError } from '../training/errors.ts';
import { type Run, readRun, runFolders } from './run-folder.ts';

interface RunArgument {
  /** Null where the settings of the runs are to say it. */
  readonly label: string | null;
  readonly paths: readonly string[];
}

export interface SelectedRuns {
  /** At least one, each with at least one report. */
  readonly runs: readonly Run[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/**
 * @param texts `path`, `label=path` or `label=path,path`; a path is the folder of a run, or of several. A run that is
 *   given with a label and without one has the label.
 * @returns each run once, in the order of the arguments, without those that have reported nothing.
 * @throws {TrainingUsageError} naming what is wrong with an argument or a folder, and where no run is left.
 */
export function readRunArguments(texts: readonly string[]): SelectedRuns {
  const found = new Map<string, { path: string; label: string | null }>();
  for (const { label, paths } of texts.map(parseRunArgument)) {
    for (const path of paths.flatMap(runFolders)) {
      const key = resolve(path);
      const before = found.get(key);
      if (before === undefined || before.label === null) found.set(key, { path, label });
      else if (label !== null && label !== before.label) {
        throw new TrainingUsageError(
          `${path} is in two lines, ${before.label} and ${label}: give it one label`,
        );
      }
    }
  }
  const all = [...found.values()].map(({ path, label }) => ({
    ...readRun(path),
    ...(label === null ? {} : { label }),
  }));
  const runs = all.filter(({ metrics }) => metrics.length > 0);
  const silent = all.filter(({ metrics }) => metrics.length === 0).map(({ path }) => path);
  if (silent.length === 0) return { runs, notes: [] };
  // Nothing in its folder tells a run that is still compiling from one that failed.
  const problem = `${silent.join(', ')}: no metrics, training has reported nothing so far or before it ended`;
  if (runs.length === 0) throw new TrainingUsageError(problem);
  return { runs, notes: [`${problem}; left out`] };
}

function parseRunArgument(text: string): RunArgument {
  // A folder may be called `lr=0.1`, or have a comma in its name.
  if (!text.includes('=') || existsSync(text)) return { label: null, paths: [text] };
  const label = text.slice(0, text.indexOf('=')).trim();
  const rest = text.slice(text.indexOf('=') + 1);
  const paths = existsSync(rest) ? [rest] : rest.split(',');
  if (label === '' || paths.includes('')) {
    throw new TrainingUsageError(
      `${text}: give label=folder or label=folder,folder, for example selfish=runs/a,runs/b`,
    );
  }
  return { label, paths };
}
