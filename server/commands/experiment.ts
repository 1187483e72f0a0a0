/** `arena experiment`: trains the arms of an experiment seed by seed, goes on where it stopped, and writes its report. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { type BackendChoice, chooseBackend } from '../../agents/engine/index.ts';
import { type Bots, botsOf } from '../../agents/experiments/bots.ts';
import {
  type Experiment,
  type PlannedArm,
  planArms,
  stepsToFirstReturn,
} from '../../agents/experiments/experiment.ts';
import {
  EXPERIMENT_FORMAT,
  type ExperimentRecord,
  type FolderLock,
  joinRecords,
  lockFolder,
  readRecord,
  writeRecord,
} from '../../agents/experiments/folder.ts';
import { EXPERIMENTS, experimentOf } from '../../agents/experiments/index.ts';
import { runTasks } from '../../agents/experiments/jobs.ts';
import { counted } from '../../agents/experiments/numbers.ts';
import { duration, type Report } from '../../agents/experiments/report.ts';
import { estimateOf } from '../../agents/experiments/results.ts';
import type { Ended, Fault } from '../../agents/experiments/run-process.ts';
import { type Task, tasksOf } from '../../agents/experiments/runs.ts';
import { REPORT_PAGE, writeReport } from '../../agents/experiments/write.ts';
import { makeFolder } from '../../agents/training/make-folder.ts';
import { compact } from '../../agents/training/number-format.ts';
import { RUN_FILE, readRunFolder } from '../../agents/training/run-folder.ts';
import { parseFlags, UsageError, whole } from '../config.ts';
import { commandLine, playerSteps, seedRange } from './run-flags.ts';
import { table } from './table.ts';

const flagsSchema = z.object({
  env: z.string().optional(),
  seeds: seedRange.optional(),
  steps: playerSteps.optional(),
  out: z.string().min(1).optional(),
  arms: z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim()))
    .optional(),
  set: z.array(z.string()).optional(),
  jobs: whole(1, 256).optional(),
  workers: whole(1, 256).default(1),
  backend: z.string().optional(),
  reportOnly: z.boolean().default(false),
  json: z.boolean().default(false),
});

type Flags = z.infer<typeof flagsSchema>;

const DEFAULT_SEEDS = [0, 1, 2, 3, 4];

/** What the program exits with; see `arena.ts`. */
const EXIT: Readonly<Record<Fault, number>> = { usage: 2, learning: 1, write: 74, fault: 70 };
const EXIT_STOPPED = 130;

/** @param name of the experiment; lists them when left out. */
export async function experiment(name: string | undefined, raw: unknown): Promise<void> {
  const flags = parseFlags(flagsSchema, raw);
  if (name === undefined) return list();
  const chosen = experimentOf(name);
  const env = flags.env ?? Object.keys(chosen.bases)[0]!;
  const out = flags.out ?? join('experiments', `${chosen.name}-${env}`);
  if (flags.reportOnly) return reportOnly(chosen, env, out, flags);
  let backend: BackendChoice;
  try {
    backend = chooseBackend(flags.backend);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const request = asked(chosen, env, flags);
  const joined = () => joinRecords(out, readRecord(out), request, namesOf(chosen, env));
  // What is refused leaves nothing behind, so it is asked before a folder is made.
  joined();
  makeFolder(out);
  const lock = lockFolder(out);
  try {
    // Read again: until the folder was locked somebody else may have added to it.
    const record = joined();
    const planned = planArms(chosen, { env, steps: record.steps, set: record.set, arms: record.arms });
    const all = tasksOf(out, planned, record.seeds);
    const wanted = all.filter(
      ({ arm, seed }) => (flags.arms?.includes(arm) ?? true) && (flags.seeds ?? DEFAULT_SEEDS).includes(seed),
    );
    await writeRecord(out, record);
    const bench = new Bench(chosen, record, planned, out, flags);
    await bench.run(wanted, backend, lock);
  } finally {
    lock.release();
  }
}

function list(): void {
  const rows = EXPERIMENTS.map(({ name, title, bases, arms }) => {
    const envs = Object.keys(bases);
    const armNames = arms(envs[0]!).map((arm) => arm.name);
    return [name, title, armNames.join(', '), envs.join(', ')];
  });
  const lines = table([['experiment', 'asks about', 'arms', 'environments'], ...rows], [0, 1, 2, 3]);
  process.stdout.write(
    `${lines.join('\n')}\n\nnpx arena experiment ${EXPERIMENTS[0]!.name} --env harvest --seeds 0..4\n`,
  );
}

const namesOf = (chosen: Experiment, env: string) => chosen.arms(env).map(({ name }) => name);

function asked(chosen: Experiment, env: string, flags: Flags): ExperimentRecord {
  const { steps, set = [], arms } = flags;
  const planned = planArms(chosen, {
    env,
    set,
    ...(steps === undefined ? {} : { steps }),
    ...(arms === undefined ? {} : { arms }),
  });
  return {
    format: EXPERIMENT_FORMAT,
    experiment: chosen.name,
    env,
    steps: planned[0]!.plan.config.steps,
    seeds: [...(flags.seeds ?? DEFAULT_SEEDS)],
    arms: planned.map(({ arm }) => arm.name),
    set: [...set],
    command: commandLine(),
  };
}

/** From what is there, whatever the experiment's settings are by now. */
async function reportOnly(chosen: Experiment, env: string, out: string, flags: Flags): Promise<void> {
  const record = readRecord(out);
  if (record === null) throw new UsageError(`--report-only: ${out} has no experiment`);
  joinRecords(out, record, { ...record, experiment: chosen.name, env }, record.arms);
  const { steps, set, arms, seeds } = record;
  const planned = planArms(chosen, { env, steps, set, arms }).map((own) => {
    const run = seeds
      .map((seed) => join(out, own.arm.name, `seed-${seed}`))
      .find((folder) => existsSync(join(folder, RUN_FILE)));
    return run === undefined ? own : { ...own, plan: readRunFolder(run) };
  });
  const bench = new Bench(chosen, record, planned, out, flags);
  bench.conclude(await bench.report());
}

/** Where an experiment is worked on: its folder, what it has to say, and its report. */
class Bench {
  readonly #experiment: Experiment;
  readonly #record: ExperimentRecord;
  readonly #planned: readonly PlannedArm[];
  readonly #out: string;
  readonly #json: boolean;
  readonly #flags: Flags;
  readonly #failures = new Map<string, string>();
  #bots: Promise<Bots> | null = null;
  /** Reports are written one after the other. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(
    chosen: Experiment,
    record: ExperimentRecord,
    planned: readonly PlannedArm[],
    out: string,
    flags: Flags,
  ) {
    this.#experiment = chosen;
    this.#record = record;
    this.#planned = planned;
    this.#out = out;
    this.#flags = flags;
    this.#json = flags.json;
  }

  async run(wanted: readonly Task[], backend: BackendChoice, lock: FolderLock): Promise<void> {
    const { workers } = this.#flags;
    const todo = wanted.filter(({ state }) => state !== 'finished');
    const jobs = Math.min(
      this.#flags.jobs ?? Math.max(1, Math.floor(availableParallelism() / workers)),
      Math.max(1, todo.length),
    );
    this.#introduce(wanted, jobs, workers, backend.why);
    const { stop, kill } = interruptible();
    const started = performance.now();
    let worst: Fault | null = null;
    let done = 0;
    await runTasks(todo, {
      jobs,
      workers,
      backend,
      command: this.#record.command,
      lock,
      stop,
      kill,
      say: ({ name }, line) => this.#say(`${name}  ${line}`),
      ended: async (task, how) => {
        if (how.is === 'failed') worst = this.#failed(task, how, worst);
        if (how.is !== 'ended' || !how.finished) return;
        done++;
        this.#say(`${task.name}  done in ${duration(how.seconds)}; ${progress(done, todo.length, started)}`);
        await this.#interim();
      },
    });
    const report = await this.report();
    if (stop.aborted) {
      this.#say(`stopped; go on with: ${this.#record.command}`);
      process.exitCode = EXIT_STOPPED;
    }
    if (worst !== null) process.exitCode = EXIT[worst];
    this.conclude(report);
  }

  /** Writes the report of what is there. */
  report(): Promise<Report> {
    const written = this.#writing.then(async () => {
      const bots = await (this.#bots ??= botsOf(this.#out, this.#planned));
      return writeReport(this.#out, {
        experiment: this.#experiment,
        record: this.#record,
        planned: this.#planned,
        tasks: tasksOf(this.#out, this.#planned, this.#record.seeds),
        bots,
        failures: this.#failures,
      });
    });
    this.#writing = written.catch(() => {});
    return written;
  }

  /** What a report came to, for a person or a machine. */
  conclude(report: Report): void {
    const path = join(this.#out, REPORT_PAGE);
    if (this.#json) {
      process.stdout.write(`${JSON.stringify({ report: path, ...summaryOf(report) })}\n`);
      return;
    }
    const [head, ...rows] = report.finals;
    const lines = [
      '',
      report.status,
      ...table([head!, ...rows], [0]),
      ...(report.findings.length > 0 ? ['', ...report.findings] : []),
      ...report.caveats.map((caveat) => `note: ${caveat}`),
      '',
      path,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }

  #introduce(wanted: readonly Task[], jobs: number, workers: number, why: string): void {
    const { steps, env } = this.#record;
    const count = (state: Task['state']) => wanted.filter((task) => task.state === state).length;
    this.#say(
      `${this.#experiment.title}, on ${env}: ${counted(wanted.length, 'run')} of ${compact(steps)} player steps in ${this.#out}`,
    );
    this.#say(
      `${count('finished')} finished, ${count('begun')} to go on with, ${count('missing')} to begin; ${jobs} at a time with ${counted(workers, 'worker')} each; ${why}`,
    );
    const { plan } = this.#planned[0]!;
    const first = stepsToFirstReturn(plan);
    if (first !== null && steps < 2 * first) {
      this.#say(
        `note: few episodes will be whole: all ${plan.config.environments} environments have ended one after ${compact(2 * first)} player steps`,
      );
    }
  }

  #failed({ name }: Task, { fault, message }: Ended & { is: 'failed' }, worst: Fault | null): Fault {
    this.#failures.set(name, message.split('\n', 1)[0]!);
    process.stderr.write(`error: ${name}: ${message}\n`);
    // What stops all the others outweighs a run that diverged.
    return worst === null || worst === 'learning' ? fault : worst;
  }

  /** A report between runs is a service: training does not stop for its sake. */
  async #interim(): Promise<void> {
    try {
      await this.report();
    } catch (error) {
      process.stderr.write(`note: the report could not be written yet: ${(error as Error).message}\n`);
    }
  }

  #say(line: string): void {
    (this.#json ? process.stderr : process.stdout).write(`${line}\n`);
  }
}

/** `2 of 6 runs, 12 min to go`, from how long those took that are done. */
function progress(done: number, all: number, started: number): string {
  const rest = ((performance.now() - started) / 1000 / done) * (all - done);
  return `${done} of ${counted(all, 'run')}${done < all ? `, about ${duration(rest)} to go` : ''}`;
}

/** Ctrl-C once stops with checkpoints, twice at once. */
function interruptible(): { stop: AbortSignal; kill: AbortSignal } {
  const stop = new AbortController();
  const kill = new AbortController();
  const interrupted = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) {
      kill.abort();
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      process.kill(process.pid, signal);
      return;
    }
    process.stderr.write('\nsaving checkpoints; once more leaves at once\n');
    stop.abort();
  };
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  return { stop: stop.signal, kill: kill.signal };
}

function summaryOf({ status, arms, comparisons, findings, caveats, missing, sections }: Report) {
  const names = sections.flatMap(({ measures }) => measures.map(({ name }) => name));
  return {
    status,
    arms: arms.map((arm) => ({
      arm: arm.arm.name,
      finished: arm.finished.map(({ seed }) => seed),
      final: Object.fromEntries(names.map((name) => [name, estimateOf(arm, name)])),
    })),
    comparisons,
    findings,
    caveats,
    missing,
  };
}
