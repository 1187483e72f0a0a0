/** Learning curves as a figure for a paper: SVG by ECharts without a browser, and PNG of it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type * as resvg from '@resvg/resvg-js';
import type { EChartsOption } from 'echarts';
import { CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, setPlatformAPI, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { TrainingUsageError } from '../training/errors.ts';
import { compact } from '../training/number-format.ts';
import { FontMetrics } from './font-metrics.ts';
import { FONT, lastStep, type Panel, QUIET, seriesOf } from './series.ts';

const require = createRequire(import.meta.url);

const font = (file: string) => fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${file}`));
const REGULAR = font('DejaVuSans.ttf');
const BOLD = font('DejaVuSans-Bold.ttf');
const regular = new FontMetrics(readFileSync(REGULAR));
const bold = new FontMetrics(readFileSync(BOLD));

use([LineChart, CustomChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

// Without a browser nobody tells ECharts how wide text is. The font that is measured is wider than most. It asks for the
// width of an ideograph too, which is as wide as high, to know how high a line is.
setPlatformAPI({
  measureText(text, style = '') {
    const size = Number(/([\d.]+)px/.exec(style)?.[1] ?? 12);
    const heavy = /\b(?:bold|[6-9]00)\b/.test(style);
    return { width: size * (heavy ? bold : regular).width(text) };
  },
});

export interface Figure {
  readonly title: string;
  readonly subtitle: string;
  /** Of the groups. */
  readonly labels: readonly string[];
  readonly panels: readonly Panel[];
  /** What a reader of the panels should know, written under them. */
  readonly footnotes?: readonly string[];
}

const INK = '#16211b';
const HAIRLINE = '#e3e8e0';

const PANEL = { width: 560, height: 340 };
const SINGLE = { width: 820, height: 440 };
/** Around a panel's axes, pixels. */
const MARGIN = { left: 78, right: 28, top: 34, bottom: 54 };
/** Where nothing stands above a panel. */
const UNTITLED = { left: 56, right: 20, top: 14, bottom: 48 };
const TITLE_HEIGHT = 58;
const LEGEND_ROW = 24;
const LEGEND = { itemWidth: 30, itemGap: 22, fontSize: 13 };
const FOOTNOTE = { fontSize: 12, row: 17, bottom: 14 };

/** @returns a whole SVG document. */
export function renderSvg(figure: Figure): string {
  return draw(layout(figure));
}

/**
 * One panel alone, for a page that has title and legend around it.
 * @returns a whole SVG document, `width` by `height` pixels.
 */
export function renderPanel(panel: Panel, labels: readonly string[], width: number, height: number): string {
  const margin = { ...MARGIN, ...UNTITLED };
  const option: EChartsOption = {
    ...PLAIN,
    grid: [
      {
        ...margin,
        width: width - margin.left - margin.right,
        height: height - margin.top - margin.bottom,
        outerBoundsMode: 'none',
      },
    ],
    ...axesOf([panel]),
    series: seriesOf(panel, 0, labels),
  };
  return draw({ width, height, option });
}

/** Without what nobody sees: symbols of no size, one a point of a curve, and what a browser would do under a pointer. */
function slim(svg: string): string {
  return svg
    .replaceAll(/<path [^>]*transform="matrix\(0,0,0,0,[^>]*><\/path>\n?/g, '')
    .replaceAll(/ (?:ecmeta_\w+|class)="[^"]*"/g, '')
    .replaceAll(/<style[^>]*>.*?<\/style>\n?/gs, '');
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly option: EChartsOption;
}

function draw({ width, height, option }: Layout): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(option);
    return slim(chart.renderToSVGString({ useViewBox: true }));
  } finally {
    chart.dispose();
  }
}

/** An SVG as PNG, twice as many pixels a side, with the font that comes with this program wherever it runs. */
export function renderPng(svg: string): Uint8Array {
  const renderer = new (rasterizer().Resvg)(svg, {
    fitTo: { mode: 'zoom', value: 2 },
    background: '#ffffff',
    font: {
      loadSystemFonts: false,
      fontFiles: [REGULAR, BOLD],
      defaultFontFamily: 'DejaVu Sans',
      sansSerifFamily: 'DejaVu Sans',
    },
  });
  return renderer.render().asPng();
}

/** Its binary is an optional package of the platform: what is no PNG has to do without it. @throws {TrainingUsageError} */
function rasterizer(): typeof resvg {
  try {
    return require('@resvg/resvg-js');
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    throw new TrainingUsageError(
      `PNG needs @resvg/resvg-js, which does not load (${line}): run npm ci with optional packages, or write .svg or .html`,
    );
  }
}

/** Labels of the groups that have something to show, if there are others to tell them from. */
function legendLabels({ labels, panels }: Figure): string[] {
  const drawn = labels.filter((_, group) => panels.some(({ curves }) => (curves[group] ?? null) !== null));
  return labels.length > 1 ? drawn : [];
}

function layout(figure: Figure): Layout {
  const { title, subtitle, labels, panels, footnotes = [] } = figure;
  const size = panels.length === 1 ? SINGLE : PANEL;
  const columns = Math.min(panels.length, panels.length > 4 ? 3 : 2);
  const width = columns * size.width;
  const rows = legendRows(legendLabels(figure), width - 2 * MARGIN.right);
  const legendHeight = rows.length > 0 ? LEGEND_ROW * rows.length + 8 : 0;
  const top = TITLE_HEIGHT + legendHeight;
  const bottom = top + Math.ceil(panels.length / columns) * size.height;
  const noteRows = footnotes.flatMap((note) => wrap(note, FOOTNOTE.fontSize, width - 2 * MARGIN.right));
  const height = bottom + (noteRows.length > 0 ? FOOTNOTE.row * noteRows.length + FOOTNOTE.bottom : 0);
  const place = (k: number) => ({
    left: (k % columns) * size.width,
    top: top + Math.floor(k / columns) * size.height,
  });
  const option: EChartsOption = {
    ...PLAIN,
    title: [
      {
        text: title,
        subtext: subtitle,
        left: MARGIN.left - 62,
        top: 12,
        itemGap: 6,
        padding: 0,
        textStyle: { fontSize: 17, fontWeight: 600, color: INK, fontFamily: FONT },
        subtextStyle: { fontSize: 12.5, color: QUIET, fontFamily: FONT },
      },
      ...panels.map((panel, k) => ({
        ...PANEL_TITLE,
        text: panel.title,
        left: place(k).left + MARGIN.left - 62,
        top: place(k).top + 4,
      })),
      ...noteRows.map((text, row) => ({
        text,
        left: MARGIN.left - 62,
        top: bottom + FOOTNOTE.row * row,
        padding: 0,
        textStyle: {
          fontSize: FOOTNOTE.fontSize,
          fontWeight: 400 as const,
          color: QUIET,
          fontFamily: FONT,
        },
      })),
    ],
    // One legend a row: ECharts would wrap where its own measures say, and leave more room between rows.
    legend: rows.map((data, row) => ({
      data,
      left: MARGIN.left - 62,
      top: TITLE_HEIGHT + 2 + LEGEND_ROW * row,
      padding: 0,
      itemWidth: LEGEND.itemWidth,
      itemGap: LEGEND.itemGap,
      textStyle: { fontSize: LEGEND.fontSize, color: INK, fontFamily: FONT },
    })),
    grid: panels.map((_, k) => ({
      left: place(k).left + MARGIN.left,
      top: place(k).top + MARGIN.top,
      width: size.width - MARGIN.left - MARGIN.right,
      height: size.height - MARGIN.top - MARGIN.bottom,
      outerBoundsMode: 'none' as const,
    })),
    ...axesOf(panels),
    series: panels.flatMap((panel, k) => seriesOf(panel, k, labels)),
  };
  return { width, height, option };
}

/** Of grid k, those of panel k. */
function axesOf(panels: readonly Panel[]): Pick<EChartsOption, 'xAxis' | 'yAxis'> {
  return {
    xAxis: panels.map((panel, k) => ({
      ...AXIS,
      gridIndex: k,
      min: 0,
      name: 'Player steps',
      nameLocation: 'middle' as const,
      nameGap: 30,
      splitLine: { show: false },
      splitNumber: 5,
      axisLine: { show: true, onZero: false, lineStyle: { color: QUIET } },
      axisTick: { show: true, lineStyle: { color: QUIET } },
      ...endOf(panel),
    })),
    yAxis: panels.map((panel, k) => ({
      ...AXIS,
      gridIndex: k,
      splitNumber: 5,
      splitLine: { lineStyle: { color: HAIRLINE } },
      // What never was below 0 is not drawn there for its interval's sake.
      ...(isNeverNegative(panel) ? { min: 0 } : {}),
      ...(panel.most === undefined ? {} : { max: panel.most }),
      ...(panel.range === undefined ? {} : { min: panel.range.low, max: panel.range.high }),
    })),
  };
}

const PLAIN = {
  animation: false,
  backgroundColor: '#ffffff',
  textStyle: { fontFamily: FONT, fontSize: 13, color: INK },
} satisfies EChartsOption;

const PANEL_TITLE = {
  padding: 0,
  textStyle: { fontSize: 13.5, fontWeight: 600 as const, color: INK, fontFamily: FONT },
};

const AXIS = {
  type: 'value' as const,
  nameTextStyle: { fontSize: 13, color: QUIET, fontFamily: FONT },
  axisLabel: {
    fontSize: 12.5,
    color: QUIET,
    fontFamily: FONT,
    formatter: (value: number) => compact(value, 4),
  },
};

/** Labels in rows that fit `width`, pixels. */
function legendRows(labels: readonly string[], width: number): string[][] {
  const rows: string[][] = [];
  let used = 0;
  for (const label of labels) {
    const needed = LEGEND.itemWidth + LEGEND.itemGap + 5 + LEGEND.fontSize * regular.width(label);
    const row = rows.at(-1);
    if (row === undefined || used + needed > width) {
      rows.push([label]);
      used = needed;
    } else {
      row.push(label);
      used += needed;
    }
  }
  return rows;
}

/** A text in rows that fit `width`, pixels, where its words do. */
function wrap(text: string, fontSize: number, width: number): string[] {
  const rows: string[] = [];
  for (const word of text.split(' ')) {
    const longer = rows.length === 0 ? word : `${rows.at(-1)} ${word}`;
    if (rows.length === 0 || fontSize * regular.width(longer) > width) rows.push(word);
    else rows[rows.length - 1] = longer;
  }
  return rows;
}

/** Distances of ticks that read well, in hundredths of a round number of steps; those that read best first. */
const TICKS = [
  [1, 2, 5, 10, 20],
  [2.5, 3, 4, 15, 25],
];
const MOST_PARTS = 8;
const LEAST_PARTS = 4;
const BEST_PARTS = 5;

/**
 * Where the axis of steps ends: at a round number that was only just passed, or where ECharts likes. A round number is the
 * last of the ticks where they can be apart alike: ECharts would have 15k and 16k side by side.
 */
function endOf(panel: Panel): { max?: number; interval?: number } {
  const last = lastStep(panel);
  if (last === 0) return { max: 1 };
  const round = Number(last.toPrecision(2));
  if (round > last || last >= 1.01 * round) return {};
  const unit = 10 ** (Math.floor(Math.log10(round)) - 1);
  const partsOf = (ticks: readonly number[]) =>
    ticks
      .map((tick) => Math.round(round / unit) / tick)
      .filter((parts) => Number.isInteger(parts) && parts >= LEAST_PARTS && parts <= MOST_PARTS)
      .sort((a, b) => Math.abs(a - BEST_PARTS) - Math.abs(b - BEST_PARTS));
  const [parts] = TICKS.flatMap(partsOf);
  return parts === undefined ? { max: round } : { max: round, interval: round / parts };
}

function isNeverNegative({ curves, lines }: Panel): boolean {
  return (
    lines.every(({ value }) => value >= 0) &&
    curves.every((curve) => curve === null || curve.runs.every(({ y }) => y.every((value) => value >= 0)))
  );
}
