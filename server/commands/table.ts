/** Tables of text: columns as wide as their widest cell. */
import { ROUNDING, SMALL } from '../../agents/training/number-format.ts';

/** @param left columns that are aligned to the left; the others hold numbers. */
export function table(rows: readonly (readonly string[])[], left: readonly number[]): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, k) =>
    Math.max(...rows.map((row) => row[k]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, k) => (left.includes(k) ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!)))
      .join('  ')
      .trimEnd(),
  );
}

/** Four significant digits, and no exponent. */
export function digits(value: number): string {
  return value === 0
    ? '0'
    : Math.abs(value) >= 1000
      ? value.toFixed(0)
      : Number(value.toPrecision(4)).toString();
}

/** Of what may be tiny and is not nothing, such as influence: as `digits`, `3.35e-4` below a thousandth. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size <= ROUNDING) return '0';
  return size < SMALL ? Number(value.toPrecision(3)).toExponential() : digits(value);
}
