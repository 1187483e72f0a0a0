/** `arena experiment` as a process: an experiment is trained, stopped, killed, gone on with, and reported. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withoutTimes } from '../../agents/algorithms/fixture.ts';
import { type Ending, PROGRAM, ROOT } from './run-arena.ts';

const root = mkdtempSync(join(tmpdir(), 'arena-experiment-'));
afterAll(() => rmSync(root, { recursive: true }));

const module_ = (name: string) => pathToFileURL(join(ROOT, 'agents/experiments', name)).href;
/** The program with one experiment more, whose runs take seconds. */
const REGISTER = `data:text/javascript,${encodeURIComponent(
  `import { EXPERIMENTS } from '${module_('index.ts')}'; import { IDENTITY } from '${module_('fixture.ts')}'; EXPERIMENTS.push(IDENTITY);`,
)}`;

/** Runs that are still under way when somebody stops them: 50 iterations, each of them reported. */
const LONG = ['--steps', '12800', '--set', 'reports=50', 'checkpoints=5'];

function started(...args: string[]): {
  child: ChildProcess;
  said: (text: string) => Promise<void>;
  ended: Promise<Ending>;
} {
  const child = spawn(process.execPath, ['--import', REGISTER, PROGRAM, 'experiment', ...args], {
    cwd: root,
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (code) => resolve({ code: code ?? -1, out, err }));
  });
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      child.stdout.on('data', () => {
        if (out.includes(text)) resolve();
      });
      void ended.then(() => reject(new Error(`it ended without saying "${text}": ${out}${err}`)));
    });
  return { child, said, ended };
}

const experiment = (...args: string[]) => started('identity-rates', ...args).ended;

const summaryOf = ({ out }: Ending) => {
  const { report: _, ...summary } = JSON.parse(out.trimEnd().split('\n').at(-1)!);
  return summary;
};

/** All curves but what measures time. */
const curves = (folder: string) =>
  gunzipSync(readFileSync(join(root, folder, 'metrics.jsonl.gz')))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => withoutTimes(JSON.parse(line)));

const long = (folder: string, ...more: string[]) => [...LONG, '--seeds', '0..0', '--out', folder, ...more];

let whole: Ending;
beforeAll(async () => {
  whole = await experiment(...long('whole', '--json'));
  expect(whole.code).toBe(0);
}, 180_000);

describe('an experiment', { timeout: 240_000 }, () => {
  test('leaves a report and the runs of all arms behind', () => {
    for (const name of ['report.html', 'report.md', 'fast/seed-0/policy.onnx', 'slow/seed-0/metrics.jsonl']) {
      expect(existsSync(join(root, 'whole', name))).toBe(true);
    }
    expect(summaryOf(whole)).toMatchObject({
      status: '1 of 1 seed done for 2 arms, 12.8k player steps a run',
      arms: [
        { arm: 'fast', finished: [0] },
        { arm: 'slow', finished: [0] },
      ],
      missing: [],
    });
  });

  test('has nothing to do a second time', async () => {
    const { code, out } = await experiment(...long('whole'));
    expect(code).toBe(0);
    expect(out).toContain('2 finished, 0 to go on with, 0 to begin');
    expect(out).not.toContain('fast/seed-0');
  });

  test('that somebody is at work on stays as it is when it is asked for more seeds', async () => {
    const record = () => readFileSync(join(root, 'whole', 'experiment.json'), 'utf8');
    const lock = join(root, 'whole', 'experiment.lock');
    const before = record();
    writeFileSync(lock, `${process.pid}\n`);
    const { code, err } = await experiment(...LONG, '--seeds', '1', '--out', 'whole');
    rmSync(lock);
    expect([code, err]).toEqual([2, expect.stringMatching(/process \d+ is at work in whole/)]);
    expect(record()).toBe(before);
  });

  test('that is stopped by Ctrl-C goes on with the same command and comes to the same', async () => {
    const { child, said, ended } = started('identity-rates', ...long('stopped', '--jobs', '1'));
    await said('fast/seed-0  2.0%');
    child.kill('SIGINT');
    const { code, out, err } = await ended;
    expect(code).toBe(130);
    expect(err).toContain('saving checkpoints; once more leaves at once');
    expect(out).toMatch(/\nstopped; go on with: npx arena experiment identity-rates --steps 12800 /);
    expect(existsSync(join(root, 'stopped', 'slow'))).toBe(false);
    expect(readFileSync(join(root, 'stopped', 'report.md'), 'utf8')).toContain('- fast, seed 0: begun');
    const again = await experiment(...long('stopped', '--json'));
    expect(again).toMatchObject({ code: 0, err: expect.stringContaining('1 to go on with, 1 to begin') });
    expect(summaryOf(again)).toEqual(summaryOf(whole));
    expect(curves('stopped')).toEqual(curves('whole'));
  });

  test('whose process is killed has its runs saved, and goes on', async () => {
    const { child, said, ended } = started('identity-rates', ...long('killed', '--jobs', '1'));
    await said('fast/seed-0  2.0%');
    child.kill('SIGKILL');
    await ended;
    let again: Ending;
    // The run's process saves first; until then the folder is taken.
    do again = await experiment(...long('killed', '--json'));
    while (again.code === 2 && /process \d+ is at work in killed/.test(again.err));
    expect(again).toMatchObject({ code: 0, err: expect.stringContaining('1 to go on with, 1 to begin') });
    expect(summaryOf(again)).toEqual(summaryOf(whole));
  });

  test('grows by seeds that are asked for later', async () => {
    const short = ['--out', 'grown', '--arms', 'slow'];
    expect((await experiment(...short, '--seeds', '0..0')).code).toBe(0);
    const { out } = await experiment(...short, '--seeds', '1..1', '--json');
    expect(JSON.parse(out).arms).toMatchObject([{ arm: 'slow', finished: [0, 1] }]);
  });

  test('goes on with other runs where one diverges, and exits with 1', async () => {
    const { code, err } = await experiment(
      '--out',
      'diverged',
      '--seeds',
      '0..0',
      '--set',
      'fast:algo.learningRate=1e30',
    );
    expect(code).toBe(1);
    expect(err).toMatch(/^error: fast\/seed-0: .* learning has diverged/m);
    const report = readFileSync(join(root, 'diverged', 'report.md'), 'utf8');
    expect(report).toMatch(/- fast, seed 0: .* learning has diverged/);
    expect(report).toContain('| slow | 1 of 1 |');
  });

  test('is reported anew from what is there, without training', async () => {
    rmSync(join(root, 'whole', 'report.html'));
    const { code, out } = await experiment('--report-only', '--out', 'whole', '--json');
    expect(code).toBe(0);
    expect(summaryOf({ code, out, err: '' })).toEqual(summaryOf(whole));
    expect(existsSync(join(root, 'whole', 'report.html'))).toBe(true);
  });
});

test('without a name lists the experiments', async () => {
  const { code, out } = await started().ended;
  expect(code).toBe(0);
  expect(out).toMatch(
    /^influence-moa +Social influence by a model of others +moa, moa-weight-0, ppo +harvest, cleanup$/m,
  );
});

/** What else is refused is in `agents/experiments/experiment.test.ts`. */
describe('what is asked for and makes no sense exits with 2 before anything is trained', () => {
  beforeAll(() => {
    mkdirSync(join(root, 'something-else'));
    writeFileSync(join(root, 'something-else', 'notes'), '');
  });

  test.each([
    [['influence-mao'], /experiment "influence-mao" is unknown, did you mean influence-moa\?/],
    [['identity-rates', '--seeds', '3..1'], /--seeds: must be a seed such as 3 or a range such as 0\.\.9/],
    [['identity-rates', '--jobs', '0'], /--jobs: must be a whole number from 1 to 256/],
    [['identity-rates', '--out', 'something-else'], /something-else is not empty and has no experiment.json/],
    [['identity-rates', '--out', 'whole', '--steps', '512'], /whole has steps 12800, not 512/],
    [['influence-moa', '--out', 'whole'], /whole has experiment identity-rates, not influence-moa/],
    [['identity-rates', '--out', 'nowhere', '--report-only'], /--report-only: nowhere has no experiment/],
  ])('%j', async (args, message) => {
    const { code, out, err } = await started(...args).ended;
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).not.toContain('    at ');
    expect(existsSync(join(root, 'experiments'))).toBe(false);
  });
});
