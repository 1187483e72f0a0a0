/** Numbers as they are written everywhere. */

/** A return, whole where it is whole, with a minus sign as wide as a digit. */
export function format(value: number): string {
  const text = Number.isInteger(value) ? String(Math.abs(value)) : Math.abs(value).toFixed(1);
  return value < 0 ? `−${text}` : text;
}
