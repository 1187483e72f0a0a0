/** What keys a zod schema knows where: for telling somebody which one was meant. */
import { distance } from 'fastest-levenshtein';
import type * as z from 'zod';

type Schema = z.core.$ZodType;
export type Path = readonly PropertyKey[];

/** The keys that an object may have at `path`; none where there is no object. */
export function keysAt(schema: Schema, path: Path): string[] {
  let schemas = alternatives(schema);
  for (const key of path) schemas = schemas.flatMap((parent) => child(parent, key)).flatMap(alternatives);
  return [...new Set(schemas.flatMap((found) => Object.keys(shapeOf(found))))];
}

/** Where else in a schema objects know `key`, as dotted paths. */
export function placesOf(schema: Schema, key: string, at: readonly string[] = []): string[] {
  // Schemas that hold themselves would have no end of places.
  if (at.length > 5) return [];
  const places = alternatives(schema).flatMap((found) =>
    Object.entries(shapeOf(found)).flatMap(([name, inner]) => [
      ...(name === key ? [[...at, name].join('.')] : []),
      ...placesOf(inner, key, [...at, name]),
    ]),
  );
  return [...new Set(places)];
}

/** The word that a mistyped one is likeliest to stand for; null if none is near. */
export function nearest(word: string, words: readonly string[]): string | null {
  const most = Math.max(1, Math.ceil(word.length / 3));
  let best: string | null = null;
  let least = most + 1;
  for (const candidate of words) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < least) {
      best = candidate;
      least = edits;
    }
  }
  return best;
}

/** The words that a shortened one may stand for. */
export function beginningWith(word: string, words: readonly string[]): string[] {
  return words.filter((candidate) => candidate.toLowerCase().startsWith(word.toLowerCase()));
}

/** As `nearest`, for names with parts, of which the last one alone may be given. */
export function nearestPath(word: string, names: readonly string[], separator: string): string | null {
  const lasts = names.map((name) => name.slice(name.lastIndexOf(separator) + 1));
  const last = nearest(word, lasts);
  return nearest(word, names) ?? (last === null ? null : names[lasts.indexOf(last)]!);
}

/** What a value may be, without wrappers such as defaults: the branches of unions one by one. */
function alternatives(schema: Schema): Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return alternatives(def.innerType);
    case 'pipe':
      return alternatives(def.in);
    case 'lazy':
      return alternatives(def.getter());
    case 'union':
      return def.options.flatMap(alternatives);
    case 'intersection':
      return [...alternatives(def.left), ...alternatives(def.right)];
    default:
      return [schema];
  }
}

function shapeOf(schema: Schema): Readonly<Record<string, Schema>> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === 'object' ? def.shape : {};
}

function child(schema: Schema, key: PropertyKey): Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object': {
      const inner = def.shape[String(key)];
      return inner === undefined ? [] : [inner];
    }
    case 'record':
      return [def.valueType];
    case 'array':
      return [def.element];
    case 'tuple': {
      const item = def.items[Number(key)] ?? def.rest;
      return item === null ? [] : [item];
    }
    default:
      return [];
  }
}
