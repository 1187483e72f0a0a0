/** What was measured between players, as tables and as JSON. */
import type { Measured } from '../../agents/evaluate.ts';
import type { Influence } from '../../agents/evaluation/influence.ts';
import type { Prediction, Predictions } from '../../agents/evaluation/models.ts';
import type { Estimate } from '../../agents/evaluation/pairs.ts';
import { short, table } from './table.ts';

/** Paragraphs of lines. */
export function measuredTables(
  { coordination, influence, predictions }: Measured,
  players: number,
): string[][] {
  return [
    ...(coordination === null ? [] : [coordinationTable(coordination)]),
    ...influence.flatMap((measured) => influenceTables(measured, players)),
    ...(predictions === null ? [] : predictionTables(predictions, players)),
  ];
}

const NAMES = [
  ['speakerConsistency', 'speaker consistency', 'of symbol and own action, 0 to 1'],
  ['coordination/symbolAction', 'symbol to action', "of a symbol and another's next action, nats"],
  ['coordination/actionAction', 'action to action', "of an action and another's next action, nats"],
] as const;

/** What there is of it, each beside what it would be by chance. */
function coordinationTable(found: Readonly<Record<string, number>>): string[] {
  const rows = NAMES.flatMap(([name, label, unit]) =>
    ['', '/high'].flatMap((moments) => {
      const path = `communication/${name}${moments}`;
      const value = found[path];
      if (value === undefined) return [];
      const at = moments === '' ? label : '  influence high';
      const beside = [found[`${path}/baseline`]!, found[`${path}/pValue`]!].map(short);
      return [[at, short(value), ...beside, moments === '' ? unit : '']];
    }),
  );
  const used = found['communication/symbolsUsed'];
  return [
    ...table([['coordination', 'measured', 'by chance', 'p', ''], ...rows], [0, 4]),
    ...(used === undefined
      ? []
      : [
          `players use ${short(used)} symbols and ${short(found['communication/actionsUsed']!)} actions on average`,
        ]),
  ];
}

const WAYS: { readonly [K in Influence['by']]: string } = {
  heardSymbols: 'of what one says on what who hears it does',
  leadersActions: 'of what a leader does on what those do who see it',
  lastActions: 'of what one does on what those do next who are told of it',
  moa: "of what one does on what the others do next, by the players' models",
};

const DIVERGENCES: { readonly [K in Influence['divergence']]: string } = {
  kl: 'KL divergence',
  jsd: 'Jensen-Shannon divergence',
};

function influenceTables({ by, divergence, mean, pairs }: Influence, players: number): string[][] {
  return [
    [
      `influence ${WAYS[by]}`,
      `${estimate(mean)} nats a player step on all others, ${DIVERGENCES[divergence]}`,
    ],
    matrix('of \\ on', players, pairs, ({ influence }) => influence.value),
  ];
}

const PREDICTED: readonly (readonly [keyof Prediction, string, string])[] = [
  ['crossEntropy', 'cross-entropy', 'nats'],
  ['marginal', 'of the best guess', 'nats, from how often each action is done'],
  ['gain', 'less by', 'nats'],
  ['hitRate', 'likeliest is right', 'of all'],
];

function predictionTables(predictions: Predictions, players: number): string[][] {
  const rows = PREDICTED.map(([name, label, unit]) => {
    const { value } = predictions[name];
    return [label, value === null ? '' : short(value), interval(predictions[name]), unit];
  });
  return [
    table([['models of the others', '', '95% interval', ''], ...rows], [0, 3]),
    matrix('cross-entropy, who \\ of', players, predictions.pairs, ({ crossEntropy }) => crossEntropy.value),
    matrix('best guess, who \\ of', players, predictions.pairs, ({ marginal }) => marginal.value),
    matrix('right, who \\ of', players, predictions.pairs, ({ hitRate }) => hitRate.value),
  ];
}

/** Rows the players it is from, columns those it is to; nothing where there is none. */
function matrix<P extends { readonly from: number; readonly to: number }>(
  corner: string,
  players: number,
  pairs: readonly P[],
  numberOf: (pair: P) => number | null,
): string[] {
  const indices = Array.from({ length: players }, (_, i) => i);
  const rows = indices
    .filter((from) => pairs.some((pair) => pair.from === from))
    .map((from) => [
      `${from}`,
      ...indices.map((to) => {
        const pair = pairs.find((other) => other.from === from && other.to === to);
        const value = pair === undefined ? null : numberOf(pair);
        return value === null ? '-' : short(value);
      }),
    ]);
  return table([[corner, ...indices.map(String)], ...rows], [0]);
}

const estimate = (measured: Estimate): string =>
  measured.value === null ? 'nothing' : `${short(measured.value)} (95% interval ${interval(measured)})`;

const interval = ({ low, high }: Estimate): string =>
  low === null || high === null ? 'none' : `${short(low)} to ${short(high)}`;
