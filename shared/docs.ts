/**
 * The environments' reference as Markdown, from the registry itself: what is written about an option, an action or a
 * colour is what the code says. `docs/generate.ts` writes the file.
 */
import { type EnvironmentDefinition, type EnvironmentKind, parseOptions } from './definition.ts';
import type { GridDefinition } from './grid/definition.ts';
import type { Legend, Tile } from './grid/map.ts';
import { code, type Options, optionsOf, optionTable, table } from './option-tables.ts';
import { CLASS_NAMES, ClassId, PALETTE } from './palette.ts';

/** The whole document. */
export function environmentsMarkdown(definitions: readonly EnvironmentDefinition[]): string {
  const shared = common(definitions.map(({ schema }) => optionsOf(schema)));
  const parts = KINDS.flatMap(({ kind, about, title }) => {
    const group = definitions.filter((definition) => definition.kind === kind);
    const options = group.map((definition) => without(optionsOf(definition.schema), shared));
    // What the only one of its kind has is its own.
    const alike = group.length > 1 ? common(options) : {};
    return [
      ...about,
      ...(Object.keys(alike).length > 0 ? [`## Options of every ${title}\n\n${optionTable(alike)}`] : []),
      ...group.map((definition, i) => environmentSection(definition, without(options[i]!, alike))),
    ];
  });
  const everywhere = [
    INTRODUCTION,
    kindTable(definitions),
    REWARDS,
    `## Options of every environment\n\n${optionTable(shared)}`,
  ];
  return `${[...everywhere, ...parts].join('\n\n')}\n`;
}

function kindTable(definitions: readonly EnvironmentDefinition[]): string {
  return table(
    ['environment', 'name', 'kind', 'players', 'steps'],
    definitions.map((definition) => {
      const options = parseOptions(definition, {});
      const { title, name, kind } = definition;
      return [title, code(name), kind, String(options.players), String(options.episodeLength)];
    }),
  );
}

function environmentSection(definition: EnvironmentDefinition, own: Options): string {
  const parts = [
    `## ${definition.title} (\`${definition.name}\`)`,
    definition.summary,
    `Source: ${definition.source}`,
    definition.details.join('\n'),
    `### Actions of ${definition.title}`,
    table(
      ['action', 'name'],
      definition.actions.map((label, action) => [String(action), label]),
    ),
    `### Presets of ${definition.title}`,
    table(['preset', 'differs from the defaults by'], Object.entries(definition.presets).map(presetRow)),
  ];
  if (Object.keys(own).length > 0) parts.push(`### Options of ${definition.title} alone`, optionTable(own));
  if ('legend' in definition) parts.push(...mapSection(definition as GridDefinition));
  return parts.join('\n\n');
}

function presetRow([name, options]: [string, Readonly<Record<string, unknown>>]): string[] {
  const differences = Object.entries(options).map(([option, value]) => `${option} ${JSON.stringify(value)}`);
  return [code(name), differences.length > 0 ? differences.map(code).join(', ') : 'nothing'];
}

function mapSection({ title, map, legend }: GridDefinition): string[] {
  const letters = map.join('');
  const count = (letter: string) => letters.split(letter).length - 1;
  return [
    `### Map of ${title}`,
    `${map[0]!.length} columns, ${map.length} rows:`,
    ['```', ...map, '```'].join('\n'),
    table(
      ['letter', 'cell at the start', 'cells'],
      Object.entries(legend as Legend).map(([letter, tile]) => [
        code(letter),
        describeTile(tile),
        String(count(letter)),
      ]),
    ),
  ];
}

function describeTile({ id, site, spawn }: Tile): string {
  const notes = [spawn === true ? 'a spawn point' : '', site === undefined ? '' : `a site of kind ${site}`];
  return [CLASS_NAMES[id]!, ...notes.filter((note) => note !== '')].join(', ');
}

/** Options that all environments have, alike. */
function common(all: readonly Options[]): Options {
  const [first = {}, ...rest] = all;
  const same = (name: string) =>
    rest.every((other) => JSON.stringify(other[name]) === JSON.stringify(first[name]));
  return Object.fromEntries(Object.entries(first).filter(([name]) => same(name)));
}

function without(options: Options, left: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !(name in left)));
}

function classTable(): string {
  const colour = (id: number) => PALETTE.subarray(3 * id, 3 * id + 3).join(', ');
  const rows = CLASS_NAMES.map((name, id) => [String(id), name, colour(id)]);
  const players = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => [
    String(ClassId.player + i),
    `player ${i}`,
    colour(ClassId.player + i),
  ]);
  return `### Class ids and colours\n\n${table(['id', 'what', 'RGB'], [...rows, ...players])}\n\nPlayer i has id ${ClassId.player} + i, its own included. Ids ${CLASS_NAMES.length} to ${ClassId.player - 1} are free. From player 10 on no colour is used twice. In the published palette player 5 and the cleaning beam share a colour, floor and outside too, river and stream too: class ids tell them apart.`;
}

const INTRODUCTION = `# Environments

Written by \`npm run docs\` from \`shared/registry.ts\`: edit \`shared/docs.ts\` or the environment's file, not this one.

An *environment step* is one joint action: every player acts at once. A *player step* is one action of one player, so an
environment step is N of them.

Where several can play, \`leaders\` are asked for their actions first, and the others choose knowing these; the joint action
takes effect at once as ever. With \`revealActions\` everybody also sees what all did in the last step. Both are carried out
by whoever trains or evaluates, beside the observations below; rooms take no leaders.

A *dilemma* is played by several on a grid: it can be watched, played in rooms and learned. A *control* environment has
one player and a few numbers for a state, with nothing to draw: it is for learning only, a known task to hold a learner
against. A *matrix* game is the same for several players.`;

const GRID = `## What environments on a grid share

Cells lie in rows from the top and columns from the left, both from 0. A player has a cell and a facing. Actions that
step are relative to the facing. A step has these phases:

1. Turns and moves, resolved together.
   1. A step into a wall or off the map is a stay.
   2. Of several players that want one cell, one keeps its step, each with the same probability; the others stay.
   3. Until nothing changes: a step into a cell whose occupant stays is a stay, and two that want each other's cell stay.
   4. All that remain happen at once: chains move as one, cycles of four and more rotate.
2. Whoever stands on an apple eats it, for \`appleReward\`.
3. Beams, in random player order. A beam is parallel rays of equal length: the middle one starts ahead of the player, the
   others beside it. A ray stops at a wall, which it does not cover, and at the first player, which it does. The fining
   beam costs the one who fires \`fineCost\` and each player it hits \`finePenalty\`. The cleaning beam also stops at the
   first waste, which it covers and cleans, as it does waste under a player that stops it; it costs nobody anything.
4. Growth, by the environment's own rules, which count what was there before this phase.
5. Observations and rewards.

Players never share a cell. An episode starts with players on random spawn points with random facings, and is truncated,
never terminated, after \`episodeLength\` steps.

An observation is the window around the player, turned so that its facing is up; cells off the map are \`outside\`. It
comes as class ids, \`ids\`, uint8 [height, width], or as colours, \`rgb\`, uint8 [height, width, 3]. From bottom to top a
cell shows its ground, apple or waste, player, beam; of two beams the one fired later.`;

const REWARDS = `## Rewards

\`reward\` says what a player is paid, from the raw rewards r of all N:

| reward | u_i |
| --- | --- |
| \`individual\` | r_i |
| \`collective\` | sum_j r_j |
| \`inequity\` (Hughes et al. 2018) | r_i - alpha / (N - 1) sum_j max(e_j - e_i, 0) - beta / (N - 1) sum_j max(e_i - e_j, 0), e = smoothing * e + r |
| \`svo\` (McKee et al. 2020) | r_i - weight * abs(angle - atan2(mean of the others' r, r_i)), and 0 where all r are 0 |`;

const OUTCOMES = `### Social outcome metrics

Per episode of T steps, R_i the sum of i's raw rewards, C_i the apples it ate (Perolat et al. 2017):

| metric | |
| --- | --- |
| collective return | sum_i R_i |
| efficiency | sum_i R_i / T |
| equality | 1 - sum_ij abs(C_i - C_j) / (2 N sum_i C_i); 1 where nothing was eaten |
| sustainability | mean over players that ate of the mean step at which they ate |
| peace | (N T - player steps timed out) / T; where nobody is ever timed out, hits and fines per player step are beside it |`;

const CONTROL = `## What control environments share

There is one player. The state is a few float64, the observation a few float32, \`state\`: the same bytes on every machine
and in every browser, sines and cosines included. An episode is terminated by the rules (the value of what follows is 0)
or truncated after \`episodeLength\` steps (it is that of the final observation), never both: in the last step allowed, an end
by the rules is one.`;

const MATRIX = `## What matrix games share

There are several players, and what they are paid fits in a small table. The state is a few float64, a player's
observation a few float32, \`state\`, the same bytes on every machine. Everybody sees everybody. Episodes end as in control
environments, for all players at once.`;

/** Kinds in the order of the document, with what is said of each before its environments. */
const KINDS: readonly {
  readonly kind: EnvironmentKind;
  readonly title: string;
  readonly about: readonly string[];
}[] = [
  { kind: 'dilemma', title: 'environment on a grid', about: [GRID, classTable(), OUTCOMES] },
  { kind: 'control', title: 'control environment', about: [CONTROL] },
  { kind: 'matrix', title: 'matrix game', about: [MATRIX] },
];
