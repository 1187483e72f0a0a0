/** What a report says, before it is HTML or Markdown: the same words and numbers for both. */
import { settingText } from '../plots/setting-text.ts';
import { compact } from '../training/number-format.ts';
import type { Bots } from './bots.ts';
import { type Experiment, type PlannedArm, stepsToFirstReturn } from './experiment.ts';
import type { ExperimentRecord } from './folder.ts';
import { RETURN, type Section, sectionsOf } from './measures.ts';
import { counted, estimateText, human, intervalText, listed } from './numbers.ts';
import { paidRows } from './paid.ts';
import {
  type ArmResult,
  type Comparison,
  comparisonsOf,
  type Estimate,
  estimateOf,
  finalOf,
  metricNames,
  readResults,
  runsOf,
} from './results.ts';
import { flat, type Task } from './runs.ts';

/** Seeds from which an interval over them is to be relied on. */
const ENOUGH_SEEDS = 5;

export type Row = readonly string[];

export interface Report {
  readonly experiment: Experiment;
  readonly record: ExperimentRecord;
  readonly title: string;
  readonly environment: string;
  /** `3 of 5 seeds ...`, in a line. */
  readonly status: string;
  readonly arms: readonly ArmResult[];
  readonly bots: Bots;
  readonly sections: readonly Section[];
  /** Metrics that were logged. */
  readonly present: readonly string[];
  readonly comparisons: readonly Comparison[];
  /** What was found, a sentence or two each. */
  readonly findings: readonly string[];
  /** What a reader should hold against the findings. */
  readonly caveats: readonly string[];
  /** Tables: the first row is the head. */
  readonly finals: readonly Row[];
  readonly against: readonly Row[];
  /** What intrinsic rewards pay beside what the game pays. */
  readonly paid: readonly Row[];
  readonly botRows: readonly Row[];
  readonly runRows: readonly Row[];
  readonly differences: readonly Row[];
  readonly settings: readonly Row[];
  readonly versions: readonly Row[];
  readonly missing: readonly string[];
  /** What was typed, and what goes on from here. */
  readonly command: string;
}

export interface ReportInput {
  readonly experiment: Experiment;
  readonly record: ExperimentRecord;
  readonly planned: readonly PlannedArm[];
  readonly tasks: readonly Task[];
  readonly bots: Bots;
  /** Why runs failed that did, by the name of their task. */
  readonly failures: ReadonlyMap<string, string>;
}

/** @throws {TrainingUsageError} for a run that cannot be read. */
export function reportOf({ experiment, record, planned, tasks, bots, failures }: ReportInput): Report {
  const arms = readResults(planned, tasks);
  const present = metricNames(arms);
  const sections = sectionsOf(present);
  const comparisons = comparisonsOf(arms);
  const { title: environment } = planned[0]!.plan.definition;
  const done = arms.map(({ finished }) => finished.length);
  return {
    experiment,
    record,
    title: `${experiment.title}, on ${environment}`,
    environment,
    status: statusOf(done, record),
    arms,
    bots,
    sections,
    present,
    comparisons,
    findings: arms.length < 2 ? [] : findingsOf(arms, comparisons),
    caveats: caveatsOf(arms, planned, done),
    finals: finalRows(arms, sections, record.seeds.length),
    against: againstRows(comparisons, arms),
    paid: paidRows(arms, present, planned[0]!.plan.task.players),
    botRows: botRowsOf(bots),
    runRows: runRowsOf(arms),
    differences: differenceRows(planned),
    settings: settingRows(planned),
    versions: versionRows(arms),
    missing: missingOf(tasks, arms, failures),
    command: record.command,
  };
}

function statusOf(done: readonly number[], { seeds, steps, arms }: ExperimentRecord): string {
  const least = Math.min(...done);
  const most = Math.max(...done);
  const finished = least === most ? `${least}` : `${least} to ${most}`;
  return `${finished} of ${counted(seeds.length, 'seed')} done for ${counted(arms.length, 'arm')}, ${compact(steps)} player steps a run`;
}

/** A verdict on the first arm against each of the others, in plain words. */
function findingsOf(arms: readonly ArmResult[], comparisons: readonly Comparison[]): string[] {
  const [method] = arms;
  const ours = method === undefined ? null : estimateOf(method, RETURN);
  if (method === undefined || ours === null || comparisons.length === 0) {
    return [
      'There is nothing to compare yet: it takes a finished run of the first arm and one of another, both with a return.',
    ];
  }
  const name = method.arm.name;
  return comparisons.map(({ against, difference, improvement }) => {
    const theirs = estimateOf(arms.find(({ arm }) => arm.name === against)!, RETURN)!;
    const values = `${human(ours.mean)} against ${human(theirs.mean)}`;
    const { low, high } = difference;
    if (low === null || high === null) {
      return `${name} ends with a collective return of ${values} of ${against}. Where an arm has one seed nothing can be said of the next.`;
    }
    const apart = `a difference of ${estimateText(difference)}`;
    const runs = difference.runs < ENOUGH_SEEDS ? `In these ${counted(difference.runs, 'seed')} ` : '';
    const chance = chanceText(name, against, improvement);
    if (low > 0) return `${runs}${name} ends above ${against}: ${values}, ${apart}. ${chance}`;
    if (high < 0) return `${runs}${name} ends below ${against}: ${values}, ${apart}. ${chance}`;
    return `No difference is shown between ${name} and ${against}: ${values}, ${apart}, which has 0 in its interval. ${chance}`;
  });
}

/** Where all runs of an arm end on one side, the bootstrap has nothing to vary. */
function chanceText(name: string, against: string, { mean, low, high }: Estimate): string {
  if (mean === 1 || mean === 0) {
    return `Every run of ${name} ends ${mean === 1 ? 'above' : 'below'} every one of ${against}.`;
  }
  return `A run of ${name} ends above one of ${against} with probability ${human(mean, 2)} ${intervalText(low!, high!, 2)}.`;
}

function caveatsOf(
  arms: readonly ArmResult[],
  planned: readonly PlannedArm[],
  done: readonly number[],
): string[] {
  const least = Math.min(...done);
  const caveats: string[] = [];
  if (least > 1 && least < ENOUGH_SEEDS) {
    caveats.push(
      `With ${least} seeds an arm the intervals are weak: the bootstrap's 95% interval covers the true mean in about half of all cases from 2 normal values, in 84% from 5, in 91% from 10.`,
    );
  }
  const silent = arms.filter(
    (arm) => arm.finished.length > 0 && arm.finished.every((run) => finalOf(run, RETURN) === null),
  );
  if (silent.length > 0) {
    const first = stepsToFirstReturn(planned[0]!.plan);
    caveats.push(
      `No whole episode ended in the runs of ${listed(silent.map(({ arm }) => arm.name))}, so they have no returns${first === null ? '' : `; from about ${compact(2 * first)} player steps on every run has some`}.`,
    );
  }
  return caveats;
}

function finalRows(arms: readonly ArmResult[], sections: readonly Section[], seeds: number): Row[] {
  const measures = sections
    .filter(({ key }) => key === 'outcome' || key === 'intrinsic')
    .flatMap((section) => section.measures);
  return [
    ['arm', 'seeds', ...measures.map(({ label }) => label)],
    ...arms.map((arm) => [
      arm.arm.name,
      `${arm.finished.length} of ${seeds}`,
      ...measures.map(({ name }) => estimateText(estimateOf(arm, name))),
    ]),
  ];
}

/** Arms by the measures of a section, each with what chance has. Empty where there is nothing of finished runs. */
export function sectionRows(arms: readonly ArmResult[], { measures }: Section): Row[] {
  const having = arms.filter((arm) => measures.some(({ name }) => estimateOf(arm, name) !== null));
  if (having.length === 0) return [];
  return [
    ['measure', ...having.map(({ arm }) => arm.name)],
    ...measures.map(({ name, title, baseline }) => [
      title,
      ...having.map((arm) => {
        const estimate = estimateOf(arm, name);
        const chance = baseline === null ? null : estimateOf(arm, baseline.name);
        return `${estimateText(estimate)}${chance === null ? '' : `; ${baseline!.how} ${human(chance.mean)}`}`;
      }),
    ]),
  ];
}

function againstRows(comparisons: readonly Comparison[], [method]: readonly ArmResult[]): Row[] {
  if (comparisons.length === 0 || method === undefined) return [];
  return [
    [`${method.arm.name} against`, 'seeds', 'difference of returns', 'probability of improvement'],
    ...comparisons.map(({ against, difference, improvement }) => {
      const { mean, low, high } = improvement;
      return [
        against,
        String(difference.runs),
        estimateText(difference),
        low === null || high === null ? human(mean, 2) : `${human(mean, 2)} ${intervalText(low, high, 2)}`,
      ];
    }),
  ];
}

function botRowsOf({ scores }: Bots): Row[] {
  if (scores.length === 0) return [];
  return [
    ['scripted players', 'collective return'],
    ...scores.map(({ label, mean, low, high }) => [label, estimateText({ runs: 1, mean, low, high })]),
  ];
}

function runRowsOf(arms: readonly ArmResult[]): Row[] {
  const rows = arms.flatMap((arm) =>
    [...arm.finished, ...arm.underWay].map((run) => {
      const final = run.state === 'finished' ? finalOf(run, RETURN) : null;
      return [
        arm.arm.name,
        String(run.seed),
        run.state === 'finished' ? 'finished' : 'under way',
        final === null ? '-' : human(final),
        compact(run.steps, 4),
        duration(run.seconds),
        run.seconds > 0 ? compact(run.steps / run.seconds) : '-',
        run.backend,
      ];
    }),
  );
  if (rows.length === 0) return [];
  return [
    ['arm', 'seed', 'state', 'final return', 'player steps', 'time', 'player steps/s', 'backend'],
    ...rows,
  ];
}

/** `42 s`, `12 min`, `3 h 07 min`. */
export function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return minutes < 60
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

const flatPlan = ({ plan }: PlannedArm) => {
  const settings = flat(plan.config);
  settings.delete('seed');
  return settings;
};

/** Settings in which arms differ, a column an arm. */
function differenceRows(planned: readonly PlannedArm[]): Row[] {
  const configs = planned.map(flatPlan);
  const keys = new Set(configs.flatMap((config) => [...config.keys()]));
  const differing = [...keys].filter((key) => new Set(configs.map((config) => config.get(key))).size > 1);
  if (differing.length === 0) return [];
  return [
    ['setting', ...planned.map(({ arm }) => arm.name)],
    ...differing.map((key) => [key, ...configs.map((config) => settingText(config.get(key)) ?? '-')]),
  ];
}

/** Settings that all arms share. */
function settingRows(planned: readonly PlannedArm[]): Row[] {
  const [first, ...others] = planned.map(flatPlan);
  const common = [...first!].filter(([key, value]) => others.every((config) => config.get(key) === value));
  return [['setting', 'value'], ...common.map(([key, value]) => [key, settingText(value)!])];
}

function versionRows(arms: readonly ArmResult[]): Row[] {
  const found = new Map<string, Set<string>>();
  const add = (name: string, value: string) => found.set(name, (found.get(name) ?? new Set()).add(value));
  for (const { versions, processor } of runsOf(arms)) {
    for (const [name, version] of Object.entries(versions)) {
      add(name, typeof version === 'string' ? version : JSON.stringify(version));
    }
    add('processor', processor);
  }
  if (found.size === 0) return [];
  return [['', 'version'], ...[...found].map(([name, values]) => [name, [...values].join(' or ')])];
}

function missingOf(
  tasks: readonly Task[],
  arms: readonly ArmResult[],
  failures: ReadonlyMap<string, string>,
): string[] {
  const runs = runsOf(arms);
  const missing: string[] = [];
  for (const { arm } of arms) {
    const own = tasks.filter((task) => task.arm === arm.name);
    const absent = own.filter(({ state }) => state === 'missing').map(({ seed }) => String(seed));
    if (absent.length > 0) {
      missing.push(`${arm.name}: seed${absent.length === 1 ? '' : 's'} ${listed(absent)} not begun`);
    }
    for (const { seed, state, name, folder, plan } of own) {
      const failure = failures.get(name);
      const run = runs.find(({ path }) => path === folder);
      const far =
        run === undefined
          ? 'no report yet'
          : `${compact(run.steps)} of ${compact(plan.config.steps)} player steps`;
      if (failure !== undefined) missing.push(`${arm.name}, seed ${seed}: ${failure}`);
      else if (state === 'begun') missing.push(`${arm.name}, seed ${seed}: begun, ${far}`);
    }
  }
  return missing;
}
