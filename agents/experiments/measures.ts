/**
 * What is told of an experiment's runs: which of the metrics that they logged, what these are called, and what belongs
 * beside what. Metrics that no run has are left out, so one report serves all experiments.
 */
import { titleOf } from '../plots/metric-names.ts';

export const RETURN = 'episode/collectiveReturn';

/** What a reader should know of the table of what is paid. */
export const PAID_TEXT =
  'What is added to the reward of each player step of those who are paid it, after weight, curriculum and clipping, beside what the game pays: its collective return, divided by players and steps of an episode.';

export interface Measure {
  /** The metric's. */
  readonly name: string;
  /** As a column of a table has it. */
  readonly label: string;
  /** As a panel has it, with the unit. */
  readonly title: string;
  /** What it is drawn against, dashed: a metric, and in a few words what that is of. */
  readonly baseline: { readonly name: string; readonly how: string } | null;
}

export type SectionKey = 'outcome' | 'intrinsic' | 'models' | 'communication' | 'learning';

export interface Section {
  readonly key: SectionKey;
  readonly title: string;
  /** What a reader should know of its panels. Plain text. */
  readonly text: string;
  readonly measures: readonly Measure[];
}

/** Names that read better than their metric's. */
const WORDS: Readonly<Record<string, readonly [label: string, title: string]>> = {
  [RETURN]: ['collective return', 'Collective return of an episode'],
  'episode/equality': ['equality', 'Equality (1: all eat alike)'],
  'episode/sustainability': ['sustainability', 'Sustainability (mean step of eating)'],
  'episode/fines': ['fines', 'Fining beams, an episode'],
  'episode/length': ['length', 'Length of an episode, steps'],
  'intrinsic/influence-moa': ['influence', 'Influence before its weight, nats a player step'],
  'intrinsic/influence-basic': ['influence', 'Influence before its weight, nats a player step'],
  'intrinsic/influence-communication': ['influence', 'Influence before its weight, nats a player step'],
  'moa/crossEntropy': ['cross-entropy', 'Cross-entropy of the models, nats'],
  'moa/accuracy': ['accuracy', 'Share of actions foretold'],
  'communication/speakerConsistency': ['speaker consistency', 'Speaker consistency'],
  'communication/coordination/symbolAction': ['symbol to action', "A symbol and another's next action, nats"],
  'communication/coordination/actionAction': [
    'action to action',
    "An action and another's next action, nats",
  ],
  'communication/symbolsUsed': ['symbols used', 'Symbols in use'],
  'communication/actionsUsed': ['symbols used', 'Actions in use'],
  'policy/entropy': ['entropy', 'Entropy of the policy, nats'],
  'value/explainedVariance': ['explained variance', 'Explained variance of the value head'],
};

const BASELINE = '/baseline';
const HIGH = '/high';
/** `moa/crossEntropy/<who looks>-<who is foretold>`, and the marginal beside it. */
const PAIR = /^moa\/(?:crossEntropy|marginal)\/\d+-\d+$/;
const CROSS_ENTROPY = /^moa\/crossEntropy\/((\d+)-(\d+))$/;

/** Baselines that are not called as such. */
const BASELINES: Readonly<Record<string, { readonly name: string; readonly how: string }>> = {
  'moa/crossEntropy': { name: 'moa/marginal', how: 'by frequency alone' },
};

function measureOf(name: string, names: ReadonlySet<string>): Measure {
  const plain = name.endsWith(HIGH) ? name.slice(0, -HIGH.length) : name;
  const [label, title] = WORDS[plain] ?? [titleOf(plain).toLowerCase(), titleOf(plain)];
  const baseline = BASELINES[name] ?? { name: `${name}${BASELINE}`, how: 'shuffled' };
  const when = plain === name ? '' : ', where influence is high';
  return {
    name,
    label: `${label}${when}`,
    title: `${title}${when}`,
    baseline: names.has(baseline.name) ? baseline : null,
  };
}

/** @param present names of the metrics that were logged. */
export function sectionsOf(present: readonly string[]): Section[] {
  const names = new Set(present);
  const baselines = new Set(Object.values(BASELINES).map(({ name }) => name));
  const own = present.filter((name) => !name.endsWith(BASELINE) && !baselines.has(name) && !PAIR.test(name));
  const chosen = (wanted: readonly string[]) =>
    wanted.filter((name) => names.has(name)).map((name) => measureOf(name, names));
  const under = (prefix: string) =>
    own
      .filter((name) => name.startsWith(prefix))
      .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
      .map((name) => measureOf(name, names));
  const sections: Section[] = [
    {
      key: 'outcome',
      title: 'What the players get',
      text: 'Returns are of the raw rewards of the game: what an intrinsic reward adds is not in them.',
      measures: chosen([RETURN, 'episode/equality', 'episode/sustainability']),
    },
    {
      key: 'intrinsic',
      title: 'Intrinsic rewards',
      text: 'The mean over players and steps, before weight, curriculum and scale. It is measured with weight 0 too, and then paid to nobody.',
      // One deeper are its parts: what was paid after weight and clipping, or shares of players.
      measures: under('intrinsic/').filter(({ name }) => name.split('/').length === 2),
    },
    {
      key: 'models',
      title: 'Models of the others',
      text: 'How well each player foretells what the others do next. Dashed: what is had without looking, from how often each action is taken.',
      measures: under('moa/'),
    },
    {
      key: 'communication',
      title: 'Communication',
      text: 'What symbols and actions tell of what others do next, as mutual information. Estimated from few samples that is never 0: dashed is the same measure with its samples shuffled, and only what lies above says something. High influence: the tenth of the steps with the highest influence reward.',
      measures: under('communication/'),
    },
    {
      key: 'learning',
      title: 'How learning went',
      text: '',
      measures: chosen(['policy/entropy', 'value/explainedVariance', 'episode/fines']),
    },
  ];
  return sections.filter(({ measures }) => measures.length > 0);
}

/** Those with a name of ours first, in that order. */
function rank(name: string): number {
  const known = Object.keys(WORDS).indexOf(name.endsWith(HIGH) ? name.slice(0, -HIGH.length) : name);
  return (known < 0 ? 1000 : known) + (name.endsWith(HIGH) ? 0.5 : 0);
}

export interface PairMetric {
  /** The cross-entropy of the one's model of the other. */
  readonly name: string;
  /** What is had from how often the other takes each action; not all runs have logged it. */
  readonly marginal: string;
  /** Who looks, and who is foretold. */
  readonly looker: number;
  readonly foretold: number;
}

export function pairMetrics(present: readonly string[]): PairMetric[] {
  return present.flatMap((name) => {
    const [, pair, looker, foretold] = CROSS_ENTROPY.exec(name) ?? [];
    return pair === undefined
      ? []
      : { name, marginal: `moa/marginal/${pair}`, looker: Number(looker), foretold: Number(foretold) };
  });
}
