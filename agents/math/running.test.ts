import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PopArt, ReturnScale, RunningMoments, returnDeviation } from './running.ts';

const momentsOf = (...numbers: number[]) => new RunningMoments().add(numbers);
const integers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 20 });

describe('RunningMoments', () => {
  it('agrees with a hand-worked sample', () => {
    // Squares about 5: 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32.
    const moments = momentsOf(2, 4, 4, 4, 5, 5, 7, 9);
    expect([moments.count, moments.mean, moments.variance]).toEqual([8, 5, 4]);
  });

  it('knows no mean and no variance at first', () => {
    const { count, mean, variance } = new RunningMoments();
    expect([count, mean, variance]).toEqual([0, 0, 0]);
  });

  it('keeps the digits of small differences between large numbers', () => {
    expect(momentsOf(1e9 + 1, 1e9 + 2, 1e9 + 3).variance).toBeCloseTo(2 / 3, 6);
  });

  it('merges by hand: [1, 3] and [5] are [1, 3, 5]', () => {
    const { count, mean, state } = momentsOf(1, 3).merge(momentsOf(5));
    expect([count, mean]).toEqual([3, 3]);
    expect(state[2]).toBeCloseTo(8, 12);
  });

  it('merged parts are the whole, however it is parted', () => {
    fc.assert(
      fc.property(fc.array(integers, { minLength: 1, maxLength: 5 }), (parts) => {
        const merged = parts.reduce((sum, part) => sum.merge(momentsOf(...part)), new RunningMoments());
        const whole = momentsOf(...parts.flat());
        expect(merged.count).toBe(whole.count);
        expect(merged.mean).toBeCloseTo(whole.mean, 8);
        expect(merged.variance).toBeCloseTo(whole.variance, 6);
      }),
    );
  });

  it('merging what is empty changes nothing, on either side', () => {
    expect(momentsOf(1, 3).merge(new RunningMoments()).state).toEqual(momentsOf(1, 3).state);
    expect(new RunningMoments().merge(momentsOf(1, 3)).state).toEqual(momentsOf(1, 3).state);
  });

  it('continues from a state that was kept', () => {
    const kept = momentsOf(1, 3).state.slice();
    expect(new RunningMoments(kept).add([5]).state).toEqual(momentsOf(1, 3, 5).state);
  });
});

describe('ReturnScale', () => {
  it('divides by the deviation of the discounted returns', () => {
    // One column, gamma 1/2: R = 2, 1, 4.5 - the episode ends there - 3. Mean 2.625, variance 1.671875.
    const scale = new ReturnScale(0.5, new Float64Array(1));
    const rewards = Float32Array.of(2, 0, 4, 3);
    scale.scale(rewards, Uint8Array.of(0, 0, 1, 0));
    expect(returnDeviation(scale.moments)).toBeCloseTo(Math.sqrt(1.671875), 8);
    expect(rewards[2]).toBeCloseTo(4 / Math.sqrt(1.671875), 6);
    expect(scale.returns[0]).toBe(3);
  });

  it('carries returns from one rollout to the next', () => {
    const scale = new ReturnScale(0.5, new Float64Array(1));
    scale.observe(Float32Array.of(4), Uint8Array.of(0));
    scale.observe(Float32Array.of(1), Uint8Array.of(0));
    expect(scale.returns[0]).toBe(3);
  });

  it('keeps columns apart', () => {
    const scale = new ReturnScale(0.5, new Float64Array(2));
    scale.observe(Float32Array.of(4, 10, 1, 20), Uint8Array.of(0, 1, 0, 0));
    expect([...scale.returns]).toEqual([3, 20]);
  });

  it('leaves rewards that never varied', () => {
    const scale = new ReturnScale(0.9, new Float64Array(2));
    const rewards = new Float32Array(6);
    scale.scale(rewards, new Uint8Array(6));
    expect(returnDeviation(scale.moments)).toBe(1);
    expect(rewards).toEqual(new Float32Array(6));
  });

  it('takes no notice of the unit', () => {
    const rollout = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 4, maxLength: 12 });
    fc.assert(
      fc.property(
        rollout.filter((rewards) => new Set(rewards).size > 1),
        fc.constantFrom(4, 64, 1024),
        (list, unit) => {
          const ended = new Uint8Array(list.length);
          const scaled = (factor: number) => {
            const rewards = Float32Array.from(list, (reward) => reward * factor);
            new ReturnScale(0.9, new Float64Array(1)).scale(rewards, ended);
            return rewards;
          };
          const here = scaled(1);
          scaled(unit).forEach((reward, i) => {
            expect(reward).toBeCloseTo(here[i]!, 4);
          });
        },
      ),
    );
  });

  it('shards whose moments are merged scale alike', () => {
    const rewards = [Float32Array.of(1, 0, 2), Float32Array.of(5, 0, 0)];
    const shards = rewards.map(() => new ReturnScale(0.5, new Float64Array(1)));
    shards.forEach((shard, i) => {
      shard.observe(rewards[i]!, new Uint8Array(3));
    });
    const merged = shards.reduce((sum, shard) => sum.merge(shard.moments), new RunningMoments());
    const together = new ReturnScale(0.5, new Float64Array(2));
    together.observe(Float32Array.of(1, 5, 0, 0, 2, 0), new Uint8Array(6));
    expect(merged.count).toBe(6);
    expect(merged.variance).toBeCloseTo(together.moments.variance, 12);
    const scaled = Float32Array.of(3);
    shards[0]!.apply(scaled, merged);
    expect(scaled[0]).toBeCloseTo(3 / Math.sqrt(merged.variance), 6);
  });
});

describe('PopArt', () => {
  it('takes the first batch wholly', () => {
    const popArt = new PopArt(0.01);
    popArt.update(momentsOf(2, 4, 4, 4, 5, 5, 7, 9));
    expect(popArt.mean).toBeCloseTo(5, 12);
    expect(popArt.deviation).toBeCloseTo(2, 12);
  });

  it('weighs the second batch by its rate, corrected', () => {
    // beta 1/2: the second batch's weight is .5 / (1 - .25) = 2/3. Means 0 and 3, squares 4 and 9 + 4.
    const popArt = new PopArt(0.5);
    popArt.update(momentsOf(-2, 2));
    popArt.update(momentsOf(1, 5));
    expect(popArt.mean).toBeCloseTo(2, 12);
    expect(popArt.deviation).toBeCloseTo(Math.sqrt(10 - 4), 12);
  });

  it('rescales a head by hand', () => {
    // Deviation 1 to 2, mean 0 to 5: W 4 to 2, b 3 to (3 - 5) / 2.
    const popArt = new PopArt(0.01);
    const kernel = Float32Array.of(4);
    const bias = Float32Array.of(3);
    popArt.update(momentsOf(3, 7));
    popArt.rescale(kernel, bias);
    expect(kernel[0]).toBeCloseTo(2, 6);
    expect(bias[0]).toBeCloseTo(-1, 6);
  });

  it('keeps a head’s outputs in the rewards’ unit, whatever targets come', () => {
    const features = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(
        features,
        features,
        fc.array(integers, { minLength: 1, maxLength: 6 }),
        (h, weights, batches) => {
          const popArt = new PopArt(0.1);
          const kernel = Float32Array.from(weights, (weight) => weight / 10);
          const bias = Float32Array.of(0.5);
          const output = () =>
            popArt.denormalize(kernel.reduce((sum, weight, i) => sum + weight * h[i]!, bias[0]!));
          for (const batch of batches) {
            const before = output();
            popArt.update(momentsOf(...batch));
            popArt.rescale(kernel, bias);
            // Float32 weights of a head whose outputs can be near 1e3 units away from the mean.
            expect(Math.abs(output() - before)).toBeLessThan(1e-3 * Math.max(1, Math.abs(before)));
          }
        },
      ),
    );
  });

  it('normalizes and back', () => {
    const popArt = new PopArt(0.01);
    popArt.update(momentsOf(3, 7));
    expect(popArt.normalize(9)).toBeCloseTo(2, 12);
    expect(popArt.denormalize(popArt.normalize(9))).toBeCloseTo(9, 12);
  });

  it('holds the deviation of targets that are all equal above 0', () => {
    const popArt = new PopArt(0.01);
    popArt.update(momentsOf(3, 3));
    expect(popArt.deviation).toBe(1e-4);
  });

  it('continues from a state that was kept', () => {
    const popArt = new PopArt(0.1);
    popArt.update(momentsOf(1, 2));
    const kept = new PopArt(0.1, popArt.state.slice());
    popArt.update(momentsOf(5, 9));
    kept.update(momentsOf(5, 9));
    expect(kept.state).toEqual(popArt.state);
  });

  it('refuses a batch of nothing', () => {
    expect(() => new PopArt(0.1).update(new RunningMoments())).toThrow(RangeError);
  });
});
