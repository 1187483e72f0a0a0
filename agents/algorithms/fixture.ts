/** For tests: learners of small runs in this thread, as a worker of the run would have them. */
import { type BackendName, type Engine, openEngine } from '../engine/index.ts';
import type { Arrays, Program } from '../engine/program.ts';
import { Collective, collectiveMemory } from '../training/collective.ts';
import { type Plan, readPlan } from '../training/config.ts';
import type { Learner } from './algorithm.ts';

export interface SmallRun {
  readonly plan: Plan;
  readonly learner: Learner;
  /** What was compiled, by name. */
  readonly programs: ReadonlyMap<string, Program>;
  /** What the programs are fed, as it lies there after their last call. */
  readonly feeds: ReadonlyMap<string, Arrays>;
}

/** The only worker of a run, whatever its shards. @param config YAML. */
export async function smallRun(
  config: string,
  overrides: readonly string[] = [],
  backend: BackendName = 'onnx',
): Promise<SmallRun> {
  const plan = readPlan(config, 'a test', overrides);
  const programs = new Map<string, Program>();
  const feeds = new Map<string, Arrays>();
  const engine = listening(await openEngine(backend), programs, feeds);
  const { shards, network, seed, steps } = plan.config;
  const learner = await plan.algorithm.create(plan.options, {
    engine,
    task: plan.task,
    network,
    intrinsic: plan.intrinsic,
    collective: new Collective(collectiveMemory(1, shards, plan.parameters), 0),
    seed,
    totalSteps: steps,
  });
  return { plan, learner, programs, feeds };
}

function listening(engine: Engine, programs: Map<string, Program>, feeds: Map<string, Arrays>): Engine {
  return {
    ...engine,
    async compile(name, fn, inputs, options) {
      const program = await engine.compile(name, fn, inputs, options);
      programs.set(name, program);
      return {
        ...program,
        bind(fed, results) {
          feeds.set(name, fed);
          return program.bind(fed, results);
        },
        hold: (arrays) => program.hold(arrays),
        release: () => program.release(),
      };
    },
  };
}

/** Iterations from `from` player steps on, with what was measured after each. */
export async function iterations(
  { plan, learner }: SmallRun,
  times: number,
  from = 0,
): Promise<Readonly<Record<string, number>>[]> {
  const measured = [];
  for (let k = 0; k < times; k++) {
    await learner.iterate(from + k * plan.stepsPerIteration);
    measured.push(withoutTimes(learner.measure()));
  }
  return measured;
}

/** What does not depend on how fast the machine is. */
export function withoutTimes(metrics: Readonly<Record<string, number | null>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).filter(
      ([name]) => name !== 'seconds' && !name.startsWith('time/') && !name.startsWith('speed/'),
    ),
  ) as Record<string, number>;
}
