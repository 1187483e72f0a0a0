/** Learning curves as a figure for a paper: SVG by ECharts without a browser, and PNG of it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';
import type { CustomSeriesOption, EChartsOption, LineSeriesOption } from 'echarts';
import { CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, setPlatformAPI, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { compact, measure } from '../training/number-format.ts';
import type { Band, Curve, GroupCurve } from './curves.ts';
import { FontMetrics } from './font-metrics.ts';

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

/** A value to hold curves against, such as what scripted players reach. */
export interface ReferenceLine {
  readonly label: string;
  readonly value: number;
}

export interface Panel {
  /** The axis's title, with its unit. */
  readonly title: string;
  /** By group, in the order of `Figure.labels`; null where a group does not have the metric. */
  readonly curves: readonly (GroupCurve | null)[];
  readonly lines: readonly ReferenceLine[];
  /** The largest value there can be, such as 1 for equality. */
  readonly most?: number;
}

export interface Figure {
  readonly title: string;
  readonly subtitle: string;
  /** Of the groups. */
  readonly labels: readonly string[];
  readonly panels: readonly Panel[];
}

/** Okabe and Ito's colours, those first that stand out from white; yellow, which does not, is left out. */
const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'];
/** Groups are told apart by these too: colour alone would not do for everybody, nor for a grey print. */
const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'arrow'];
const DASHES = ['solid', 'dashed', 'dotted'] as const;

const INK = '#16211b';
const QUIET = '#57655c';
const HAIRLINE = '#e3e8e0';
const FONT = "system-ui, 'DejaVu Sans', sans-serif";

const PANEL = { width: 560, height: 340 };
const SINGLE = { width: 820, height: 440 };
/** Around a panel's axes, pixels. */
const MARGIN = { left: 78, right: 28, top: 34, bottom: 54 };
const TITLE_HEIGHT = 58;
const LEGEND_ROW = 24;
const LEGEND = { itemWidth: 30, itemGap: 22, fontSize: 13 };
const SYMBOLS_PER_CURVE = 8;

/** @returns a whole SVG document. */
export function renderSvg(figure: Figure): string {
  const { width, height, option } = layout(figure);
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(option);
    return chart.renderToSVGString({ useViewBox: true });
  } finally {
    chart.dispose();
  }
}

/** An SVG as PNG, twice as many pixels a side, with the font that comes with this program wherever it runs. */
export function renderPng(svg: string): Uint8Array {
  const renderer = new Resvg(svg, {
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

/** Labels of the groups that have something to show, if there are others to tell them from. */
function legendLabels({ labels, panels }: Figure): string[] {
  const drawn = labels.filter((_, group) => panels.some(({ curves }) => (curves[group] ?? null) !== null));
  return labels.length > 1 ? drawn : [];
}

function layout(figure: Figure): {
  width: number;
  height: number;
  option: EChartsOption;
} {
  const { title, subtitle, labels, panels } = figure;
  const size = panels.length === 1 ? SINGLE : PANEL;
  const columns = Math.min(panels.length, panels.length > 4 ? 3 : 2);
  const width = columns * size.width;
  const rows = legendRows(legendLabels(figure), width - 2 * MARGIN.right);
  const legendHeight = rows.length > 0 ? LEGEND_ROW * rows.length + 8 : 0;
  const top = TITLE_HEIGHT + legendHeight;
  const height = top + Math.ceil(panels.length / columns) * size.height;
  const place = (k: number) => ({
    left: (k % columns) * size.width,
    top: top + Math.floor(k / columns) * size.height,
  });
  const option: EChartsOption = {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT, fontSize: 13, color: INK },
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
        text: panel.title,
        left: place(k).left + MARGIN.left - 62,
        top: place(k).top + 4,
        padding: 0,
        textStyle: { fontSize: 13.5, fontWeight: 600 as const, color: INK, fontFamily: FONT },
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
    })),
    series: panels.flatMap((panel, k) => seriesOf(panel, k, labels)),
  };
  return { width, height, option };
}

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

/** Where the axis of steps ends: at a round number that was only just passed, or where ECharts likes. */
function endOf(panel: Panel): { max?: number } {
  const last = lastStep(panel);
  if (last === 0) return { max: 1 };
  const round = Number(last.toPrecision(2));
  return round <= last && last < 1.01 * round ? { max: round } : {};
}

function lastStep({ curves }: Panel): number {
  return Math.max(0, ...curves.flatMap((curve) => curve?.runs.map(({ x }) => x.at(-1)!) ?? []));
}

function isNeverNegative({ curves, lines }: Panel): boolean {
  return (
    lines.every(({ value }) => value >= 0) &&
    curves.every((curve) => curve === null || curve.runs.every(({ y }) => y.every((value) => value >= 0)))
  );
}

type Series = LineSeriesOption | CustomSeriesOption;

/** From back to front: reference lines, bands, single runs, means. */
function seriesOf(panel: Panel, k: number, labels: readonly string[]): Series[] {
  const axes = { xAxisIndex: k, yAxisIndex: k };
  const bands: Series[] = [];
  const singles: Series[] = [];
  const means: Series[] = [];
  for (const [group, curve] of panel.curves.entries()) {
    if (curve === null) continue;
    const colour = COLOURS[group % COLOURS.length]!;
    const { x, y } = curve.mean;
    const points = Array.from(x, (step, i) => [step, y[i]!]);
    if (curve.band !== null) bands.push({ ...axes, ...bandOf(x, curve.band, colour) });
    for (const run of curve.runs.length > 1 ? curve.runs : []) {
      singles.push({
        ...axes,
        type: 'line',
        data: Array.from(run.x, (step, i) => [step, run.y[i]!]),
        showSymbol: false,
        silent: true,
        lineStyle: { color: colour, width: 0.8, opacity: 0.4 },
      });
    }
    // Symbols of different groups lie apart, so that curves that meet can still be told.
    const every = Math.max(1, Math.floor(points.length / SYMBOLS_PER_CURVE));
    const offset = Math.floor((every * (group + 0.5)) / Math.max(1, panel.curves.length));
    means.push({
      ...axes,
      type: 'line',
      name: labels[group]!,
      data: points,
      symbol: SYMBOLS[group % SYMBOLS.length]!,
      symbolSize: (_: unknown, { dataIndex }: { dataIndex: number }) =>
        points.length === 1 || (labels.length > 1 && dataIndex % every === offset) ? 7 : 0,
      showAllSymbol: true,
      itemStyle: { color: colour, borderColor: '#ffffff', borderWidth: 1 },
      lineStyle: {
        color: colour,
        width: 2.2,
        type: DASHES[Math.floor(group / COLOURS.length) % DASHES.length]!,
      },
      z: 5,
    });
  }
  const all = panel.curves.flatMap((curve) => curve?.mean ?? []);
  const end = Math.max(1, lastStep(panel));
  return [
    ...panel.lines.map((line) => ({ ...axes, ...referenceOf(line, all, end) })),
    ...bands,
    ...singles,
    ...means,
  ];
}

function bandOf(x: Float64Array, { low, high }: Band, colour: string): CustomSeriesOption {
  const rows = Array.from(x, (step, i) => [step, low[i]!, high[i]!]);
  return {
    type: 'custom',
    data: rows,
    clip: true,
    silent: true,
    z: 1,
    encode: { x: 0, y: [1, 2] },
    renderItem: ({ dataIndex }, api) => {
      if (dataIndex > 0) return;
      const upper = rows.map(([step, , top]) => api.coord([step!, top!]));
      const lower = rows.map(([step, bottom]) => api.coord([step!, bottom!])).reverse();
      return {
        type: 'polygon',
        shape: { points: [...upper, ...lower] },
        style: { fill: colour, opacity: 0.16 },
      };
    },
  };
}

function referenceOf(
  { label, value }: ReferenceLine,
  curves: readonly Curve[],
  end: number,
): LineSeriesOption {
  // Its name stands at the end where the curves leave room.
  const atStart = clearance(curves, value, 0, end / 4) > clearance(curves, value, (3 * end) / 4, end);
  const name = {
    show: true,
    position: atStart ? [6, -16] : [-6, -16],
    align: atStart ? ('left' as const) : ('right' as const),
    formatter: `${label}  ${measure(value)}`,
    color: QUIET,
    fontSize: 12,
    fontFamily: FONT,
    textBorderColor: '#ffffff',
    textBorderWidth: 3,
  };
  return {
    type: 'line',
    data: [
      { value: [0, value], ...(atStart ? { label: name } : {}) },
      { value: [end, value], ...(atStart ? {} : { label: name }) },
    ],
    symbolSize: 0,
    showAllSymbol: true,
    silent: true,
    lineStyle: { color: QUIET, width: 1.4, type: [5, 4] },
    z: 2,
  };
}

/** How far curves stay from a value between two steps. */
function clearance(curves: readonly Curve[], value: number, from: number, to: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { x, y } of curves) {
    for (let i = 0; i < x.length; i++) {
      if (x[i]! >= from && x[i]! <= to) least = Math.min(least, Math.abs(y[i]! - value));
    }
  }
  return least;
}
