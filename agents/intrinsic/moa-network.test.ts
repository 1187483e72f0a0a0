/** The model of others: what it predicts as it is learned and as it is walked, brute force, and the gradient of its loss. */
import { describe, expect, it } from 'vitest';
import type { ArraySpec } from '../../shared/environment.ts';
import { Random } from '../../shared/random.ts';
import { disagreement, drawn, resultsOf } from '../engine/agree.ts';
import { BACKENDS, type Engine, openEngine } from '../engine/index.ts';
import { type Arrays, float32, type Signature, type TensorFunction, uint8 } from '../engine/program.ts';
import { availableBackends } from '../engine/tensorflow.ts';
import * as tf from '../engine/tf.ts';
import { gradientError } from '../math/finite-differences.ts';
import { actorCritic, type NetworkOptions, networkSchema } from '../networks/actor-critic.ts';
import { readPlan } from '../training/config.ts';
import { DIVERGENCES, type Divergence } from './divergence.ts';
import { moaNetwork } from './moa-network.ts';

const eager = (await availableBackends()).filter((found) => 'version' in found).map(({ name }) => name);
const present = BACKENDS.filter((name) => name === 'onnx' || eager.includes(name));
const engines = new Map<string, Engine>();
for (const name of present) engines.set(name, await openEngine(name));

const WINDOW: ArraySpec = { dtype: 'uint8', shape: [4, 5], low: 0, high: 255 };
const [L, B, N, A, H] = [3, 2, 3, 4, 4];
const J = N - 1;
const NETWORK: NetworkOptions = networkSchema.parse({ filters: 2, dense: [3], lstm: 2, activation: 'tanh' });

function made(networks: number) {
  const moa = moaNetwork({
    players: N,
    actions: A,
    observation: WINDOW,
    filters: NETWORK.filters,
    activation: NETWORK.activation,
    dense: [5, 3],
    lstm: H,
  });
  const network = actorCritic(WINDOW, A, NETWORK, networks, { parameters: moa.parameters });
  const signature: Signature = {
    theta: float32(network.layout.size),
    observation: uint8(networks, L, B, ...WINDOW.shape),
    joint: uint8(networks, L, B, N),
    next: uint8(networks, L, B, J),
    keep: float32(networks, L, B),
    pi: float32(networks, L, B, A),
    state: float32(networks, B, 2 * H),
  };
  const feeds = drawn(signature, 5);
  for (const name of ['joint', 'next']) for (let i = 0; i < feeds[name]!.length; i++) feeds[name]![i]! %= A;
  for (let i = 0; i < feeds.theta!.length; i++) feeds.theta![i]! *= 2;
  for (let i = 0; i < feeds.pi!.length; i += A) {
    const row = (feeds.pi as Float32Array).subarray(i, i + A).map((x) => x + 1.01);
    const sum = row.reduce((total, x) => total + x, 0);
    feeds.pi!.set(
      row.map((x) => x / sum),
      i,
    );
  }
  feeds.keep!.forEach((x, i) => {
    feeds.keep![i] = x < -0.5 ? 0 : 1;
  });
  feeds.keep![B] = 0;
  return { moa, network, signature, feeds };
}

type Made = ReturnType<typeof made>;
type Inputs = Readonly<Record<string, tf.Tensor>>;

function seenBy({ network }: Made, inputs: Inputs, purpose: 'act' | 'learn') {
  const [g, l, b, ...sides] = inputs.observation!.shape as [number, number, number, ...number[]];
  const weights = network.layout.unpack(inputs.theta!);
  return {
    weights,
    seen: network.see(weights, tf.reshape(inputs.observation!, [g, l * b, ...sides]), purpose),
  };
}

const predicting =
  (all: Made, divergence: Divergence): TensorFunction =>
  (inputs) => {
    const { weights, seen } = seenBy(all, inputs, 'act');
    const { joint, state, keep, pi, next } = inputs as Record<string, tf.Tensor>;
    return { ...all.moa.predict(weights, seen, joint!, state!, keep!, pi!, next!, divergence) };
  };

const learning =
  (all: Made): TensorFunction =>
  (inputs) => {
    const { weights, seen } = seenBy(all, inputs, 'learn');
    return {
      said: tf.softmax(all.moa.learn(weights, seen, inputs.joint!, inputs.state!, inputs.keep!)),
      // Inputs that it does not take must be there all the same.
      unused: tf.add(tf.sum(inputs.pi!), tf.sum(tf.cast(inputs.next!, 'float32'))),
    };
  };

/** What is said of each other with one's own action changed to `action` in step t: [G, L * B, J, A]. */
async function said(all: Made, change: { t: number; action: number } | null): Promise<Float32Array> {
  const joint = all.feeds.joint!.slice();
  for (let i = 0; change !== null && i < joint.length; i += N) {
    if (Math.floor(i / N / B) % L === change.t) joint[i] = change.action;
  }
  const given: Arrays = { ...all.feeds, joint };
  return (await resultsOf(engines.get('cpu')!, learning(all), all.signature, given)).results
    .said as Float32Array;
}

/** Everything of `predict` from `learn` alone, with whole sequences for each alternative, in float64. */
async function bruteForce(all: Made, divergence: Divergence) {
  const { networks } = all.network.layout;
  const factual = await said(all, null);
  const rows = networks * L * B;
  const influence = new Float32Array(rows * J);
  const logLikelihood = new Float32Array(rows * J);
  const hit = new Float32Array(rows * J);
  const kl = (p: readonly number[], q: readonly number[]) =>
    p.reduce((sum, x, b) => sum + x * Math.log(x / q[b]!), 0);
  for (let t = 0; t < L; t++) {
    const other = await Promise.all(Array.from({ length: A }, (_, action) => said(all, { t, action })));
    for (let row = 0; row < rows; row++) {
      if (Math.floor(row / B) % L !== t) continue;
      for (let j = 0; j < J; j++) {
        const at = (row * J + j) * A;
        const p = Array.from({ length: A }, (_, b) => factual[at + b]!);
        const m = p.map((_, b) =>
          other.reduce((sum, of, action) => sum + all.feeds.pi![row * A + action]! * of[at + b]!, 0),
        );
        const half = p.map((x, b) => (x + m[b]!) / 2);
        const done = all.feeds.next![row * J + j]!;
        influence[row * J + j] = {
          kl: kl(p, m),
          jsd: (kl(p, half) + kl(m, half)) / 2,
          pmi: Math.log(p[done]! / m[done]!),
        }[divergence];
        logLikelihood[row * J + j] = Math.log(p[done]!);
        hit[row * J + j] = p[done]! === Math.max(...p) ? 1 : 0;
      }
    }
  }
  return { influence, logLikelihood, hit };
}

describe.each([1, 3])('%i networks', (networks) => {
  it.each(DIVERGENCES)(
    '%s and predictions are those of brute force, on every backend',
    async (divergence) => {
      const all = made(networks);
      const expected = await bruteForce(all, divergence);
      // Or nothing was compared.
      expect(Math.max(...expected.influence)).toBeGreaterThan(0.01);
      expect(new Set(expected.hit).size).toBe(2);
      for (const [name, engine] of engines) {
        const { results } = await resultsOf(engine, predicting(all, divergence), all.signature, all.feeds);
        expect([name, disagreement(results, expected, { tolerance: 2e-5, floor: 1 })]).toEqual([name, null]);
      }
    },
  );
});

it('two sequences one after the other are one, whose state is handed on', async () => {
  const all = made(1);
  const whole = await resultsOf(engines.get('onnx')!, predicting(all, 'kl'), all.signature, all.feeds);
  const part = (from: number, to: number, state: Arrays[string]) => {
    const rows = Object.fromEntries(
      Object.entries(all.feeds).map(([name, array]) => {
        if (name === 'theta' || name === 'state') return [name, array];
        const step = array.length / L;
        return [name, array.slice(from * step, to * step)];
      }),
    );
    const shapes = Object.fromEntries(
      Object.entries(all.signature).map(([name, spec]) => [
        name,
        name === 'theta' || name === 'state'
          ? spec
          : { ...spec, shape: [1, to - from, ...spec.shape.slice(2)] },
      ]),
    );
    return resultsOf(engines.get('onnx')!, predicting(all, 'kl'), shapes, { ...rows, state });
  };
  const first = await part(0, 1, all.feeds.state!);
  const second = await part(1, L, first.results.state!);
  const joined = [...first.results.influence!, ...second.results.influence!];
  const { influence, state } = whole.results as Record<string, Float32Array>;
  expect(
    disagreement(
      { influence: Float32Array.from(joined), state: second.results.state! },
      { influence: influence!, state: state! },
    ),
  ).toBeNull();
});

/** Windows of 3 by 3, and numbers: gradients by differences take an evaluation or two for each weight. */
const CONFIG = `
env: {name: harvest, players: 3, windowAhead: 1, windowBehind: 1, windowLeft: 1, windowRight: 1}
environments: 2
shards: 1
algo: {name: ppo, segment: 6, sequence: 3, minibatches: 1}
network: {filters: 2, dense: [3], lstm: 2, activation: tanh}
intrinsic: {influence-moa: {dense: [3], lstm: 2}}
`;

const COPYING = [
  'env={name: copying, players: 2, actions: 3}',
  'network.perPlayer=true',
  'intrinsic.influence-moa.lossWeight=2',
];

/** The loss of the model of a real plan on a minibatch, as a function of theta. */
function lossOf(overrides: readonly string[] = []) {
  const plan = readPlan(CONFIG, 'a test', overrides);
  const { task, config, parameters } = plan;
  const model = plan.intrinsic[0]!.model!;
  const { players, actions } = task;
  const networks = config.network.perPlayer ? players : 1;
  const network = actorCritic(task.observation, task.actions, config.network, networks, {
    parameters: model.parameters,
  });
  expect(network.layout.size).toBe(parameters);
  const random = new Random().seed(7);
  const [l, b] = [3, 2];
  const sides = task.observation.shape;
  const below = (count: number, ...shape: number[]) =>
    tf.tensor(
      Int32Array.from({ length: shape.reduce((x, y) => x * y) }, () => random.below(count)),
      shape,
      'int32',
    );
  const floats = (scale: number, ...shape: number[]) =>
    tf.tensor(
      Float32Array.from({ length: shape.reduce((x, y) => x * y) }, () => scale * (2 * random.uniform() - 1)),
      shape,
    );
  const fields: Record<string, tf.Tensor> = {
    'moa/joint': below(actions, networks, l, b, players),
    'moa/next': below(actions, networks, l, b, players - 1),
    'moa/counts': tf.cast(below(2, networks, l, b, players - 1), 'float32'),
    'moa/state': floats(0.8, networks, b, 4),
  };
  const observation =
    task.observation.dtype === 'uint8'
      ? below(9, networks, l, b, ...sides)
      : floats(1, networks, l, b, ...sides);
  const keep = tf.cast(below(3, networks, l, b), 'bool');
  const theta = floats(0.7, parameters);
  const loss = (x: tf.Tensor) => {
    const weights = network.layout.unpack(x);
    const seen = network.see(weights, tf.reshape(observation, [networks, l * b, ...sides]), 'learn');
    const given = { weights, seen, observation, keep: tf.cast(keep, 'float32') };
    return model.loss({ ...given, field: (name) => fields[name]! }, null).loss as tf.Scalar;
  };
  return { loss, theta, network, fields };
}

describe('the loss', () => {
  it.each([
    ['one network that convolves', []],
    ['a network a player', COPYING],
  ])('has the gradient of finite differences: %s', async (_, overrides) => {
    await tf.setBackend('cpu');
    const { loss, theta } = lossOf(overrides);
    expect(gradientError(loss, theta)).toBeLessThan(2e-3);
  });

  it('is the mean of what is lost over those who count', async () => {
    await tf.setBackend('cpu');
    const { loss, theta, fields } = lossOf();
    const before = fields['moa/counts']!;
    const ones = tf.onesLike(before);
    // Its parts, one at a time.
    const each = Array.from({ length: ones.size }, (_, at) => {
      fields['moa/counts'] = tf.reshape(
        tf.oneHot(tf.scalar(at, 'int32'), ones.size, 1, 0, 'float32'),
        ones.shape,
      );
      return loss(theta).dataSync()[0]!;
    });
    fields['moa/counts'] = before;
    const counts = [...before.dataSync()];
    const expected =
      each.reduce((sum, x, at) => sum + x * counts[at]!, 0) / counts.reduce((sum, x) => sum + x, 0);
    expect(loss(theta).dataSync()[0]).toBeCloseTo(expected, 5);
    expect(new Set(counts).size).toBe(2);
    // Nobody in sight is no reason for a division by 0.
    fields['moa/counts'] = tf.zerosLike(before);
    expect(Math.abs(loss(theta).dataSync()[0]!)).toBe(0);
  });

  it('is weighed by its option', async () => {
    await tf.setBackend('cpu');
    const value = (weight: number) => {
      const { loss, theta } = lossOf([`intrinsic.influence-moa.lossWeight=${weight}`]);
      return loss(theta).dataSync()[0]!;
    };
    expect(value(3)).toBeCloseTo(3 * value(1), 4);
  });

  it('reaches the convolution that it shares, and nothing else of the policy', async () => {
    await tf.setBackend('cpu');
    const { loss, theta, network } = lossOf();
    const gradient = tf.grad(loss)(theta).dataSync() as Float32Array;
    const touched = network.layout.specs
      .filter(({ name }) => network.layout.view(gradient, name).some((x) => x !== 0))
      .map(({ name }) => name);
    const own = network.layout.specs.map(({ name }) => name).filter((name) => name.startsWith('moa'));
    expect(own.length).toBeGreaterThan(5);
    expect(touched.sort()).toEqual([...own, 'torso/conv/bias', 'torso/conv/filter'].sort());
  });
});
