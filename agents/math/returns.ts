/**
 * Returns and advantages of rollouts, over typed arrays that the caller owns: nothing is allocated.
 *
 * Arrays are time-major, [T, B]: element t * B + b is step t of column b, and columns know nothing of each other. Values
 * are of the observation before the step unless said. A step that ends an episode is told apart: after a terminated one
 * nothing follows, and its next value is 0; a truncated one was merely cut, and its next value is that of the final
 * observation, which is not the observation of the row after it.
 */

/** How episodes end within a rollout. */
export interface Ends {
  /** [T, B] 0 or 1: the column's episode ended with this step, either way. */
  readonly ended: Uint8Array;
  /** [T, B] 0 or 1: it ended by the rules. Only where `ended` is 1. */
  readonly terminated: Uint8Array;
}

/** What a rollout measures, in steps and columns. */
export interface Extent {
  /** T. */
  readonly steps: number;
  /** B. */
  readonly columns: number;
}

export interface AdvantageArguments extends Ends, Extent {
  /** [T, B] float32. */
  readonly rewards: Float32Array;
  /** [T, B] float32, V(o_t). */
  readonly values: Float32Array;
  /** [T, B] float32, V(final observation); read only where `ended` is 1 and `terminated` 0. */
  readonly bootstrap: Float32Array;
  /** [B] float32, V of the observation after the last row; read only where that row did not end an episode. */
  readonly lastValues: Float32Array;
  /** Discount of a step, in [0, 1]. */
  readonly gamma: number;
  /** In [0, 1]: 0 is the one-step TD error, 1 the Monte Carlo return minus the value. */
  readonly lambda: number;
  /** Out: [T, B] float32. */
  readonly advantages: Float32Array;
  /** Out: [T, B] float32, advantages + values: the value head's targets. */
  readonly returns: Float32Array;
}

/**
 * Generalized advantage estimation:
 * delta_t = r_t + gamma V_{t+1} - V_t and A_t = delta_t + gamma lambda A_{t+1}, where A_{t+1} counts as 0 after an
 * ended step and after the last row.
 *
 * Source: Schulman et al. 2016, "High-dimensional continuous control using generalized advantage estimation".
 */
export function generalizedAdvantages({
  rewards,
  values,
  ended,
  terminated,
  bootstrap,
  lastValues,
  steps,
  columns,
  gamma,
  lambda,
  advantages,
  returns,
}: AdvantageArguments): void {
  const last = (steps - 1) * columns;
  const decay = gamma * lambda;
  for (let i = steps * columns - 1; i >= 0; i--) {
    const inside = i < last;
    let next: number;
    let carried = 0;
    if (ended[i] === 1) {
      next = terminated[i] === 1 ? 0 : bootstrap[i]!;
    } else if (inside) {
      next = values[i + columns]!;
      carried = advantages[i + columns]!;
    } else {
      next = lastValues[i - last]!;
    }
    const value = values[i]!;
    const advantage = rewards[i]! + gamma * next - value + decay * carried;
    advantages[i] = advantage;
    returns[i] = advantage + value;
  }
}

export interface DiscountedReturnArguments extends Ends, Extent {
  /** [T, B] float32. */
  readonly rewards: Float32Array;
  /** [T, B] float32, V(final observation) of truncated steps; null for no critic: 0. */
  readonly bootstrap: Float32Array | null;
  /** [B] float32, V of the observation after the last row; null for no critic: 0. */
  readonly lastValues: Float32Array | null;
  /** Discount of a step, in [0, 1]. */
  readonly gamma: number;
  /** Out: [T, B] float32. */
  readonly returns: Float32Array;
}

/**
 * Reward-to-go: G_t = r_t + gamma G_{t+1}, where G_{t+1} is 0 after a terminated step, the bootstrap after a truncated
 * one, and `lastValues` after the last row.
 *
 * Source: Williams 1992 (REINFORCE); Sutton & Barto 2018, equation 3.9.
 */
export function discountedReturns({
  rewards,
  ended,
  terminated,
  bootstrap,
  lastValues,
  steps,
  columns,
  gamma,
  returns,
}: DiscountedReturnArguments): void {
  const last = (steps - 1) * columns;
  for (let i = steps * columns - 1; i >= 0; i--) {
    let next = 0;
    if (ended[i] === 1) {
      if (terminated[i] !== 1 && bootstrap !== null) next = bootstrap[i]!;
    } else if (i < last) {
      next = returns[i + columns]!;
    } else if (lastValues !== null) {
      next = lastValues[i - last]!;
    }
    returns[i] = rewards[i]! + gamma * next;
  }
}

/** What the forms with one discount a step take; a discount of 0 says that nothing follows. */
export interface TransitionArguments extends Extent {
  /** [T, B] float32. */
  readonly rewards: Float32Array;
  /** [T, B] float32, gamma, or 0 where the step terminated the episode. */
  readonly discounts: Float32Array;
  /** [T, B] float32, the value of the observation that the step led to: of the final one where it ended an episode. */
  readonly nextValues: Float32Array;
  /** [T, B] 0 or 1: nothing of later rows may be counted into this step; null where no episode is truncated. */
  readonly ended: Uint8Array | null;
  /** Out: [T, B] float32. */
  readonly returns: Float32Array;
}

/**
 * Lambda returns: G_t = r_t + d_t [(1 - lambda) V_{t+1} + lambda G_{t+1}], with V_{t+1} for G_{t+1} after an ended step
 * and after the last row. Minus V_t they are the TD(lambda) errors.
 *
 * Source: Sutton & Barto 2018, section 12.8, with the reward's index that of the step that earned it.
 */
export function lambdaReturns({
  rewards,
  discounts,
  nextValues,
  ended,
  steps,
  columns,
  lambda,
  returns,
}: TransitionArguments & {
  /** In [0, 1]: 0 is the one-step target, 1 the discounted return. */
  readonly lambda: number;
}): void {
  const last = (steps - 1) * columns;
  for (let i = steps * columns - 1; i >= 0; i--) {
    const value = nextValues[i]!;
    const follows = i < last && (ended === null || ended[i] !== 1);
    const next = follows ? (1 - lambda) * value + lambda * returns[i + columns]! : value;
    returns[i] = rewards[i]! + discounts[i]! * next;
  }
}

/**
 * n-step returns: G_t = r_t + d_t (r_{t+1} + d_{t+1} (... + d_{t+n-1} V_{t+n})), with fewer steps where an episode or
 * the rollout ends earlier, and then the value there.
 *
 * Source: Sutton & Barto 2018, section 7.1.
 */
export function nStepReturns({
  rewards,
  discounts,
  nextValues,
  ended,
  steps,
  columns,
  n,
  returns,
}: TransitionArguments & {
  /** At least 1; 1 is the one-step target. */
  readonly n: number;
}): void {
  const size = steps * columns;
  for (let i = 0; i < size; i++) {
    // Found first, then summed from its far end, so that there is one multiplication a step.
    let j = i;
    for (let k = 1; k < n && j + columns < size && (ended === null || ended[j] !== 1); k++) j += columns;
    let sum = nextValues[j]!;
    for (; j >= i; j -= columns) sum = rewards[j]! + discounts[j]! * sum;
    returns[i] = sum;
  }
}

/**
 * One-step TD errors: delta_t = r_t + d_t V_{t+1} - V_t, element by element.
 *
 * All arrays float32 of one length; `nextValues` and `discounts` as in `TransitionArguments`. Source: Sutton 1988.
 */
export function tdErrors({
  rewards,
  discounts,
  values,
  nextValues,
  errors,
}: {
  readonly rewards: Float32Array;
  readonly discounts: Float32Array;
  readonly values: Float32Array;
  readonly nextValues: Float32Array;
  /** Out: may be one of the others. */
  readonly errors: Float32Array;
}): void {
  for (let i = 0; i < errors.length; i++)
    errors[i] = rewards[i]! + discounts[i]! * nextValues[i]! - values[i]!;
}
