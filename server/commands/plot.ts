/** `arena plot`: learning curves of training runs as a figure, and their final values. */
import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import * as z from 'zod';
import { renderPng, renderSvg } from '../../agents/plots/figure.ts';
import { groupRuns } from '../../agents/plots/groups.ts';
import { resolveMetric } from '../../agents/plots/metric-names.ts';
import { finalText, renderPage } from '../../agents/plots/page.ts';
import { type LearningReport, learningReport } from '../../agents/plots/report.ts';
import { readRunArguments } from '../../agents/plots/run-arguments.ts';
import type { Run } from '../../agents/plots/run-folder.ts';
import type { AxisRange, ReferenceLine } from '../../agents/plots/series.ts';
import { writeReason } from '../../agents/training/errors.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { UsageError } from '../config.ts';

const names = z.array(z.string()).transform((texts) => texts.flatMap((text) => text.split(',')));

const flagsSchema = z.object({
  metric: names,
  out: z.string().min(1),
  groupBy: names.optional(),
  line: z.array(z.string()).default([]),
  range: z.array(z.string()).default([]),
  smooth: z.string().optional(),
  title: z.string().optional(),
  json: z.boolean().default(false),
});

const RENDERERS: Readonly<Record<string, (report: LearningReport) => string | Uint8Array>> = {
  '.svg': ({ figure }) => renderSvg(figure),
  '.png': ({ figure }) => renderPng(renderSvg(figure)),
  '.html': (report) =>
    renderPage(report, { command: commandLine(), generator: `Commons Arena ${packageJson.version}` }),
};

/** @param selection `folder` or `label=folder,folder`. */
export async function plot(selection: readonly string[], raw: unknown): Promise<void> {
  const flags = flagsSchema.parse(raw);
  const render = RENDERERS[extname(flags.out).toLowerCase()];
  if (render === undefined) {
    throw new UsageError(`--out ${flags.out}: name a file that ends in ${Object.keys(RENDERERS).join(', ')}`);
  }
  const { runs, notes } = readRunArguments(selection);
  const metrics = [...new Set(flags.metric.map((name) => resolveMetric(name, runs)))];
  const drawn = learningReport(groupRuns(runs, flags.groupBy ?? null), metrics, {
    ...(flags.title === undefined ? {} : { title: flags.title }),
    ...(flags.smooth === undefined ? {} : { smooth: windowOf(flags.smooth) }),
    lines: referenceLines(flags.line, metrics, runs),
    ranges: axisRanges(flags.range, metrics, runs),
  });
  const report = { ...drawn, notes: [...notes, ...drawn.notes] };
  try {
    await writeFile(flags.out, render(report));
  } catch (error) {
    throw new UsageError(`--out ${flags.out} cannot be written: ${writeReason(error)}`);
  }
  for (const note of report.notes) process.stderr.write(`note: ${note}\n`);
  if (flags.json) process.stdout.write(`${JSON.stringify(summaryOf(flags.out, report))}\n`);
  else process.stdout.write(describe(flags.out, report));
}

/** `label=value` for the first panel, `metric:label=value` for another one. */
function referenceLines(
  texts: readonly string[],
  metrics: readonly string[],
  runs: readonly Run[],
): Map<string, ReferenceLine[]> {
  const lines = new Map<string, ReferenceLine[]>();
  for (const text of texts) {
    const [, metric, label, value] = /^(?:([^:=]+):)?(.+)=\s*([^=]+)$/.exec(text) ?? [];
    if (label === undefined || !isNumber(value)) {
      throw new UsageError(`--line ${text}: give label=number, for example --line "greedy bots=169"`);
    }
    const name = plottedMetric(`--line ${text}`, metric, metrics, runs);
    lines.set(name, [...(lines.get(name) ?? []), { label, value: Number(value) }]);
  }
  return lines;
}

/** `low..high` for the first panel, `metric:low..high` for another one. */
function axisRanges(
  texts: readonly string[],
  metrics: readonly string[],
  runs: readonly Run[],
): Map<string, AxisRange> {
  const ranges = new Map<string, AxisRange>();
  for (const text of texts) {
    const [, metric, low, high] = /^(?:([^:]+):)?(.+?)\.\.(.+)$/.exec(text) ?? [];
    if (!isNumber(low) || !isNumber(high) || Number(low) >= Number(high)) {
      throw new UsageError(
        `--range ${text}: give low..high with low below high, for example --range -200..1000 or equality:0.5..1`,
      );
    }
    const name = plottedMetric(`--range ${text}`, metric, metrics, runs);
    if (ranges.has(name)) throw new UsageError(`--range ${text}: ${name} has a range already`);
    ranges.set(name, { low: Number(low), high: Number(high) });
  }
  return ranges;
}

/** Player steps. */
function windowOf(text: string): number {
  if (isNumber(text) && Number(text) > 0) return Number(text);
  throw new UsageError(`--smooth ${text}: give a number of player steps above 0, for example 2e5`);
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && text.trim() !== '' && Number.isFinite(Number(text));
}

/**
 * @param flag as it was given, for the error.
 * @param given what it says before a colon; the first panel's metric when left out.
 */
function plottedMetric(
  flag: string,
  given: string | undefined,
  metrics: readonly string[],
  runs: readonly Run[],
): string {
  const name = given === undefined ? metrics[0]! : resolveMetric(given, runs);
  if (!metrics.includes(name)) throw new UsageError(`${flag}: ${name} is not plotted, add it to --metric`);
  return name;
}

function summaryOf(file: string, { groups, metrics, finals, notes }: LearningReport) {
  return {
    file,
    notes,
    groups: groups.map(({ label, runs }, g) => ({
      label,
      runs: runs.map(({ path, seed }) => ({ path, seed })),
      final: Object.fromEntries(metrics.map((name, m) => [name, finals[g]![m]])),
    })),
  };
}

function describe(file: string, { groups, metrics, finals }: LearningReport): string {
  const rows = [
    ['', 'runs', ...metrics],
    ...groups.map(({ label, runs }, g) => [label, String(runs.length), ...finals[g]!.map(finalText)]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return `${file}\n\nfinal values: mean over the last tenth of each run [95% interval over runs]\n${lines.join('\n')}\n`;
}

/** What was typed, quoted where a shell would need it. */
function commandLine(): string {
  const quoted = process.argv
    .slice(2)
    .map((word) => (/^[\w./:,=@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return ['arena', ...quoted].join(' ');
}
