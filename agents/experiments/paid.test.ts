import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { experimentMarkdown } from './markdown.ts';
import { experimentPage } from './page.ts';
import { paidRows } from './paid.ts';
import { reportOf } from './report.ts';
import { type HandMade, handMade } from './report-fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'arena-paid-'));
afterAll(() => rmSync(root, { recursive: true }));

const GAME = { 'episode/collectiveReturn': 300, 'episode/length': 1000 };
const paying = (seed: number, paid: number): HandMade => ({
  arm: 'fast',
  seed,
  reports: [{ ...GAME, 'intrinsic/rnd': 7, 'intrinsic/rnd/paid': paid }],
});
const plain: HandMade = { arm: 'slow', seed: 0, reports: [GAME] };
const report = (runs: readonly HandMade[]) => reportOf(handMade(mkdtempSync(join(root, 'x-')), [0, 1], runs));

describe('paidRows', () => {
  it('has what is paid beside what the game pays, a player step', () => {
    const { arms, present } = report([paying(0, 0.00025), paying(1, 0.00075), plain]);
    // 300 / (5 * 1000); the mean of 0.00025 and 0.00075.
    expect(paidRows(arms, present, 5)).toEqual([
      ['a player step', 'fast', 'slow'],
      ['reward of the game a step', '0.0600 [0.0600, 0.0600]', '0.0600'],
      ['rnd, paid a step', '5.00e-4 [2.50e-4, 7.50e-4]', '-'],
    ]);
  });

  it('tells nothing that is paid from no reward', () => {
    const { arms, present } = report([paying(0, 0), plain]);
    expect(paidRows(arms, present, 5)[2]).toEqual(['rnd, paid a step', '0', '-']);
  });

  it('is empty where there is no intrinsic reward', () => {
    const { arms, present } = report([plain]);
    expect(paidRows(arms, present, 5)).toEqual([]);
  });
});

describe('a report', () => {
  // Identity has one player: 300 / 1000.
  const found = report([paying(0, 0.00025), plain]);

  it('has it as Markdown', () => {
    expect(experimentMarkdown(found)).toContain(
      '| a player step | fast | slow |\n| --- | ---: | ---: |\n| reward of the game a step | 0.300 | 0.300 |\n| rnd, paid a step | 2.50e-4 | - |',
    );
  });

  it('has it on its page, below the intrinsic rewards', () => {
    expect(experimentPage(found)).toMatch(/<h2>Intrinsic rewards<\/h2>.*<h3>What is paid<\/h3>.*2\.50e-4/s);
  });
});
