import { expect, it } from 'vitest';
import { Collective, collectiveMemory, EXCHANGE_WIDTH } from './collective.ts';

it('shards go to workers in turn, each to one', () => {
  const memory = collectiveMemory(3, 7, 1);
  const own = [0, 1, 2].map((worker) => new Collective(memory, worker).own);
  expect(own).toEqual([
    [0, 3, 6],
    [1, 4],
    [2, 5],
  ]);
});

it.each([
  [[[1, 2]], [1, 2]],
  [
    [
      [1, 2],
      [3, -4],
    ],
    [2, -1],
  ],
  [
    [
      [1, 2],
      [3, -4],
      [8, 8],
    ],
    [4, 2],
  ],
])('the mean gradient of %j is %j', (gradients, expected) => {
  const collective = new Collective(collectiveMemory(1, gradients.length, 2), 0);
  const mean = new Float32Array(2);
  // Twice: the two sets of memory take turns.
  for (let turn = 0; turn < 2; turn++) {
    expect(collective.turn).toBe(turn);
    gradients.forEach((gradient, shard) => {
      collective.gradientMemories(shard)[collective.turn].set(gradient);
    });
    collective.meanGradient(mean.fill(0));
    expect(Array.from(mean)).toEqual(expected);
  }
  expect(collective.turn).toBe(0);
});

it('an exchange hands over the numbers of all shards in their order, and zeros where none were written', () => {
  const collective = new Collective(collectiveMemory(1, 3, 1), 0);
  for (const start of [10, 20, 30]) {
    const rows = collective.exchange((row, shard) => {
      if (shard !== 1) row[0] = start + shard;
    });
    expect(rows.map((row) => row[0])).toEqual([start, 0, start + 2]);
    expect(rows[0]!.length).toBe(EXCHANGE_WIDTH);
  }
});

it('what was exchanged last stays readable while the next is written', () => {
  const collective = new Collective(collectiveMemory(1, 1, 1), 0);
  const [first] = collective.exchange((row) => row.fill(1));
  collective.exchange((row) => row.fill(2));
  expect(first![0]).toBe(1);
});
