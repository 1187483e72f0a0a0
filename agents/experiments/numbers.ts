/** Numbers of a report: as many digits as say something, the same decimals for a mean and its interval, a true minus. */
import type { Estimate } from './results.ts';

const MINUS = '\u2212';

/** Decimals that show three digits of the largest of some values, and up to two more where they lie close together. */
function decimalsOf(values: readonly number[]): number {
  const largest = Math.max(...values.map(Math.abs));
  if (!(largest > 0)) return 0;
  const three = 2 - Math.floor(Math.log10(largest));
  const width = Math.max(...values) - Math.min(...values);
  const telling = width > 0 ? -Math.floor(Math.log10(width)) : three;
  return Math.min(6, Math.max(0, three, Math.min(three + 2, telling)));
}

export function human(value: number, decimals = decimalsOf([value])): string {
  if (Number.isNaN(value)) return '-';
  const text = Math.abs(value).toLocaleString('en', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  // What is rounded to nothing has no sign.
  return value < 0 && /[1-9]/.test(text) ? `${MINUS}${text}` : text;
}

/** `412 [380, 444]`; the mean alone where there is no interval, a dash where there is nothing. */
export function estimateText(estimate: Estimate | null): string {
  if (estimate === null) return '-';
  const { mean, low, high } = estimate;
  if (low === null || high === null) return human(mean);
  const decimals = decimalsOf([mean, low, high]);
  return `${human(mean, decimals)} ${intervalText(low, high, decimals)}`;
}

export function intervalText(low: number, high: number, decimals = decimalsOf([low, high])): string {
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
