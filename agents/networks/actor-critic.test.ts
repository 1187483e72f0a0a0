/** Policies with values: against plain tfjs, step by step against whole sequences, and each network by itself. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ArraySpec } from '../../shared/environment.ts';
import { Random } from '../../shared/random.ts';
import { disagreement, drawn, largest, resultsOf } from '../engine/agree.ts';
import { type Engine, openEngine } from '../engine/index.ts';
import { type Arrays, float32, type Signature, type TensorFunction, uint8 } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import { type ActorCritic, actorCritic, type NetworkOptions, networkSchema } from './actor-critic.ts';
import { ofNetwork, plainHeads, plainLstm, plainTorso } from './plain.ts';

const BACKENDS = ['cpu', 'onnx'] as const;
const engines = {} as Record<(typeof BACKENDS)[number], Engine>;
beforeAll(async () => {
  for (const backend of BACKENDS) engines[backend] = await openEngine(backend);
});

const WINDOW: ArraySpec = { dtype: 'uint8', shape: [8, 9], low: 0, high: 255 };
const RGB: ArraySpec = { dtype: 'uint8', shape: [4, 5, 3], low: 0, high: 255 };
const NUMBERS: ArraySpec = { dtype: 'float32', shape: [4], low: -5, high: 5 };
const BYTES: ArraySpec = { dtype: 'uint8', shape: [3], low: 0, high: 4 };
const A = 5;
const T = 4;
const B = 3;

const options = (given: Partial<NetworkOptions> = {}) =>
  networkSchema.parse({ filters: 4, dense: [8, 6], lstm: 5, ...given });

function freshTheta({ layout }: ActorCritic, seed = 1): Float32Array {
  const theta = new Float32Array(layout.size);
  const random = new Random().seed(seed);
  layout.initialize(theta, random);
  // A policy starts out nearly even and biases at 0: moved, so that each weight matters.
  for (let k = 0; k < theta.length; k++) theta[k]! += 0.2 * random.uniform() - 0.1;
  return theta;
}

const observed = ({ dtype, shape }: ArraySpec, ...leading: number[]) =>
  dtype === 'uint8' ? uint8(...leading, ...shape) : float32(...leading, ...shape);

function learning(network: ActorCritic, spec: ArraySpec): { signature: Signature; feeds: Arrays } {
  const g = network.layout.networks;
  const signature: Signature = {
    theta: float32(network.layout.size),
    observation: observed(spec, g, T, B),
    state: float32(g, B, network.stateSize),
    keep: float32(g, T, B),
  };
  const feeds = drawn(signature);
  feeds.theta!.set(freshTheta(network));
  // Episodes start within the sequences, and with the first step of one.
  feeds.keep!.fill(1);
  for (let k = 1; k < feeds.keep!.length; k += 4) feeds.keep![k] = 0;
  return { signature, feeds };
}

/** Logits and values of whole sequences, and the gradient of a loss of both. */
function withGradient(
  heads: (inputs: Record<string, tf.Tensor>, theta: tf.Tensor) => { logits: tf.Tensor; values: tf.Tensor },
): TensorFunction {
  return (inputs) => {
    const loss = (theta: tf.Tensor) => {
      const { logits, values } = heads(inputs, theta);
      return tf.add<tf.Scalar>(tf.neg(tf.mean(tf.logSoftmax(logits))), tf.mean(tf.square(tf.sub(values, 1))));
    };
    const { value, grad } = tf.valueAndGrad(loss)(inputs.theta!);
    return { ...heads(inputs, inputs.theta!), value, grad };
  };
}

const learn = (network: ActorCritic) =>
  withGradient((inputs, theta) => {
    const memory = network.stateSize > 0;
    const { logits, values } = network.learn(
      network.layout.unpack(theta),
      inputs.observation!,
      memory ? inputs.state! : null,
      memory ? inputs.keep! : null,
    );
    return { logits, values };
  });

it('the network of the paper has as many weights as its layers say', () => {
  // conv 3*3*3*6+6, dense 13*13*6*32+32 and 32*32+32, LSTM (32+128)*512+512, heads 128*8+8 and 128+1.
  const network = actorCritic({ ...WINDOW, shape: [15, 15] }, 8, networkSchema.parse({}), 1);
  expect(network.layout.size).toBe(168 + 32_480 + 1056 + 82_432 + 1032 + 129);
});

it('five networks have five times the weights', () => {
  const size = (networks: number) => actorCritic(WINDOW, A, options(), networks).layout.size;
  expect(size(5)).toBe(5 * size(1));
});

it('a value with layers of its own goes without an LSTM', () => {
  expect(() => actorCritic(NUMBERS, A, options({ separateValue: true }), 1)).toThrow(
    new RangeError('network: separateValue goes without an lstm'),
  );
});

it('a policy starts out nearly even', async () => {
  const network = actorCritic(WINDOW, A, options(), 1);
  const { signature, feeds } = learning(network, WINDOW);
  network.layout.initialize(feeds.theta as Float32Array, new Random().seed(3));
  const { results } = await resultsOf(engines.cpu, learn(network), signature, feeds);
  expect(largest({ logits: results.logits! })).toBeLessThan(0.02);
});

const BACKEND_AND_NETWORKS = BACKENDS.flatMap((backend) => [1, 3].map((g) => ({ backend, g })));

describe.each(BACKEND_AND_NETWORKS)('on $backend, $g networks', ({ backend, g }) => {
  it.each(['relu', 'tanh'] as const)(
    'are what plain tfjs makes of the same weights, with %s',
    async (activation) => {
      const network = actorCritic(WINDOW, A, options({ activation }), g);
      const { signature, feeds } = learning(network, WINDOW);
      const plain = withGradient((inputs, theta) => {
        const weights = network.layout.unpack(theta);
        const each = Array.from({ length: g }, (_, k) => {
          const own = ofNetwork(weights, k);
          const of = (all: tf.Tensor) => tf.gather(all, tf.scalar(k, 'int32'));
          const rows = tf.reshape(of(inputs.observation!), [T * B, ...WINDOW.shape]);
          const features = tf.reshape(plainTorso(own, rows, 2, activation), [T, B, -1]);
          const h = plainLstm(own, features, of(inputs.state!), of(inputs.keep!));
          return plainHeads(own, tf.reshape(h, [T * B, -1]));
        });
        return {
          logits: tf.stack(each.map(({ logits }) => logits)),
          values: tf.stack(each.map(({ values }) => values)),
        };
      });
      const actual = await resultsOf(engines[backend], learn(network), signature, feeds);
      const expected = await resultsOf(engines.cpu, plain, signature, feeds);
      expect(actual.outputs).toEqual(expected.outputs);
      for (const [output, values] of Object.entries(expected.results)) {
        const floor = largest({ values });
        expect(
          disagreement({ [output]: actual.results[output]! }, { [output]: values }, { floor }),
        ).toBeNull();
      }
    },
  );

  it('act step by step as they learn from the sequence, through episodes that start within', async () => {
    const network = actorCritic(WINDOW, A, options(), g);
    const { signature, feeds } = learning(network, WINDOW);
    const whole = await resultsOf(engines[backend], learn(network), signature, feeds);
    const step: Signature = {
      theta: signature.theta!,
      observation: observed(WINDOW, g, B),
      state: signature.state!,
    };
    const program = await engines[backend].compile(
      'act',
      (inputs) => {
        const acted = network.act(network.layout.unpack(inputs.theta!), inputs.observation!, inputs.state!);
        return { logits: acted.logits, values: acted.values, next: acted.state! };
      },
      step,
    );
    const size = network.stateSize;
    const cells = B * 8 * 9;
    const state = Float32Array.from(feeds.state!);
    const results = {
      logits: new Float32Array(g * B * A),
      values: new Float32Array(g * B),
      next: new Float32Array(state.length),
    };
    const observation = new Uint8Array(g * cells);
    const call = program.bind({ theta: feeds.theta!, observation, state }, results);
    for (let t = 0; t < T; t++) {
      for (let k = 0; k < g; k++) {
        const from = (k * T + t) * cells;
        observation.set(feeds.observation!.subarray(from, from + cells) as Uint8Array, k * cells);
        for (let b = 0; b < B; b++) {
          const column = k * B + b;
          if (feeds.keep![(k * T + t) * B + b] === 0) state.fill(0, column * size, (column + 1) * size);
        }
      }
      await call.run();
      state.set(results.next);
      for (let k = 0; k < g; k++) {
        const at = (k * T + t) * B;
        const expected = {
          logits: whole.results.logits!.slice(at * A, (at + B) * A),
          values: whole.results.values!.slice(at, at + B),
        };
        const actual = {
          logits: results.logits.slice(k * B * A, (k + 1) * B * A),
          values: results.values.slice(k * B, (k + 1) * B),
        };
        expect(disagreement(actual, expected, { floor: 1 })).toBeNull();
      }
    }
  });

  it.each<[string, ArraySpec, Partial<NetworkOptions>]>([
    ['numbers', NUMBERS, { lstm: 0, separateValue: true, activation: 'tanh' }],
    ['numbers, with memory', NUMBERS, {}],
    ['bytes', BYTES, { lstm: 0 }],
    ['pictures', RGB, { lstm: 0 }],
    ['windows without a convolution', WINDOW, { filters: 0, lstm: 0 }],
    ['windows without dense layers', WINDOW, { dense: [], lstm: 0 }],
  ])('take %s, and give the same as on the JavaScript backend', async (_, spec, given) => {
    const network = actorCritic(spec, A, options(given), g);
    const { signature, feeds } = learning(network, spec);
    const { outputs, results } = await resultsOf(engines[backend], learn(network), signature, feeds);
    expect(outputs.logits).toEqual(float32(g, T * B, A));
    expect(outputs.values).toEqual(float32(g, T * B));
    const expected = await resultsOf(engines.cpu, learn(network), signature, feeds);
    expect(disagreement(results, expected.results, { floor: largest(expected.results) })).toBeNull();
  });
});

describe('of three networks', () => {
  const network = actorCritic(WINDOW, A, options(), 3);
  const { signature, feeds } = learning(network, WINDOW);

  it.each([0, 1, 2])('the weights of %i matter to its own outputs only', async (changed) => {
    const before = await resultsOf(engines.onnx, learn(network), signature, feeds);
    const theta = Float32Array.from(feeds.theta!);
    for (const { name } of network.layout.specs) {
      const view = network.layout.view(theta, name, changed);
      for (let k = 0; k < view.length; k++) view[k]! += 0.1;
    }
    const after = await resultsOf(engines.onnx, learn(network), signature, { ...feeds, theta });
    const part = (results: Arrays, g: number) => results.logits!.slice(g * T * B * A, (g + 1) * T * B * A);
    const moved = [0, 1, 2].filter((g) =>
      part(before.results, g).some((logit, k) => logit !== part(after.results, g)[k]),
    );
    expect(moved).toEqual([changed]);
  });

  it.each([0, 1, 2])('the loss of %i has a gradient in its own weights only', async (g) => {
    const { results } = await resultsOf(
      engines.onnx,
      (inputs) => ({
        gradient: tf.grad((theta: tf.Tensor) => {
          const weights = network.layout.unpack(theta);
          const { logits, values } = network.learn(weights, inputs.observation!, inputs.state!, inputs.keep!);
          return tf.add(
            tf.sum(tf.square(tf.gather(logits, tf.scalar(g, 'int32')))),
            tf.sum(tf.square(tf.gather(values, tf.scalar(g, 'int32')))),
          );
        })(inputs.theta!),
      }),
      signature,
      feeds,
    );
    const touched = [0, 1, 2].filter((other) =>
      network.layout.specs.some(({ name }) =>
        network.layout.view(results.gradient as Float32Array, name, other).some((x) => x !== 0),
      ),
    );
    expect(touched).toEqual([g]);
  });
});
