/**
 * What an experiment is: a question, and arms that answer it. All arms of an experiment share one configuration; what an
 * arm sets besides is all that tells it from the others.
 */
import { parseOptions } from '../../shared/definition.ts';
import { type Plan, planOf, readPlan } from '../training/config.ts';
import { TrainingUsageError } from '../training/errors.ts';
import { nearest } from '../training/schema-keys.ts';

/** Dotted paths of the configuration, such as `algo.gamma`, and what is set there. */
export type Settings = Readonly<Record<string, unknown>>;

export interface Arm {
  /** On the command line, in folders, tables and figures. */
  readonly name: string;
  /** What is learned with here, as an end to "this arm is ...". */
  readonly summary: string;
  /** What tells it from the other arms. */
  readonly set: Settings;
}

export interface Experiment {
  /** On the command line. */
  readonly name: string;
  readonly title: string;
  /** What is asked, with what, and why: the report's first paragraph. Plain text. */
  readonly abstract: string;
  /** Where the method comes from. */
  readonly source: string;
  /** By environment, what all arms share: a configuration in YAML, with the steps of a run where nobody says how many. */
  readonly bases: Readonly<Record<string, string>>;
  /** What all arms set besides, because of what is asked. */
  readonly shared?: Settings;
  /** The first arm is the method; the others are what it is held against. */
  readonly arms: (env: string) => readonly Arm[];
}

/** An arm whose settings have been resolved. */
export interface PlannedArm {
  readonly arm: Arm;
  /** Settings that were asked for this arm alone, on top of its own. */
  readonly extra: Settings;
  /** Of the first seed. */
  readonly plan: Plan;
}

export interface PlanOptions {
  readonly env: string;
  /** Player steps of each run; those of the base when left out. */
  readonly steps?: number;
  /** `path=value` for all arms, or `arm:path=value` for one. Values are YAML. */
  readonly set?: readonly string[];
  /** Those that are wanted, in the experiment's order; all when left out. */
  readonly arms?: readonly string[];
}

/** Settings that a flag of the experiment gives. */
const FLAGS: Readonly<Record<string, string>> = { seed: '--seeds', steps: '--steps', 'env.name': '--env' };

/**
 * The arms that are wanted, with everything that a run of theirs is told but its seed.
 * @throws {TrainingUsageError | ConfigError} before anything has been written, for what makes no sense as given.
 */
export function planArms(
  experiment: Experiment,
  { env, steps, set = [], arms: wanted }: PlanOptions,
): PlannedArm[] {
  const base = experiment.bases[env];
  if (base === undefined) {
    const known = Object.keys(experiment.bases);
    throw new TrainingUsageError(
      `${experiment.name} has no configuration for the environment ${JSON.stringify(env)}, ${meant(env, known)}`,
    );
  }
  const arms = experiment.arms(env);
  const names = arms.map(({ name }) => name);
  for (const name of wanted ?? []) {
    if (!names.includes(name)) {
      throw new TrainingUsageError(
        `${experiment.name} has no arm ${JSON.stringify(name)}, ${meant(name, names)}`,
      );
    }
  }
  const settings = set.map((text) => settingOf(text, arms));
  return arms
    .filter(({ name }) => wanted?.includes(name) ?? true)
    .map((arm) => {
      const own = settings.filter((setting) => setting.arm === arm.name);
      const overrides = [
        `env.name=${env}`,
        ...overridesOf(experiment.shared ?? {}),
        ...settings.filter((setting) => setting.arm === null).map(({ text }) => text),
        ...overridesOf(arm.set),
        ...own.map(({ text }) => text),
        ...(steps === undefined ? [] : [`steps=${steps}`]),
      ];
      const plan = readPlan(base, `experiment ${experiment.name}, arm ${arm.name}`, overrides);
      refuseTooShort(plan, arm.name);
      return { arm, extra: Object.fromEntries(own.map(({ path, value }) => [path, value])), plan };
    });
}

/** JSON is YAML too. */
const overridesOf = (set: Settings) =>
  Object.entries(set).map(([path, value]) => `${path}=${JSON.stringify(value)}`);

/** The same arm with another seed. */
export function withSeed({ config }: Plan, seed: number): Plan {
  return planOf({ ...config, seed });
}

interface Setting {
  /** Null for all of them. */
  readonly arm: string | null;
  readonly path: string;
  readonly value: string;
  /** `path=value` */
  readonly text: string;
}

function settingOf(given: string, arms: readonly Arm[]): Setting {
  const [, name, text] = /^(?:([^=:]*):)?(.*)$/s.exec(given)!;
  const at = text!.indexOf('=');
  if (at < 1) {
    throw new TrainingUsageError(
      `--set ${given}: give path=value, for example algo.gamma=0.99, or arm:path=value for one arm`,
    );
  }
  const path = text!.slice(0, at);
  const flag = FLAGS[path];
  if (flag !== undefined) throw new TrainingUsageError(`--set ${given}: use ${flag}`);
  const names = arms.map((arm) => arm.name);
  if (name !== undefined && !names.includes(name)) {
    throw new TrainingUsageError(`--set ${given}: there is no arm ${name}, ${meant(name, names)}`);
  }
  const setter = arms.find((arm) => Object.keys(arm.set).some((own) => overlap(own, path)));
  if (name === undefined && setter !== undefined) {
    throw new TrainingUsageError(
      `--set ${given}: arms differ in ${path}; say which one is meant, for example --set ${setter.name}:${text}`,
    );
  }
  return { arm: name ?? null, path, value: text!.slice(at + 1), text: text! };
}

/** Whether one path is the other, or lies in it. */
const overlap = (a: string, b: string) => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);

export function meant(word: string, words: readonly string[]): string {
  const near = nearest(word, words);
  return near === null ? `there are ${words.join(', ')}` : `did you mean ${near}?`;
}

function refuseTooShort({ config, stepsPerIteration }: Plan, arm: string): void {
  if (config.steps >= stepsPerIteration) return;
  throw new TrainingUsageError(
    `--steps ${config.steps}: one iteration of ${arm} is ${stepsPerIteration.toLocaleString('en')} player steps, give at least as many`,
  );
}

/**
 * Player steps until the first whole episodes have ended, which is when returns appear in the curves. Null where episodes
 * have no fixed length.
 */
export function stepsToFirstReturn({ config, definition, task }: Plan): number | null {
  if (definition.kind !== 'dilemma') return null;
  const { episodeLength } = definition.create(parseOptions(definition, task.options));
  return config.environments * task.players * episodeLength;
}
