/** Which network sees which column: columns are environment-major, and networks are one for all or one a player. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ArraySpec } from '../../shared/environment.ts';
import { Random } from '../../shared/random.ts';
import { disagreement, drawn } from '../engine/agree.ts';
import { type Engine, openEngine } from '../engine/index.ts';
import { type Arrays, allocate, float32, type TypedArray } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import { actorCritic, networkSchema } from './actor-critic.ts';
import { actProgram, byColumn, byNetwork, sequencesByNetwork } from './programs.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('onnx');
  await openEngine('cpu');
});

const E = 2;
const N = 3;
const A = 4;
const WINDOW: ArraySpec = { dtype: 'uint8', shape: [5, 4], low: 0, high: 255 };

async function eager(compute: () => tf.Tensor): Promise<unknown> {
  await tf.setBackend('cpu');
  return tf.tidy(() => compute().arraySync());
}

describe('columns', () => {
  it('of environments by players go to their player’s network', async () => {
    expect(await eager(() => byNetwork(tf.tensor2d([0, 1, 2, 10, 11, 12], [E, N]), N))).toEqual([
      [0, 10],
      [1, 11],
      [2, 12],
    ]);
  });

  it('go all to one network in their order', async () => {
    expect(await eager(() => byNetwork(tf.tensor2d([0, 1, 2, 10, 11, 12], [E, N]), 1))).toEqual([
      [0, 1, 2, 10, 11, 12],
    ]);
  });

  it.each([1, N])('come back in the order they had from %i networks', async (networks) => {
    const back = await eager(() =>
      byColumn(byNetwork(tf.tensor3d([0, 1, 2, 10, 11, 12], [E, N, 1]), networks), E, N),
    );
    expect(back).toEqual([[0], [1], [2], [10], [11], [12]]);
  });

  it('of sequences keep the order of time', async () => {
    // [L = 2, U = 1, N = 2]: player 0 sees 0 and then 10, player 1 sees 1 and then 11.
    expect(await eager(() => sequencesByNetwork(tf.tensor3d([0, 1, 10, 11], [2, 1, 2]), 2))).toEqual([
      [[0], [10]],
      [[1], [11]],
    ]);
  });
});

describe.each([
  { networks: 1, lstm: 5 },
  { networks: N, lstm: 5 },
  { networks: 1, lstm: 0 },
  { networks: N, lstm: 0 },
])('acting with $networks networks and $lstm units of memory', ({ networks, lstm }) => {
  const network = actorCritic(
    WINDOW,
    A,
    networkSchema.parse({ filters: 3, dense: [6], lstm, activation: 'tanh', perPlayer: networks > 1 }),
    networks,
  );
  const theta = new Float32Array(network.layout.size);
  network.layout.initialize(theta, new Random().seed(1));
  // Heads that tell one feature from another.
  for (let g = 0; g < networks; g++) {
    const head = network.layout.view(theta, 'policy/kernel', g);
    for (let k = 0; k < head.length; k++) head[k]! *= 100;
  }

  /** Acts once in E environments, after `change` has had the inputs. */
  async function acted(change: (feeds: Record<string, TypedArray>) => void = () => {}): Promise<Arrays> {
    const program = await actProgram(engine, network, WINDOW, E, N);
    const feeds = { ...drawn(program.inputs), theta: Float32Array.from(theta) };
    change(feeds);
    const results = allocate(program.outputs);
    await program.bind(feeds, results).run();
    await program.release();
    return results;
  }

  /** Which columns' probabilities differ. */
  const changed = (before: Arrays, after: Arrays) =>
    Array.from({ length: E * N }, (_, column) => column).filter((column) =>
      before
        .probabilities!.subarray(column * A, (column + 1) * A)
        .some((p, k) => p !== after.probabilities![column * A + k]),
    );

  it('gives probabilities, values and states by column', async () => {
    const { outputs } = await actProgram(engine, network, WINDOW, E, N);
    expect(outputs).toEqual({
      probabilities: float32(E * N, A),
      values: float32(E * N),
      ...(lstm > 0 ? { nextState: float32(E * N, 2 * lstm) } : {}),
    });
  });

  it('acts with weights that are held as with weights that are fed', async () => {
    const program = await actProgram(engine, network, WINDOW, E, N, { held: ['theta'] });
    const results = allocate(program.outputs);
    const call = program.bind(drawn(program.inputs), results);
    // Sessions are made and given back: all that they take would be 200 times some 100 kB.
    for (let k = 0; k < 20; k++) await program.hold({ theta });
    const before = process.memoryUsage().rss;
    for (let k = 0; k < 200; k++) await program.hold({ theta });
    expect(process.memoryUsage().rss - before).toBeLessThan(10e6);
    await call.run();
    await program.release();
    const fed = await actProgram(engine, network, WINDOW, E, N);
    const expected = allocate(fed.outputs);
    await fed.bind({ ...drawn(program.inputs), theta }, expected).run();
    await fed.release();
    for (const [name, array] of Object.entries(expected)) {
      array.forEach((value, i) => {
        expect(Math.abs(results[name]![i]! - value)).toBeLessThan(1e-6);
      });
    }
  });

  it('gives each column probabilities that sum to 1', async () => {
    const { probabilities } = await acted();
    const sums = Float32Array.from({ length: E * N }, (_, column) =>
      (probabilities as Float32Array).subarray(column * A, (column + 1) * A).reduce((sum, p) => sum + p),
    );
    expect(disagreement({ sums }, { sums: new Float32Array(E * N).fill(1) })).toBeNull();
  });

  it.each([0, 1, 2, 3, 4, 5])('what column %i observes matters to it alone', async (column) => {
    const before = await acted();
    const after = await acted(({ observation }) => {
      observation!.subarray(column * 20, (column + 1) * 20).fill(9);
    });
    expect(changed(before, after)).toEqual([column]);
  });

  it.skipIf(lstm === 0)('what a column remembers matters to it alone', async () => {
    const before = await acted();
    const after = await acted(({ state }) => {
      state!.subarray(4 * 2 * lstm, 5 * 2 * lstm).fill(0.5);
    });
    expect(changed(before, after)).toEqual([4]);
  });

  it.skipIf(networks === 1)('the weights of player 1 matter to player 1 in every environment', async () => {
    const before = await acted();
    const after = await acted(({ theta }) => {
      network.layout.view(theta as Float32Array, 'policy/bias', 1)[0]! += 1;
    });
    expect(changed(before, after)).toEqual([1, 4]);
  });
});
