import { expect, it } from 'vitest';
import { Demonstrations, type Stretch } from './demonstrations.ts';
import { NO_LAST_ACTION } from './recording.ts';
import { SequenceBatch } from './sequence-batch.ts';

const shape = { elements: 1, actions: 3, others: 0, sequence: 4, warmUp: 1, gamma: 0.5 };

/** Steps that see their own number. */
function stretch(steps: number, rest: Partial<Stretch> = {}): Stretch {
  return {
    steps,
    observations: Uint8Array.from({ length: steps }, (_, t) => t),
    actions: Uint8Array.from({ length: steps }, (_, t) => t % 3),
    counts: new Uint8Array(steps).fill(1),
    rewards: null,
    lastActions: new Uint8Array(0),
    seat: 0,
    ...rest,
  };
}

it('sequences begin with the stretch, and later ones a warm-up before what they teach', () => {
  const data = new Demonstrations(shape);
  data.add(stretch(9), false);
  // 0..3, then 4..6 behind 3, then 7..8 behind 6.
  expect(data.learned).toEqual([
    { from: 0, steps: 4, warm: 0 },
    { from: 3, steps: 4, warm: 1 },
    { from: 6, steps: 3, warm: 1 },
  ]);
});

it('every step that counts is learned from exactly once', () => {
  const data = new Demonstrations(shape);
  data.add(stretch(9), false);
  data.add(stretch(5), false);
  expect(data.count(data.learned)).toBe(14);
  // 0, 3, 6 of nine steps; 0, 3 of five, and so on.
  expect([...data.tally(data.learned)]).toEqual([5, 5, 4]);
});

it('a sequence in which nothing counts is left out', () => {
  const data = new Demonstrations(shape);
  data.add(stretch(6, { counts: Uint8Array.of(0, 0, 0, 0, 1, 1) }), false);
  expect(data.learned).toEqual([{ from: 3, steps: 3, warm: 1 }]);
});

it('what is held out is not learned from', () => {
  const data = new Demonstrations(shape);
  data.add(stretch(2), false);
  data.add(stretch(3), true);
  expect([data.count(data.learned), data.count(data.heldOut)]).toEqual([2, 3]);
});

it('returns are discounted sums of what was recorded, without the last steps', () => {
  const data = new Demonstrations(shape);
  // log 0.1 / log 0.5 is 3.3: of 5 steps the first two have four steps of rewards or more.
  data.add(stretch(5, { rewards: Float32Array.of(1, 0, 2, 0, 4) }), false);
  expect([...data.returns.subarray(0, 5)]).toEqual([1.75, 1.5, 3, 2, 4]);
  expect([...data.valued.subarray(0, 5)]).toEqual([1, 1, 0, 0, 0]);
  expect(data.valueScale()).toEqual({ mean: 1.625, deviation: 0.125 });
});

it('last actions turn into slots relative to the player, and into the number of actions where there were none', () => {
  const data = new Demonstrations({ ...shape, others: 3 });
  const none = NO_LAST_ACTION;
  data.add(stretch(2, { seat: 1, lastActions: Uint8Array.of(none, none, none, 0, 1, 2) }), false);
  expect([...data.lastActions.subarray(0, 6)]).toEqual([3, 3, 3, 1, 2, 0]);
});

it('single answers share sequences as long as they fit, and each begins without a memory', () => {
  const data = new Demonstrations(shape);
  data.add(stretch(2), false);
  for (let k = 0; k < 3; k++) data.addClip(stretch(2, { counts: Uint8Array.of(0, 1) }));
  expect(data.learned).toEqual([
    { from: 0, steps: 2, warm: 0 },
    { from: 2, steps: 4, warm: 0 },
    { from: 6, steps: 2, warm: 0 },
  ]);
  expect([...data.starts.subarray(0, 8)]).toEqual([1, 0, 1, 0, 1, 0, 1, 0]);
  expect(data.count(data.learned)).toBe(5);
});

it('grows over what it has at first', () => {
  const data = new Demonstrations(shape);
  for (let k = 0; k < 5; k++) data.add(stretch(500, { actions: new Uint8Array(500).fill(2) }), false);
  expect(data.size).toBe(2500);
  expect(data.observations[2499]).toBe(499 % 256);
  expect([...data.tally(data.learned)]).toEqual([0, 0, 2500]);
});

it('a batch has sequences as columns, and counts neither warm-up nor what lies behind the end', () => {
  const data = new Demonstrations(shape);
  data.add(stretch(6, { rewards: new Float32Array(6).fill(1) }), false);
  const batch = new SequenceBatch(
    {
      sequence: 4,
      batch: 2,
      observation: { dtype: 'uint8', shape: [1], low: 0, high: 255 },
      stateSize: 0,
      others: 0,
    },
    { mean: 1, deviation: 2 },
  );
  batch.fill(0, data, data.learned[1]!);
  batch.fill(1, data, null);
  // From 3 on: 3 is warm-up, 4 and 5 count, then it ends.
  const column = <T extends ArrayLike<number>>(array: T, u: number) =>
    [0, 1, 2, 3].map((l) => array[2 * l + u]);
  expect(column(batch.observation, 0).slice(0, 3)).toEqual([3, 4, 5]);
  expect(column(batch.mask, 0)).toEqual([0, 1, 1, 0]);
  expect(column(batch.action, 0).slice(0, 3)).toEqual([0, 1, 2]);
  expect(column(batch.target, 0)[1]).toBe((1.5 - 1) / 2);
  expect(column(batch.mask, 1)).toEqual([0, 0, 0, 0]);
  expect(batch.count).toBe(2);
});
