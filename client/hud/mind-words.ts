/** How a mind is told in words and numbers. */

/** Short enough for a column, and as the player would see it. */
export function shortAction(label: string | undefined): string {
  if (label === 'backward') return 'back';
  if (label === 'turn clockwise') return 'turn right';
  if (label === 'turn counter-clockwise') return 'turn left';
  return label ?? '–';
}

export function percent(p: number): string {
  return `${Math.round(100 * p)}%`;
}

/** Influence in thousandths of a nat, with figures that mean something. */
export function millinats(nats: number): string {
  const value = 1000 * nats;
  if (value <= 0) return '0';
  if (value < 0.01) return '<0.01';
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** A value, which is small where rewards were scaled down for learning. */
export function valueText(value: number): string {
  const size = Math.abs(value);
  const text = size >= 100 ? size.toFixed(0) : size >= 10 ? size.toFixed(1) : size.toFixed(2);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** The likeliest of A actions. */
export function likeliest(likely: Float32Array): number {
  let best = 0;
  for (let a = 1; a < likely.length; a++) if (likely[a]! > likely[best]!) best = a;
  return best;
}
