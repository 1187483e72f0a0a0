/** The series of a panel: reference lines, bands, single runs and means. */
import type { CustomSeriesOption, LineSeriesOption } from 'echarts';
import { measure } from '../training/number-format.ts';
import type { Band, Curve, GroupCurve } from './curves.ts';

/** A value to hold curves against, such as what scripted players reach. */
export interface ReferenceLine {
  readonly label: string;
  readonly value: number;
}

/** Of a vertical axis; `low` < `high`. */
export interface AxisRange {
  readonly low: number;
  readonly high: number;
}

export interface Panel {
  /** The axis's title, with its unit. */
  readonly title: string;
  /** By group, in the order of `Figure.labels`; null where a group does not have the metric. */
  readonly curves: readonly (GroupCurve | null)[];
  readonly lines: readonly ReferenceLine[];
  /** The largest value there can be, such as 1 for equality. */
  readonly most?: number;
  /** What is shown; all that there is when left out. */
  readonly range?: AxisRange;
}

/** Okabe and Ito's colours, those first that stand out from white; yellow, which does not, is left out. */
export const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'];
/** Groups are told apart by these too: colour alone would not do for everybody, nor for a grey print. */
const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'arrow'];
const DASHES = ['solid', 'dashed', 'dotted'] as const;

const SYMBOLS_PER_CURVE = 8;

export const QUIET = '#57655c';
export const FONT = "system-ui, 'DejaVu Sans', sans-serif";

/** The last step of any run in a panel; 0 where there is none. */
export function lastStep({ curves }: Panel): number {
  return Math.max(0, ...curves.flatMap((curve) => curve?.runs.map(({ x }) => x.at(-1)!) ?? []));
}

/** Plain series of ECharts: `xAxisIndex` and `yAxisIndex` are the panel's. */
type Series = LineSeriesOption | CustomSeriesOption;

/** From back to front: reference lines, bands, single runs, means, names of reference lines. */
export function seriesOf(panel: Panel, k: number, labels: readonly string[]): Series[] {
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
    ...referencesOf(panel, all, end).map((line) => ({ ...axes, ...line })),
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

/** Lines where they lie; of those outside the range the names, at the edge that they lie beyond. */
function referencesOf({ lines, range }: Panel, curves: readonly Curve[], end: number): LineSeriesOption[] {
  if (range === undefined) return lines.flatMap((line) => referenceOf(line, curves, end));
  const { low, high } = range;
  const above = lines.filter(({ value }) => value > high);
  const below = lines.filter(({ value }) => value < low);
  const text = (beyond: readonly ReferenceLine[]) => beyond.map(nameOf).join(', ');
  return [
    ...lines
      .filter(({ value }) => value >= low && value <= high)
      .flatMap((line) => referenceOf(line, curves, end)),
    ...(above.length > 0 ? [named(`\u2191 ${text(above)}`, high, 6, curves, end)] : []),
    ...(below.length > 0 ? [named(`\u2193 ${text(below)}`, low, -16, curves, end)] : []),
  ];
}

const nameOf = ({ label, value }: ReferenceLine) => `${label}  ${measure(value)}`;

/** The line behind the curves, and its name before them. */
function referenceOf(line: ReferenceLine, curves: readonly Curve[], end: number): LineSeriesOption[] {
  const { value } = line;
  return [
    {
      type: 'line',
      data: [
        [0, value],
        [end, value],
      ],
      symbolSize: 0,
      silent: true,
      lineStyle: { color: QUIET, width: 1.4, type: [5, 4] },
      z: 2,
    },
    named(nameOf(line), value, -16, curves, end),
  ];
}

/**
 * A text at a value, at the end where the curves leave room, and before them where they do not.
 * @param offset pixels from the value down to the top of the text.
 */
function named(
  text: string,
  value: number,
  offset: number,
  curves: readonly Curve[],
  end: number,
): LineSeriesOption {
  const atStart = clearance(curves, value, 0, end / 4) > clearance(curves, value, (3 * end) / 4, end);
  const label = {
    show: true,
    position: atStart ? [6, offset] : [-6, offset],
    align: atStart ? ('left' as const) : ('right' as const),
    formatter: text,
    color: QUIET,
    fontSize: 12,
    fontFamily: FONT,
    textBorderColor: '#ffffff',
    textBorderWidth: 3,
  };
  return {
    type: 'line',
    data: [
      { value: [0, value], ...(atStart ? { label } : {}) },
      { value: [end, value], ...(atStart ? {} : { label }) },
    ],
    symbolSize: 0,
    showAllSymbol: true,
    silent: true,
    lineStyle: { width: 0 },
    z: 6,
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
