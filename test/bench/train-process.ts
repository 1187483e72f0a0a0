/**
 * A process that trains one arm with one backend, one kind of network and one number of workers, and measures that: on
 * its own, so that its memory is that of a run. Whoever forked it tells it what to measure next, so that processes take
 * turns.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { BackendName } from '../../agents/engine/index.ts';
import { collectiveMemory } from '../../agents/training/collective.ts';
import { Crew } from '../../agents/training/crew.ts';
import { median, type OwnRound } from './train-records.ts';
import { type Arm, iterationPlan, type NetworkKind, type Sizes, updatePlan } from './train-sizes.ts';
import type { BenchSetup, Measure, Order } from './train-worker.ts';

export interface ProcessSetup {
  readonly arm: Arm;
  readonly backend: BackendName;
  readonly network: NetworkKind;
  readonly workers: number;
  readonly sizes: Sizes;
}

export interface Ready {
  readonly engine: string;
  readonly compileSeconds: number;
}

/** What is measured: pieces, or whole iterations. */
export type Asked = Measure | { readonly measure: 'iterations' };

export interface Measured extends OwnRound {
  /** Of iterations: seconds of playing, of computing intrinsic rewards and of learning, summed. */
  readonly actSeconds: number;
  readonly rewardSeconds: number;
  readonly learnSeconds: number;
  /** Resident memory of the process so far, at most. */
  readonly memoryBytes: number;
}

interface Request {
  readonly what: Asked;
  /** How long to measure, about. */
  readonly seconds: number;
  /** A first call that takes more seconds is not repeated to see how it is when warm. */
  readonly patience: number;
}

type Reply =
  | { readonly is: 'ready'; readonly ready: Ready }
  | { readonly is: 'measured'; readonly measured: Measured }
  | { readonly is: 'failed'; readonly reason: string };

/** The process as its parent sees it. */
export class BenchProcess {
  readonly setup: ProcessSetup;
  readonly ready: Ready;
  readonly #child: ReturnType<typeof fork>;

  private constructor(setup: ProcessSetup, child: ReturnType<typeof fork>, ready: Ready) {
    this.setup = setup;
    this.#child = child;
    this.ready = ready;
  }

  /** @throws {Error} with the backend's own words where it does not load. */
  static async start(setup: ProcessSetup): Promise<BenchProcess> {
    const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(setup)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const reply = await replyOf(child);
    if (reply.is !== 'ready') throw new Error('the process did not say that it is ready');
    return new BenchProcess(setup, child, reply.ready);
  }

  async measure(request: Request): Promise<Measured> {
    const answer = replyOf(this.#child);
    this.#child.send(request);
    const reply = await answer;
    if (reply.is !== 'measured') throw new Error('the process did not measure');
    return reply.measured;
  }

  stop(): void {
    this.#child.disconnect();
  }
}

/** @throws {Error} for what failed there. */
async function replyOf(child: ReturnType<typeof fork>): Promise<Reply> {
  const reply = await new Promise<Reply>((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the process ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.removeListener('exit', ended);
      resolve(message as Reply);
    });
  });
  if (reply.is === 'failed') throw new Error(reply.reason);
  return reply;
}

/** The inside: what the process does. */
async function serve(setup: ProcessSetup): Promise<void> {
  const { arm, backend, network, workers, sizes } = setup;
  let measuring = false;
  const send = (reply: Reply) => process.send!(reply);
  process.on('disconnect', () => process.exit());
  try {
    const plan = iterationPlan(network, sizes, arm);
    const crew = await Crew.start(plan, backend, workers, null);
    let steps = 0;
    const iterate = async () => {
      const measured = await crew.iterate(steps, 1);
      steps += plan.stepsPerIteration;
      return measured;
    };
    let threads: Worker[] | null = null;
    const start = () =>
      Array.from({ length: workers }, (_, worker) => {
        const workerData: BenchSetup = { ...setup, worker, memory };
        return new Worker(new URL('./train-worker.ts', import.meta.url), { workerData, env: SHARE_ENV });
      });
    const memory = collectiveMemory(workers, workers, updatePlan(network, workers, sizes).parameters);
    /** Times of all calls, of all workers. */
    const run = async (what: Asked, count: number): Promise<Partial<Measured> & { times: number[] }> => {
      if (what.measure === 'iterations') {
        const times: number[] = [];
        let [actSeconds, rewardSeconds, learnSeconds] = [0, 0, 0];
        for (let k = 0; k < count; k++) {
          const began = performance.now();
          const measured = await iterate();
          times.push(performance.now() - began);
          actSeconds += measured['time/actSeconds']!;
          // Of those that have any.
          rewardSeconds += measured['time/rewardSeconds'] ?? 0;
          learnSeconds += measured['time/learnSeconds']!;
        }
        return { times, actSeconds, rewardSeconds, learnSeconds };
      }
      threads ??= start();
      const order: Order = { what, count };
      const answers = threads.map((thread) => timesOf(thread));
      for (const thread of threads) thread.postMessage(order);
      return { times: (await Promise.all(answers)).flatMap((times) => [...times]) };
    };

    const timed = async (what: Asked, count: number): Promise<Measured> => {
      const before = process.cpuUsage();
      const { times, actSeconds = 0, rewardSeconds = 0, learnSeconds = 0 } = await run(what, count);
      const { user, system } = process.cpuUsage(before);
      return {
        ms: median(times),
        bestMs: Math.min(...times),
        repeats: times.length,
        // Microseconds. Never 0, however coarsely a system counts.
        cpuMs: Math.max(user + system, 1) / 1000 / count,
        actSeconds,
        rewardSeconds,
        learnSeconds,
        // In KiB on every system.
        memoryBytes: process.resourceUsage().maxRSS * 1024,
      };
    };

    measuring = true;
    const known = new Map<string, number>();
    const measure = async ({ what, seconds, patience }: Request): Promise<Measured> => {
      const key = JSON.stringify(what);
      let estimate = known.get(key);
      if (estimate === undefined) {
        // To get compiled, then to see how long it takes.
        await run(what, 0);
        const cold = await timed(what, 1);
        if (cold.ms > patience * 1000) return cold;
        estimate = cold.ms < seconds * 1000 ? (await timed(what, 2)).ms : cold.ms;
      } else if (estimate < seconds * 1000) {
        // Others have had their turn since: once to get warm.
        await run(what, 1);
      }
      const measured = await timed(what, Math.max(1, Math.round((seconds * 1000) / estimate)));
      known.set(key, measured.ms);
      return measured;
    };
    process.on('message', (request: Request) => {
      measure(request).then((measured) => send({ is: 'measured', measured }), failed);
    });
    send({ is: 'ready', ready: { engine: crew.engine, compileSeconds: crew.compileSeconds } });
  } catch (error) {
    failed(error);
  }
  function failed(error: unknown): void {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    // A backend that is not there says so in a sentence; what fails later is for whoever changed something.
    send({ is: 'failed', reason: measuring ? (stack ?? message) : message });
  }
}

/** What a worker measures next. */
function timesOf(thread: Worker): Promise<Float64Array> {
  return new Promise((resolve, reject) => {
    thread.once('error', reject);
    thread.once('message', (times: Float64Array) => {
      thread.removeListener('error', reject);
      resolve(times);
    });
  });
}

// Run, not imported.
if (process.argv[1] === fileURLToPath(import.meta.url))
  await serve(JSON.parse(process.argv[2]!) as ProcessSetup);
