/** Final returns as dots on a line: a row an arm, a dot a seed, a bar for the interval of the mean. HTML, so that it fits. */
import { escapeHtml } from '../plots/html.ts';
import { COLOURS } from '../plots/series.ts';
import type { Bots } from './bots.ts';
import { roundUp } from './curves.ts';
import { RETURN } from './measures.ts';
import { estimateText, human } from './numbers.ts';
import { type ArmResult, type Estimate, estimateOf, finalsOf } from './results.ts';

/** How far beyond the arms a bot may lie and still be shown, of the width that the arms take. */
const REACH = 1;
/** Free room at either end. */
const PAD = 0.06;

interface Axis {
  readonly low: number;
  readonly high: number;
}

/** '' where no run has a final return. */
export function stripPlot(arms: readonly ArmResult[], bots: Bots): string {
  const rows = arms.flatMap((arm, k) => {
    const estimate = estimateOf(arm, RETURN);
    return estimate === null ? [] : { arm, k, estimate, values: finalsOf(arm, RETURN) };
  });
  if (rows.length === 0) return '';
  const values = rows.flatMap(({ values }) => values);
  const least = Math.min(...values);
  const most = Math.max(...values);
  const width = Math.max(most - least, 0.1 * Math.max(Math.abs(most), Math.abs(least)), 1e-9);
  const near = bots.scores.filter(({ mean }) => mean > least - REACH * width && mean < most + REACH * width);
  const far = bots.scores.filter((score) => !near.includes(score));
  const shown = [...values, ...near.map(({ mean }) => mean)];
  const [from, to] = [Math.min(...shown), Math.max(...shown)];
  const pad = PAD * Math.max(to - from, width);
  const axis = { low: from - pad, high: to + pad };
  const lines = near.map(({ label, mean }) => ({ label, at: place(mean, axis), value: mean }));
  return `<div class="strip" role="img" aria-label="${escapeHtml(described(rows))}">
${rows.map(({ arm, k, estimate, values: dots }) => rowOf(arm, k, estimate, dots, axis, lines)).join('\n')}
<div class="strip-row"><span></span><div class="track axis">${ticks(axis)
    .map(
      (tick) => `<span class="tick" style="left:${place(tick, axis)}%">${human(tick, decimals(axis))}</span>`,
    )
    .join('')}</div><span></span></div>
</div>
${botNote(near, far)}`;
}

function rowOf(
  { arm }: ArmResult,
  k: number,
  estimate: Estimate,
  dots: readonly number[],
  axis: Axis,
  lines: readonly { at: string }[],
): string {
  const colour = COLOURS[k % COLOURS.length]!;
  const { mean, low, high } = estimate;
  const [left, right] = low === null || high === null ? [null, null] : [place(low, axis), place(high, axis)];
  const bar =
    left === null
      ? ''
      : `<i class="bar" style="left:${left}%;width:${(Number(right) - Number(left)).toFixed(2)}%;background:${colour}"></i>`;
  return `<div class="strip-row"><span class="name">${swatch(k)}${escapeHtml(arm.name)}</span><div class="track">${lines
    .map(({ at }) => `<i class="bot" style="left:${at}%"></i>`)
    .join('')}${bar}${dots
    .map((value) => `<i class="dot" style="left:${place(value, axis)}%;border-color:${colour}"></i>`)
    .join(
      '',
    )}<i class="mean" style="left:${place(mean, axis)}%;background:${colour}"></i></div><span class="value">${estimateText(estimate)}</span></div>`;
}

/** The colour and the mark of an arm, wherever it is named: those of its curves. */
export function swatch(k: number): string {
  return `<i class="swatch mark-${k % COLOURS.length}" style="background:${COLOURS[k % COLOURS.length]}"></i>`;
}

/** Per cent of the width. */
const place = (value: number, { low, high }: Axis) => ((100 * (value - low)) / (high - low)).toFixed(2);

const spacing = ({ low, high }: Axis) => {
  return roundUp((high - low) / 6);
};

const decimals = (axis: Axis) => Math.max(0, -Math.floor(Math.log10(spacing(axis)) + 1e-9));

function ticks(axis: Axis): number[] {
  const step = spacing(axis);
  const first = Math.ceil(axis.low / step);
  const last = Math.floor(axis.high / step);
  return Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step);
}

function botNote(near: Bots['scores'], far: Bots['scores']): string {
  const text = (scores: Bots['scores']) =>
    scores.map(({ label, mean }) => `${label} ${human(mean)}`).join('; ');
  const notes = [
    'Circle: a seed. Tick: their mean. Bar: its 95% bootstrap interval.',
    ...(near.length > 0 ? [`Dashed: scripted players, ${text(near)}.`] : []),
    ...(far.length > 0 ? [`Further out than is drawn: scripted players, ${text(far)}.`] : []),
  ];
  return `<p class="note">${escapeHtml(notes.join(' '))}</p>`;
}

function described(rows: readonly { arm: ArmResult; estimate: Estimate }[]): string {
  return `Final collective return: ${rows.map(({ arm, estimate }) => `${arm.arm.name} ${estimateText(estimate)}`).join(', ')}`;
}
