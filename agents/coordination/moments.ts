/** Which moments are those of high influence. */

/** The share of all moments. */
const HIGH = 0.1;

/**
 * The tenth of the moments with the highest influence, rounded up. NaN is influence that is not known: such a moment is
 * neither chosen nor counted.
 *
 * Of moments with the same influence as the last that is chosen only some may be in the tenth: those are taken evenly over
 * the order of moments and not from its beginning. Where influence is the same everywhere that makes it every tenth moment;
 * where all but a few are exactly 0, players out of sight, say, the few are in and the rest is such zeros.
 * @param influence [count] nats. @param scratch [count] or longer, is overwritten.
 * @param out the places of what is chosen, ascending, from its start on; at least `highMoments(count)` long.
 * @returns how many those are.
 */
export function chooseHigh(
  influence: Float32Array,
  count: number,
  scratch: Float32Array,
  out: Uint32Array,
): number {
  let known = 0;
  for (let i = 0; i < count; i++) if (!Number.isNaN(influence[i]!)) scratch[known++] = influence[i]!;
  const wanted = highMoments(known);
  if (wanted === 0) return 0;
  scratch.subarray(0, known).sort();
  const threshold = scratch[known - wanted]!;
  let above = 0;
  let tied = 0;
  for (let i = known - 1; i >= 0 && scratch[i]! >= threshold; i--) {
    if (scratch[i]! > threshold) above++;
    else tied++;
  }
  // Of the tied ones, in their order, the i-th is taken where (i + 1) * share passes a whole number.
  const places = wanted - above;
  let chosen = 0;
  let met = 0;
  for (let i = 0; i < count; i++) {
    const value = influence[i]!;
    if (value > threshold) out[chosen++] = i;
    else if (value === threshold) {
      const before = Math.floor((met * places) / tied);
      met++;
      if (Math.floor((met * places) / tied) > before) out[chosen++] = i;
    }
    // The last comparison is false for NaN, as the first is.
  }
  return chosen;
}

/** How many of `count` moments are of high influence. */
export function highMoments(count: number): number {
  return Math.ceil(count * HIGH);
}
