/**
 * A playthrough is an episode's beginning as text that people can read and compare: the joint actions, where players
 * stand after them, or what they observe where there is no grid, rewards, events, apples and waste where their number
 * changed, and every ten steps a hash of the whole state. After the end of an episode another starts, whose first step comes
 * next. Replaying takes the actions from the text, so that a difference is one of the rules.
 */
import { type Environment, EVENT_NAMES } from '../../shared/environment.ts';
import { hashText } from '../../shared/hash.ts';
import { CLASS_NAMES, ClassId } from '../../shared/palette.ts';
import { deriveSeed, Random } from '../../shared/random.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { actionBuffer, drawActions, observationBuffer } from '../conformance/play.ts';

const ARROWS = ['^', '>', 'v', '<'];
const HASH_EVERY = 10;

export interface Header {
  readonly environment: string;
  readonly preset: string;
  readonly seed: number;
  readonly steps: number;
}

/** What a step came to, by field; the text holds `name: value` parts in this order. */
export type Fields = ReadonlyMap<string, string>;

export interface Playthrough {
  readonly header: Header;
  /** The reset, then each step. */
  readonly steps: readonly Fields[];
}

/** Plays `header.steps` steps, with the actions of `recorded` or, without, random ones. */
export function play(header: Header, recorded?: Playthrough): Playthrough {
  const environment = makeEnvironment(header.environment, { preset: header.preset });
  environment.reset(header.seed);
  const random = new Random().seed(header.seed);
  const actions = actionBuffer(environment.actionSpec, environment.players);
  const rewards = new Float32Array(environment.players);
  const steps = [new Map([...places(environment), ['hash', hashText(environment.hash())]])];
  let contents = cellCounts(environment);
  if (contents !== '') steps[0]!.set('cells', contents);
  for (let step = 1; step <= header.steps; step++) {
    const given = recorded?.steps[step]?.get('actions');
    if (given !== undefined) actions.set(given.split(' ').map(Number));
    else drawActions(environment.actionSpec, random, actions);
    if (environment.done) environment.reset(deriveSeed(header.seed, step));
    environment.step(actions, rewards);
    const fields = new Map([
      ['actions', actions.join(' ')],
      ...places(environment),
      ['rewards', rewards.join(' ')],
    ]);
    if (environment.events.count > 0) fields.set('events', events(environment));
    if (contents !== (contents = cellCounts(environment))) fields.set('cells', contents);
    if (environment.terminated.includes(1)) fields.set('ended', 'terminated');
    if (environment.truncated.includes(1)) fields.set('ended', 'truncated');
    if (step % HASH_EVERY === 0) fields.set('hash', hashText(environment.hash()));
    steps.push(fields);
  }
  return { header, steps };
}

/** Row, column and facing of each player; where there is no grid, what all observe, to the digits that tell float32 apart. */
function places(environment: Environment): [string, string][] {
  const { grid, players } = environment;
  if (grid === null) {
    return Object.entries(environment.observationSpecs).map(([encoding, spec]) => {
      const out = observationBuffer(spec, players);
      environment.observe(encoding, out);
      return [encoding, Array.from(out, (value) => Number(value.toPrecision(9))).join(' ')];
    });
  }
  const all = Array.from(
    { length: players },
    (_, i) => `${grid.row(i)},${grid.column(i)}${ARROWS[grid.facing(i)]}`,
  );
  return [['players', all.join(' ')]];
}

/** How many cells there are of each class that can change. */
function cellCounts({ grid }: Environment): string {
  if (grid === null) return '';
  const cells = new Uint8Array(grid.width * grid.height);
  grid.readCells(cells);
  const count = (id: number) => cells.reduce((sum, cell) => sum + (cell === id ? 1 : 0), 0);
  return [ClassId.apple, ClassId.waste].map((id) => `${CLASS_NAMES[id]} ${count(id)}`).join(', ');
}

function events({ events: { count, kind, player, target, cell }, grid }: Environment): string {
  return Array.from({ length: count }, (_, k) => {
    const name = EVENT_NAMES[kind[k]!]!;
    const who = name === 'hit' ? `${player[k]}>${target[k]}` : `${player[k]}`;
    const at = grid === null ? '' : ` at ${Math.floor(cell[k]! / grid.width)},${cell[k]! % grid.width}`;
    return `${name} ${who}${at}`;
  }).join(', ');
}

export function format({ header, steps }: Playthrough): string {
  const lines = steps.map(
    (fields, step) => `${step} | ${[...fields].map(([name, value]) => `${name}: ${value}`).join(' | ')}`,
  );
  return `${Object.entries(header)
    .map(([name, value]) => `${name}: ${value}`)
    .join(' | ')}\n${lines.join('\n')}\n`;
}

/** The inverse of `format`. */
export function parse(text: string): Playthrough {
  const fields = (parts: string[]): Fields =>
    new Map(parts.map((part) => [part.slice(0, part.indexOf(': ')), part.slice(part.indexOf(': ') + 2)]));
  const [first, ...lines] = text.trimEnd().split('\n');
  const header = fields(first!.split(' | '));
  return {
    header: {
      environment: header.get('environment') ?? '',
      preset: header.get('preset') ?? '',
      seed: Number(header.get('seed')),
      steps: Number(header.get('steps')),
    },
    steps: lines.map((line) => fields(line.split(' | ').slice(1))),
  };
}

/**
 * The first place where two playthroughs part, as a sentence; null where they do not. Hashes come last: where only they
 * differ, the state is kept in another way and everything that can be seen is as it was.
 */
export function difference(recorded: Playthrough, found: Playthrough): string | null {
  const seen = firstDifference(recorded, found, (name) => name !== 'hash');
  if (seen !== null) return seen;
  const hashed = firstDifference(recorded, found, (name) => name === 'hash');
  return hashed === null
    ? null
    : `${hashed} (only hashes differ: the same happens, the state is kept in another way)`;
}

function firstDifference(
  recorded: Playthrough,
  found: Playthrough,
  compared: (name: string) => boolean,
): string | null {
  for (let step = 0; step < Math.max(recorded.steps.length, found.steps.length); step++) {
    const before = recorded.steps[step] ?? new Map();
    const after = found.steps[step] ?? new Map();
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const [was, is] = [before.get(name), after.get(name)];
      if (compared(name) && was !== is)
        return `step ${step}, ${name}: recorded ${was ?? 'none'}, now ${is ?? 'none'}`;
    }
  }
  return null;
}
