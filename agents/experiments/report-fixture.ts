/** For tests of reports: an experiment's folder with runs whose curves are made by hand. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MetricsLog } from '../training/metrics-log.ts';
import { type PlannedArm, planArms } from './experiment.ts';
import { IDENTITY } from './fixture.ts';
import type { ReportInput } from './report.ts';
import { type RunState, type Task, tasksOf } from './runs.ts';

export interface HandMade {
  readonly arm: string;
  readonly seed: number;
  readonly state?: RunState;
  /** The metrics of each report; they lie 100 player steps apart. */
  readonly reports: readonly Readonly<Record<string, number>>[];
}

/** @param folder an empty one. @param seeds that were asked for. */
export function handMade(folder: string, seeds: readonly number[], runs: readonly HandMade[]): ReportInput {
  const planned = planArms(IDENTITY, { env: 'identity' });
  const tasks = tasksOf(folder, planned, seeds).map((task): Task => {
    const run = runs.find(({ arm, seed }) => arm === task.arm && seed === task.seed);
    if (run === undefined) return task;
    write(task, run, planned);
    return { ...task, state: run.state ?? 'finished' };
  });
  return {
    experiment: IDENTITY,
    record: {
      format: 1,
      experiment: IDENTITY.name,
      env: 'identity',
      steps: 2048,
      seeds: [...seeds],
      arms: planned.map(({ arm }) => arm.name),
      set: [],
      command: 'npx arena experiment identity-rates <x>',
    },
    planned,
    tasks,
    bots: { episodes: 20, scores: [{ label: 'greedy', mean: 3, low: 2, high: 4 }] },
    failures: new Map(),
  };
}

function write({ folder, plan }: Task, { seed, reports }: HandMade, planned: readonly PlannedArm[]): void {
  mkdirSync(folder, { recursive: true });
  const run = {
    format: 1,
    env: 'identity',
    algo: 'ppo',
    seed,
    backend: 'onnx',
    processor: 'an abacus',
    versions: { node: `24.0.${planned.length}` },
    config: plan.config,
  };
  writeFileSync(join(folder, 'run.json'), JSON.stringify(run));
  const log = MetricsLog.open(folder, { resumeAt: null });
  for (const [k, metrics] of reports.entries()) {
    log.write({ steps: 100 * (k + 1), environmentSteps: 100 * (k + 1), seconds: k + 1, ...metrics });
  }
  log.close();
}
