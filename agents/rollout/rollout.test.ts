import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Minibatch, Rollout, type RolloutShape } from './rollout.ts';

const shapes = fc.record({
  chunks: fc.integer({ min: 1, max: 3 }),
  sequence: fc.integer({ min: 1, max: 4 }),
  environments: fc.integer({ min: 1, max: 3 }),
  players: fc.integer({ min: 1, max: 3 }),
  actions: fc.integer({ min: 2, max: 3 }),
  stateSize: fc.integer({ min: 0, max: 2 }),
  dtype: fc.constantFrom('uint8' as const, 'float32' as const),
});

type Drawn = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

const shapeOf = ({ chunks, dtype, ...rest }: Drawn): RolloutShape => ({
  ...rest,
  steps: chunks * rest.sequence,
  observation: { dtype, shape: [2], low: 0, high: 255 },
});

/** A rollout in which every number says where it stands. */
function numbered(shape: RolloutShape): Rollout {
  const elements = Rollout.observationElements(shape);
  const { dtype } = shape.observation;
  const rollout = new Rollout(
    shape,
    dtype === 'uint8' ? new Uint8Array(elements) : new Float32Array(elements),
  );
  // Observations as bytes repeat from 256 on, and are compared as such.
  for (let i = 0; i < elements; i++) rollout.observations[i] = i % 256;
  const fill = (array: { length: number; [i: number]: number }, from: number) => {
    for (let i = 0; i < array.length; i++) array[i] = from + i;
  };
  fill(rollout.logProbabilities, 0);
  fill(rollout.values, 1000);
  fill(rollout.advantages, 2000);
  fill(rollout.returns, 3000);
  fill(rollout.probabilities, 4000);
  fill(rollout.states, 5000);
  for (let i = 0; i < rollout.actions.length; i++) {
    rollout.actions[i] = (i * 7) % 251;
    rollout.starts[i] = i % 3 === 0 ? 1 : 0;
  }
  return rollout;
}

describe('gather', () => {
  it('an epoch of minibatches has every sample once, with all that belongs to it', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 3 }), fc.integer(), (drawn, wanted, seed) => {
        const shape = shapeOf(drawn);
        const { sequence, environments, players, actions, stateSize } = shape;
        const rollout = numbered(shape);
        const { units, columns } = rollout;
        const minibatches = units % wanted === 0 ? wanted : 1;
        const minibatch = new Minibatch(shape, units / minibatches);
        // Any permutation will do.
        const stride = [1, 5, 7, 11].find((k) => k > 1 && units % k !== 0) ?? 1;
        const order = Uint32Array.from(
          { length: units },
          (_, k) => (k * stride + Math.abs(seed % units)) % units,
        );
        expect(new Set(order).size).toBe(units);
        const seen: number[] = [];
        for (let k = 0; k < minibatches; k++) {
          minibatch.gather(rollout, order, k * minibatch.units);
          for (let l = 0; l < sequence; l++) {
            for (let u = 0; u < minibatch.units; u++) {
              for (let n = 0; n < players; n++) {
                const to = (l * minibatch.units + u) * players + n;
                const i = minibatch.streams[0]!.oldLogProbability[to]!;
                seen.push(i);
                expect(minibatch.streams[0]!.oldValue[to]).toBe(1000 + i);
                expect(minibatch.streams[0]!.advantage[to]).toBe(2000 + i);
                expect(minibatch.streams[0]!.target[to]).toBe(3000 + i);
                expect(minibatch.streams[0]!.action[to]).toBe((i * 7) % 251);
                expect(minibatch.keep[to]).toBe(i % 3 === 0 ? 0 : 1);
                expect(minibatch.streams[0]!.oldProbabilities[to * actions + 1]).toBe(4000 + i * actions + 1);
                expect(minibatch.observation[2 * to + 1]).toBe((2 * i + 1) % 256);
                // Its place in the sequence, its player, and the state where the sequence starts.
                const t = Math.floor(i / columns);
                expect([t % sequence, i % players]).toEqual([l, n]);
                const chunk = Math.floor(t / sequence);
                for (let s = 0; s < stateSize; s++) {
                  const state = minibatch.state[(u * players + n) * stateSize + s];
                  expect(state).toBe(5000 + (chunk * columns + (i % columns)) * stateSize + s);
                }
              }
            }
          }
        }
        expect(seen.sort((a, b) => a - b)).toEqual(Array.from(seen, (_, k) => k));
        expect(seen.length).toBe(shape.steps * environments * players);
      }),
    );
  });
});

it('a segment that is no multiple of its sequences is refused', () => {
  const shape = shapeOf({
    chunks: 1,
    sequence: 3,
    environments: 1,
    players: 1,
    actions: 2,
    stateSize: 0,
    dtype: 'uint8',
  });
  expect(() => new Rollout({ ...shape, steps: 4 }, new Uint8Array(10))).toThrow(
    'a segment of 4 steps is no multiple of sequences of 3',
  );
});
