/** Writes what an experiment has come to into its folder: the report as a page and as Markdown, and all raw curves. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeAtomic } from '../training/atomic-file.ts';
import { experimentMarkdown } from './markdown.ts';
import { experimentPage } from './page.ts';
import { type Report, type ReportInput, reportOf } from './report.ts';
import type { ArmResult } from './results.ts';

export const REPORT_PAGE = 'report.html';
export const REPORT_TEXT = 'report.md';
export const CURVES = 'metrics.jsonl.gz';

/** @throws {TrainingUsageError} for a run that cannot be read. @throws {WriteError} */
export async function writeReport(folder: string, input: ReportInput): Promise<Report> {
  const report = reportOf(input);
  await writeAtomic(join(folder, CURVES), curvesOf(report.arms));
  await writeAtomic(join(folder, REPORT_TEXT), experimentMarkdown(report));
  await writeAtomic(join(folder, REPORT_PAGE), experimentPage(report));
  return report;
}

/** One JSON object a report of a run, with its arm and seed; compressed, and the same bytes for the same runs. */
export function curvesOf(arms: readonly ArmResult[]): Uint8Array {
  const lines = arms.flatMap(({ arm, finished, underWay }) =>
    [...finished, ...underWay].flatMap(({ seed, metrics }) =>
      metrics.map((report) => `${JSON.stringify({ arm: arm.name, seed, ...report })}\n`),
    ),
  );
  return gzipSync(lines.join(''), { level: 9 });
}
