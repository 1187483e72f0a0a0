/** Tables of options in Markdown, from the schemas that check them: of environments, algorithms and networks alike. */
import * as z from 'zod';

/** The parts of a JSON schema that options use. */
export interface OptionSchema {
  readonly type?: string;
  readonly default?: unknown;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly items?: OptionSchema;
  readonly properties?: Options;
  readonly anyOf?: readonly OptionSchema[];
}
export type Options = Readonly<Record<string, OptionSchema>>;

/** The options of an object schema, by name. */
export function optionsOf(schema: z.ZodType): Options {
  return z.toJSONSchema(schema, { io: 'input' }).properties as Options;
}

export function optionTable(options: Options): string {
  return table(
    ['option', 'values', 'default', 'meaning'],
    Object.entries(options).map(([name, option]) => [
      code(name),
      values(option),
      option.default === undefined ? 'none' : code(JSON.stringify(option.default)),
      option.description ?? '',
    ]),
  );
}

function values(option: OptionSchema): string {
  if (option.const !== undefined) return code(JSON.stringify(option.const));
  if (option.enum !== undefined) return option.enum.map((value) => code(JSON.stringify(value))).join(', ');
  if (option.anyOf !== undefined) {
    // A schedule is a number or points: what it may be at any time says all.
    const [first, ...rest] = option.anyOf;
    return rest.some(isPoints) ? `schedule of ${values(first!)}` : option.anyOf.map(values).join(' or ');
  }
  if (option.type === 'array') return `list of: ${values(option.items ?? {})}`;
  return `${option.type ?? 'any'}${range(option)}`;
}

/** Points that somebody gives in steps, as only schedules have them. */
const isPoints = ({ properties }: OptionSchema) =>
  properties?.unit !== undefined && properties.points !== undefined;

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: OptionSchema): string {
  // What every whole number is below is no bound of the option's own.
  const bounded = (limit: number | undefined) =>
    limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER ? limit : undefined;
  const low = bounded(minimum) ?? bounded(exclusiveMinimum);
  const high = bounded(maximum) ?? bounded(exclusiveMaximum);
  if (low === undefined && high === undefined) return '';
  if (high === undefined) return minimum === undefined ? ` above ${low}` : ` from ${low}`;
  if (low === undefined) return maximum === undefined ? ` below ${high}` : ` up to ${high}`;
  return ` in ${minimum === undefined ? '(' : '['}${low}, ${high}${maximum === undefined ? ')' : ']'}`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Inline code; a blank is shown as such. */
export function code(text: string): string {
  return text === ' ' ? 'blank' : `\`${text}\``;
}
