/** Choosing from rows of probabilities or values, as typed arrays: needs nothing that computes with tensors. */

/**
 * Draws an index by the inverse of the cumulative sum.
 *
 * Float32 probabilities may sum to a little less than 1: what is missing goes to the last index that can be drawn at
 * all, so that no action with probability 0 is ever returned.
 * @param probabilities float32; `count` of them from `offset` on, not all 0.
 * @param u uniform in [0, 1).
 * @returns an index in [0, count).
 */
export function sample(probabilities: Float32Array, offset: number, count: number, u: number): number {
  let sum = 0;
  let possible = 0;
  for (let i = 0; i < count; i++) {
    const p = probabilities[offset + i]!;
    if (p <= 0) continue;
    sum += p;
    if (u < sum) return i;
    possible = i;
  }
  return possible;
}

/** The index in [0, count) of the largest of `count` values from `offset` on; the first of equals. */
export function argmax(values: Float32Array, offset: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[offset + i]! > values[offset + best]!) best = i;
  return best;
}
