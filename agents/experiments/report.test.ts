import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { experimentMarkdown } from './markdown.ts';
import { RETURN } from './measures.ts';
import { experimentPage } from './page.ts';
import { duration, reportOf } from './report.ts';
import { type HandMade, handMade } from './report-fixture.ts';
import { writeReport } from './write.ts';

const root = mkdtempSync(join(tmpdir(), 'arena-report-'));
afterAll(() => rmSync(root, { recursive: true }));

const folder = () => mkdtempSync(join(root, 'x-'));
const run = (arm: string, seed: number, final: number, more: Partial<HandMade> = {}): HandMade => ({
  arm,
  seed,
  // Eleven reports: the last tenth is the last two of them.
  reports: [...Array(9).fill({ [RETURN]: 0 }), { [RETURN]: final - 1 }, { [RETURN]: final + 1 }],
  ...more,
});
const report = (seeds: readonly number[], runs: readonly HandMade[]) =>
  reportOf(handMade(folder(), seeds, runs));
const rowOf = (rows: readonly (readonly string[])[], name: string) => rows.find(([first]) => first === name);

describe('a report', () => {
  it('has the mean over seeds of the last tenth of each run', () => {
    const { finals } = report([0, 1], [run('fast', 0, 10), run('fast', 1, 20)]);
    expect(rowOf(finals, 'fast')).toEqual(['fast', '2 of 2', '15.0 [10.0, 20.0]']);
    expect(rowOf(finals, 'slow')).toEqual(['slow', '0 of 2', '-']);
  });

  it('has the difference of means and the probability of improvement', () => {
    const runs = [run('fast', 0, 10), run('fast', 1, 30), run('slow', 0, 10), run('slow', 1, 0)];
    const [comparison] = report([0, 1], runs).comparisons;
    // Of the pairs (10, 10), (10, 0), (30, 10), (30, 0) one is even: 3.5 of 4.
    expect(comparison).toMatchObject({
      against: 'slow',
      difference: { mean: 15, low: 0, high: 30 },
      improvement: { mean: 0.875 },
    });
  });

  it('says that an arm ends above another where the interval of the difference is above 0', () => {
    const runs = [run('fast', 0, 10), run('fast', 1, 12), run('slow', 0, 1), run('slow', 1, 2)];
    expect(report([0, 1], runs).findings).toEqual([
      expect.stringMatching(
        /^In these 2 seeds fast ends above slow: 11.0 against 1.50, a difference of 9.5 \[8.0, 11.0\]. Every run of fast ends above every one of slow.$/,
      ),
    ]);
  });

  it('says that no difference is shown where 0 lies in the interval', () => {
    const runs = [run('fast', 0, 10), run('fast', 1, 12), run('slow', 0, 5), run('slow', 1, 20)];
    expect(report([0, 1], runs).findings[0]).toMatch(
      /^No difference is shown between fast and slow: .* which has 0 in its interval. A run of fast ends above one of slow with probability 0.50/,
    );
  });

  it('says nothing of the next seed from one', () => {
    const { findings, finals, against } = report([0], [run('fast', 0, 10), run('slow', 0, 5)]);
    expect(findings[0]).toMatch(/Where an arm has one seed nothing can be said of the next/);
    expect(rowOf(finals, 'fast')).toEqual(['fast', '1 of 1', '10.0']);
    expect(rowOf(against, 'slow')).toEqual(['slow', '1', '5.00', '1.00']);
  });

  it('says that there is nothing to compare before two arms have a run', () => {
    expect(report([0], [run('fast', 0, 10)]).findings[0]).toMatch(/^There is nothing to compare yet/);
  });

  it('warns of intervals over fewer than five seeds, and not of those over five', () => {
    const runs = (count: number) =>
      Array.from({ length: count }, (_, seed) => [run('fast', seed, seed), run('slow', seed, seed)]).flat();
    expect(report([0, 1, 2, 3], runs(4)).caveats[0]).toMatch(/^With 4 seeds an arm the intervals are weak/);
    expect(report([0, 1, 2, 3, 4], runs(5)).caveats).toEqual([]);
  });

  it('says that runs have no returns that ended before an episode did', () => {
    const silent = { reports: [{ 'policy/entropy': 2 }] };
    const { caveats, finals } = report([0], [run('fast', 0, 0, silent), run('slow', 0, 5)]);
    expect(caveats.join()).toMatch(/No whole episode ended in the runs of fast, so they have no returns/);
    expect(rowOf(finals, 'fast')).toEqual(['fast', '1 of 1', '-']);
  });

  it('leaves runs under way out of its numbers, and names them', () => {
    const { finals, missing, status, runRows } = report(
      [0, 1, 2],
      [run('fast', 0, 10), run('fast', 1, 99, { state: 'begun' }), run('slow', 0, 5)],
    );
    expect(rowOf(finals, 'fast')).toEqual(['fast', '1 of 3', '10.0']);
    expect(status).toBe('1 of 3 seeds done for 2 arms, 2.05k player steps a run');
    expect(missing).toEqual([
      'fast: seed 2 not begun',
      'fast, seed 1: begun, 1.1k of 2.05k player steps',
      'slow: seeds 1 and 2 not begun',
    ]);
    expect(runRows[2]).toEqual(['fast', '1', 'under way', '-', '1.1k', '11 s', '100', 'onnx']);
  });

  it('names why a run failed', () => {
    const input = handMade(folder(), [0], [run('fast', 0, 1, { state: 'begun' })]);
    const failures = new Map([['fast/seed-0', 'learning has diverged']]);
    expect(reportOf({ ...input, failures }).missing).toContain('fast, seed 0: learning has diverged');
  });

  it('has the settings that tell arms apart, and those that do not', () => {
    const { differences, settings } = report([0], []);
    expect(differences).toEqual([
      ['setting', 'fast', 'slow'],
      ['algo.learningRate', '0.01', '0.00001'],
    ]);
    expect(settings).toContainEqual(['algo.gamma', '0.4']);
    expect(settings.flat()).not.toContain('seed');
  });

  it('has what computed', () => {
    const { versions } = report([0], [run('fast', 0, 1)]);
    expect(versions).toEqual([
      ['', 'version'],
      ['node', '24.0.2'],
      ['processor', 'an abacus'],
    ]);
  });
});

describe('as a page', () => {
  const runs = [0, 1, 2].flatMap((seed) =>
    ['fast', 'slow'].map((arm) => ({
      arm,
      seed,
      reports: [1, 2, 3].map((k) => ({
        [RETURN]: k,
        'moa/crossEntropy': 2 - k / 4,
        'moa/marginal': 2,
        'moa/crossEntropy/0-1': 1.25,
        'moa/crossEntropy/1-0': 1.75,
      })),
    })),
  );
  const page = experimentPage(report([0, 1, 2], runs));

  it('asks nothing of a network and runs nothing', () => {
    expect(page).not.toMatch(/<script|<link|<img|\ssrc=|\shref=|@import|url\((?!#)/);
  });

  it('escapes what it is told', () => {
    expect(page).toContain('npx arena experiment identity-rates &lt;x&gt;');
  });

  it('draws each measure once, and the return for wide and for narrow screens', () => {
    expect(page.match(/<figure/g)).toHaveLength(3);
    expect(page).toMatch(/<figure class="wide-screen".*<figure class="narrow-screen"/s);
  });

  it('has no two elements of one id', () => {
    const ids = Array.from(page.matchAll(/\sid="([^"]+)"/g), ([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('shows bots as lines beside the curves', () => {
    expect(page).toMatch(/greedy {2}3</);
  });

  it('maps how well each player foretells each other', () => {
    expect(page).toMatch(/<caption>fast<\/caption>/);
    expect(page).toMatch(/<th scope="row">0<\/th><td class="none"><\/td><td style="[^"]*">1.25<\/td>/);
  });

  it('maps what each model knows beside frequencies, with both numbers, where the runs have logged them', () => {
    const { reports } = runs[0]!;
    const logged = reports.map((one) => ({ ...one, 'moa/marginal/0-1': 1.75, 'moa/marginal/1-0': 1.5 }));
    const html = experimentPage(report([0], [{ arm: 'fast', seed: 0, reports: logged }]));
    expect(html).toMatch(
      /<td title="cross-entropy 1.250, by frequency alone 1.750" style="[^"]*">0.500<\/td>/,
    );
    // Worse than frequency alone is as light as it gets.
    expect(html).toMatch(/<td title="[^"]*" style="background:rgb\(238,244,250\)">\u22120.250<\/td>/);
  });

  it('maps cross-entropies where a run has not logged what they are to be held against', () => {
    const { reports } = runs[0]!;
    const logged = reports.map((one) => ({ ...one, 'moa/marginal/0-1': 1.75, 'moa/marginal/1-0': 1.5 }));
    const mixed = [
      { arm: 'fast', seed: 0, reports: logged },
      { arm: 'fast', seed: 1, reports },
    ];
    const html = experimentPage(report([0, 1], mixed));
    expect(html).toMatch(/<td style="[^"]*">1.25<\/td>/);
  });

  it('has measures of models against what is had without looking', () => {
    expect(page).toContain('1.25 [1.25, 1.25]; by frequency alone 2.00');
  });

  it('draws what a run has reported once', () => {
    const once = [{ arm: 'fast', seed: 0, reports: [{ [RETURN]: 1 }] }];
    expect(experimentPage(report([0], once))).toMatch(/<figure/);
  });

  it('stands without any run', () => {
    expect(experimentPage(report([0], []))).toContain('No run has reported anything yet.');
  });
});

describe('as Markdown', () => {
  it('has the tables of the page', () => {
    const text = experimentMarkdown(
      report([0, 1], [run('fast', 0, 10), run('fast', 1, 20), run('slow', 0, 5)]),
    );
    expect(text).toContain(
      '| arm | seeds | collective return |\n| --- | ---: | ---: |\n| fast | 2 of 2 | 15.0 [10.0, 20.0] |\n| slow | 1 of 2 | 5.00 |',
    );
    expect(text).toContain('- slow: seed 1 not begun');
  });
});

describe('writeReport', () => {
  it('writes page, Markdown and all curves, and the same bytes again', async () => {
    const out = folder();
    const input = handMade(out, [0], [run('fast', 0, 10), run('slow', 0, 5)]);
    await writeReport(out, input);
    const files = ['report.html', 'report.md', 'metrics.jsonl.gz'];
    const before = files.map((name) => readFileSync(join(out, name)));
    await writeReport(out, input);
    const after = files.map((name) => readFileSync(join(out, name)));
    // ECharts numbers the drawings of a process.
    const plain = (bytes: Buffer) => bytes.toString('latin1').replaceAll(/zr\d+/g, 'zr');
    expect(after.map(plain)).toEqual(before.map(plain));
    const lines = gunzipSync(after[2]!).toString().trimEnd().split('\n');
    expect(lines).toHaveLength(22);
    expect(JSON.parse(lines[10]!)).toMatchObject({ arm: 'fast', seed: 0, steps: 1100, [RETURN]: 11 });
  });
});

describe('duration', () => {
  it.each([
    [42, '42 s'],
    [720, '12 min'],
    [11_220, '3 h 07 min'],
  ])('%d s is %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
