/** Numbers of a report: as many digits as say something, the same for a mean and its interval, a true minus. */
import { ROUNDING, SMALL } from '../training/number-format.ts';
import type { Estimate } from './results.ts';

const MINUS = '\u2212';

/** How values that stand together are written: with so many decimals, of the number or of what is before its exponent. */
interface Style {
  readonly decimals: number;
  readonly exponent: boolean;
}

/** Three digits of the largest of some values, and up to two more where they lie close together. */
function styleOf(values: readonly number[]): Style {
  const largest = Math.max(...values.map(Math.abs));
  if (!(largest > ROUNDING)) return { decimals: 0, exponent: false };
  const three = 2 - Math.floor(Math.log10(largest));
  const width = Math.max(...values) - Math.min(...values);
  const telling = width > 0 ? -Math.floor(Math.log10(width)) : three;
  const decimals = Math.max(three, Math.min(three + 2, telling));
  return largest < SMALL
    ? { decimals: decimals - three + 2, exponent: true }
    : { decimals: Math.min(6, Math.max(0, decimals)), exponent: false };
}

function written(value: number, { decimals, exponent }: Style): string {
  if (Number.isNaN(value)) return '-';
  const size = Math.abs(value);
  if (exponent && size <= ROUNDING) return '0';
  const text = exponent
    ? size.toExponential(decimals)
    : size.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  // What is rounded to nothing has no sign.
  return value < 0 && /[1-9]/.test(text) ? `${MINUS}${text}` : text;
}

/** With three digits, `3.35e-4` below a thousandth; or with so many decimals. */
export function human(value: number, decimals?: number): string {
  return written(value, decimals === undefined ? styleOf([value]) : { decimals, exponent: false });
}

/** `412 [380, 444]`; the mean alone where there is no interval, a dash where there is nothing. */
export function estimateText(estimate: Estimate | null): string {
  if (estimate === null) return '-';
  const { mean, low, high } = estimate;
  if (low === null || high === null) return human(mean);
  const style = styleOf([mean, low, high]);
  return `${written(mean, style)} [${written(low, style)}, ${written(high, style)}]`;
}

export function intervalText(low: number, high: number, decimals: number): string {
  return `[${human(low, decimals)}, ${human(high, decimals)}]`;
}

/** `0, 1 and 2`. */
export function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}

/** `3 seeds`, `1 seed`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}
