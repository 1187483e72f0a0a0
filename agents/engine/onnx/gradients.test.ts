/** Gradients that tfjs takes while it is traced, as ONNX Runtime carries them out, against eager ones. */
import { beforeAll, expect, it } from 'vitest';
import { Random } from '../../../shared/random.ts';
import { disagreement, resultsOf } from '../agree.ts';
import { type Engine, openEngine } from '../index.ts';
import { allocate, float32, type Signature, type TensorFunction, type TensorSpec } from '../program.ts';
import * as tf from '../tf.ts';

let traced: Engine;
let eager: Engine;
beforeAll(async () => {
  traced = await openEngine('onnx');
  eager = await openEngine('cpu');
});

type Composite = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/** A scalar that depends on each element differently: sum of cos(k) y_k. */
function weighted(y: tf.Tensor): tf.Scalar {
  const weights = Array.from({ length: y.size }, (_, k) => Math.cos(k));
  return tf.sum<tf.Scalar>(tf.mul(y, tf.tensor(weights, y.shape)));
}

/** The weighted sum of what `f` gives, and its gradient with respect to each input. */
function differentiated(f: Composite, names: readonly string[]): TensorFunction {
  return (inputs) => {
    const loss = (...given: tf.Tensor[]) => {
      const y = f(...given);
      return (Array.isArray(y) ? y : [y]).map(weighted).reduce((a, b) => tf.add(a, b));
    };
    const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => inputs[name]!));
    return { value, ...Object.fromEntries(grads.map((gradient, k) => [`d${names[k]}`, gradient])) };
  };
}

const M23 = float32(2, 3);
const ids = () => tf.tensor1d([2, 0, 2, 1, 2], 'int32');
const flags = () => tf.tensor2d([1, 0, 1, 0, 0, 1], [2, 3], 'bool');
const positive = (x: tf.Tensor) => tf.add(tf.square(x), 0.5);
/** x^3, of which no kernel knows the gradient. */
const cube = tf.customGrad((...given: unknown[]) => {
  const [x, save] = given as [tf.Tensor, tf.GradSaveFunc];
  save([x]);
  return {
    value: tf.mul(tf.square(x), x),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, tf.mul(3, tf.square(saved[0]!))),
  };
});

const cases: [string, TensorSpec[], Composite][] = [
  ['a product', [M23, float32(3, 4)], (a, b) => tf.matMul(a!, b!)],
  ['a product, first transposed', [float32(3, 2), float32(3, 4)], (a, b) => tf.matMul(a!, b!, true, false)],
  ['a product, second transposed', [M23, float32(4, 3)], (a, b) => tf.matMul(a!, b!, false, true)],
  ['a product, both transposed', [float32(3, 2), float32(4, 3)], (a, b) => tf.matMul(a!, b!, true, true)],
  ['a batch of products', [float32(2, 2, 3), float32(2, 3, 4)], (a, b) => tf.matMul(a!, b!)],
  ['a batch of one product', [float32(1, 2, 3), float32(1, 3, 4)], (a, b) => tf.matMul(a!, b!)],
  [
    'a batch of products, first transposed',
    [float32(2, 3, 2), float32(2, 3, 4)],
    (a, b) => tf.matMul(a!, b!, true, false),
  ],
  [
    'a batch of products, second transposed',
    [float32(2, 2, 3), float32(2, 4, 3)],
    (a, b) => tf.matMul(a!, b!, false, true),
  ],
  [
    'a batch of products, both transposed',
    [float32(2, 3, 2), float32(2, 4, 3)],
    (a, b) => tf.matMul(a!, b!, true, true),
  ],
  [
    'two products one after the other, with a bias',
    [M23, float32(3, 4), float32(4), float32(4, 2)],
    (x, w, b, v) => tf.matMul(tf.tanh(tf.add(tf.matMul(x!, w!), b!)), v!),
  ],
  [
    'a valid convolution',
    [float32(2, 5, 4, 2), float32(3, 2, 2, 3)],
    (x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 'valid'),
  ],
  [
    'a convolution of the same size',
    [float32(2, 5, 4, 2), float32(2, 3, 2, 3)],
    (x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 'same'),
  ],
  ['rows looked up more than once', [float32(4, 3)], (x) => tf.gather(x!, ids())],
  ['columns looked up', [float32(2, 4)], (x) => tf.gather(x!, ids(), 1)],
  ['a slice', [float32(3, 4)], (x) => tf.slice(x!, [1, 0], [1, 3])],
  ['parts of a split, one of them unused', [float32(2, 6)], (x) => tf.split(x!, [1, 2, 3], 1).slice(1)],
  ['a concatenation', [M23, float32(2, 1)], (a, b) => tf.concat([a!, b!, a!], 1)],
  ['a stack', [M23, M23], (a, b) => tf.stack([a!, b!], 1)],
  ['parts of an unstacked tensor', [float32(3, 2)], (x) => tf.unstack(x!).slice(0, 2)],
  [
    'padding',
    [M23],
    (x) =>
      tf.square(
        tf.pad(x!, [
          [1, 0],
          [0, 2],
        ]),
      ),
  ],
  ['a tile', [M23], (x) => tf.tile(x!, [2, 2])],
  ['a broadcast', [float32(2, 1)], (x) => tf.broadcastTo(x!, [2, 3])],
  ['a transpose', [float32(2, 3, 4)], (x) => tf.transpose(x!, [2, 0, 1])],
  ['a reshape of a transpose', [float32(2, 3, 4)], (x) => tf.reshape(tf.transpose(x!, [2, 0, 1]), [-1, 2])],
  ['an expanded and squeezed tensor', [M23], (x) => tf.squeeze(tf.expandDims(x!, 1))],
  ['a choice', [M23, M23], (a, b) => tf.where(flags(), a!, b!)],
  ['a sum over an axis', [float32(2, 3, 4)], (x) => tf.square(tf.sum(x!, 1))],
  ['a mean over axes, kept', [float32(2, 3, 4)], (x) => tf.square(tf.mean(x!, [0, -1], true))],
  ['a maximum over an axis', [float32(2, 3)], (x) => tf.square(tf.max(x!, 1))],
  ['a minimum of all', [M23], (x) => tf.square(tf.min(x!))],
  ['a running sum', [float32(2, 4)], (x) => tf.square(tf.cumsum(x!, 1))],
  ['a softmax', [float32(2, 4)], (x) => tf.softmax(x!)],
  ['a log softmax', [float32(2, 2, 4)], (x) => tf.logSoftmax(x!)],
  ['log sum exp', [M23], (x) => tf.logSumExp(x!, -1)],
  ['a norm', [float32(7)], (x) => tf.norm(x!)],
  ['a variance', [M23], (x) => tf.moments(x!, 1).variance],
  ['sums that stretch', [float32(2, 1, 3), float32(4, 1)], (a, b) => tf.square(tf.add(a!, b!))],
  ['differences that stretch', [float32(3), M23], (a, b) => tf.square(tf.sub(a!, b!))],
  ['products that stretch', [float32(2, 1), float32(3)], (a, b) => tf.mul(a!, b!)],
  ['quotients that stretch', [M23, float32(3)], (a, b) => tf.div(a!, positive(b!))],
  ['squared differences', [M23, M23], (a, b) => tf.squaredDifference(a!, b!)],
  ['larger and smaller ones', [M23, M23], (a, b) => [tf.maximum(a!, b!), tf.minimum(a!, b!)]],
  ['powers', [M23], (x) => tf.pow(positive(x!), 1.5)],
  ['a clip', [M23], (x) => tf.clipByValue(x!, -0.5, 0.5)],
  [
    'roots and logarithms',
    [M23],
    (x) => [tf.sqrt(positive(x!)), tf.log(positive(x!)), tf.rsqrt(positive(x!))],
  ],
  ['exponentials', [M23], (x) => [tf.exp(x!), tf.expm1(x!), tf.log1p(positive(x!))]],
  [
    'activations',
    [M23],
    (x) => [tf.relu(x!), tf.tanh(x!), tf.sigmoid(x!), tf.softplus(x!), tf.leakyRelu(x!)],
  ],
  ['an exponential linear unit', [M23], (x) => tf.elu(x!)],
  ['circular functions and an error function', [M23], (x) => [tf.sin(x!), tf.cos(x!), tf.erf(x!)]],
  ['an absolute value, a reciprocal', [M23], (x) => [tf.abs(x!), tf.reciprocal(positive(x!))]],
  ['what is rounded, which has none', [M23], (x) => tf.mul(x!, tf.round(x!))],
  ['a gradient written by hand', [M23], (x) => tf.tanh(cube(x!))],
  ['an input that does not matter', [M23, M23], (a, b) => tf.add(a!, tf.mul(0, b!))],
  ['the gradient of a gradient', [M23], (x) => tf.grad((z) => tf.sum(tf.tanh(tf.square(z))))(x!)],
];

it.each(cases)('%s', async (_, specs, f) => {
  const signature: Signature = Object.fromEntries(specs.map((spec, k) => [`x${k}`, spec]));
  const feeds = allocate(signature);
  const random = new Random().seed(1);
  for (const array of Object.values(feeds)) {
    for (let i = 0; i < array.length; i++) array[i] = 2 * random.uniform() - 1;
  }
  const fn = differentiated(f, Object.keys(signature));
  const actual = await resultsOf(traced, fn, signature, feeds);
  const expected = await resultsOf(eager, fn, signature, feeds);
  expect(actual.outputs).toEqual(expected.outputs);
  expect(disagreement(actual.results, expected.results)).toBeNull();
});
