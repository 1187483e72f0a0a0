/** Configurations of runs: YAML with settings from the command line on top, held against a strict zod schema. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, stringify } from 'yaml';
import type * as z from 'zod';
import { TrainingUsageError } from './errors.ts';
import { beginningWith, keysAt, nearest, type Path, placesOf } from './schema-keys.ts';

/** A configuration that cannot be run: one line a mistake, with file and line, the key and what would be right. */
export class ConfigError extends TrainingUsageError {
  override name = 'ConfigError';
}

export interface ConfigOptions {
  /** What errors call the text: a file's name. */
  readonly source: string;
  /** Settings that win over the text, `path=value` with the value in YAML: `algo.learningRate=1e-3`. */
  readonly overrides?: readonly string[];
}

/**
 * @param schema a strict object, whose inner objects are strict: others would let unknown keys pass.
 * @throws {ConfigError}
 */
export function parseConfig<S extends z.ZodType>(
  text: string,
  schema: S,
  { source, overrides = [] }: ConfigOptions,
): z.output<S> {
  const { value, lineOf } = readYaml(text, source);
  const settings = overrides.map(parseOverride);
  for (const { path, value: setting } of settings) setPath(value, path, setting);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) =>
    problemsOf(issue, schema, value).map(({ path, problem }) => {
      const override = settings.find(({ path: set }) => isInside(path, set));
      if (override !== undefined) return `${override.path} on the command line: ${problem}`;
      const line = lineOf(path);
      return `${source}${line === null ? '' : `, line ${line}`}: ${problem}`;
    }),
  );
  throw new ConfigError(problems.join('\n'));
}

/** A configuration as YAML that `parseConfig` reads; short lists stay on one line. */
export function formatConfig(config: unknown): string {
  return stringify(config, { collectionStyle: 'any', flowCollectionPadding: false, lineWidth: 110 });
}

/**
 * Sets what lies at a dotted path of `target`: `algo.learningRate`, `schedule.0` for an item of a list. Objects on the
 * way that are missing are made.
 * @throws {ConfigError} for a path that leads through something that has no fields.
 */
export function setPath(target: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split('.');
  if (keys.some((key) => key === '' || key === '__proto__')) {
    throw new ConfigError(
      `${JSON.stringify(path)} is no path: give names with dots, such as algo.learningRate`,
    );
  }
  const last = keys.pop()!;
  let here: unknown = target;
  for (const [depth, key] of keys.entries()) {
    const parent = container(here, keys.slice(0, depth), path);
    // Copied on the way: an alias of YAML is the same object in another place, which keeps what it says.
    parent[key] = Object.hasOwn(parent, key) ? shallowCopy(parent[key]) : {};
    here = parent[key];
  }
  const parent = container(here, keys, path);
  if (Array.isArray(parent) && !(/^\d+$/.test(last) && Number(last) <= parent.length)) {
    throw new ConfigError(
      `${path}: ${keys.join('.')} is a list of ${parent.length}, ${last} is none of its places`,
    );
  }
  parent[last] = value;
}

function shallowCopy(value: unknown): unknown {
  if (Array.isArray(value)) return [...value];
  return typeof value === 'object' && value !== null ? { ...value } : value;
}

function container(value: unknown, at: readonly string[], path: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new ConfigError(`${path}: ${at.join('.')} is ${show(value)} and has no fields`);
}

function parseOverride(text: string): { path: string; value: unknown } {
  const at = text.indexOf('=');
  if (at < 1) throw new ConfigError(`${text}: give path=value, for example algo.learningRate=1e-3`);
  const document = parseDocument(text.slice(at + 1));
  const [error] = document.errors;
  if (error !== undefined)
    throw new ConfigError(`${text}: the value is no YAML: ${firstLine(error.message)}`);
  return { path: text.slice(0, at), value: document.toJS() };
}

/** @returns the text's mapping, and where in it a path stands (from 1; null for what is not in it). */
function readYaml(
  text: string,
  source: string,
): { value: Record<string, unknown>; lineOf: (path: Path) => number | null } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const line = (offset: number) => lines.linePos(offset).line;
  const [error] = document.errors;
  if (error !== undefined) {
    throw new ConfigError(`${source}, line ${line(error.pos[0])}: not YAML: ${firstLine(error.message)}`);
  }
  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch (cause) {
    // Aliases that stand for nothing, or for more and more of themselves.
    throw new ConfigError(`${source}: not YAML: ${firstLine((cause as Error).message)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(`${source}: ${show(value)} where settings should be, such as\nalgo:\n  name: ppo`);
  }
  const lineOf = (path: Path) => {
    const offset = offsetOf(document.contents, path, (node) =>
      isAlias(node) ? node.resolve(document) : node,
    );
    return offset === null ? null : line(offset);
  };
  return { value: value as Record<string, unknown>, lineOf };
}

/** Where the key of a path stands, or the deepest one on its way that is there. */
function offsetOf(root: Node | null, path: Path, follow: (node: unknown) => unknown): number | null {
  let node: unknown = root;
  let offset: number | null = null;
  for (const key of path) {
    node = follow(node);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}

interface Problem {
  readonly path: Path;
  readonly problem: string;
}

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType, root: unknown): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      return { path, problem: `${dotted(path)} is unknown, ${suggestion(key, issue.path, schema)}` };
    });
  }
  const value = valueAt(root, issue.path);
  const name = issue.path.length === 0 ? 'the configuration' : dotted(issue.path);
  const state = value === undefined ? 'is missing' : `is ${show(value)}`;
  return [{ path: issue.path, problem: `${name} ${state}: ${remedy(issue, value)}` }];
}

function suggestion(key: string, parent: Path, schema: z.ZodType): string {
  const known = keysAt(schema, parent);
  const near = nearest(key, known);
  if (near !== null) return `did you mean ${dotted([...parent, near])}?`;
  const [elsewhere] = placesOf(schema, key);
  if (elsewhere !== undefined) return `did you mean ${elsewhere}?`;
  const longer = beginningWith(key, known).map((name) => dotted([...parent, name]));
  if (longer.length > 0) return `did you mean ${longer.join(' or ')}?`;
  return known.length === 0 ? 'nothing can be set there' : `there are ${known.join(', ')}`;
}

/** What would be right. A schema's own words win over ours. */
function remedy(issue: z.core.$ZodIssue, value: unknown): string {
  if (!/^(Invalid (input|option|discriminator)|Too (small|big))/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${WORDS[issue.expected] ?? `a ${issue.expected}`}`;
    case 'invalid_value':
      return oneOf(issue.values, value);
    case 'too_small':
      return `must ${bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)}`;
    case 'invalid_union': {
      const { options } = issue as { options?: readonly z.core.util.Primitive[] };
      if (options !== undefined && options.length > 0) return oneOf(options, value);
      const remedies = issue.errors.flatMap((branch) =>
        branch.map((inner) => {
          const inside = inner.path.length === 0 ? value : valueAt(value, inner.path);
          return `${inner.path.length === 0 ? '' : `${dotted(inner.path)} `}${remedy(inner, inside)}`;
        }),
      );
      return remedies.length === 0 ? issue.message : [...new Set(remedies)].join(', or ');
    }
    default:
      return issue.message;
  }
}

const WORDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a group of settings',
  record: 'a group of settings',
  null: 'null',
};

function bound(origin: string, how: string, limit: number | bigint): string {
  const plural = Number(limit) === 1 ? '' : 's';
  if (origin === 'array' || origin === 'set') return `have ${how} ${limit} item${plural}`;
  return origin === 'string' ? `have ${how} ${limit} character${plural}` : `be ${how} ${limit}`;
}

function oneOf(values: readonly unknown[], value: unknown): string {
  const near = typeof value === 'string' ? nearest(value, values.map(String)) : null;
  return `must be ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}${near === null ? '' : `; did you mean ${near}?`}`;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/** Whether a path of an issue is the one that was set, lies inside it, or around it. */
function isInside(path: Path, set: string): boolean {
  const here = dotted(path);
  return here === set || here.startsWith(`${set}.`);
}

const dotted = (path: Path) => path.map(String).join('.');
const firstLine = (text: string) => text.split('\n', 1)[0]!;

/** A value in few words. */
function show(value: unknown): string {
  if (typeof value === 'number') return Number.isNaN(value) ? 'not a number' : String(value);
  // JSON would write them as null.
  const named = (_: string, inner: unknown) =>
    typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner;
  const text = JSON.stringify(value, named) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
