/** How well each player foretells each other one, as a table with coloured cells. */
import { escapeHtml } from '../plots/html.ts';
import { pairMetrics } from './measures.ts';
import { human } from './numbers.ts';
import { type ArmResult, estimateOf } from './results.ts';

/** From foretold well to not at all: a light and a strong blue. */
const LIGHT = [238, 244, 250] as const;
const STRONG = [0, 114, 178] as const;

/** One map for each arm that has logged pairs; '' where none has. All have one scale. */
export function heatMaps(arms: readonly ArmResult[], present: readonly string[]): string {
  const pairs = pairMetrics(present);
  const maps = arms.flatMap(({ arm }, k) => {
    const cells = pairs.flatMap(({ name, looker, foretold }) => {
      const estimate = estimateOf(arms[k]!, name);
      return estimate === null ? [] : { looker, foretold, value: estimate.mean };
    });
    return cells.length === 0 ? [] : { name: arm.name, cells };
  });
  if (maps.length === 0) return '';
  const values = maps.flatMap(({ cells }) => cells.map(({ value }) => value));
  const scale = { low: Math.min(...values), high: Math.max(...values) };
  const players = 1 + Math.max(...pairs.flatMap(({ looker, foretold }) => [looker, foretold]));
  return `<div class="maps">
${maps.map(({ name, cells }) => mapOf(name, cells, players, scale)).join('\n')}
</div>
<p class="note">Cross-entropy in nats, mean over seeds of the last tenth of each run. A row is who looks, a column who is foretold; lower, and lighter, is foretold better.</p>`;
}

interface Cell {
  readonly looker: number;
  readonly foretold: number;
  readonly value: number;
}

function mapOf(
  name: string,
  cells: readonly Cell[],
  players: number,
  scale: { low: number; high: number },
): string {
  const numbers = Array.from({ length: players }, (_, player) => player);
  const head = numbers.map((player) => `<th scope="col">${player}</th>`).join('');
  const rows = numbers.map((looker) => {
    const row = numbers.map((foretold) => {
      const cell = cells.find((found) => found.looker === looker && found.foretold === foretold);
      if (cell === undefined) return '<td class="none"></td>';
      const share = scale.high > scale.low ? (cell.value - scale.low) / (scale.high - scale.low) : 0.5;
      const colour = LIGHT.map((from, k) => Math.round(from + share * (STRONG[k]! - from))).join(',');
      return `<td style="background:rgb(${colour})${share > 0.55 ? ';color:#fff' : ''}">${human(cell.value, 2)}</td>`;
    });
    return `<tr><th scope="row">${looker}</th>${row.join('')}</tr>`;
  });
  return `<table class="map"><caption>${escapeHtml(name)}</caption>
<thead><tr><th></th>${head}</tr></thead>
<tbody>${rows.join('')}</tbody></table>`;
}
