/** Numbers as a person reads them: in terminals, figures and tables. */

const UNITS = [
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** Below it a measured value is written with an exponent: zeros behind the point are not read. */
export const SMALL = 1e-3;
/** Up to it a value that is about 1 or less is what sums of doubles leave over of 0. */
export const ROUNDING = 1e-12;

/** At most `significant` digits with k, M or B: 15,234 as 15.2k, 10,000,000 as 10M, 0.00123 as it is. */
export function compact(value: number, significant = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'none' : value > 0 ? '∞' : '-∞';
  const rounded = Number(value.toPrecision(significant));
  const [size, unit] = UNITS.find(([least]) => Math.abs(rounded) >= least) ?? [1, ''];
  if (size === 1 && rounded !== 0 && Math.abs(rounded) < 1e-4) return rounded.toExponential();
  // Divided by a power of ten, digits would come back: 4,230,000 / 1e6 need not be 4.23 to the last bit.
  return `${Number((rounded / size).toPrecision(significant))}${unit}`;
}

/** A measured value: four digits without a unit while it is short, as `compact` beyond 10,000. */
export function measure(value: number): string {
  const size = Math.abs(value);
  if (size >= 9999.5) return compact(value);
  // From here on compact would take to k.
  return size >= 999.95 ? value.toFixed(0) : compact(value, 4);
}

/** Seconds as 0:42, 12:05 or 3:07:09. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  return whole < 3600
    ? `${minutes}:${two(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}
