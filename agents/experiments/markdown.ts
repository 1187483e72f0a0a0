/** A report in Markdown, for a repository: its findings and tables, without figures. */
import { PAID_TEXT } from './measures.ts';
import { type Report, type Row, sectionRows } from './report.ts';

export function experimentMarkdown(report: Report): string {
  const { experiment, title, status, arms, bots, findings, caveats, missing } = report;
  const parts = [
    `# ${title}`,
    experiment.abstract,
    `${status}. After ${experiment.source}.`,
    ...findings,
    ...caveats,
    arms.map(({ arm }) => `- \`${arm.name}\`: ${arm.summary}`).join('\n'),
    ...titled(
      'Final values',
      'Mean over the last tenth of each run, then over seeds; in brackets its 95% bootstrap interval over seeds.',
      report.finals,
    ),
    ...titled(
      'Against the other arms',
      'Of the final collective return, with 95% stratified bootstrap intervals.',
      report.against,
    ),
    ...titled('What is paid', PAID_TEXT, report.paid),
    ...report.sections
      .filter(({ key }) => key === 'models' || key === 'communication')
      .flatMap((section) => titled(section.title, section.text, sectionRows(arms, section))),
    ...titled('Scripted players', `Mean of ${bots.episodes} episodes in the same game.`, report.botRows),
    ...titled('Runs', '', report.runRows),
    ...(missing.length === 0 ? [] : ['## What is missing', missing.map((text) => `- ${text}`).join('\n')]),
    ...titled('What tells the arms apart', '', report.differences),
    '## Made by',
    `\`\`\`\n${report.command}\n\`\`\``,
    'Curves and all settings are in `report.html`, raw curves of all runs in `metrics.jsonl.gz`.',
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function titled(title: string, text: string, rows: readonly Row[]): string[] {
  return rows.length < 2 ? [] : [`## ${title}`, text, table(rows)];
}

/** Columns of numbers stand right. */
function table([head, ...body]: readonly Row[]): string {
  const rules = head!.map((_, k) =>
    k > 0 && body.every((row) => /^[-\u2212\d.]/.test(row[k]!)) ? '---:' : '---',
  );
  const line = (cells: Row) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [head!, rules, ...body].map(line).join('\n');
}
