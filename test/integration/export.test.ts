/** From `arena train` to files that others open: a run of a few steps, and what is made of it. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCard } from '../../agents/policies/card.ts';
import { decodeSafetensors } from '../../agents/training/safetensors.ts';
import { runArena } from './run-arena.ts';

const folder = mkdtempSync(join(tmpdir(), 'arena-export-'));
afterAll(() => rmSync(folder, { recursive: true }));

const arena = (...args: string[]) => runArena(args);

const run = join(folder, 'run');
const cardOf = (path: string) => parseCard(readFileSync(join(path, 'policy.json'), 'utf8'), path);

beforeAll(async () => {
  const args = ['train', '--env', 'identity', '--steps', '2000', '--out', run, '--workers', '1'];
  const network = [
    'network.lstm=4',
    'network.dense=[8]',
    'checkpoints=4',
    'environments=4',
    'algo.minibatches=2',
  ];
  const { code, err } = await arena(...args, '--set', ...network);
  expect([code, err.match(/error|fault/)]).toEqual([0, null]);
});

describe('arena train', () => {
  test('leaves the policy of its last checkpoint, and that of its best', () => {
    const last = cardOf(run);
    const best = cardOf(join(run, 'best'));
    expect(last.playerSteps).toBeGreaterThanOrEqual(best.playerSteps);
    expect(best.training.bestScore).toBeGreaterThan(0);
    expect(last.command).toContain('arena train --env identity');
    expect(existsSync(join(run, 'policy.onnx'))).toBe(true);
  });
});

describe('arena export', () => {
  test('writes ONNX, a card and a page, with scores if asked', async () => {
    const out = join(folder, 'onnx');
    const { code, out: said } = await arena(
      'export',
      run,
      '--out',
      out,
      '--episodes',
      '4',
      '--name',
      'mirror',
    );
    expect([code, readdirSync(out).sort()]).toEqual([0, ['README.md', 'policy.json', 'policy.onnx']]);
    expect(said).toMatch(/return [\d.]+, 95% interval [\d.]+ to [\d.]+, 4 episodes from seed 1/);
    expect(cardOf(out)).toMatchObject({ name: 'mirror', scores: { episodes: 4, seed: 1 } });
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toMatch(
      /^# mirror\n[\s\S]*\| collectiveReturn \| [\d.]+ \|/,
    );
  });

  test('computes from the last checkpoint what the run left itself', async () => {
    const out = join(folder, 'again');
    await arena('export', run, '--out', out);
    expect(cardOf(out).playerSteps).toBe(cardOf(run).playerSteps);
  });

  test('writes weights by name as safetensors', async () => {
    const out = join(folder, 'safetensors');
    expect((await arena('export', run, '--out', out, '--format', 'safetensors')).code).toBe(0);
    const { tensors, metadata } = decodeSafetensors(readFileSync(join(out, 'weights.safetensors')));
    expect(tensors.get('lstm/h')!.shape).toEqual([4, 16]);
    expect(metadata).toMatchObject({ env: 'identity', algo: 'ppo' });
  });

  test('writes a layers model of TensorFlow.js', async () => {
    const out = join(folder, 'tfjs');
    const { code, err } = await arena('export', run, '--out', out, '--format', 'tfjs');
    expect([code, err]).toEqual([0, '']);
    const model = JSON.parse(readFileSync(join(out, 'tfjs', 'model.json'), 'utf8'));
    expect(model).toMatchObject({ format: 'layers-model', weightsManifest: [{ paths: ['weights.bin'] }] });
  });

  test('takes a checkpoint too', async () => {
    const out = join(folder, 'checkpoint');
    const path = join(run, 'checkpoints', 'best.safetensors');
    expect((await arena('export', path, '--out', out)).code).toBe(0);
    expect(cardOf(out).playerSteps).toBe(cardOf(join(run, 'best')).playerSteps);
  });

  const other = join(folder, 'other');
  mkdirSync(other);
  writeFileSync(join(other, 'thesis.tex'), '');
  test.each([
    [['export', run], /say where to: --out <folder>, or --zoo <name>/],
    [
      ['export', run, '--out', join(folder, 'x'), '--format', 'pickle'],
      /--format: there are onnx, safetensors, tfjs/,
    ],
    [['export', run, '--zoo', '../x'], /--zoo: a name is lower case letters, digits and hyphens/],
    [['export', run, '--zoo', 'x', '--format', 'tfjs'], /--format: the zoo has ONNX files only/],
    [['export', '/nowhere', '--out', join(folder, 'x')], /run\.json cannot be read/],
    [['export', run, '--out', other], /other is not empty and no policy is in it/],
  ])('%j is refused on standard error with exit code 2', async (args, message) => {
    const { code, out, err } = await arena(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).not.toContain('    at ');
  });
});

describe('arena evaluate', () => {
  test('plays a run where it learned, with an interval for its return', async () => {
    const { code, out } = await arena('evaluate', '--policy', run, '--episodes', '4');
    expect(code).toBe(0);
    expect(out).toMatch(/^return +[\d.]+ +[\d.]+ +[\d.]+ to [\d.]+/m);
    // Nobody eats there.
    expect(out).not.toContain('equality');
  });

  test('says the same for the same seed, a line an episode and a summary', async () => {
    const args = ['evaluate', '--policy', run, '--episodes', '3', '--seed', '7', '--json'];
    const { out } = await arena(...args);
    expect((await arena(...args)).out).toBe(out);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ episode }) => episode)).toEqual([0, 1, 2, undefined]);
    const mean = lines.slice(0, 3).reduce((sum, line) => sum + line.collectiveReturn, 0) / 3;
    expect(lines[3].summary.collectiveReturn.mean).toBeCloseTo(mean);
  });

  test('shows what a policy scores that sees nothing, or something else', async () => {
    const { out } = await arena('evaluate', '--policy', run, '--sight', 'all', '--episodes', '2');
    expect(out).toMatch(/^ +own +95% interval +blank +95% interval +swapped +95% interval/m);
    expect(out).toMatch(/^return( +[\d.]+ +[\d.]+ to [\d.]+){3}/m);
  });

  test('alone shows the zoo', async () => {
    const { code, out } = await arena('evaluate', '--episodes', '1');
    expect(code).toBe(0);
    expect(out).toMatch(/the zoo has no policy|^policy +environment +return/m);
  });

  test.each([
    [['--policy', run, '--env', 'harvest'], /policy run is for environment identity, here it is harvest/],
    [['--policy', 'zoo/none'], /--policy: the zoo has no "none"/],
    [['--policy', 'greedy', '--sight', 'blank'], /sight: blank is for trained policies/],
    [['--policy', 'greedy', '--sight', 'own eyes'], /--sight: /],
    [['--players', '3'], /name one with --policy zoo\/<name> for another game/],
    [['--policy', `${run},greedy`], /identity has no windows of class ids/],
  ])('%j is refused on standard error with exit code 2', async (args, message) => {
    const { code, out, err } = await arena('evaluate', ...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).not.toContain('    at ');
  });
});
