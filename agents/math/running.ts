/**
 * Statistics that run along with training: moments, the scale of rewards, the scale of value targets. All state lies in
 * typed arrays of the caller or of their own, so that a checkpoint can hold it.
 */

/**
 * Count, mean and variance of all numbers so far.
 *
 * State [count, mean, M2] float64, where M2 = sum (x - mean)^2. Moments of parts of a sample merge into those of the
 * whole, in any grouping up to rounding: shards take theirs and merge them in one order.
 * Source: Chan, Golub & LeVeque 1979, "Updating formulae and a pairwise algorithm for computing sample variances".
 */
export class RunningMoments {
  readonly state: Float64Array;

  /** @param state float64 [3], owned by the caller; zeros are no numbers yet. */
  constructor(state: Float64Array = new Float64Array(3)) {
    this.state = state;
  }

  get count(): number {
    return this.state[0]!;
  }

  /** 0 before the first number. */
  get mean(): number {
    return this.state[1]!;
  }

  /** M2 / count: of the population, 0 before the first number. */
  get variance(): number {
    return this.count > 0 ? this.state[2]! / this.count : 0;
  }

  reset(): this {
    this.state.fill(0);
    return this;
  }

  /** Takes in one number. */
  push(x: number): void {
    const { state } = this;
    const count = ++state[0]!;
    const difference = x - state[1]!;
    state[1]! += difference / count;
    state[2]! += difference * (x - state[1]!);
  }

  /** Takes in all numbers of an array. */
  add(numbers: ArrayLike<number>): this {
    for (let i = 0; i < numbers.length; i++) this.push(numbers[i]!);
    return this;
  }

  /**
   * Takes in all numbers that `other` has: n = a + b, d = mean_b - mean_a, mean = mean_a + d b / n,
   * M2 = M2_a + M2_b + d^2 a b / n.
   */
  merge(other: RunningMoments): this {
    if (other.count === 0) return this;
    const { state } = this;
    const own = this.count;
    const share = other.count / (own + other.count);
    const difference = other.mean - this.mean;
    state[0] = own + other.count;
    state[1]! += difference * share;
    state[2]! += other.state[2]! + difference * difference * own * share;
    return this;
  }
}

/** Added to a variance before its root is taken; as in Gymnasium. */
const VARIANCE_FLOOR = 1e-8;

/** What rewards are divided by, from the moments of discounted returns: 1 while these have not varied. */
export function returnDeviation({ variance }: RunningMoments): number {
  return variance > 0 ? Math.sqrt(variance + VARIANCE_FLOOR) : 1;
}

/**
 * Scales rewards by the standard deviation of the discounted return so far, so that value targets are near 1 whatever the
 * environment's unit. Rewards are not centred: that would change what is optimal.
 *
 * Per column R_t = gamma R_{t-1} + r_t, which is 0 again after an ended step; all R go into the moments, and
 * r' = r / sqrt(Var(R) + 1e-8). While R has not varied yet rewards stay as they are. Its unit moves as long as the
 * variance does, so what was learned early is off by a factor.
 * Source: Engstrom et al. 2020, "Implementation matters in deep policy gradients", as Gymnasium's NormalizeReward.
 */
export class ReturnScale {
  readonly gamma: number;
  /** [B] float64, R of the last step that was seen. */
  readonly returns: Float64Array;
  readonly moments: RunningMoments;

  /** @param returns float64 [B], zeros at the start. @param moments of all R of these columns so far. */
  constructor(gamma: number, returns: Float64Array, moments: RunningMoments = new RunningMoments()) {
    this.gamma = gamma;
    this.returns = returns;
    this.moments = moments;
  }

  /**
   * Takes in a rollout.
   * @param rewards [T, B] float32. @param ended [T, B] 0 or 1.
   */
  observe(rewards: Float32Array, ended: Uint8Array): void {
    const { gamma, returns, moments } = this;
    const columns = returns.length;
    for (let i = 0, b = 0; i < rewards.length; i++, b = b + 1 === columns ? 0 : b + 1) {
      const value = gamma * returns[b]! + rewards[i]!;
      moments.push(value);
      returns[b] = ended[i] === 1 ? 0 : value;
    }
  }

  /**
   * Divides rewards, any shape, in place.
   * @param moments what the scale is of: one's own, or those of all shards merged.
   */
  apply(rewards: Float32Array, moments: RunningMoments = this.moments): void {
    const factor = 1 / returnDeviation(moments);
    for (let i = 0; i < rewards.length; i++) rewards[i]! *= factor;
  }

  /** `observe`, then `apply`: one scale for the whole rollout, its own rewards included. */
  scale(rewards: Float32Array, ended: Uint8Array): void {
    this.observe(rewards, ended);
    this.apply(rewards);
  }
}

/**
 * PopArt: the value head learns normalized targets (G - mean) / deviation, and each time mean and deviation move its last
 * layer is changed so that its outputs, in the rewards' own unit, stay what they were.
 *
 * State [mean, E[G^2], (1 - beta)^t] float64: exponential averages with rate beta / (1 - (1 - beta)^t), so that the first
 * batch counts wholly and not against numbers that were made up. deviation = sqrt(E[G^2] - mean^2), held within
 * [1e-4, 1e6]. Source: van Hasselt et al. 2016, "Learning values across many orders of magnitude", equations 2 to 6.
 */
export class PopArt {
  readonly rate: number;
  readonly state: Float64Array;
  /** Mean and deviation before the last `update`, which `rescale` leads from. */
  readonly #before = new Float64Array([0, 1]);

  /**
   * @param rate beta in (0, 1], of one update, for example 1e-2.
   * @param state float64 [3]; by default no targets yet.
   */
  constructor(rate: number, state: Float64Array = Float64Array.of(0, 0, 1)) {
    this.rate = rate;
    this.state = state;
  }

  /** 0 before the first update. */
  get mean(): number {
    return this.state[0]!;
  }

  /** 1 before the first update. */
  get deviation(): number {
    const [mean, square, unseen] = this.state;
    if (unseen === 1) return 1;
    return Math.min(
      Math.max(Math.sqrt(Math.max(square! - mean! * mean!, 0)), LEAST_DEVIATION),
      MOST_DEVIATION,
    );
  }

  /** Takes in the moments of a batch of targets; `rescale` must follow for every head that learns them. */
  update(batch: RunningMoments): void {
    const { state, rate } = this;
    if (batch.count === 0) throw new RangeError('PopArt: a batch of no targets');
    this.#before[0] = this.mean;
    this.#before[1] = this.deviation;
    state[2]! *= 1 - rate;
    const weight = rate / (1 - state[2]!);
    state[0]! += weight * (batch.mean - state[0]!);
    state[1]! += weight * (batch.variance + batch.mean * batch.mean - state[1]!);
  }

  /**
   * Changes a value head, in place, by the last update: W' = s W / s', b' = (s b + m - m') / s'. Then
   * s' (W' h + b') + m' = s (W h + b) + m for every h.
   * @param kernel [H] float32. @param bias [1] float32. Both may be views of a vector of all parameters.
   */
  rescale(kernel: Float32Array, bias: Float32Array): void {
    const [mean, deviation] = this.#before;
    const factor = deviation! / this.deviation;
    for (let i = 0; i < kernel.length; i++) kernel[i]! *= factor;
    bias[0] = (deviation! * bias[0]! + mean! - this.mean) / this.deviation;
  }

  /** The target that the head learns, of a value in the rewards' unit. */
  normalize(value: number): number {
    return (value - this.mean) / this.deviation;
  }

  /** The value in the rewards' unit, of an output of the head. */
  denormalize(output: number): number {
    return output * this.deviation + this.mean;
  }
}

const LEAST_DEVIATION = 1e-4;
const MOST_DEVIATION = 1e6;
