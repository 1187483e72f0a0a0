/** The LSTM: by hand, against a plain loop that tfjs differentiates itself, and against finite differences. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import { disagreement, drawn, resultsOf } from '../engine/agree.ts';
import { type Engine, openEngine } from '../engine/index.ts';
import { type Arrays, float32, type Signature } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import { gradientError } from '../math/finite-differences.ts';
import { lstmParameters, lstmSequence, lstmStep } from './lstm.ts';
import { ParameterLayout, type Weights } from './parameters.ts';
import { ofNetwork, plainLstm } from './plain.ts';

const BACKENDS = ['cpu', 'onnx'] as const;
const engines = {} as Record<(typeof BACKENDS)[number], Engine>;
beforeAll(async () => {
  for (const backend of BACKENDS) engines[backend] = await openEngine(backend);
});

const weightsOf = (inputs: Record<string, tf.Tensor>): Weights => ({
  'lstm/x': inputs.wx!,
  'lstm/h': inputs.wh!,
  'lstm/bias': inputs.bias!,
});

const G = 2;
const T = 5;
const B = 3;
const D = 4;
const H = 2;
const signature: Signature = {
  wx: float32(G, D, 4 * H),
  wh: float32(G, H, 4 * H),
  bias: float32(G, 4 * H),
  x: float32(G, T, B, D),
  state: float32(G, B, 2 * H),
  keep: float32(G, T, B),
};

/** Numbers of any kind, with episodes that start within the sequences and with their first step. */
function feeds(): Arrays {
  const arrays = drawn(signature);
  arrays.keep!.fill(1);
  for (const k of [0, 4, 8, 16, 17, 29]) arrays.keep![k] = 0;
  return arrays;
}

/** h of the sequence, and the gradient of a sum that weighs each step differently. */
function withGradients(sequence: (inputs: Record<string, tf.Tensor>) => tf.Tensor) {
  return (inputs: Record<string, tf.Tensor>) => {
    const names = ['wx', 'wh', 'bias', 'x'];
    const scale = tf.tensor(
      Array.from({ length: G * T * B * H }, (_, k) => Math.cos(k)),
      [G, T, B, H],
    );
    const loss = (...given: tf.Tensor[]) =>
      tf.sum<tf.Scalar>(
        tf.mul(
          scale,
          sequence({ ...inputs, ...Object.fromEntries(names.map((name, k) => [name, given[k]!])) }),
        ),
      );
    const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => inputs[name]!));
    return {
      h: sequence(inputs),
      value,
      ...Object.fromEntries(grads.map((gradient, k) => [`d${names[k]}`, gradient])),
    };
  };
}

const fused = withGradients((inputs) =>
  lstmSequence(weightsOf(inputs), 'lstm', inputs.x!, inputs.state!, inputs.keep!),
);
const plain = withGradients((inputs) => {
  const of = (all: tf.Tensor, g: number) => tf.gather(all, tf.scalar(g, 'int32'));
  return tf.stack(
    Array.from({ length: G }, (_, g) =>
      plainLstm(ofNetwork(weightsOf(inputs), g), of(inputs.x!, g), of(inputs.state!, g), of(inputs.keep!, g)),
    ),
  );
});

describe.each(BACKENDS)('on %s', (backend) => {
  it('two steps of one unit are those worked out by hand', async () => {
    // i = s(.5x + .1h), f = s(.4x + .2h + 1), o = s(.2x + .4h), g = tanh(.3x + .3h), with x = 1, -1.
    const fn = (inputs: Record<string, tf.Tensor>) => {
      const weights: Weights = {
        'lstm/x': tf.tensor([0.5, 0.4, 0.2, 0.3], [1, 1, 4]),
        'lstm/h': tf.tensor([0.1, 0.2, 0.4, 0.3], [1, 1, 4]),
        'lstm/bias': tf.tensor([0, 1, 0, 0], [1, 4]),
      };
      const [first, second] = tf.unstack(inputs.x!, 1) as [tf.Tensor, tf.Tensor];
      const one = lstmStep(weights, 'lstm', first, tf.zeros([1, 1, 2]));
      const two = lstmStep(weights, 'lstm', second, one.state);
      const h = lstmSequence(weights, 'lstm', inputs.x!, tf.zeros([1, 1, 2]), tf.ones([1, 2, 1]));
      return { h, states: tf.concat([one.state, two.state]) };
    };
    const { results } = await resultsOf(
      engines[backend],
      fn,
      { x: float32(1, 2, 1, 1) },
      {
        x: Float32Array.of(1, -1),
      },
    );
    const h = Float32Array.of(0.09862297, 0.00809706);
    const states = Float32Array.of(0.09862297, 0.18133025, 0.00809706, 0.01760611);
    expect(disagreement(results, { h, states }, { floor: 0.01 })).toBeNull();
  });

  it('a sequence and its gradients are those of a plain loop', async () => {
    const actual = await resultsOf(engines[backend], fused, signature, feeds());
    const expected = await resultsOf(engines[backend], plain, signature, feeds());
    expect(actual.outputs).toEqual(expected.outputs);
    expect(disagreement(actual.results, expected.results, { floor: 1 })).toBeNull();
  });

  it('nothing of the state before reaches an episode that starts with the first step', async () => {
    const cut = { ...feeds(), keep: new Float32Array(G * T * B).fill(1) };
    for (let g = 0; g < G; g++) cut.keep.fill(0, g * T * B, g * T * B + B);
    const { results } = await resultsOf(engines[backend], fused, signature, cut);
    const blank = { ...cut, state: new Float32Array(G * B * 2 * H) };
    const without = await resultsOf(engines[backend], fused, signature, blank);
    expect(without.results).toEqual(results);
  });
});

/** The gradient that is written by hand, against (f(x + h) - f(x - h)) / 2h. */
it.each(['wx', 'wh', 'bias', 'x'])(
  'the gradient with respect to %s is that of finite differences',
  async (name) => {
    await tf.setBackend('cpu');
    const worst = tf.tidy(() => {
      const arrays = feeds();
      const inputs = Object.fromEntries(
        Object.entries(signature).map(([input, { shape }]) => [
          input,
          tf.tensor(arrays[input] as Float32Array, [...shape]),
        ]),
      );
      const loss = (x: tf.Tensor) => {
        const all = { ...inputs, [name]: x };
        return tf.sum<tf.Scalar>(
          tf.square(lstmSequence(weightsOf(all), 'lstm', all.x!, all.state!, all.keep!)),
        );
      };
      return gradientError(loss, inputs[name]!);
    });
    expect(worst).toBeLessThan(2e-3);
  },
);

it('starts with its forget gates open and its other biases at 0', () => {
  const layout = new ParameterLayout(lstmParameters('lstm', 3, 2), 1);
  const theta = new Float32Array(layout.size);
  layout.initialize(theta, new Random().seed(1));
  expect([...layout.view(theta, 'lstm/bias')]).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
});
