/** `arena train` as a process: how it ends, what it leaves behind, and how it goes on. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withoutTimes } from '../../agents/algorithms/fixture.ts';
import { latestCheckpoint } from '../../agents/training/checkpoints.ts';
import { METRICS_FILE, readMetrics } from '../../agents/training/metrics-log.ts';

const PROGRAM = fileURLToPath(new URL('../../server/arena.ts', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'arena-train-'));
afterAll(() => rmSync(root, { recursive: true }));

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A process, and how it ends. */
function started(...args: string[]): { child: ChildProcess; ended: Promise<Ending> } {
  return startedBy([], args);
}

/** @param node options of Node's own. */
function startedBy(
  node: readonly string[],
  args: readonly string[],
): { child: ChildProcess; ended: Promise<Ending> } {
  const child = spawn(process.execPath, [...node, PROGRAM, 'train', ...args], { cwd: root });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  return { child, ended };
}

const train = (...args: string[]) => started(...args).ended;

/** 64 player steps an iteration, so many that a run is still under way when somebody stops it. */
const CONFIG = `
env: {name: memory-corridor, length: 2, episodeLength: 7}
environments: 4
shards: 2
steps: 32000
reports: 100
checkpoints: 10
algo: {name: ppo, segment: 16, sequence: 8, minibatches: 2}
network: {filters: 0, dense: [4], lstm: 4}
`;
const config = join(root, 'config.yaml');
const whole = join(root, 'whole');
beforeAll(async () => {
  writeFileSync(config, CONFIG);
  expect(await train('--config', config, '--out', whole)).toMatchObject({ code: 0 });
});

/** Resolves once a run has a checkpoint. */
async function hasCheckpoint(run: string, ended: Promise<Ending>): Promise<void> {
  const folder = join(run, 'checkpoints');
  mkdirSync(folder, { recursive: true });
  const { signal, abort } = ((controller) => ({
    signal: controller.signal,
    abort: () => controller.abort(),
  }))(new AbortController());
  await new Promise<void>((resolve, reject) => {
    watch(folder, { signal }, (_, name) => {
      if (name?.startsWith('step-')) resolve();
    });
    void ended.then(({ err }) => reject(new Error(`it ended before its first checkpoint: ${err}`)));
  }).finally(abort);
}

/** Starts a run; resolves once it has a checkpoint. */
async function underWay(run: string) {
  const process_ = started('--config', config, '--out', run);
  // The run makes its folder itself, and wants it empty: its first file there says that it may be watched.
  await new Promise<void>((resolve) => {
    const watching = watch(root, (_, name) => {
      if (name === null || !existsSync(run)) return;
      watching.close();
      resolve();
    });
  });
  await new Promise<void>((resolve) => {
    const look = () => {
      if (!existsSync(join(run, 'run.json'))) return;
      watching.close();
      resolve();
    };
    const watching = watch(run, look);
    look();
  });
  await hasCheckpoint(run, process_.ended);
  return process_;
}

const metrics = (run: string) => readMetrics(join(run, METRICS_FILE)).map(withoutTimes);

function sameAsWhole(run: string): void {
  expect(metrics(run)).toEqual(metrics(whole));
  expect(latestCheckpoint(run).state).toEqual(latestCheckpoint(whole).state);
}

describe('a run that is stopped', { timeout: 180_000 }, () => {
  test('by kill -9 goes on with --resume and comes to the same', async () => {
    const run = join(root, 'killed');
    const { child, ended } = await underWay(run);
    child.kill('SIGKILL');
    expect(await ended).toMatchObject({ signal: 'SIGKILL' });
    expect(latestCheckpoint(run).progress.steps).toBeLessThan(32_000);
    expect(await train('--resume', '--out', run)).toMatchObject({ code: 0, err: '' });
    sameAsWhole(run);
  });

  test('by Ctrl-C saves a checkpoint, says how to go on, exits with 130, and comes to the same', async () => {
    const run = join(root, 'interrupted');
    const { child, ended } = await underWay(run);
    child.kill('SIGINT');
    const { code, out, err } = await ended;
    expect(code).toBe(130);
    expect(err).toContain('saving a checkpoint; once more leaves at once');
    const steps = Number(/stopped after (\d+) player steps; go on with: (.*)\n/.exec(out)![1]);
    expect(out).toContain(`go on with: npx arena train --resume --out ${run}\n`);
    expect(latestCheckpoint(run).progress.steps).toBe(steps);
    expect(await train('--resume', '--out', run)).toMatchObject({ code: 0, err: '' });
    sameAsWhole(run);
  });

  test('by a second Ctrl-C leaves by the signal', async () => {
    const { child, ended } = await underWay(join(root, 'twice'));
    child.stderr!.once('data', () => child.kill('SIGINT'));
    child.kill('SIGINT');
    const { code, signal } = await ended;
    // It may have been done saving.
    expect([130, 'SIGINT']).toContain(signal ?? code);
  });
});

describe('what is asked for and makes no sense exits with 2 and says what would be right', () => {
  test.each([
    [['--set', 'algo.learningrat=1'], /algo.learningrat is unknown, did you mean algo.learningRate\?/],
    [['--set', 'env.fin=1'], /env.fin is unknown, did you mean env.fineCost or env.finePenalty\?\n$/],
    [['--set', 'algo.learningRate=fast'], /algo.learningRate is "fast": a schedule is a number, points/],
    [['--set', 'learningRate=1'], /did you mean algo.learningRate\?/],
    [['--env', 'harvst'], /env.name is "harvst": must be one of .*; did you mean harvest\?/],
    [['--algo', 'ppoo'], /did you mean ppo\?/],
    [['--preset', 'harvest-pp'], /preset "harvest-pp" is unknown, did you mean harvest-ppo\?/],
    [['--preset', 'harvest-ppo', '--config', 'x'], /--config and --preset exclude one another/],
    [['--seed', '1', '--seeds', '1..2'], /--seeds and --seed exclude one another/],
    [['--seeds', '3..1'], /--seeds: must be a seed such as 3 or a range such as 0\.\.9/],
    [['--steps', '0'], /--steps: /],
    [['--steps', '1.5'], /--steps: must be a whole number of player steps/],
    [['--workers', '0'], /--workers/],
    [['--backend', 'cuda'], /--backend is "cuda", there are onnx, tfjs-node, wasm, cpu/],
    [['--resume'], /--resume: name the folder of the run with --out/],
    [['--config', 'missing.yaml'], /--config missing.yaml cannot be read: there is no such file \(ENOENT\)/],
    [['--set', 'algo.sequence=7'], /algo.segment \(100\) must be a multiple of algo.sequence \(7\)/],
    [['--set', 'env.players=0'], /env.players is 0/],
  ])('%j', async (args, message) => {
    const { code, out, err } = await train(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).not.toContain('    at ');
  });

  test('a backend that does not load, before the run has a folder', async () => {
    // As where the package is not installed.
    const without = `import { registerHooks } from 'node:module';
      registerHooks({ resolve(name, context, next) {
        if (name === '@tensorflow/tfjs-node') throw new Error('Cannot find it');
        return next(name, context);
      } });`;
    const run = join(root, 'no-backend');
    const { code, out, err } = await startedBy(
      ['--import', `data:text/javascript,${encodeURIComponent(without)}`],
      ['--config', config, '--out', run, '--backend', 'tfjs-node'],
    ).ended;
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe(
      'error: the backend "tfjs-node" cannot be loaded: Cannot find it; run `npm run setup:tfjs-node`\n',
    );
    expect(existsSync(run)).toBe(false);
  });

  test('a folder that has a run', async () => {
    const { code, err } = await train('--config', config, '--out', whole);
    expect(code).toBe(2);
    expect(err).toContain(`${whole} has a run already: add --resume to go on with it`);
  });

  test('--resume where there is no run', async () => {
    const { code, err } = await train('--resume', '--out', join(root, 'nowhere'));
    expect(code).toBe(2);
    expect(err).toMatch(/run.json cannot be read: /);
  });

  test.each([
    ['--seed', '9', /the run has seed 1, not 9; a run goes on as it is/],
    ['--set', 'algo.gamma=0.5', /the run has algo.gamma 0.99, not 0.5/],
    [
      '--env',
      'cleanup',
      /^error: --resume: the run has env.name memory-corridor, not cleanup; a run goes on as it is/,
    ],
    ['--algo', 'dqn', /^error: --resume: the run has algo.name ppo, not dqn; a run goes on as it is/],
    ['--env', 'harvst', /env.name on the command line: env.name is "harvst".*did you mean harvest/],
  ])('--resume with %s %s', async (flag, value, message) => {
    const { code, err } = await train('--resume', '--out', whole, flag, value);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

test('--seeds makes a run of each seed below --out, and goes on with those that were begun', async () => {
  const out = join(root, 'seeds');
  const args = ['--config', config, '--steps', '640', '--out', out];
  expect(await train(...args, '--seeds', '4..5')).toMatchObject({ code: 0 });
  expect(readdirSync(out).sort()).toEqual(['seed-4', 'seed-5']);
  const seeds = ['seed-4', 'seed-5'].map(
    (name) => JSON.parse(readFileSync(join(out, name, 'run.json'), 'utf8')).seed,
  );
  expect(seeds).toEqual([4, 5]);
  expect(metrics(join(out, 'seed-4'))).not.toEqual(metrics(join(out, 'seed-5')));
  expect(await train(...args, '--seeds', '4..6', '--resume')).toMatchObject({ code: 0 });
  expect(readdirSync(out).sort()).toEqual(['seed-4', 'seed-5', 'seed-6']);
});

test('numbers that are none exit with 1, name what to do, and leave the checkpoint before', async () => {
  const run = join(root, 'diverged');
  const rate = 'algo.learningRate={unit: steps, points: [[0, 0], [5000, 0], [5000, 1e30]]}';
  const { code, err } = await train('--config', config, '--out', run, '--set', rate);
  expect(code).toBe(1);
  expect(err).toMatch(
    /^error: .* after \d+ player steps: learning has diverged; the last checkpoint is kept: /,
  );
  expect(err).toMatch(/A lower algo.learningRate/);
  expect(latestCheckpoint(run).progress.steps).toBeLessThanOrEqual(6_400);
});

test('a full disk exits with 74, and the checkpoint before it can be read', async ({ skip }) => {
  const disk = join(root, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    skip('a small disk can be made by root only, and not everywhere');
  }
  try {
    const run = join(disk, 'run');
    const { code, err } = await train(
      '--config',
      config,
      '--out',
      run,
      '--set',
      'checkpoints=500',
      'keep=500',
    );
    expect(code).toBe(74);
    expect(err).toMatch(/^error: .* cannot be written: no space is left on the disk \(ENOSPC\)\n$/);
    expect(latestCheckpoint(run).progress.steps).toBeGreaterThan(0);
  } finally {
    await new Promise((resolve) => execFile('umount', [disk], resolve));
  }
});
