/** Four small charts of the episode: the commons, each player's return, all returns together, and how they are shared. */
import uPlot from 'uplot';
import { el } from '../dom.ts';
import { lookOf } from '../players.ts';
import type { Series } from './series.ts';

/** Columns of a series after the players' returns. */
export const AFTER_RETURNS = { equality: 0, sustainability: 1, apples: 2, waste: 3 } as const;

interface Chart {
  readonly plot: uPlot;
  /** Columns shown; `sum` adds up all returns. */
  readonly columns: readonly (number | 'sum')[];
}

export class Charts {
  readonly element = el('div', { class: 'charts' });
  readonly #players: number;
  readonly #hasWaste: boolean;
  readonly #resized: ResizeObserver;
  #charts: Chart[] = [];
  #next = 0;

  /** @param hasWaste whether the environment has a river that can be dirty. */
  constructor(players: number, hasWaste: boolean) {
    this.#players = players;
    this.#hasWaste = hasWaste;
    this.rebuild();
    this.#resized = new ResizeObserver(() => this.#resize());
    this.#resized.observe(this.element);
  }

  /** Anew, after a change of theme: uPlot keeps colours from when a chart was made. */
  rebuild(): void {
    for (const { plot } of this.#charts) plot.destroy();
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const n = this.#players;
    const at = (name: keyof typeof AFTER_RETURNS) => n + AFTER_RETURNS[name];
    const players = Array.from({ length: n }, (_, i) => i);
    const commons: uPlot.Series[] = [{ label: 'apples', stroke: colour('--accent'), width: 2 }];
    if (this.#hasWaste) commons.push({ label: 'waste', stroke: colour('--waste'), width: 2, dash: [4, 3] });
    const boxes: HTMLElement[] = [];
    const make = (
      title: string,
      columns: Chart['columns'],
      series: uPlot.Series[],
      twoScales = false,
    ): Chart => {
      const box = el('figure', { class: 'chart' }, el('figcaption', {}, title));
      boxes.push(box);
      const axis = {
        stroke: colour('--quiet'),
        grid: { stroke: colour('--hairline'), width: 1 },
        ticks: { show: false },
        font: '10px system-ui',
      };
      const plot = new uPlot(
        {
          width: 150,
          height: 84,
          padding: [6, 12, 0, 0],
          cursor: { show: false },
          legend: { show: false },
          scales: { x: { time: false }, ...(twoScales && { late: {} }) },
          axes: [
            { ...axis, size: 16, space: 50, gap: 2 },
            {
              ...axis,
              size: 36,
              space: 24,
              gap: 3,
              values: (_plot: uPlot, splits: number[]) => splits.map(short),
            },
            ...(twoScales
              ? [
                  {
                    ...axis,
                    scale: 'late',
                    side: 1 as const,
                    size: 30,
                    space: 24,
                    gap: 3,
                    grid: { show: false },
                  },
                ]
              : []),
          ],
          series: [{}, ...series.map((one) => ({ points: { show: false }, ...one }))],
        },
        [[], ...columns.map(() => [])],
        box,
      );
      return { plot, columns };
    };
    this.#charts = [
      make(
        this.#hasWaste ? 'Apples, waste (dashed)' : 'Apples left',
        this.#hasWaste ? [at('apples'), at('waste')] : [at('apples')],
        commons,
      ),
      make(
        'Returns',
        players,
        players.map((i) => ({
          stroke: lookOf(i).colour,
          width: 1.5,
          ...(i >= 7 && { dash: [5, 2 + (i % 3)] }),
        })),
      ),
      make('Collective return', ['sum'], [{ stroke: colour('--text'), width: 2 }]),
      make(
        'Equality, sustainability',
        [at('equality'), at('sustainability')],
        [
          { stroke: colour('--accent'), width: 2 },
          { stroke: colour('--quiet'), width: 2, dash: [4, 3], scale: 'late' },
        ],
        true,
      ),
    ];
    this.element.replaceChildren(...boxes);
    this.#resize();
  }

  /** Redraws one of the charts, in turn: four at once would be felt in a frame. */
  update(series: Series): void {
    const chart = this.#charts[this.#next++ % this.#charts.length]!;
    chart.plot.setData([
      series.steps as number[],
      ...chart.columns.map((column) => this.#values(series, column)),
    ]);
  }

  updateAll(series: Series): void {
    for (let k = 0; k < this.#charts.length; k++) this.update(series);
  }

  destroy(): void {
    this.#resized.disconnect();
    for (const { plot } of this.#charts) plot.destroy();
  }

  #values(series: Series, column: number | 'sum'): number[] {
    if (column !== 'sum') return series.column(column) as number[];
    return series.steps.map((_, k) => {
      let sum = 0;
      for (let i = 0; i < this.#players; i++) sum += series.column(i)[k]!;
      return sum;
    });
  }

  #resize(): void {
    const width = Math.floor((this.element.clientWidth - 8) / 2);
    if (width < 40) return;
    for (const { plot } of this.#charts) if (plot.width !== width) plot.setSize({ width, height: 84 });
  }
}

/** A number for a narrow axis: thousands as k, with a true minus. */
function short(value: number): string {
  const text =
    Math.abs(value) >= 1000
      ? `${Number((value / 1000).toPrecision(3))}k`
      : String(Number(value.toPrecision(6)));
  return text.replace('-', '−');
}
