/**
 * Entropy, mutual information and speaker consistency of tables of counts: how often two things were seen together.
 *
 * A table is float64 [rows * columns], row-major: entry i * columns + j counts that row i and column j came together.
 * Everything is of the plug-in distribution p(i, j) = count / n, in nats, in float64, good to about 1e-15 * log n. Plug-in
 * estimates from few samples are off: entropies are too low, and mutual information too high by about
 * (rows - 1)(columns - 1) / 2n. So a value means something beside what shuffled samples give; `samples.ts` measures both.
 */

/** x log x, 0 at 0. */
function xLogX(x: number): number {
  return x > 0 ? x * Math.log(x) : 0;
}

/**
 * H = -sum p log p of `length` counts, in [0, log length].
 * @param counts not negative; those at offset, offset + stride, ...
 * @throws {RangeError} for no samples.
 */
export function entropy(counts: Float64Array, length = counts.length, offset = 0, stride = 1): number {
  let n = 0;
  let sum = 0;
  for (let i = 0, at = offset; i < length; i++, at += stride) {
    n += counts[at]!;
    sum += xLogX(counts[at]!);
  }
  if (n === 0) throw new RangeError('no samples: the entropy of nothing is not defined');
  // Rounding can leave an entropy that is 0 a little below it.
  return Math.max(0, Math.log(n) - sum / n);
}

/**
 * H(column | row) = sum over i of p(i) H(p(. | i)), in [0, log columns]; 0 where the row tells the column.
 * @throws {RangeError} for no samples, or a table of another size.
 */
export function conditionalEntropy(counts: Float64Array, rows: number, columns: number): number {
  checkSize(counts, rows, columns);
  let n = 0;
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    let row = 0;
    for (let j = 0; j < columns; j++) row += counts[i * columns + j]!;
    if (row === 0) continue;
    n += row;
    sum += row * entropy(counts, columns, i * columns);
  }
  if (n === 0) throw new RangeError('no samples: the conditional entropy of nothing is not defined');
  return sum / n;
}

/**
 * I = sum p(i, j) log( p(i, j) / p(i) p(j) ), in [0, min(log rows, log columns)]: 0 for what is independent.
 *
 * Computed as log n + (sum f(n_ij) - sum f(n_i) - sum f(n_j)) / n with f(x) = x log x, so that nothing is divided by a
 * count of 0 and no memory is needed.
 * @throws {RangeError} for no samples, or a table of another size.
 */
export function mutualInformation(counts: Float64Array, rows: number, columns: number): number {
  checkSize(counts, rows, columns);
  let n = 0;
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    let row = 0;
    for (let j = 0; j < columns; j++) {
      const count = counts[i * columns + j]!;
      row += count;
      sum += xLogX(count);
    }
    n += row;
    sum -= xLogX(row);
  }
  if (n === 0) throw new RangeError('no samples: the mutual information of nothing is not defined');
  for (let j = 0; j < columns; j++) {
    let column = 0;
    for (let i = 0; i < rows; i++) column += counts[i * columns + j]!;
    sum -= xLogX(column);
  }
  return Math.max(0, Math.log(n) + sum / n);
}

export interface SpeakerConsistency {
  /** In [0, 1]: 1 where symbol and action tell each other. */
  readonly consistency: number;
  /** How many symbols occurred at all, at least 1. */
  readonly symbolsUsed: number;
  readonly actionsUsed: number;
}

/**
 * Speaker consistency: how far a player's symbol m tells its action a at the same step, and the other way round,
 *
 *     SC = 1/2 [ mean over a of (1 - H(p(m|a)) / log |M|) + mean over m of (1 - H(p(a|m)) / log |A|) ],
 *
 * the means over the actions and the symbols that occurred, each counting the same however often it did. So rare ones
 * weigh much: a symbol that was used once is perfectly consistent. And a speaker that always says the same has at least
 * 1/2, since its symbol is certain; that is why how many were used is told too.
 * Source: Jaques et al. 2019, "Social influence as intrinsic motivation", on influential communication.
 * @param counts [M, A], a row a symbol. @param symbols M, at least 2. @param actions A, at least 2.
 * @throws {RangeError} for no samples, a table of another size, or fewer than two symbols or actions.
 */
export function speakerConsistency(
  counts: Float64Array,
  symbols: number,
  actions: number,
): SpeakerConsistency {
  if (symbols < 2 || actions < 2) {
    throw new RangeError(
      `speaker consistency of ${symbols} symbols and ${actions} actions: there must be at least 2 of both, since one alone tells nothing`,
    );
  }
  checkSize(counts, symbols, actions);
  let ofActions = 0;
  let symbolsUsed = 0;
  for (let m = 0; m < symbols; m++) {
    if (!occurs(counts, actions, m * actions, 1)) continue;
    symbolsUsed++;
    ofActions += 1 - entropy(counts, actions, m * actions) / Math.log(actions);
  }
  if (symbolsUsed === 0) throw new RangeError('no samples: nothing was said');
  let ofSymbols = 0;
  let actionsUsed = 0;
  for (let a = 0; a < actions; a++) {
    if (!occurs(counts, symbols, a, actions)) continue;
    actionsUsed++;
    ofSymbols += 1 - entropy(counts, symbols, a, actions) / Math.log(symbols);
  }
  // Rounding can leave an entropy that is log |M| a little above it.
  const consistency = Math.max(0, (ofSymbols / actionsUsed + ofActions / symbolsUsed) / 2);
  return { consistency, symbolsUsed, actionsUsed };
}

/** Whether any of `length` counts is not 0. */
function occurs(counts: Float64Array, length: number, offset: number, stride: number): boolean {
  for (let i = 0, at = offset; i < length; i++, at += stride) if (counts[at]! > 0) return true;
  return false;
}

/** @throws {RangeError} */
function checkSize(counts: Float64Array, rows: number, columns: number): void {
  if (counts.length !== rows * columns) {
    throw new RangeError(
      `a table of ${rows} rows and ${columns} columns has ${rows * columns} counts, not ${counts.length}`,
    );
  }
}
