/** What is known of a trained policy, for whoever thinks of playing against it. */
import type { PolicyScore, PolicySummary } from '../../shared/protocol/policies.ts';
import { definitionOf } from '../../shared/registry.ts';
import { el, svg } from '../dom.ts';
import { format } from '../numbers.ts';
import { meanOf, originOf, shortName } from './catalogue.ts';

/** What the environment's option `reward` makes of the game's rewards, in words. */
const REWARDED: Readonly<Record<string, string>> = {
  individual: 'what it earns itself',
  collective: 'what all earn together',
};
const HEARS: Readonly<Record<string, string>> = {
  lastActions: 'everybody’s last action',
  leadersActions: 'what leaders do',
  heardSymbols: 'what others say',
};

/** The largest collective return among policies of one environment: what the strips on their cards are drawn against. */
export function scaleOf(policies: readonly PolicySummary[], environment: string): number {
  const tops = policies
    .filter((policy) => policy.environment === environment)
    .map(({ scores }) => scores?.collectiveReturn?.high ?? scores?.collectiveReturn?.mean ?? 0);
  return Math.max(1, ...tops);
}

/** @param scale see `scaleOf`. @param buttons below the card's facts. */
export function modelCard(policy: PolicySummary, scale: number, ...buttons: readonly Node[]): HTMLElement {
  const { environment, players } = policy;
  return el(
    'article',
    { class: 'card model', 'data-testid': 'model-card', 'data-policy': policy.name },
    el(
      'div',
      { class: 'card-head' },
      el('h3', {}, shortName(policy.name)),
      el(
        'p',
        { class: 'tags' },
        `${originOf(policy.name)} · ${definitionOf(environment).title} · ${players} players`,
      ),
    ),
    score(policy, scale),
    el('ul', { class: 'chips' }, ...chips(policy).map((text) => el('li', {}, text))),
    el(
      'dl',
      { class: 'model-facts' },
      ...facts(policy).map(([label, value]) =>
        el('div', {}, el('dt', {}, label), el('dd', { class: 'number' }, value)),
      ),
    ),
    buttons.length > 0 && el('div', { class: 'buttons' }, ...buttons),
  );
}

/** `10 M` for 10,000,000. */
export function shortCount(count: number): string {
  if (count >= 1e6) return `${Number((count / 1e6).toPrecision(3))} M`;
  return count >= 1e3 ? `${Number((count / 1e3).toPrecision(3))} k` : String(count);
}

/** `291 (277 to 306)`: a mean and its interval, where there is one. */
export function rangeOf({ low, high }: PolicyScore): string | null {
  return low === null || high === null ? null : `${format(Math.round(low))} to ${format(Math.round(high))}`;
}

function score({ scores }: PolicySummary, scale: number): HTMLElement {
  const measured = scores?.collectiveReturn;
  if (measured === undefined) return el('p', { class: 'model-score quiet' }, 'not evaluated yet');
  const range = rangeOf(measured);
  return el(
    'div',
    { class: 'model-score', title: 'Mean of its evaluation episodes, with itself on all seats' },
    el('strong', { class: 'number' }, format(Math.round(measured.mean))),
    el(
      'span',
      { class: 'quiet' },
      'collective return',
      range !== null && el('span', { class: 'number' }, ` · 95% ${range}`),
    ),
    strip(measured, scale),
  );
}

/** The mean as a bar from nothing to `scale`, with its interval across the end. */
function strip({ mean, low, high }: PolicyScore, scale: number): SVGElement {
  const x = (value: number) => Math.max(0, Math.min(100, (100 * value) / scale)).toFixed(1);
  const parts = [
    svg('rect', { class: 'strip-ground', x: 0, y: 4, width: 100, height: 4 }),
    svg('rect', { class: 'strip-mean', x: 0, y: 4, width: x(mean), height: 4 }),
  ];
  if (low !== null && high !== null) {
    const width = Math.max(0.8, Number(x(high)) - Number(x(low))).toFixed(1);
    parts.push(svg('rect', { class: 'strip-interval', x: x(low), y: 2, width, height: 8 }));
  }
  return svg(
    'svg',
    { class: 'strip', viewBox: '0 0 100 12', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    ...parts,
  );
}

function chips(policy: PolicySummary): string[] {
  const { algorithm, intrinsic, models, symbols } = policy;
  return [
    algorithm.toUpperCase(),
    ...intrinsic,
    ...(models ? ['models others'] : []),
    ...(symbols > 0 ? [`speaks ${symbols} symbols`] : []),
  ];
}

function facts(policy: PolicySummary): [string, string][] {
  const { playerSteps, seed, signals, options, created } = policy;
  const reward = String(options.reward ?? 'individual');
  const rows: [string, string][] = [
    ['learned from', `${shortCount(playerSteps)} player steps`],
    ['rewarded by', REWARDED[reward] ?? reward],
  ];
  const equality = meanOf(policy, 'equality');
  if (equality !== null) rows.push(['equality', equality.toFixed(2)]);
  const sustainability = meanOf(policy, 'sustainability');
  if (sustainability !== null) rows.push(['sustainability', sustainability.toFixed(0)]);
  if (signals.length > 0)
    rows.push(['hears of others', signals.map((signal) => HEARS[signal] ?? signal).join(', ')]);
  const day = new Date(created).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  });
  rows.push(['made', `${day}, seed ${seed}`]);
  return rows;
}
