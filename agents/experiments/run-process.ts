/**
 * A process that carries one run of an experiment. The parent says which, over the channel between them; the run ends
 * early, with a checkpoint, when the parent says so or is no more.
 */
import type { BackendChoice } from '../engine/index.ts';
import { planOf, type RunConfig } from '../training/config.ts';
import { LearningError, TrainingUsageError, WriteError } from '../training/errors.ts';
import { train } from '../training/trainer.ts';

export interface RunOrder {
  readonly config: RunConfig;
  readonly folder: string;
  readonly backend: BackendChoice;
  readonly workers: number;
  readonly resume: boolean;
  readonly command: string;
}

export type Order = { readonly do: 'run'; readonly order: RunOrder } | { readonly do: 'stop' };

/** Whose fault it is that a run failed: as the errors of `training/errors.ts`, or ours. */
export type Fault = 'usage' | 'learning' | 'write' | 'fault';

export type Ended =
  | { readonly is: 'ended'; readonly finished: boolean; readonly steps: number; readonly seconds: number }
  | { readonly is: 'failed'; readonly fault: Fault; readonly message: string; readonly path?: string };

const stop = new AbortController();
// Ctrl-C on a terminal reaches this process too: it is the parent that decides what it means.
process.on('SIGINT', () => {});
// Where the parent is no more nobody reads what is said, and there is still a checkpoint to be saved.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
process.on('SIGTERM', () => stop.abort());
process.on('disconnect', () => stop.abort());
process.on('message', (order: Order) => {
  if (order.do === 'stop') stop.abort();
  else void run(order.order);
});

async function run({ config, folder, backend, workers, resume, command }: RunOrder): Promise<void> {
  let ended: Ended;
  try {
    const plan = planOf(config);
    const outcome = await train({ plan, folder, backend, workers, resume, command, signal: stop.signal });
    const { steps, seconds } = outcome.progress;
    ended = { is: 'ended', finished: outcome.finished, steps, seconds };
  } catch (error) {
    ended = failure(error);
    process.exitCode = 1;
  }
  if (process.connected) process.send!(ended, undefined, undefined, () => process.disconnect());
}

function failure(error: unknown): Ended {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof TrainingUsageError) return { is: 'failed', fault: 'usage', message };
  if (error instanceof LearningError) return { is: 'failed', fault: 'learning', message };
  if (error instanceof WriteError) return { is: 'failed', fault: 'write', message, path: error.path };
  return { is: 'failed', fault: 'fault', message: stack ?? message };
}
