/** `arena train` and `arena serve` as processes, in a folder of a test file's own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { withoutTimes } from '../../agents/algorithms/fixture.ts';
import { hasCheckpoints, latestCheckpoint } from '../../agents/training/checkpoints.ts';
import { METRICS_FILE, readMetrics } from '../../agents/training/metrics-log.ts';
import { PROGRAM } from './run-arena.ts';

export interface ProcessEnding {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<ProcessEnding>;
  /** Resolves once what it has printed says so. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

/** @param variables beside those of this process. */
export function runProgram(
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, env: { ...process.env, ...variables } });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const ended = new Promise<ProcessEnding>((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }));
  });
  const until = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(out + err);
        if (found !== null) resolve(found);
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      void ended.then(() => reject(new Error(`it ended without ${pattern}: ${out}${err}`)));
      look();
    });
  return { child, ended, until };
}

/** All that a run computed: its curves, and everything that its learners knew at the end. */
export function computed(run: string) {
  return {
    metrics: readMetrics(join(run, METRICS_FILE)).map(withoutTimes),
    shared: latestCheckpoint(run).state.shared,
    policy: readFileSync(join(run, 'policy.onnx')),
  };
}

/** Resolves once a run that has told of its first steps has a checkpoint. */
export function hasCheckpoint(run: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!hasCheckpoints(run)) return;
      watching.close();
      resolve();
    };
    const watching = watch(join(run, 'checkpoints'), look);
    look();
  });
}
