import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Figure, renderPng, renderSvg } from './figure.ts';
import { FontMetrics } from './font-metrics.ts';
import { rangeNote } from './range.ts';

const curve = (...y: number[]) => ({ x: Float64Array.from(y, (_, k) => k * 1e6), y: Float64Array.from(y) });

/** Three runs around `y`, with a band `spread` wide to each side. */
function group(spread: number, ...y: number[]) {
  return {
    runs: [curve(...y), curve(...y.map((value) => value + 1)), curve(...y.map((value) => value - 1))],
    mean: curve(...y),
    band: {
      low: Float64Array.from(y, (value) => value - spread),
      high: Float64Array.from(y, (value) => value + spread),
    },
  };
}

const figure: Figure = {
  title: 'harvest: ppo',
  subtitle: 'Mean of 3 runs',
  labels: ['gamma 0.99', 'gamma 0.998'],
  panels: [
    {
      title: 'Collective return',
      curves: [group(5, 10, 700, 400), group(5, 10, 500, 650)],
      lines: [{ label: 'greedy bots', value: 169 }],
    },
    { title: 'Equality', curves: [group(0, 1, 1, 1), null], lines: [] },
  ],
};

/** The texts of an SVG, in order. */
const texts = (svg: string) => Array.from(svg.matchAll(/<text[^>]*>([^<]*)</g), ([, text]) => text!.trim());

describe('renderSvg', () => {
  const svg = renderSvg(figure);

  it('tells title, groups, panels, axes and reference lines', () => {
    expect(texts(svg)).toEqual(
      expect.arrayContaining([
        'harvest: ppo',
        'Mean of 3 runs',
        'gamma 0.99',
        'gamma 0.998',
        'Collective return',
        'Equality',
        'Player steps',
        '2M',
        '800',
        expect.stringMatching(/^greedy bots\s+169$/),
      ]),
    );
  });

  it('draws both groups in their colours, and a band each', () => {
    for (const colour of ['#0072B2', '#D55E00']) {
      expect(svg).toMatch(new RegExp(`stroke="${colour}"`, 'i'));
      expect(svg).toMatch(new RegExp(`fill="${colour}" fill-opacity="0.16"`, 'i'));
    }
  });

  it('does not go below zero for the sake of a band', () => {
    const { curves: _, ...rest } = figure.panels[0]!;
    const wide = renderSvg({ ...figure, panels: [{ ...rest, curves: [group(500, 10, 700, 400), null] }] });
    expect(texts(wide).filter((text) => text.startsWith('-'))).toEqual([]);
  });

  it('keeps its axis where values are negative', () => {
    const fined = renderSvg({
      ...figure,
      panels: [{ title: 'x', curves: [group(5, -3000, 100), null], lines: [] }],
    });
    expect(texts(fined)).toContain('-3k');
  });

  it('ends its axis at the round number that a run has only just passed', () => {
    const passed = { x: Float64Array.of(0, 10_000_384), y: Float64Array.of(1, 1) };
    const panel = { title: 'x', curves: [{ runs: [passed], mean: passed, band: null }], lines: [] };
    const ticks = texts(renderSvg({ ...figure, labels: ['a'], panels: [panel] })).filter((text) =>
      /M$/.test(text),
    );
    expect(ticks).toEqual(['2M', '4M', '6M', '8M', '10M']);
  });

  it.each([
    [16_000, ['2k', '4k', '6k', '8k', '10k', '12k', '14k', '16k']],
    [15_000, ['3k', '6k', '9k', '12k', '15k']],
    [5_000_000, ['1M', '2M', '3M', '4M', '5M']],
    [20_000_000, ['5M', '10M', '15M', '20M']],
  ])('has ticks that are apart alike up to %d steps', (last, expected) => {
    const passed = { x: Float64Array.of(0, last), y: Float64Array.of(1, 1) };
    const panel = { title: 'x', curves: [{ runs: [passed], mean: passed, band: null }], lines: [] };
    const ticks = texts(renderSvg({ ...figure, labels: ['a'], panels: [panel] }));
    expect(ticks.filter((text) => /[kM]$/.test(text))).toEqual(expected);
  });

  it('writes the name of a reference line over the curves', () => {
    const svg = renderSvg(figure);
    const lastMean = svg.lastIndexOf('stroke="#D55E00"');
    expect(lastMean).toBeGreaterThan(0);
    expect(svg.search(/>greedy bots\s+169</)).toBeGreaterThan(lastMean);
  });

  it('ends its axis where a range says, and clips curves there', () => {
    const limited = { ...figure.panels[0]!, range: { low: -100, high: 500 } };
    const svg = renderSvg({ ...figure, panels: [limited] });
    const ticks = texts(svg).filter((text) => /^-?[\d.]+k?$/.test(text));
    expect(ticks).toEqual(expect.arrayContaining(['-100', '500']));
    expect(ticks.filter((text) => Number(text) > 500 || Number(text) < -100)).toEqual([]);
    // The lines of both groups, thrice and with a mean each, and their bands.
    expect(svg.match(/clip-path="url/g)!.length).toBeGreaterThanOrEqual(2 * (3 + 1 + 1));
  });

  it('names a reference line outside the range at the edge, without a line', () => {
    const lines = [
      { label: 'best', value: 1537 },
      { label: 'worst', value: -900 },
      { label: 'least', value: -950 },
    ];
    const svg = renderSvg({
      ...figure,
      panels: [{ ...figure.panels[0]!, lines, range: { low: 0, high: 800 } }],
    });
    expect(texts(svg)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^↑ best\s+1537$/),
        expect.stringMatching(/^↓ worst\s+-900, least\s+-950$/),
      ]),
    );
    expect(svg).not.toMatch(/stroke-dasharray="5,4"/);
    expect(renderSvg(figure)).toMatch(/stroke-dasharray="5,4"/);
  });

  it('writes footnotes under the panels, in as many rows as they take', () => {
    const height = (footnotes: string[]) =>
      Number(/viewBox="0 0 \d+ (\d+)"/.exec(renderSvg({ ...figure, footnotes }))![1]);
    expect(texts(renderSvg({ ...figure, footnotes: ['Cut off.'] }))).toContain('Cut off.');
    expect(height(['Cut off.']) - height([])).toBe(17 + 14);
    expect(height(['word '.repeat(60).trim()]) - height(['Cut off.'])).toBe(17);
  });

  it('wraps a legend that is too wide for one row', () => {
    const labels = Array.from({ length: 9 }, (_, k) => `learning rate 0.00${k}, influence ${k}`);
    const curves = labels.map((_, k) => group(1, k, k, k));
    const svg = renderSvg({ ...figure, labels, panels: [{ title: 'x', curves, lines: [] }] });
    expect(texts(svg)).toEqual(expect.arrayContaining(labels));
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!;
    // Two in a row of 820 pixels; 24 pixels a row.
    expect([width, height]).toEqual(['820', String(58 + 5 * 24 + 8 + 440)]);
  });

  it('has no legend for a single group, and draws a single report', () => {
    const point = { runs: [curve(3)], mean: curve(3), band: null };
    const single = renderSvg({
      ...figure,
      labels: ['only'],
      panels: [{ title: 'x', curves: [point], lines: [] }],
    });
    expect(texts(single)).not.toContain('only');
    expect(single).toMatch(/fill="#0072B2"/i);
  });

  it('writes markup in names as text', () => {
    const svg = renderSvg({ ...figure, title: '<script>&"' });
    expect(svg).not.toContain('<script>');
    expect(svg).toContain('&lt;script&gt;&amp;');
  });
});

describe('rangeNote', () => {
  const panel = figure.panels[0]!;

  it('says how far runs and bands go, and which lines are outside', () => {
    const lines = [...panel.lines, { label: 'best', value: 1537 }];
    // Bands are 5 around the means, which go from 10 to 700.
    expect(rangeNote({ ...panel, lines, range: { low: 50, high: 600 } })).toBe(
      'Collective return: axis from 50 to 600. Curves go down to 5 and up to 705, cut off at the edge. ' +
        'Outside: best (1537).',
    );
  });

  it('is not needed where all can be seen', () => {
    expect(rangeNote({ ...panel, range: { low: 5, high: 705 } })).toBeNull();
    expect(rangeNote(panel)).toBeNull();
  });
});

describe('renderPng', () => {
  it('is a PNG of twice the size', () => {
    const png = Buffer.from(renderPng(renderSvg(figure)));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    // Two panels of 560 pixels side by side.
    expect(png.readUInt32BE(16)).toBe(2 * 2 * 560);
  });

  it('draws letters, with the font that it brings', () => {
    const draw = (text: string) =>
      renderPng(
        `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="30"><text x="5" y="20" font-family="system-ui, sans-serif">${text}</text></svg>`,
      );
    expect(Buffer.from(draw('ab')).equals(draw(''))).toBe(false);
    expect(Buffer.from(draw('ab')).equals(draw('cd'))).toBe(false);
  });
});

describe('FontMetrics', () => {
  const path = fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
  const font = new FontMetrics(readFileSync(path));

  it('has the advances of DejaVu Sans, of 2048 an em', () => {
    // From the font's own table: W 2025, space 651, 0 1303.
    expect(font.width('W 0') * 2048).toBe(2025 + 651 + 1303);
  });

  it('takes an em for what the font does not have', () => {
    expect(font.width('国')).toBe(1);
  });

  it('is a sum', () => {
    expect(font.width('gamma')).toBeCloseTo(font.width('gam') + font.width('ma'), 12);
  });
});
