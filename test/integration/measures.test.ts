/** `arena evaluate --measures` from runs of a few steps: what it prints, what it leaves to programs, what it refuses. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runArena } from './run-arena.ts';

const folder = mkdtempSync(join(tmpdir(), 'arena-measures-'));
afterAll(() => rmSync(folder, { recursive: true }));

const arena = (...args: string[]) => runArena(args);
const SPEAKS = join(folder, 'speaks');
const MODELS = join(folder, 'models');

const train = async (out: string, reward: string) => {
  const { code, err } = await arena(
    ...['train', '--env', 'copying', '--steps', '800', '--out', out, '--workers', '1', '--set'],
    ...['environments=4', 'algo.segment=25', 'algo.sequence=25', 'algo.minibatches=1', 'env.players=3'],
    ...['network.dense=[8]', 'network.lstm=8', reward],
  );
  expect([code, err.match(/error|fault/)]).toEqual([0, null]);
};

beforeAll(async () => {
  await train(SPEAKS, 'intrinsic.influence-communication={vocabulary: 3}');
  await train(MODELS, 'intrinsic.influence-moa={dense: [8], lstm: 8}');
});

const evaluated = (...args: string[]) => arena('evaluate', '--episodes', '3', ...args);
/** Numbers without their exponents: what is measured of runs this short may be tiny. */
const plain = (out: string) => out.replaceAll(/(?<=\d)e-\d+/g, '');

describe('arena evaluate --measures', () => {
  test('communication: a table beside chance, and influence of who on whom', async () => {
    const { code, ...said } = await evaluated('--policy', SPEAKS, '--measures', 'communication');
    const out = plain(said.out);
    expect(code).toBe(0);
    expect(out).toMatch(/^coordination +measured +by chance +p$/m);
    expect(out).toMatch(/^speaker consistency +[\d.]+ +[\d.]+ +[\d.]+ +of symbol and own action/m);
    expect(out).toMatch(/^symbol to action( +[\d.]+){3} .*\n +influence high( +[\d.]+){3}$/m);
    expect(out).toMatch(/^influence of what one says on what who hears it does\n[\d.]+ \(95% interval /m);
    expect(out).toMatch(/^of \\ on +0 +1 +2\n0 +- +[\d.]+ +[\d.]+\n1 +[\d.]+ +- +[\d.]+\n/m);
  });

  test('moa: how well models predict beside the best guess, and of whom', async () => {
    const { code, ...said } = await evaluated('--policy', MODELS, '--measures', 'moa,coordination');
    const out = plain(said.out);
    expect(code).toBe(0);
    expect(out).toMatch(/^action to action( +[\d.]+){3}/m);
    expect(out).toMatch(/^influence .* by the players' models$/m);
    expect(out).toMatch(/^cross-entropy +[\d.]+ +[\d.]+ to [\d.]+ +nats\nof the best guess +[\d.]+ /m);
    expect(out).toMatch(/^right, who \\ of +0 +1 +2\n0 +- +[\d.]+ +[\d.]+$/m);
  });

  test('--json: all of it, the same each time', async () => {
    const args = ['--policy', MODELS, '--measures', 'moa,influence,coordination', '--json'];
    const { out } = await evaluated(...args);
    expect((await evaluated(...args)).out).toBe(out);
    const { measured } = JSON.parse(out.trim().split('\n').at(-1)!);
    expect(measured.coordination['communication/coordination/actionAction/pValue']).toBeGreaterThan(0);
    expect(measured.influence).toMatchObject([{ by: 'moa', divergence: 'kl' }]);
    expect(measured.influence[0].pairs).toHaveLength(6);
    expect(measured.predictions.pairs[0]).toMatchObject({ from: 0, to: 1, count: 3 * 98 });
    expect(measured.predictions.crossEntropy.low).toBeLessThan(measured.predictions.crossEntropy.high);
  });

  test('without it nothing of it is told', async () => {
    const { out } = await evaluated('--policy', MODELS, '--json');
    expect(JSON.parse(out.trim().split('\n').at(-1)!)).not.toHaveProperty('measured');
  });

  test.each([
    [['--policy', SPEAKS, '--measures', 'moa'], /moa: none of speaks has a model of other agents, which is/],
    [['--policy', MODELS, '--measures', 'communication'], /models, in seat 0, does not speak/],
    [['--policy', 'greedy', '--measures', 'influence'], /influence: none of greedy hears what another/],
    [['--policy', MODELS, '--measures', 'moa', '--players', '2'], /is of 3 players, here there are 2/],
    [
      ['--policy', MODELS, '--measures', 'communication,nope'],
      /--measures: nope is unknown, there are coordination, communication, influence, moa/,
    ],
    [['--measures', 'moa'], /--measures: name a policy with --policy/],
  ])('%j is refused on standard error with exit code 2', async (args, message) => {
    const { code, out, err } = await evaluated(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).not.toContain('    at ');
  });
});

describe('arena export', () => {
  test('takes the model along, and the page says what it is', async () => {
    const out = join(folder, 'exported');
    expect((await arena('export', MODELS, '--out', out)).code).toBe(0);
    expect(existsSync(join(out, 'moa.onnx'))).toBe(true);
    const page = readFileSync(join(out, 'README.md'), 'utf8');
    expect(page).toContain('- `moa.onnx`: the model of the other players for ONNX Runtime, any batch');
    expect(page).toContain('It predicts what the others do: `moa.onnx`');
  });
});
