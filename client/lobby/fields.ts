/** Form fields from a zod schema: kind, bounds, default and help text all come from the one place that checks them. */
import * as z from 'zod';

export type FieldKind = 'integer' | 'number' | 'boolean' | 'choice' | 'text' | 'lines' | 'numbers';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly kind: FieldKind;
  readonly choices: readonly string[];
  readonly min: number | null;
  readonly max: number | null;
  /** What holds while the field is empty; undefined where nothing does. */
  readonly fallback: unknown;
}

interface Property {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Property;
}

/** Fields in the schema's order; what no field can hold (records, lists of choices) is left out. */
export function fieldsOf(schema: z.ZodType): Field[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' }) as {
    readonly properties?: Record<string, Property>;
  };
  return Object.entries(properties).flatMap(([name, property]) => {
    const kind = kindOf(property);
    if (kind === null) return [];
    return {
      name,
      label: labelOf(name),
      help: property.description ?? '',
      kind,
      choices: property.enum ?? [],
      min: bound(property.minimum),
      max: bound(property.maximum),
      fallback: property.default,
    };
  });
}

function kindOf(property: Property): FieldKind | null {
  if (property.enum) return 'choice';
  switch (property.type) {
    case 'integer':
    case 'number':
    case 'boolean':
      return property.type;
    case 'string':
      return 'text';
    case 'array':
      if (property.items?.enum) return null;
      return property.items?.type === 'number' || property.items?.type === 'integer'
        ? 'numbers'
        : property.items?.type === 'string'
          ? 'lines'
          : null;
    default:
      return null;
  }
}

/** The bounds that only say "a safe integer" are no help to anybody. */
function bound(value: number | undefined): number | null {
  return value === undefined || Math.abs(value) === Number.MAX_SAFE_INTEGER ? null : value;
}

/** `lockstepTimeout` as `Lockstep timeout`. */
export function labelOf(name: string): string {
  const words = name.replace(/([A-Z])/g, ' $1').toLowerCase();
  return words[0]!.toUpperCase() + words.slice(1);
}

/**
 * What was typed, as the value that the schema checks; undefined for an empty field, so that its default holds. Text
 * that is no number goes through as text, so that the schema says what is wrong.
 */
export function readField({ kind }: Field, text: string): unknown {
  if (kind === 'lines')
    return text.trim() === ''
      ? undefined
      : text
          .replace(/\r/g, '')
          .replace(/^\n+|\n+$/g, '')
          .split('\n');
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (kind === 'integer' || kind === 'number') return numeric(trimmed);
  if (kind === 'numbers') return trimmed.split(/[\s,;]+/).map(numeric);
  if (kind === 'boolean') return trimmed === 'true';
  return trimmed;
}

function numeric(text: string): number | string {
  const value = Number(text);
  return Number.isNaN(value) ? text : value;
}
