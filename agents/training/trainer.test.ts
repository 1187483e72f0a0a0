/** Runs from start to end, with real workers, in folders of their own. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, expect, it } from 'vitest';
import { withoutTimes } from '../algorithms/fixture.ts';
import { bestCheckpoint, latestCheckpoint, readCheckpoint } from './checkpoints.ts';
import { readPlan } from './config.ts';
import { LearningError } from './errors.ts';
import { METRICS_FILE, readMetrics } from './metrics-log.ts';
import { readRunFolder } from './run-folder.ts';
import { train } from './trainer.ts';

const root = mkdtempSync(join(tmpdir(), 'arena-train-'));
afterAll(() => rmSync(root, { recursive: true }));

/** 64 player steps an iteration, 12 iterations; a report every 2 and a checkpoint every 4. */
const CONFIG = `
env: {name: memory-corridor, length: 2, episodeLength: 7}
environments: 4
shards: 2
steps: 768
reports: 6
checkpoints: 3
algo: {name: ppo, segment: 16, sequence: 8, minibatches: 2, rewardScale: running, popArt: 0.1, surrogate: kl}
network: {filters: 0, dense: [4], lstm: 4}
`;

let count = 0;
const place = () => join(root, String(count++));

interface Options {
  readonly overrides?: readonly string[];
  readonly resume?: boolean;
  readonly workers?: number;
  /** Told of each line that the run says; the run ends after the report under way where it returns true. */
  readonly interrupt?: (line: string) => boolean;
}

async function run(folder: string, { overrides = [], resume = false, workers = 1, interrupt }: Options = {}) {
  const abort = new AbortController();
  let said = '';
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      said += chunk;
      if (interrupt?.(chunk.toString())) abort.abort();
      done();
    },
  });
  const outcome = await train({
    plan: resume ? readRunFolder(folder) : readPlan(CONFIG, 'a test', overrides),
    folder,
    backend: { backend: 'onnx', why: 'a test' },
    workers,
    resume,
    command: 'a test',
    signal: abort.signal,
    stream: stream as unknown as NodeJS.WriteStream,
  });
  return { outcome, said };
}

const metrics = (folder: string) => readMetrics(join(folder, METRICS_FILE)).map(withoutTimes);
const state = (folder: string) => latestCheckpoint(folder).state;

it('writes reports and checkpoints evenly over the run', async () => {
  const folder = place();
  const { outcome } = await run(folder);
  expect(outcome).toMatchObject({ finished: true, progress: { steps: 768, iterations: 12 } });
  expect(metrics(folder).map(({ steps }) => steps)).toEqual([128, 256, 384, 512, 640, 768]);
  expect(readdirSync(join(folder, 'checkpoints')).filter((name) => name.startsWith('step'))).toEqual([
    'step-000000000256.safetensors',
    'step-000000000512.safetensors',
    'step-000000000768.safetensors',
  ]);
});

it('makes at most as many reports as were asked for', async () => {
  const folder = place();
  await run(folder, { overrides: ['reports=7'] });
  expect(metrics(folder)).toHaveLength(6);
});

it('a run that does more than was asked for says so and why, and counts up to what it does', async () => {
  const { said, outcome } = await run(place(), { overrides: ['steps=1000'] });
  expect(outcome.progress.steps).toBe(1024);
  expect(said.match(/.* asked for.*/g)).toEqual([
    '1,000 player steps were asked for: iterations are whole, 16 of 64 make 1,024',
  ]);
  expect(said).toContain('100.0%, 1.02k of 1.02k steps');
});

it('a run that was stopped and gone on with, by another number of workers, is the run that was not', async () => {
  const [whole, parts] = [place(), place()];
  await run(whole);
  // Where the first line of progress is said: between two checkpoints.
  const first = await run(parts, { interrupt: (line) => line.includes('%') });
  expect(first.outcome.finished).toBe(false);
  expect(first.outcome.progress.steps).toBe(128);
  const second = await run(parts, { resume: true, workers: 2 });
  expect(second.outcome.finished).toBe(true);
  expect(metrics(parts)).toEqual(metrics(whole));
  expect(state(parts)).toEqual(state(whole));
});

it('the best checkpoint does not depend on where a run was stopped', async () => {
  const [whole, parts] = [place(), place()];
  // Stopped after each of its four reports, two of which make a window.
  const overrides = ['reports=4', 'checkpoints=2'];
  const { outcome } = await run(whole, { overrides });
  let stops = 0;
  for (let finished = false; !finished; stops++) {
    const part = await run(parts, {
      overrides,
      resume: stops > 0,
      interrupt: (line) => line.includes('%'),
    });
    finished = part.outcome.finished;
  }
  expect(stops).toBe(4);
  const best = (folder: string) => {
    const { progress, state } = readCheckpoint(bestCheckpoint(folder));
    return { ...progress, seconds: 0, theta: state.shared.theta };
  };
  expect(best(parts)).toEqual(best(whole));
  const returns = metrics(whole).map((report) => report['episode/collectiveReturn']!);
  const means = [0, 2].map((k) => (returns[k]! + returns[k + 1]!) / 2);
  expect(outcome.progress.bestScore).toBe(Math.max(...means));
  expect(Math.max(...returns)).toBeGreaterThan(Math.max(...means));
});

it('one that was stopped behind its last checkpoint loses what came after, and comes to the same', async () => {
  const [whole, parts] = [place(), place()];
  await run(whole);
  await run(parts);
  // As a machine that fails leaves it: no checkpoint at the end, reports beyond the last one, the last of them torn.
  rmSync(join(parts, 'checkpoints', 'step-000000000768.safetensors'));
  const lines = readFileSync(join(parts, METRICS_FILE), 'utf8');
  writeFileSync(join(parts, METRICS_FILE), lines.slice(0, -20));
  await run(parts, { resume: true });
  expect(metrics(parts)).toEqual(metrics(whole));
  expect(state(parts)).toEqual(state(whole));
});

it('one that was stopped before its first checkpoint begins anew', async () => {
  const [whole, parts] = [place(), place()];
  await run(whole);
  await run(parts);
  rmSync(join(parts, 'checkpoints'), { recursive: true });
  const { said } = await run(parts, { resume: true });
  expect(said).toContain('has no checkpoint yet: the run begins anew');
  expect(metrics(parts)).toEqual(metrics(whole));
});

it('goes on from the checkpoint before where the last is damaged, and says so', async () => {
  const [whole, parts] = [place(), place()];
  await run(whole);
  await run(parts);
  const path = join(parts, 'checkpoints', 'step-000000000768.safetensors');
  writeFileSync(path, readFileSync(path).subarray(0, 1000));
  const { said, outcome } = await run(parts, { resume: true });
  expect(said).toMatch(/step-000000000768.safetensors.*; the one before it is used/);
  expect(outcome.progress.steps).toBe(768);
  expect(metrics(parts)).toEqual(metrics(whole));
  expect(state(parts)).toEqual(state(whole));
});

it('a checkpoint of another environment is refused', async () => {
  const folder = place();
  await run(folder);
  const path = join(folder, 'run.json');
  const saved = JSON.parse(readFileSync(path, 'utf8'));
  saved.config.env = { name: 'identity' };
  writeFileSync(path, JSON.stringify(saved));
  await expect(run(folder, { resume: true })).rejects.toThrow(
    /is of ppo on memory-corridor, the run is of ppo on identity/,
  );
});

it('numbers that are none end the run, and the checkpoint before stays', async () => {
  const folder = place();
  // Learns nothing until half of the run, then far too fast.
  const rate = 'algo.learningRate={unit: steps, points: [[0, 0], [300, 0], [300, 1e30]]}';
  const error = await run(folder, { overrides: [rate] }).catch((reason) => reason);
  expect(error).toBeInstanceOf(LearningError);
  const { path } = latestCheckpoint(folder);
  expect(error.message).toMatch(/ (is|are) (NaN|-?Infinity) after \d+ player steps: learning has diverged/);
  expect(error.message).toContain(`the last checkpoint is kept: ${path}`);
  expect(path).toMatch(/step-000000000256/);
});
