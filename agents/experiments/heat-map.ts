/** How well each player foretells each other one, as a table with coloured cells. */
import { escapeHtml } from '../plots/html.ts';
import { type PairMetric, pairMetrics } from './measures.ts';
import { human } from './numbers.ts';
import { type ArmResult, estimateOf } from './results.ts';

/** From the least to the most: a light and a strong blue. */
const LIGHT = [238, 244, 250] as const;
const STRONG = [0, 114, 178] as const;

/** Of a pair, nats. */
interface Cell {
  readonly looker: number;
  readonly foretold: number;
  readonly crossEntropy: number;
  /** What frequency alone gives; null where not every run that has the one has logged the other. */
  readonly marginal: number | null;
}

/** What the maps show of a pair. */
interface Scale {
  readonly value: (cell: Cell) => number;
  readonly decimals: number;
  readonly low: number;
  readonly high: number;
}

/**
 * One map for each arm that has logged pairs; '' where none has. All have one scale: what the models know beside how often
 * each action is taken, or, where that is not known of every pair, their cross-entropies.
 */
export function heatMaps(arms: readonly ArmResult[], present: readonly string[]): string {
  const pairs = pairMetrics(present);
  const maps = arms.flatMap((arm) => {
    const cells = pairs.flatMap((pair) => cellOf(arm, pair) ?? []);
    return cells.length === 0 ? [] : { name: arm.arm.name, cells };
  });
  if (maps.length === 0) return '';
  const all = maps.flatMap(({ cells }) => cells);
  const gains = all.every(({ marginal }) => marginal !== null);
  const scale = gains ? gainScale(all) : crossEntropyScale(all);
  const players = 1 + Math.max(...pairs.flatMap(({ looker, foretold }) => [looker, foretold]));
  const what = gains
    ? 'How much less the cross-entropy is than that of how often each action is taken, nats'
    : 'Cross-entropy in nats';
  const how = gains
    ? 'more, and stronger, is foretold better, and below 0 worse than by frequency alone. The title of a cell has both.'
    : 'lower, and lighter, is foretold better.';
  return `<div class="maps">
${maps.map(({ name, cells }) => mapOf(name, cells, players, scale)).join('\n')}
</div>
<p class="note">${what}; mean over seeds of the last tenth of each run. A row is who looks, a column who is foretold; ${how}</p>`;
}

function cellOf(arm: ArmResult, { name, marginal, looker, foretold }: PairMetric): Cell | null {
  const model = estimateOf(arm, name);
  if (model === null) return null;
  const frequency = estimateOf(arm, marginal);
  // Means over different runs have no difference that says something.
  const both = frequency !== null && frequency.runs === model.runs;
  return { looker, foretold, crossEntropy: model.mean, marginal: both ? frequency.mean : null };
}

function gainScale(cells: readonly Cell[]): Scale {
  const value = ({ crossEntropy, marginal }: Cell) => marginal! - crossEntropy;
  const values = cells.map(value);
  // Light is nothing, however little the best pair has.
  return { value, decimals: 3, low: Math.min(0, ...values), high: Math.max(...values) };
}

function crossEntropyScale(cells: readonly Cell[]): Scale {
  const value = ({ crossEntropy }: Cell) => crossEntropy;
  const values = cells.map(value);
  return { value, decimals: 2, low: Math.min(...values), high: Math.max(...values) };
}

function mapOf(name: string, cells: readonly Cell[], players: number, scale: Scale): string {
  const numbers = Array.from({ length: players }, (_, player) => player);
  const head = numbers.map((player) => `<th scope="col">${player}</th>`).join('');
  const rows = numbers.map((looker) => {
    const row = numbers.map((foretold) =>
      tdOf(
        cells.find((cell) => cell.looker === looker && cell.foretold === foretold),
        scale,
      ),
    );
    return `<tr><th scope="row">${looker}</th>${row.join('')}</tr>`;
  });
  return `<table class="map"><caption>${escapeHtml(name)}</caption>
<thead><tr><th></th>${head}</tr></thead>
<tbody>${rows.join('')}</tbody></table>`;
}

function tdOf(cell: Cell | undefined, { value, decimals, low, high }: Scale): string {
  if (cell === undefined) return '<td class="none"></td>';
  const { crossEntropy, marginal } = cell;
  const shown = value(cell);
  const share = high > low ? (shown - low) / (high - low) : 0.5;
  const colour = LIGHT.map((from, k) => Math.round(from + share * (STRONG[k]! - from))).join(',');
  const title =
    marginal === null
      ? ''
      : ` title="cross-entropy ${human(crossEntropy, 3)}, by frequency alone ${human(marginal, 3)}"`;
  return `<td${title} style="background:rgb(${colour})${share > 0.55 ? ';color:#fff' : ''}">${human(shown, decimals)}</td>`;
}
