/** A worker thread of a run: carries some of its shards, does what the trainer says, one thing at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Learner, Saved } from '../algorithms/algorithm.ts';
import { type BackendName, openEngine } from '../engine/index.ts';
import type { ArenaEnvironments } from '../remote/open.ts';
import type { ArenaLine, ArenaSettings } from '../remote/settings.ts';
import { Collective, type CollectiveMemory } from './collective.ts';
import { type Plan, planOf, type RunConfig } from './config.ts';

export interface WorkerSetup {
  readonly config: RunConfig;
  readonly backend: BackendName;
  readonly memory: CollectiveMemory;
  readonly worker: number;
  /** Where environments are; null for those of the worker's own. */
  readonly arena: ArenaSettings | null;
  /** What to go on from: null for a new run. */
  readonly saved: { readonly shared: Saved; readonly shards: Readonly<Record<number, Saved>> } | null;
}

export type Command =
  | { readonly do: 'iterate'; readonly steps: number; readonly times: number }
  | { readonly do: 'save' }
  /** Obeyed at once, in the middle of whatever is done. */
  | { readonly do: 'interrupt' }
  | { readonly do: 'stop' };

export type Answer =
  | { readonly is: 'ready'; readonly engine: string; readonly compileSeconds: number }
  /** Comes at any time: why the connection to the arena was lost, null once it is back. */
  | { readonly is: 'connection'; readonly lost: string | null }
  | { readonly is: 'measured'; readonly measured: Readonly<Record<string, number>> }
  | {
      readonly is: 'saved';
      /** From the first worker only: it is the same in all. */
      readonly shared: Saved | null;
      readonly shards: Readonly<Record<number, Saved>>;
    };

/** The learner of one worker. */
export async function makeLearner({
  config,
  backend,
  memory,
  worker,
  arena = null,
  saved,
}: Omit<WorkerSetup, 'arena'> & { readonly arena?: ArenaLine | null }): Promise<{
  plan: Plan;
  learner: Learner;
  collective: Collective;
  engine: string;
  /** Gives up what the learner holds elsewhere. */
  release: () => void;
}> {
  const plan = planOf(config, arena?.room?.seats ?? null);
  const asks = plan.algorithm.asks === true;
  const elsewhere = arena === null || asks ? null : await environmentsAt(arena, plan);
  const engine = await openEngine(backend);
  const collective = new Collective(memory, worker);
  const learner = await plan.algorithm.create(plan.options, {
    engine,
    task: elsewhere === null ? plan.task : { ...plan.task, open: elsewhere.open },
    network: config.network,
    intrinsic: plan.intrinsic,
    collective,
    seed: config.seed,
    totalSteps: config.steps,
    ...(arena === null || !asks ? {} : { arena }),
  });
  const release = () => {
    elsewhere?.close();
    learner.close?.();
  };
  if (saved !== null) await learner.load(saved.shared, (shard) => saved.shards[shard]!);
  return { plan, learner, collective, engine: engine.description, release };
}

/** What is needed for a network is loaded where there is one. */
async function environmentsAt(arena: ArenaLine, { task }: Plan): Promise<ArenaEnvironments> {
  const { ArenaEnvironments } = await import('../remote/open.ts');
  return new ArenaEnvironments(arena, task);
}

async function serve(setup: WorkerSetup): Promise<void> {
  const port = parentPort!;
  const answer = (message: Answer) => port.postMessage(message);
  const started = performance.now();
  const hear = (lost: string | null) => answer({ is: 'connection', lost });
  const { plan, learner, collective, engine, release } = await makeLearner({
    ...setup,
    arena: setup.arena && { ...setup.arena, hear },
  });
  const perIteration = plan.stepsPerIteration;
  const act = async (command: Command): Promise<void> => {
    switch (command.do) {
      case 'iterate':
        for (let k = 0; k < command.times; k++) await learner.iterate(command.steps + k * perIteration);
        answer({ is: 'measured', measured: learner.measure() });
        return;
      case 'save':
        answer({
          is: 'saved',
          shared: setup.worker === 0 ? learner.saveShared() : null,
          shards: Object.fromEntries(collective.own.map((shard) => [shard, learner.saveShard(shard)])),
        });
        return;
      case 'interrupt':
        return;
      case 'stop':
        release();
        port.close();
    }
  };
  let last = Promise.resolve();
  port.on('message', (command: Command) => {
    if (command.do === 'interrupt') {
      learner.interrupt?.();
      return;
    }
    // What goes wrong reaches the trainer as the worker's error.
    last = last.then(() => act(command));
    last.catch((error: unknown) => {
      setImmediate(() => {
        throw error;
      });
    });
  });
  answer({ is: 'ready', engine, compileSeconds: (performance.now() - started) / 1000 });
}

if (parentPort !== null && workerData !== null) await serve(workerData as WorkerSetup);
