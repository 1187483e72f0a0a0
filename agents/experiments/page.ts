/** A report as a page that stands alone: figures inline, nothing to run, nothing to load. */
import packageJson from '../../package.json' with { type: 'json' };
import { renderPanel } from '../plots/figure.ts';
import { escapeHtml, pageHead, STYLE, table } from '../plots/html.ts';
import { panelOf } from './curves.ts';
import { heatMaps } from './heat-map.ts';
import { PAID_TEXT, RETURN, type Section } from './measures.ts';
import { type Report, type Row, sectionRows } from './report.ts';
import { stripPlot, swatch } from './strip.ts';

/** Pixels of a panel, before it is scaled to its column. */
const PANEL = { width: 500, height: 290 };
const WIDE_PANEL = { width: 1040, height: 360 };

const GENERATOR = `Commons Arena ${packageJson.version}`;

/** Settings of a base that are shown at once; more are folded. */
const FEW = 16;

/** @returns an HTML document that asks nothing of a network. */
export function experimentPage(report: Report): string {
  const { experiment, title, status, arms, bots, findings, caveats } = report;
  const strip = stripPlot(arms, bots);
  const drawn = report.sections.filter(({ key }) => key !== 'learning');
  const learning = report.sections.filter(({ key }) => key === 'learning');
  return `${pageHead(title, GENERATOR, `${STYLE}${OWN_STYLE}`)}
<body>
<main>
<header>
<p class="kind">Experiment ${escapeHtml(experiment.name)}</p>
<h1>${escapeHtml(title)}</h1>
<p class="abstract">${escapeHtml(experiment.abstract)}</p>
<p class="status">${escapeHtml(status)}. After ${escapeHtml(experiment.source)}.</p>
</header>
<section>
<h2>Result</h2>
${findings.map((finding) => `<p class="finding">${escapeHtml(finding)}</p>`).join('\n')}
${caveats.map((caveat) => `<p class="caveat">${escapeHtml(caveat)}</p>`).join('\n')}
${strip === '' ? '' : `<div class="card"><h3>Final collective return</h3>${strip}</div>`}
<dl class="arms">
${arms.map(({ arm }, k) => `<div><dt>${swatch(k)}${escapeHtml(arm.name)}</dt><dd>${escapeHtml(arm.summary)}</dd></div>`).join('\n')}
</dl>
${titled('Final values', 'Mean over the last tenth of each run, then over seeds; in brackets its 95% bootstrap interval over seeds.', report.finals)}
${titled('Against the other arms', 'Of the final collective return, with 95% stratified bootstrap intervals. The probability of improvement is 0.5 where neither is better.', report.against)}
</section>
${drawn.map((section) => figures(report, section)).join('\n')}
${learning.map((section) => `<details class="more"><summary>How learning went</summary>${panels(report, section)}</details>`).join('\n')}
<section>
<h2>Seeds and runs</h2>
${rows(report.runRows, '<p>No run has reported anything yet.</p>')}
${report.missing.length === 0 ? '<p>Nothing is missing.</p>' : `<h3>What is missing</h3>\n<ul>${report.missing.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul>`}
${titled('Scripted players', `Mean of ${bots.episodes} episodes in the same game, with its 95% bootstrap interval over episodes.`, report.botRows)}
</section>
<section>
<h2>Settings</h2>
${titled('What tells the arms apart', '', report.differences, true)}
<details${report.settings.length <= FEW ? ' open' : ''}><summary>${report.settings.length - 1} settings that all arms share</summary>
${rows(report.settings, '', true)}
</details>
</section>
<section>
<h2>Made by</h2>
<pre><code>${escapeHtml(report.command)}</code></pre>
<p>The same command goes on where it stopped; raw curves of all runs are in <code>metrics.jsonl.gz</code> beside this page.</p>
${rows(report.versions, '', true)}
<p class="note">${escapeHtml(GENERATOR)}</p>
</section>
</main>
</body>
</html>
`;
}

function figures(report: Report, section: Section): string {
  const maps = section.key === 'models' ? heatMaps(report.arms, report.present) : '';
  const numbers = ['models', 'communication'].includes(section.key)
    ? measureTable(sectionRows(report.arms, section))
    : '';
  return `<section>
<h2>${escapeHtml(section.title)}</h2>
${section.text === '' ? '' : `<p>${escapeHtml(section.text)}</p>`}
${panels(report, section)}
${numbers}
${section.key === 'intrinsic' ? titled('What is paid', PAID_TEXT, report.paid) : ''}
${maps}
</section>`;
}

function panels({ arms, bots }: Report, { key, measures }: Section): string {
  const drawn = measures.map((measure) => ({ measure, ...panelOf(arms, measure, bots) }));
  const legend = arms.map(({ arm }, k) =>
    drawn.some(({ panel }) => (panel.curves[k] ?? null) !== null)
      ? `<span>${swatch(k)}${escapeHtml(arm.name)}</span>`
      : '',
  );
  const how =
    key === 'outcome'
      ? '<span class="quiet">thick: mean over seeds; band: its 95% bootstrap interval; thin: single runs</span>'
      : '';
  const figures = drawn.flatMap(({ measure, panel, labels, note }) => {
    const svg = ({ width, height }: typeof PANEL) => renderPanel(panel, labels, width, height);
    const figure = (
      kind: string,
      size: typeof PANEL,
    ) => `<figure${kind} role="img" aria-label="${escapeHtml(`Learning curves: ${measure.title}`)}">
<h4>${escapeHtml(measure.title)}</h4>
${svg(size)}
${note === null ? '' : `<figcaption class="note">${escapeHtml(note)}</figcaption>`}</figure>`;
    // What matters most is as wide as the page, where that is wide; scaled down to a phone nobody could read it.
    return measure.name === RETURN
      ? [figure(' class="wide-screen"', WIDE_PANEL), figure(' class="narrow-screen"', PANEL)]
      : figure('', PANEL);
  });
  return `<p class="legend">${legend.join('')}${how}</p>
<div class="panels">
${figures.join('\n')}
</div>`;
}

/** Titles of measures are long: they wrap where names do not. */
function measureTable([head, ...body]: readonly Row[]): string {
  if (head === undefined) return '';
  return table(
    head,
    body.map(([title, ...cells]) => [{ html: `<span class="long">${escapeHtml(title!)}</span>` }, ...cells]),
  );
}

/** A table below a heading; '' where it has no rows. */
function titled(title: string, text: string, all: readonly Row[], asText = false): string {
  if (all.length < 2) return '';
  const said = text === '' ? '' : `<p class="note">${escapeHtml(text)}</p>\n`;
  return `<h3>${escapeHtml(title)}</h3>\n${said}${rows(all, '', asText)}`;
}

function rows([head, ...body]: readonly Row[], otherwise: string, asText = false): string {
  return head === undefined || body.length === 0 ? otherwise : table(head, body, asText);
}

const OWN_STYLE = `
header { margin-top: 48px; }
h1 { font-size: 28px; line-height: 1.2; margin: 4px 0 16px; text-wrap: balance; }
h3 { font-size: 14px; margin: 24px 0 4px; }
section { margin-top: 48px; }
.kind { margin: 0; font-size: 12px; }
.abstract { color: #16211b; font-size: 16px; line-height: 1.6; }
.status { font-size: 13px; max-width: 90ch; text-wrap: pretty; }
tbody th { white-space: nowrap; }
tbody th .long { display: inline-block; min-width: 200px; white-space: normal; }
.finding { color: #16211b; font-size: 15px; border-left: 3px solid #2f8f5b; padding-left: 12px; }
.caveat { border-left: 3px solid #c9a227; padding-left: 12px; }
.card { background: #fff; border: 1px solid #d3dbd0; border-radius: 6px; padding: 4px 20px 12px; margin: 20px 0; }
.card h3 { margin-top: 8px; }
.arms { margin: 16px 0; }
.arms div { display: flex; flex-wrap: wrap; gap: 0 8px; margin-bottom: 4px; }
.arms dt { font-weight: 600; }
.arms dd { margin: 0; color: #57655c; }
.swatch { display: inline-block; width: 10px; height: 10px; margin-right: 6px; }
.mark-0 { border-radius: 5px; }
.mark-2 { clip-path: polygon(50% 0, 100% 100%, 0 100%); }
.mark-3 { clip-path: polygon(50% 0, 100% 50%, 50% 100%, 0 50%); }
.mark-4 { border-radius: 3px; }
.mark-5 { clip-path: polygon(50% 0, 100% 100%, 50% 75%, 0 100%); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; max-width: none; color: #16211b; }
.legend .quiet { color: #57655c; }
.panels { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; margin-bottom: 16px; }
.panels figure { margin: 0; min-width: 0; }
.panels h4 { font-size: 13.5px; margin: 4px 12px 0; }
.panels .wide-screen { grid-column: 1 / -1; }
.panels .narrow-screen { display: none; }
figcaption { color: #57655c; padding: 0 12px 4px; }
.strip { display: grid; grid-template-columns: max-content 1fr max-content; gap: 0 24px; align-items: center; }
.strip-row { display: contents; }
.strip .name { font-weight: 600; }
.strip .value { font-variant-numeric: tabular-nums; text-align: right; }
.track { position: relative; height: 36px; background: linear-gradient(#d3dbd0, #d3dbd0) center / 100% 1px no-repeat; }
.track i { position: absolute; top: 50%; }
.track .bar { height: 12px; margin-top: -6px; border-radius: 6px; opacity: 0.22; }
.track .dot { width: 7px; height: 7px; margin: -5.5px 0 0 -5.5px; border: 2px solid; border-radius: 50%; background: #fff; }
.track .mean { width: 3px; height: 22px; margin: -11px 0 0 -1.5px; border-radius: 1.5px; }
.track .bot { top: 0; bottom: 0; border-left: 1.5px dashed #57655c; }
.track.axis { height: 24px; background: none; border-top: 1px solid #8b988f; }
.tick { position: absolute; top: 3px; transform: translateX(-50%); font-size: 12px; color: #57655c; font-variant-numeric: tabular-nums; }
.card .note { margin: 4px 0 0; max-width: none; }
.maps { display: flex; flex-wrap: wrap; gap: 24px; margin: 16px 0 8px; }
.map { border-spacing: 2px; border-collapse: separate; }
.map caption { text-align: left; font-weight: 600; padding-bottom: 4px; }
.map th, .map td { border: 0; padding: 6px 8px; text-align: center; min-width: 36px; border-radius: 3px; }
.map th { color: #57655c; font-weight: 400; }
.map .none { background: #e9ede6; }
.more { margin-top: 32px; }
ul { margin: 4px 0 12px; padding-left: 20px; }
pre code { white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 720px) {
  main { margin-top: 16px; padding: 0 16px 32px; }
  header { margin-top: 24px; }
  h1 { font-size: 24px; }
  .panels { grid-template-columns: 1fr; }
  .panels figure { padding: 4px 0; }
  .card { padding: 4px 12px 12px; }
  .panels .wide-screen { display: none; }
  .panels .narrow-screen { display: block; }
  .strip { grid-template-columns: 1fr max-content; grid-auto-flow: dense; }
  .strip .track { grid-column: 1 / -1; }
  .strip span:empty { display: none; }
}
`;
