/** Settings as a person reads them. */
import * as z from 'zod';

/** Characters of a value in a label. */
const LONG = 24;
/** Points of a schedule that a label tells one by one. */
const POINTS = 3;

/** [fraction of run, value]. */
const scheduleSchema = z.array(z.tuple([z.number(), z.number()])).min(1);

/** A setting as it reads best: JSON without the quotes around text. */
export function settingText(json: string | undefined): string | undefined {
  return json?.startsWith('"') ? (JSON.parse(json) as string) : json;
}

/**
 * A setting in few words, for a label. Of a schedule, which is a list of [fraction of run, value], the values:
 * `0.002 to 0`. What is long otherwise is cut off.
 */
export function shortSettingText(json: string): string {
  const text = settingText(json)!;
  if (json.startsWith('[[')) {
    const { success, data } = scheduleSchema.safeParse(JSON.parse(json));
    if (success) {
      const values = data.map(([, value]) => String(value));
      const told = values.length > POINTS ? [values[0]!, '...', values.at(-1)!] : values;
      return told.join(' to ');
    }
  }
  return text.length > LONG ? `${text.slice(0, LONG - 3)}...` : text;
}
