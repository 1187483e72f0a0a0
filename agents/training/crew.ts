/** The workers of a run, as one: whatever is said is said to all, and all answer before the next. */
import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { Saved } from '../algorithms/algorithm.ts';
import type { BackendName } from '../engine/index.ts';
import type { ArenaSettings } from '../remote/settings.ts';
import { type CollectiveMemory, collectiveMemory, giveUp } from './collective.ts';
import type { Plan } from './config.ts';
import type { Answer, Command, WorkerSetup } from './worker.ts';

/** All that a run is at a moment between iterations. */
export interface RunState {
  readonly shared: Saved;
  /** [S] */
  readonly shards: readonly Saved[];
}

export class Crew {
  /** What computes, with version. */
  readonly engine: string;
  /** Until the slowest worker had its programs. */
  readonly compileSeconds: number;
  /** Is told why the connection to the arena was lost, and null once all that were lost are back. */
  onConnection: ((lost: string | null) => void) | null = null;
  /** Connections that are being tried again, of all workers. */
  #lost = 0;
  readonly #workers: readonly Worker[];
  readonly #memory: CollectiveMemory;
  #failure: Promise<never>;

  private constructor(
    workers: readonly Worker[],
    memory: CollectiveMemory,
    failure: Promise<never>,
    engine: string,
    seconds: number,
  ) {
    this.#workers = workers;
    this.#memory = memory;
    this.#failure = failure;
    this.engine = engine;
    this.compileSeconds = seconds;
    for (const worker of workers) {
      worker.on('message', (message: Answer) => {
        if (message.is === 'connection') this.#connection(message.lost);
      });
    }
  }

  #connection(lost: string | null): void {
    if (lost === null ? --this.#lost === 0 : this.#lost++ === 0) this.onConnection?.(lost);
  }

  /** @param workers at most as many as there are shards. @param arena where environments are, if elsewhere. @throws what a worker could not do. */
  static async start(
    plan: Plan,
    backend: BackendName,
    workers: number,
    state: RunState | null,
    arena: ArenaSettings | null = null,
  ): Promise<Crew> {
    const { config, parameters } = plan;
    const memory = collectiveMemory(workers, config.shards, parameters);
    const threads = Array.from({ length: workers }, (_, worker) => {
      const workerData: WorkerSetup = {
        config,
        backend,
        memory,
        worker,
        arena,
        saved:
          state === null
            ? null
            : {
                shared: state.shared,
                shards: Object.fromEntries(
                  state.shards
                    .map((saved, shard) => [shard, saved] as const)
                    .filter(([shard]) => shard % workers === worker),
                ),
              },
      };
      // TensorFlow reads the environment of the process, which a worker with a copy could not tell it anything by.
      return new Worker(new URL('./worker.ts', import.meta.url), { workerData, env: SHARE_ENV });
    });
    const failure = new Promise<never>((_, reject) => {
      for (const thread of threads) {
        thread.on('error', reject);
        thread.on('exit', (code) => {
          if (code !== 0) reject(new Error(`a worker ended with exit code ${code}`));
        });
      }
    });
    // Somebody is always waiting for it when it matters.
    failure.catch(() => {});
    try {
      const ready = await Promise.race([Promise.all(threads.map(answerOf)), failure]);
      const first = ready[0]!;
      if (first.is !== 'ready') throw new Error('a worker did not say that it is ready');
      const seconds = Math.max(...ready.map((answer) => (answer.is === 'ready' ? answer.compileSeconds : 0)));
      return new Crew(threads, memory, failure, first.engine, seconds);
    } catch (error) {
      await end(threads, memory);
      throw error;
    }
  }

  /** @param steps player steps so far. @returns what all measured, which is the same in each. */
  async iterate(steps: number, times: number): Promise<Readonly<Record<string, number>>> {
    const [answer] = await this.#tell({ do: 'iterate', steps, times });
    if (answer?.is !== 'measured') throw new Error('a worker answered something else than was asked');
    return answer.measured;
  }

  /** Learners that wait for people wait no longer; what is under way goes on. */
  interrupt(): void {
    for (const worker of this.#workers) worker.postMessage({ do: 'interrupt' } satisfies Command);
  }

  async save(): Promise<RunState> {
    const answers = await this.#tell({ do: 'save' });
    let shared: Saved = {};
    const shards: Saved[] = [];
    for (const answer of answers) {
      if (answer.is !== 'saved') throw new Error('a worker answered something else than was asked');
      shared = answer.shared ?? shared;
      for (const [shard, saved] of Object.entries(answer.shards)) shards[Number(shard)] = saved;
    }
    return { shared, shards };
  }

  /** Ends the workers; one that is in the middle of something gets no further than to where it needs the others. */
  async stop(): Promise<void> {
    this.#failure = new Promise(() => {});
    await end(this.#workers, this.#memory);
  }

  #tell(command: Command): Promise<Answer[]> {
    const answers = Promise.all(this.#workers.map(answerOf));
    for (const worker of this.#workers) worker.postMessage(command);
    return Promise.race([answers, this.#failure]);
  }
}

const answerOf = (worker: Worker) =>
  new Promise<Answer>((resolve) => {
    const hear = (message: Answer) => {
      if (message.is === 'connection') return;
      worker.off('message', hear);
      resolve(message);
    };
    worker.on('message', hear);
  });

/**
 * Workers end by themselves: `terminate` in the middle of a computation of ONNX Runtime's takes the whole process down
 * with it.
 */
async function end(workers: readonly Worker[], memory: CollectiveMemory): Promise<void> {
  giveUp(memory);
  await Promise.all(
    workers.map((worker) => {
      // Of a worker that is gone already.
      if (worker.threadId === -1) return undefined;
      const gone = new Promise((resolve) => {
        worker.once('exit', resolve);
      });
      worker.postMessage({ do: 'stop' } satisfies Command);
      return gone;
    }),
  );
}
