/** A figure as a page that stands alone: the curves, the numbers beside them and what it takes to make them again. */
import { clock, compact, measure } from '../training/number-format.ts';
import { renderSvg } from './figure.ts';
import { escapeHtml, pageHead, STYLE, table } from './html.ts';
import { titleOf } from './metric-names.ts';
import type { FinalValue, LearningReport } from './report.ts';
import type { Run } from './run-folder.ts';
import { settingText } from './setting-text.ts';

export interface PageOptions {
  /** The command that made the page. */
  readonly command: string;
  /** The program and its version. */
  readonly generator: string;
}

/** @returns an HTML document that asks nothing of a network. */
export function renderPage(report: LearningReport, { command, generator }: PageOptions): string {
  const { figure, notes } = report;
  return `${pageHead(figure.title, generator, STYLE)}
<body>
<main>
<figure role="img" aria-label="${escapeHtml(`${figure.title}. ${figure.subtitle}.`)}">
${renderSvg(figure)}
</figure>
${notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join('\n')}
<section>
<h2>Final values</h2>
<p>Mean over the last tenth of each run; in brackets the 95% confidence interval of the mean over runs.</p>
${table(['', 'runs', ...report.metrics.map(titleOf)], finalRows(report))}
</section>
<section>
<h2>Runs</h2>
${table(['run', 'line', 'seed', 'player steps', 'environment steps', 'time', 'player steps/s', 'backend'], runRows(report))}
</section>
${settingsSection(report)}
<section>
<h2>Versions</h2>
${table(['', 'version'], versionRows(report), true)}
</section>
<section>
<h2>Made by</h2>
<pre><code>${escapeHtml(command)}</code></pre>
<p class="note">${escapeHtml(generator)}</p>
</section>
</main>
</body>
</html>
`;
}

function finalRows({ groups, finals }: LearningReport): string[][] {
  return groups.map(({ label, runs }, g) => [label, String(runs.length), ...finals[g]!.map(finalText)]);
}

/** `412.3 [380.1, 444.5]`, a dash where there is nothing. */
export function finalText(value: FinalValue | null): string {
  if (value === null) return '-';
  const { mean, low, high } = value;
  return low === null || high === null
    ? measure(mean)
    : `${measure(mean)} [${measure(low)}, ${measure(high)}]`;
}

function runRows({ groups }: LearningReport): string[][] {
  return groups.flatMap(({ label, runs }) =>
    runs.map(({ name, seed, metrics, backend }) => {
      const { steps, environmentSteps, seconds } = metrics.at(-1)!;
      return [
        name,
        label,
        String(seed),
        compact(steps, 4),
        compact(environmentSteps, 4),
        clock(seconds),
        seconds > 0 ? compact(steps / seconds) : '-',
        backend,
      ];
    }),
  );
}

function settingsSection({ groups }: LearningReport): string {
  const runs = groups.flatMap((group) => group.runs);
  const keys = [...new Set(runs.flatMap(({ settings }) => [...settings.keys()]))].sort();
  const valuesOf = (members: readonly Run[], key: string) =>
    [...new Set(members.map(({ settings }) => settingText(settings.get(key)) ?? '-'))].join(' or ');
  const common = keys.filter((key) => new Set(runs.map(({ settings }) => settings.get(key))).size === 1);
  const differing = keys.filter((key) => !common.includes(key));
  const differences = table(
    ['setting', ...groups.map(({ label }) => label)],
    differing.map((key) => [key, ...groups.map((group) => valuesOf(group.runs, key))]),
    true,
  );
  return `<section>
<h2>Settings</h2>
${differing.length > 0 ? differences : ''}
<details${common.length <= 24 ? ' open' : ''}><summary>${common.length} settings that all runs share</summary>
${table(
  ['setting', 'value'],
  common.map((key) => [key, valuesOf(runs, key)]),
  true,
)}
</details>
</section>`;
}

function versionRows({ groups }: LearningReport): string[][] {
  const found = new Map<string, Set<string>>();
  for (const { versions } of groups.flatMap(({ runs }) => runs)) {
    for (const [name, version] of Object.entries(versions)) {
      const text = typeof version === 'string' ? version : JSON.stringify(version);
      found.set(name, (found.get(name) ?? new Set()).add(text));
    }
  }
  return [...found].map(([name, versions]) => [name, [...versions].join(' or ')]);
}
