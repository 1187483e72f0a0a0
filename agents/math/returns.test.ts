import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AdvantageArguments,
  discountedReturns,
  generalizedAdvantages,
  lambdaReturns,
  nStepReturns,
  tdErrors,
} from './returns.ts';

/** One column, nothing ended, unless said. */
interface Column {
  rewards: number[];
  values: number[];
  last: number;
  gamma: number;
  lambda: number;
  ended?: number[];
  terminated?: number[];
  bootstrap?: number[];
}

function advantageArguments(column: Column): AdvantageArguments {
  const steps = column.rewards.length;
  return {
    rewards: Float32Array.from(column.rewards),
    values: Float32Array.from(column.values),
    ended: Uint8Array.from(column.ended ?? new Array(steps).fill(0)),
    terminated: Uint8Array.from(column.terminated ?? new Array(steps).fill(0)),
    bootstrap: Float32Array.from(column.bootstrap ?? new Array(steps).fill(Number.NaN)),
    lastValues: Float32Array.of(column.last),
    gamma: column.gamma,
    lambda: column.lambda,
    steps,
    columns: 1,
    advantages: new Float32Array(steps),
    returns: new Float32Array(steps),
  };
}

function advantagesOf(column: Column): Float32Array {
  const call = advantageArguments(column);
  generalizedAdvantages(call);
  return call.advantages;
}

/** Equal within `tolerance` of the larger one, or of 1. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    const scale = Math.max(1, Math.abs(expected[i]!));
    expect(Math.abs(actual[i]! - expected[i]!), `element ${i}: ${actual[i]}`).toBeLessThan(tolerance * scale);
  }
}

describe('generalizedAdvantages', () => {
  it('agrees with three steps by hand', () => {
    // delta = [0.86, -0.13, 1.88]; A_1 = -0.13 + 0.72 * 1.88, A_0 = 0.86 + 0.72 * A_1.
    const column = { rewards: [1, 0, 2], values: [0.5, 0.4, 0.3], last: 0.2, gamma: 0.9, lambda: 0.8 };
    expectClose(advantagesOf(column), [1.740992, 1.2236, 1.88]);
  });

  it.each([
    [1, [-1.45119, -4.45575, 2.53965, 0.5249, -0.49]],
    [0.7, [-0.67698, -5.248167, 2.484608, 0.67043, -0.49]],
    [0.4, [0.567319, -6.042124, 2.34312, 0.81596, -0.49]],
  ])('agrees with rlax where nothing ends, lambda %f', (lambda, expected) => {
    const column = { rewards: [0, 0, 1, 0, -0.5], values: [1, 4, -3, -2, -1], last: -1, gamma: 0.99 };
    expectClose(advantagesOf({ ...column, lambda }), expected);
  });

  it.each([
    [0.7, [2.2899, 1.73, 1, 0, -4.9]],
    [0.4, [1.7256, 1.46, 1, 0, -4.9]],
  ])('agrees with rlax where an episode terminates inside, lambda %f', (lambda, expected) => {
    const ends = [0, 0, 0, 1, 0];
    const column = { rewards: [0, 0, 0, 0, 1], values: [-3, -2, -1, 0, 5], last: -1, gamma: 0.9 };
    expectClose(advantagesOf({ ...column, lambda, ended: ends, terminated: ends }), expected);
  });

  const cut = {
    rewards: [1, 1, 1, 1],
    values: [10, 9, 8, 7],
    bootstrap: [9, 8, 20, 6],
    ended: [0, 0, 1, 0],
    last: 6,
    gamma: 0.99,
    lambda: 0.95,
  };

  it('bootstraps a truncated episode from its final observation', () => {
    expectClose(advantagesOf(cut), [11.156875, 11.9584, 12.8, -0.06]);
  });

  it('bootstraps a terminated episode from nothing', () => {
    expectClose(advantagesOf({ ...cut, terminated: [0, 0, 1, 0] }), [-6.357022, -6.6635, -7, -0.06]);
  });

  it('reads no bootstrap where no episode is truncated', () => {
    const bootstrap = cut.bootstrap.map(() => Number.NaN);
    expectClose(advantagesOf({ ...cut, bootstrap, terminated: cut.ended }), [-6.357022, -6.6635, -7, -0.06]);
  });

  it('reads no last value where the last row ended an episode', () => {
    const column = { rewards: [1], values: [2], last: Number.NaN, gamma: 0.9, lambda: 0.9 };
    expect(advantagesOf({ ...column, ended: [1], terminated: [1] })).toEqual(Float32Array.of(-1));
    expect(advantagesOf({ ...column, ended: [1], bootstrap: [10] })).toEqual(Float32Array.of(8));
  });

  it('returns are advantages plus values', () => {
    const call = advantageArguments(cut);
    generalizedAdvantages(call);
    expectClose(call.returns, [21.156875, 20.9584, 20.8, 6.94]);
  });

  it.each([
    [1, 1, 1],
    [1, 0.9, 3],
    [0.99, 1, 3],
    [0.99, 0.9, 1],
  ])(
    'has its closed form for a constant value and one reward at the end: gamma %f, lambda %f, %i episodes',
    (gamma, lambda, episodes) => {
      // k steps before the last: (gamma lambda)^k (1 - v) + (gamma - 1) v * (1 + gamma lambda + ... to the power k - 1).
      const length = 64;
      const value = 0.7;
      const decay = gamma * lambda;
      const steps = Array.from({ length: episodes * length }, (_, t) => length - 1 - (t % length));
      const ends = steps.map((k) => (k === 0 ? 1 : 0));
      const geometric = (k: number) => (decay === 1 ? k : (1 - decay ** k) / (1 - decay));
      expectClose(
        advantagesOf({
          rewards: ends,
          values: steps.map(() => value),
          ended: ends,
          terminated: ends,
          last: value,
          gamma,
          lambda,
        }),
        steps.map((k) => decay ** k * (1 - value) + (gamma - 1) * value * geometric(k)),
      );
    },
  );
});

describe('discountedReturns', () => {
  const rollout = {
    rewards: Float32Array.of(1, 2, 3, 4),
    ended: Uint8Array.of(0, 1, 0, 0),
    steps: 4,
    columns: 1,
    gamma: 0.5,
  };

  it('counts nothing after an end and nothing after the last row without a critic', () => {
    const returns = new Float32Array(4);
    const terminated = new Uint8Array(4);
    discountedReturns({ ...rollout, terminated, bootstrap: null, lastValues: null, returns });
    expect(returns).toEqual(Float32Array.of(2, 2, 5, 4));
  });

  it('bootstraps what was cut and not what terminated', () => {
    const returns = new Float32Array(4);
    const critic = { bootstrap: Float32Array.of(0, 8, 0, 0), lastValues: Float32Array.of(2) };
    discountedReturns({ ...rollout, ...critic, terminated: new Uint8Array(4), returns });
    expect(returns).toEqual(Float32Array.of(4, 6, 5.5, 5));
    discountedReturns({ ...rollout, ...critic, terminated: rollout.ended, returns });
    expect(returns).toEqual(Float32Array.of(2, 2, 5.5, 5));
  });
});

describe('returns with a discount a step', () => {
  const transitions = {
    rewards: Float32Array.of(1, 0, -1, 0, 1),
    discounts: Float32Array.of(0.5, 0.9, 1, 0.5, 0.8),
    nextValues: Float32Array.of(3, 1, 5, -5, 3),
    ended: null,
    steps: 5,
    columns: 1,
  };

  it.each([
    [0.75, [1.6460547, 0.7228125, 0.7375, 0.65, 3.4]],
    [1, [1.315, 0.63, 0.7, 1.7, 3.4]],
    [0, [2.5, 0.9, 4, -2.5, 3.4]],
  ])('lambda returns agree with rlax, lambda %f', (lambda, expected) => {
    const returns = new Float32Array(5);
    lambdaReturns({ ...transitions, lambda, returns });
    expectClose(returns, expected);
  });

  it.each([
    [1, [2.5, 0.9, 4, -2.5, 3.4]],
    [3, [2.8, -3.15, 0.7, 1.7, 3.4]],
    [9, [1.315, 0.63, 0.7, 1.7, 3.4]],
  ])('n-step returns agree with rlax, n %i', (n, expected) => {
    const returns = new Float32Array(5);
    nStepReturns({ ...transitions, n, returns });
    expectClose(returns, expected);
  });

  it('lambda returns less the values are TD(lambda) errors', () => {
    const returns = new Float32Array(3);
    lambdaReturns({
      rewards: Float32Array.of(-1.3, -1.3, 2.3),
      discounts: Float32Array.of(0, 0.89, 0.85),
      nextValues: Float32Array.of(-1.1, 3.1, 2.2),
      ended: null,
      steps: 3,
      columns: 1,
      lambda: 0.75,
      returns,
    });
    expectClose(
      [1.1, -1.1, 3.1].map((value, t) => returns[t]! - value),
      [-2.4, 3.2732253, 1.07],
    );
  });

  it('both stop at an episode that was cut', () => {
    const ended = Uint8Array.of(0, 1, 0, 0, 0);
    const returns = new Float32Array(5);
    // Step 1: 0 + 0.9 * 1; step 0: 1 + 0.5 * 0.9.
    lambdaReturns({ ...transitions, ended, lambda: 1, returns });
    expectClose(returns.subarray(0, 2), [1.45, 0.9]);
    nStepReturns({ ...transitions, ended, n: 5, returns });
    expectClose(returns.subarray(0, 2), [1.45, 0.9]);
  });
});

it('TD errors agree with rlax', () => {
  const errors = new Float32Array(9);
  tdErrors({
    rewards: new Float32Array(9).fill(-1),
    discounts: Float32Array.of(0, 0, 0, 0.5, 0.5, 0.5, 1, 1, 1),
    values: new Float32Array(9).fill(1),
    nextValues: Float32Array.of(0, 1, 2, 0, 1, 2, 0, 1, 2),
    errors,
  });
  expect(errors).toEqual(Float32Array.of(-2, -2, -2, -2, -1.5, -1, -2, -1, 0));
});

describe('for any rollout', () => {
  const number = fc.float({ min: -10, max: 10, noNaN: true });
  const rollouts = fc
    .record({
      steps: fc.integer({ min: 1, max: 12 }),
      columns: fc.integer({ min: 1, max: 4 }),
      gamma: fc.double({ min: 0, max: 1, noNaN: true }),
      lambda: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .chain((extent) => {
      const size = extent.steps * extent.columns;
      const numbers = fc.array(number, { minLength: size, maxLength: size });
      // 0 goes on, 1 truncated, 2 terminated.
      const fates = fc.array(fc.constantFrom(0, 0, 0, 1, 2), { minLength: size, maxLength: size });
      const lasts = fc.array(number, { minLength: extent.columns, maxLength: extent.columns });
      return fc.record({ rewards: numbers, values: numbers, bootstrap: numbers, fates, lasts }).map(
        ({ rewards, values, bootstrap, fates, lasts }): AdvantageArguments => ({
          ...extent,
          rewards: Float32Array.from(rewards),
          values: Float32Array.from(values),
          bootstrap: Float32Array.from(bootstrap),
          ended: Uint8Array.from(fates, (fate) => Math.min(fate, 1)),
          terminated: Uint8Array.from(fates, (fate) => (fate === 2 ? 1 : 0)),
          lastValues: Float32Array.from(lasts),
          advantages: new Float32Array(size),
          returns: new Float32Array(size),
        }),
      );
    });

  /** The same rollout as transitions: discounts and next values. */
  function transitionsOf({
    values,
    ended,
    terminated,
    bootstrap,
    lastValues,
    columns,
    gamma,
  }: AdvantageArguments) {
    const following = [...values.subarray(columns), ...lastValues];
    return {
      discounts: Float32Array.from(terminated, (flag) => gamma * (1 - flag)),
      nextValues: Float32Array.from(following, (value, i) => (ended[i] === 1 ? bootstrap[i]! : value)),
    };
  }

  it('advantages with lambda 0 are TD errors', () => {
    fc.assert(
      fc.property(rollouts, (rollout) => {
        generalizedAdvantages({ ...rollout, lambda: 0 });
        const errors = new Float32Array(rollout.values.length);
        tdErrors({ ...rollout, ...transitionsOf(rollout), errors });
        expectClose(rollout.advantages, errors);
      }),
    );
  });

  it('advantages with lambda 1 are discounted returns less values', () => {
    fc.assert(
      fc.property(rollouts, (rollout) => {
        generalizedAdvantages({ ...rollout, lambda: 1 });
        const returns = new Float32Array(rollout.values.length);
        discountedReturns({ ...rollout, returns });
        expectClose(rollout.returns, returns, 1e-4);
      }),
    );
  });

  it('returns of advantages are lambda returns', () => {
    fc.assert(
      fc.property(rollouts, (rollout) => {
        generalizedAdvantages(rollout);
        const returns = new Float32Array(rollout.values.length);
        lambdaReturns({ ...rollout, ...transitionsOf(rollout), returns });
        expectClose(rollout.returns, returns, 1e-4);
      }),
    );
  });

  it('n-step returns with n as long as the rollout are lambda returns with lambda 1', () => {
    fc.assert(
      fc.property(rollouts, (rollout) => {
        const transitions = { ...rollout, ...transitionsOf(rollout) };
        const returns = new Float32Array(rollout.values.length);
        lambdaReturns({ ...transitions, lambda: 1 });
        nStepReturns({ ...transitions, n: rollout.steps, returns });
        expectClose(rollout.returns, returns, 1e-4);
      }),
    );
  });

  it('a batch gives each column what it would get alone', () => {
    fc.assert(
      fc.property(rollouts, (rollout) => {
        generalizedAdvantages(rollout);
        const { steps, columns } = rollout;
        for (let b = 0; b < columns; b++) {
          const inColumn = (_: number, i: number) => i % columns === b;
          const alone: AdvantageArguments = {
            rewards: rollout.rewards.filter(inColumn),
            values: rollout.values.filter(inColumn),
            ended: rollout.ended.filter(inColumn),
            terminated: rollout.terminated.filter(inColumn),
            bootstrap: rollout.bootstrap.filter(inColumn),
            lastValues: rollout.lastValues.slice(b, b + 1),
            gamma: rollout.gamma,
            lambda: rollout.lambda,
            steps,
            columns: 1,
            advantages: new Float32Array(steps),
            returns: new Float32Array(steps),
          };
          generalizedAdvantages(alone);
          expect(alone.advantages).toEqual(rollout.advantages.filter(inColumn));
        }
      }),
    );
  });
});
