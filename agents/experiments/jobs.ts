/** Runs of an experiment side by side, each in a process of its own. What a run comes to does not depend on the others. */
import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BackendChoice } from '../engine/index.ts';
import type { FolderLock } from './folder.ts';
import type { Ended, Order } from './run-process.ts';
import { clearUnborn, type Task } from './runs.ts';

const PROCESS = fileURLToPath(new URL('./run-process.ts', import.meta.url));

export interface JobSettings {
  /** Runs at a time. */
  readonly jobs: number;
  /** Threads of each. */
  readonly workers: number;
  readonly backend: BackendChoice;
  readonly command: string;
  /** Told which processes are at work. */
  readonly lock: FolderLock;
  /** Ends the runs under way, each with a checkpoint, and begins no more. */
  readonly stop: AbortSignal;
  /** Ends them at once. */
  readonly kill: AbortSignal;
  /** A line that a run says. */
  readonly say: (task: Task, line: string) => void;
  readonly ended: (task: Task, how: Ended) => void | Promise<void>;
}

/**
 * Carries out the tasks in their order, as many at a time as there are jobs.
 * A run that fails through its learning leaves the others alone; any other failure stops them, since they would meet it too.
 */
export async function runTasks(tasks: readonly Task[], settings: JobSettings): Promise<void> {
  const waiting = [...tasks];
  const broken = new AbortController();
  const stop = AbortSignal.any([settings.stop, broken.signal]);
  const work = async () => {
    for (let task = waiting.shift(); task !== undefined && !stop.aborted; task = waiting.shift()) {
      const how = await carry(task, { ...settings, stop });
      if (how.is === 'failed' && how.fault !== 'learning') broken.abort();
      await settings.ended(task, how);
    }
  };
  await Promise.all(Array.from({ length: Math.min(settings.jobs, tasks.length) }, work));
}

/** One run to its end, in a process. */
async function carry(
  task: Task,
  { backend, workers, command, lock, stop, kill, say }: JobSettings,
): Promise<Ended> {
  clearUnborn(task.folder);
  const child = fork(PROCESS, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const { pid } = child;
  if (pid !== undefined) lock.add(pid);
  const told: Ended[] = [];
  child.on('message', (message: Ended) => told.push(message));
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => say(task, line));
  }
  const closed = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? `code ${code}`));
    child.once('error', (error) => resolve(error.message));
  });
  const { config } = task.plan;
  tell(child, {
    do: 'run',
    order: {
      config,
      folder: task.folder,
      backend,
      workers: Math.min(workers, config.shards),
      resume: task.state === 'begun',
      command,
    },
  });
  const onStop = () => tell(child, { do: 'stop' });
  const onKill = () => child.kill('SIGKILL');
  stop.addEventListener('abort', onStop);
  kill.addEventListener('abort', onKill);
  try {
    if (stop.aborted) onStop();
    const how = await closed;
    return (
      told[0] ?? { is: 'failed', fault: 'fault', message: `the process of ${task.name} ended by ${how}` }
    );
  } finally {
    if (pid !== undefined) lock.remove(pid);
    stop.removeEventListener('abort', onStop);
    kill.removeEventListener('abort', onKill);
  }
}

/** To a process that may be ending: then there is nobody to hear it, and no harm. */
function tell(child: ChildProcess, order: Order): void {
  if (child.connected) child.send(order, () => {});
}
