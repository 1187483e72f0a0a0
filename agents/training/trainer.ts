/**
 * A run from start to end: workers learn, reports and checkpoints are written between iterations. Whatever stops it, the
 * last checkpoint is whole, and what goes on from there is what would have been.
 */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { CompileError } from '../engine/errors.ts';
import { type BackendChoice, type BackendName, openEngine } from '../engine/index.ts';
import { exportRun } from '../policies/write.ts';
import { type ArenaSettings, recordOf } from '../remote/settings.ts';
import { Checkpoints, hasCheckpoints, latestCheckpoint, NO_PROGRESS, type Progress } from './checkpoints.ts';
import type { Plan } from './config.ts';
import { Crew, type RunState } from './crew.ts';
import { ConnectionError, LearningError, TrainingUsageError } from './errors.ts';
import { type Metrics, MetricsLog } from './metrics-log.ts';
import { compact } from './number-format.ts';
import { createRunFolder } from './run-folder.ts';
import { TrainingStatus } from './status.ts';

/** Folder in a run's own with the policy of its best checkpoint; the last one's lies in the run's folder itself. */
export const BEST_POLICY = 'best';

export interface TrainSettings {
  readonly plan: Plan;
  readonly folder: string;
  readonly backend: BackendChoice;
  readonly workers: number;
  readonly resume: boolean;
  /** Where environments are, if elsewhere. */
  readonly arena?: ArenaSettings;
  /** As typed, to be saved with the run. */
  readonly command: string;
  /** Ends the run after the report under way, with a checkpoint. */
  readonly signal: AbortSignal;
  readonly stream?: NodeJS.WriteStream;
}

export interface TrainOutcome {
  readonly progress: Progress;
  /** False where the signal ended it. */
  readonly finished: boolean;
  /** The last checkpoint. */
  readonly checkpoint: string;
}

export async function train(settings: TrainSettings): Promise<TrainOutcome> {
  const { plan, folder, backend, workers, resume, command, signal, stream, arena = null } = settings;
  const { config, stepsPerIteration, task } = plan;
  await requireBackend(backend.backend);
  const warnings: string[] = [];
  // A run that was stopped before its first checkpoint begins anew, in the folder that it has.
  const checkpoint =
    resume && hasCheckpoints(folder) ? latestCheckpoint(folder, (problem) => warnings.push(problem)) : null;
  if (resume && checkpoint === null) warnings.push(`${folder} has no checkpoint yet: the run begins anew`);
  if (checkpoint !== null && (checkpoint.env !== config.env.name || checkpoint.algo !== config.algo.name)) {
    throw new TrainingUsageError(
      `${checkpoint.path} is of ${checkpoint.algo} on ${checkpoint.env}, the run is of ${config.algo.name} on ${config.env.name}`,
    );
  }
  plan.algorithm.prepare?.(
    plan.options,
    task,
    { ...config, ...(arena === null ? {} : { arena }) },
    checkpoint?.state.shared ?? null,
  );
  let progress: Progress = checkpoint?.progress ?? NO_PROGRESS;
  if (arena !== null && plan.algorithm.asks !== true) {
    // What is needed for a network is loaded where there is one.
    const { tryArena } = await import('../remote/open.ts');
    await tryArena(arena, task);
  }
  if (!resume) await createRunFolder(folder, plan, backend.backend, command, arena && recordOf(arena));
  const crew = await Crew.start(plan, backend.backend, workers, checkpoint?.state ?? null, arena).catch(
    (error: unknown) => {
      throw goingOn(error, folder, checkpoint?.path ?? '');
    },
  );
  const log = MetricsLog.open(folder, { resumeAt: resume ? progress.steps : null });
  const total = Math.ceil(config.steps / stepsPerIteration);
  const status = new TrainingStatus({
    totalSteps: total * stepsPerIteration,
    startSteps: progress.steps,
    startEnvironmentSteps: progress.steps / task.players,
    title: title(settings, crew),
    ...(stream === undefined ? {} : { stream }),
  });
  if (config.steps % stepsPerIteration !== 0) status.say(roundedUp(config.steps, stepsPerIteration, total));
  for (const warning of warnings) status.say(warning);
  if (arena !== null) crew.onConnection = connectionLines(arena.patience, (line) => status.say(line));
  const checkpoints = new Checkpoints(folder, config.env.name, config.algo.name, config.keep);

  const perReport = Math.ceil(total / config.reports);
  const perCheckpoint = Math.max(perReport, Math.ceil(total / config.checkpoints / perReport) * perReport);
  const started = performance.now() - progress.seconds * 1000;
  let path = checkpoint?.path ?? '';
  let saved = progress.iterations;
  let state = checkpoint?.state;
  const save = async () => {
    // One that a stop asks for is not scored: which is the best must not depend on where a run was stopped.
    const regular = progress.iterations % perCheckpoint === 0 || progress.iterations === total;
    const scored = regular ? scoredBy(progress) : progress;
    const best = scored.bestScore !== progress.bestScore;
    const whole = await crew.save();
    refuseWeights(whole, progress.steps, path);
    state = whole;
    progress = scored;
    // As the best checkpoint, before the one that a resumed run goes on from.
    if (best) await exportRun(folder, join(folder, BEST_POLICY), plan, progress, state.shared);
    path = await checkpoints.write(progress, state, best);
    saved = progress.iterations;
  };
  // Whoever waits for people is not waited for.
  const interrupt = () => crew.interrupt();
  signal.addEventListener('abort', interrupt);
  try {
    while (progress.iterations < total && !signal.aborted) {
      // Reports and checkpoints lie at the same steps however often a run was stopped and resumed.
      const times = Math.min(perReport - (progress.iterations % perReport), total - progress.iterations);
      const before = performance.now();
      const measured = await crew.iterate(progress.steps, times);
      const now = performance.now();
      const score = measured['episode/collectiveReturn'];
      const { sum, count } = progress.window;
      progress = {
        ...progress,
        steps: progress.steps + times * stepsPerIteration,
        iterations: progress.iterations + times,
        seconds: (now - started) / 1000,
        window: score === undefined ? progress.window : { sum: sum + score, count: count + 1 },
      };
      const metrics: Metrics = {
        steps: progress.steps,
        environmentSteps: progress.steps / task.players,
        seconds: progress.seconds,
        ...measured,
        'speed/playerStepsPerSecond': (times * stepsPerIteration * 1000) / (now - before),
      };
      refuseNaN(metrics, path);
      log.write(metrics);
      status.update(metrics);
      if (progress.iterations % perCheckpoint === 0) await save();
    }
    if (saved < progress.iterations || path === '') await save();
    if (state !== undefined) await exportRun(folder, folder, plan, progress, state.shared);
  } catch (error) {
    throw goingOn(error, folder, path);
  } finally {
    signal.removeEventListener('abort', interrupt);
    status.stop();
    log.close();
    await crew.stop();
  }
  return { progress, finished: progress.iterations >= total, checkpoint: path };
}

/** The progress with its window scored, and emptied for the next. */
function scoredBy(progress: Progress): Progress {
  const { bestScore, window } = progress;
  const score = window.count > 0 ? window.sum / window.count : null;
  const best = score !== null && (bestScore === null || score > bestScore);
  return { ...progress, bestScore: best ? score : bestScore, window: NO_PROGRESS.window };
}

/** Before the run leaves anything behind. @throws {TrainingUsageError} for a backend that does not load here. */
async function requireBackend(backend: BackendName): Promise<void> {
  try {
    await openEngine(backend);
  } catch (error) {
    const { message } = error as Error;
    const said = error instanceof CompileError;
    throw new TrainingUsageError(
      said
        ? message
        : `the backend "${backend}" cannot be loaded: ${message.split('\n', 1)[0]}; run \`npm ci\``,
      { cause: error },
    );
  }
}

/** What a worker said of its connection, with how to go on; anything else as it is. */
function goingOn(error: unknown, folder: string, checkpoint: string): unknown {
  // Classes do not cross threads, names do.
  if (!(error instanceof Error) || error.name !== ConnectionError.name) return error;
  const kept = checkpoint === '' ? 'there was no checkpoint yet' : `the last checkpoint is ${checkpoint}`;
  return new ConnectionError(
    `${error.message}; ${kept}. Go on with: npx arena train --resume --out ${folder}`,
    { cause: error },
  );
}

function title({ plan, backend, workers, resume, folder, arena }: TrainSettings, crew: Crew): string {
  const { config, parameters, task } = plan;
  return [
    `${config.algo.name} on ${config.env.name}, ${task.players} player${task.players === 1 ? '' : 's'}, seed ${config.seed}: ${compact(config.steps)} player steps${resume ? ' in all, resumed' : ''} in ${folder}`,
    `${backend.backend}: ${crew.engine}, ${backend.why}; ${workers} worker${workers === 1 ? '' : 's'} for ${config.shards} shard${config.shards === 1 ? '' : 's'}; ${compact(parameters)} parameters, compiled in ${crew.compileSeconds.toFixed(1)} s; ${cpus()[0]?.model ?? 'unknown processor'}`,
    ...(arena === undefined ? [] : [`${placeOf(plan, arena)} at ${arena.url}`]),
  ].join('\n');
}

/** A line when the connection to the arena is lost, one when it is back. @param patience in seconds. */
function connectionLines(patience: number, say: (line: string) => void): (lost: string | null) => void {
  let since = 0;
  return (lost) => {
    if (lost === null) say(`arena back after ${((performance.now() - since) / 1000).toFixed(1)} s`);
    else {
      since = performance.now();
      say(`arena lost, trying again for ${patience} s: ${lost}`);
    }
  };
}

/** What an arena is to a run. */
function placeOf({ algorithm }: Plan, { room }: ArenaSettings): string {
  if (algorithm.asks === true) return 'people are asked';
  return room === undefined ? 'environments' : `room ${room.id}`;
}

/** Why a run does more than it was asked for. */
function roundedUp(asked: number, stepsPerIteration: number, iterations: number): string {
  const [wanted, each, whole] = [asked, stepsPerIteration, iterations * stepsPerIteration].map((steps) =>
    steps.toLocaleString('en'),
  );
  return `${wanted} player steps were asked for: iterations are whole, ${iterations} of ${each} make${iterations === 1 ? 's' : ''} ${whole}`;
}

/** @throws {LearningError} naming the number and what to do. */
function refuseNaN(metrics: Metrics, checkpoint: string): void {
  for (const [name, value] of Object.entries(metrics)) {
    if (!Number.isFinite(value)) throw diverged(`${name} is ${value}`, metrics.steps, checkpoint);
  }
}

/** Nothing could go on from them. @throws {LearningError} */
function refuseWeights({ shared }: RunState, steps: number, checkpoint: string): void {
  const { theta } = shared;
  const broken = theta?.find((weight) => !Number.isFinite(weight));
  if (broken !== undefined) throw diverged(`a weight is ${broken}`, steps, checkpoint);
}

function diverged(what: string, steps: number, checkpoint: string): LearningError {
  const kept =
    checkpoint === '' ? 'there was no checkpoint yet' : `the last checkpoint is kept: ${checkpoint}`;
  return new LearningError(
    `${what} after ${steps} player steps: learning has diverged; ${kept}. A lower algo.learningRate, a rewardScale or popArt help`,
  );
}
