/** For tests: cases of the kernels in `../elementwise.ts`. */
import { float32, int32, type TensorSpec, uint8 } from '../../../program.ts';
import * as tf from '../../../tf.ts';
import { type KernelCase, type KernelCases, on } from './case.ts';

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const SPECIAL = [0, -0, 0.5, -0.5, 1.5, 2.5, -1.5, 1e-3, -1e-3, 3, -7, 20];
const POSITIVE = [1e-3, 0.25, 0.5, 1, 1.5, 2, 3, 10, 100, 1e4, 7, 9];

/** Element by element over numbers of one dtype. */
function unary(compute: Unary, values: readonly number[] = SPECIAL, spec: TensorSpec = float32(3, 4)) {
  return [
    on('of each element', [spec], compute, values),
    on('of a scalar', [{ ...spec, shape: [] }], compute, [values[2]!]),
    on('of a fill', [spec], (x) => compute(tf.fill(x.shape, values[3]!)), values),
  ];
}

const ofIntegers = (compute: Unary) => on('of integers', [int32(2, 3)], compute, [0, 1, -1, 2, -7, 100]);

/** Two operands of a dtype, none of which is 0. */
function binary(compute: Binary, dtype: 'float32' | 'int32' = 'float32'): KernelCase[] {
  const spec = (...shape: number[]): TensorSpec => ({ dtype, shape });
  const some = (count: number) => Array.from({ length: count }, (_, k) => (k % 2 === 0 ? k + 1 : -k));
  const fill = (value: number, ...shape: number[]) => tf.fill(shape, value, dtype);
  const named = (name: string, shapes: number[][], f: KernelCase['compute']) =>
    on(
      `${dtype}, ${name}`,
      shapes.map((shape) => spec(...shape)),
      f,
      ...shapes.map((s) => some(tf.util.sizeFromShape(s)).reverse()),
    );
  return [
    named(
      'of equal shapes',
      [
        [2, 3],
        [2, 3],
      ],
      compute,
    ),
    named('of scalars', [[], []], compute),
    named('with a scalar', [[2, 3], []], compute),
    named('a vector before a matrix', [[3], [2, 3]], compute),
    named(
      'both stretched',
      [
        [2, 1, 3],
        [4, 1],
      ],
      compute,
    ),
    named('with a fill of its shape', [[2, 3]], (x) => compute(x, fill(2, 2, 3))),
    named('after a fill of its shape', [[2, 3]], (x) => compute(fill(2, 2, 3), x)),
    named('with a fill that stretches it', [[3]], (x) => compute(x, fill(3, 2, 3))),
    named('with a fill of fewer elements', [[2, 3]], (x) => compute(x, fill(3, 3))),
    named('with ones', [[2, 3]], (x) => compute(x, fill(1, 2, 3))),
    named('after ones', [[2, 3]], (x) => compute(fill(1, 2, 3), x)),
    named('with ones that stretch it', [[3]], (x) => compute(x, fill(1, 2, 3))),
    on(`${dtype}, of fills`, [], () => compute(fill(3, 2, 1), fill(2, 3))),
  ];
}

/** What arithmetic leaves out: zeros. */
const zeros = (compute: Binary): KernelCase[] => [
  on('with zeros', [float32(2, 3)], (x) => compute(x, tf.zeros([2, 3]))),
  on('after zeros', [float32(2, 3)], (x) => compute(tf.zeros([2, 3]), x)),
  on('with zeros that stretch it', [float32(3)], (x) => compute(x, tf.zeros([2, 3]))),
  on('with a scalar 0', [float32(2, 3)], (x) => compute(x, tf.scalar(0))),
];

const mixed = (compute: Binary) => [
  on('of an integer and a float', [int32(3), float32(2, 3)], compute),
  on('of a byte and an integer', [uint8(3), int32(2, 3)], compute, [0, 1, 255]),
];

const TIES = [1, 2, 2, -1, 0, 3];
function comparison(compute: Binary): KernelCase[] {
  return [
    on('of floats with ties', [float32(2, 3), float32(2, 3)], compute, TIES, [2, 2, 1, -1, 0, -3]),
    on('of integers, stretched', [int32(2, 1), int32(3)], compute, [1, 2], [1, 2, 3]),
    on('with a scalar fill', [float32(2, 3)], (x) => compute(x, tf.scalar(2)), TIES),
    on('after a fill that stretches it', [float32(3)], (x) => compute(tf.fill([2, 3], 2), x), [1, 2, 3]),
    on('of fills', [], () => compute(tf.fill([2, 1], 2), tf.fill([3], 2))),
  ];
}

const isPositive = (x: tf.Tensor) => tf.greater(x, 0);
const logical = (compute: Binary): KernelCase[] => [
  on(
    'of all pairs',
    [float32(2, 1), float32(2)],
    (a, b) => compute(isPositive(a), isPositive(b)),
    [1, -1],
    [1, -1],
  ),
  on('with a fill', [float32(2)], (a) => compute(isPositive(a), tf.ones([2], 'bool')), [1, -1]),
];

export const ELEMENTWISE: KernelCases = {
  Add: [...binary(tf.add), ...binary(tf.add, 'int32'), ...zeros(tf.add), ...mixed(tf.add)],
  Sub: [...binary(tf.sub), ...binary(tf.sub, 'int32'), ...zeros(tf.sub), ...mixed(tf.sub)],
  Multiply: [...binary(tf.mul), ...binary(tf.mul, 'int32'), ...zeros(tf.mul), ...mixed(tf.mul)],
  RealDiv: [
    ...binary(tf.div),
    on('of an integer by a float', [int32(3), float32(3)], tf.div, [1, -2, 3], [2, 4, 8]),
    on('by 0', [float32(3)], (x) => tf.div(x, tf.zeros([3])), [1, -1, 0]),
  ],
  Maximum: [...binary(tf.maximum), ...binary(tf.maximum, 'int32'), ...mixed(tf.maximum)],
  Minimum: [...binary(tf.minimum), ...binary(tf.minimum, 'int32'), ...mixed(tf.minimum)],
  Pow: [
    on('of positive numbers', [float32(2, 3), float32(3)], tf.pow, [1, 2, 3, 0.5, 4, 9], [2, -1, 0.5]),
    on('squared and cubed by a fill', [float32(4)], (x) => [tf.pow(x, 2), tf.pow(x, 3)], [-2, 0, 1.5, 3]),
    on('of integers', [int32(3), int32(3)], tf.pow, [2, -3, 5], [3, 2, 0]),
  ],
  FloorDiv: [
    // As floats: the JavaScript backend calls them integers.
    on(
      'of floats of both signs',
      [float32(4), float32(4)],
      (a, b) => tf.cast(tf.floorDiv(a, b), 'float32'),
      [7, -7, 7, -7],
      [2, 2, -2, -2],
    ),
    on('of integers of both signs', [int32(4), int32(4)], tf.floorDiv, [7, -7, 7, -7], [2, 2, -2, -2]),
    on('of integers, stretched', [int32(2, 1), int32(3)], tf.floorDiv, [9, -9], [2, 3, 4]),
    on('as the quotient of integers', [int32(4)], (x) => tf.div(x, tf.scalar(3, 'int32')), [7, -7, 6, 0]),
  ],
  SquaredDifference: [...binary(tf.squaredDifference), ...binary(tf.squaredDifference, 'int32')],
  AddN: [
    on('of three', [float32(2, 3), float32(2, 3), float32(2, 3)], (a, b, c) => tf.addN([a!, b!, c!])),
    on('of one', [float32(3)], (a) => tf.addN([a])),
    on('with a fill', [int32(3), int32(3)], (a, b) => tf.addN([a, tf.zerosLike(b), b])),
  ],
  Equal: comparison(tf.equal),
  NotEqual: comparison(tf.notEqual),
  Greater: comparison(tf.greater),
  GreaterEqual: comparison(tf.greaterEqual),
  Less: comparison(tf.less),
  LessEqual: comparison(tf.lessEqual),
  LogicalAnd: logical(tf.logicalAnd),
  LogicalOr: logical(tf.logicalOr),
  LogicalNot: [on('of both', [float32(2)], (x) => tf.logicalNot(isPositive(x)), [1, -1])],
  Abs: [...unary(tf.abs), ofIntegers(tf.abs)],
  Ceil: unary(tf.ceil),
  Cos: unary(tf.cos),
  Erf: unary(tf.erf, [0, 1e-3, -0.5, 0.5, 1, -1, 2, -2, 3, -3, 6, -6]),
  Exp: unary(tf.exp, [0, 1, -1, 0.5, -0.5, 10, -10, 80, -80, 1e-3, 2, 3]),
  Expm1: [
    ...unary(tf.expm1, [0, 1, -1, 0.5, -0.5, 10, -10, 80, -80, 1e-3, 2, 3]),
    on('near 0', [float32(4)], (x) => tf.mul(tf.expm1(x), 1e6), [1e-6, -1e-6, 3e-5, 1e-8]),
  ],
  Floor: unary(tf.floor),
  Log: unary(tf.log, POSITIVE),
  Log1p: [
    ...unary(tf.log1p, POSITIVE),
    on('near 0', [float32(4)], (x) => tf.mul(tf.log1p(x), 1e6), [1e-6, -1e-6, 3e-5, 1e-8]),
    on('at the end of its domain', [float32(3)], tf.log1p, [-1, -0.999, -2]),
  ],
  Neg: [...unary(tf.neg), ofIntegers(tf.neg)],
  Reciprocal: unary(tf.reciprocal, POSITIVE),
  Relu: [...unary(tf.relu), ofIntegers(tf.relu)],
  Round: unary(tf.round, [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49, 0.51, -3.49, 7, 1e4, -0]),
  Rsqrt: unary(tf.rsqrt, POSITIVE),
  Sigmoid: unary(tf.sigmoid, [0, 1, -1, 0.5, -0.5, 10, -10, 40, -40, 100, -100, 1e-3]),
  Sign: [...unary(tf.sign), ofIntegers(tf.sign)],
  Sin: unary(tf.sin),
  Softplus: unary(tf.softplus, [0, 1, -1, 0.5, -0.5, 10, -10, 100, -100, 1e-3, 30, -30]),
  Sqrt: unary(tf.sqrt, [0, ...POSITIVE.slice(1)]),
  Square: [...unary(tf.square), ofIntegers(tf.square)],
  Tanh: [
    ...unary(tf.tanh),
    on('near 0 and far from it', [float32(4)], (x) => tf.tanh(x), [1e-4, -1e-4, 50, -50]),
  ],
  LeakyRelu: [
    ...unary((x) => tf.leakyRelu(x)),
    on('of a slope', [float32(3)], (x) => tf.leakyRelu(x, 0.01), [-2, 0, 2]),
  ],
  Elu: unary(tf.elu),
  EluGrad: [
    on('on both sides of 0', [float32(4)], (x) => tf.grad((z) => tf.sum(tf.elu(z)))(x), [-2, -0.1, 0, 2]),
  ],
  Step: [
    ...unary((x) => tf.step(x)),
    on('with a slope', [float32(3)], (x) => tf.step(x, 0.2), [-2, 0, 2]),
    on('with a slope, of a fill', [], () => tf.step(tf.fill([3], -1), 0.2)),
  ],
  ClipByValue: [
    on('on both sides', [float32(2, 3)], (x) => tf.clipByValue(x, -1, 0.5), [-2, -1, 0, 0.5, 0.6, 9]),
    on('of integers', [int32(4)], (x) => tf.clipByValue(x, -1, 2), [-5, -1, 2, 7]),
    on('of a fill', [], () => tf.clipByValue(tf.fill([2, 2], 3), 0, 1)),
  ],
  Select: [
    on('of equal shapes', [float32(2, 3), float32(2, 3), float32(2, 3)], (c, a, b) =>
      tf.where(isPositive(c), a!, b!),
    ),
    on('all stretched', [float32(2, 1), float32(3), float32(4, 1, 1)], (c, a, b) =>
      tf.where(isPositive(c), a!, b!),
    ),
    on('between fills', [float32(2, 3)], (c) => tf.where(isPositive(c), tf.ones([2, 3]), tf.zeros([2, 3]))),
    on('between scalars', [float32(2, 3)], (c) => tf.where(isPositive(c), 1, -1)),
    on('by a fill', [float32(3), float32(3)], (a, b) => tf.where(tf.zeros([3], 'bool'), a, b)),
    on('by a fill, between fills', [], () => tf.where(tf.ones([2, 3], 'bool'), tf.scalar(2), tf.scalar(3))),
    on('of integers', [float32(3), int32(3), int32(3)], (c, a, b) => tf.where(isPositive(c), a!, b!)),
    on('of flags', [float32(4), float32(4)], (c, a) =>
      tf.where(isPositive(c), isPositive(a), tf.zeros([4], 'bool')),
    ),
  ],
  Cast: [
    on(
      'floats to integers, toward 0',
      [float32(6)],
      (x) => tf.cast(x, 'int32'),
      [1.7, -1.7, 0.2, -0.2, 3, -4],
    ),
    on('floats to flags', [float32(4)], (x) => tf.cast(x, 'bool'), [0, 0.25, -1, 3]),
    on(
      'integers to floats and flags',
      [int32(3)],
      (x) => [tf.cast(x, 'float32'), tf.cast(x, 'bool')],
      [0, -1, 7],
    ),
    on('flags to numbers', [float32(2)], (x) => [
      tf.cast(isPositive(x), 'float32'),
      tf.cast(isPositive(x), 'int32'),
    ]),
    on('bytes to floats', [uint8(3)], (x) => tf.cast(x, 'float32'), [0, 1, 255]),
    on('to what it is', [float32(3)], (x) => tf.cast(x, 'float32')),
    on('fills', [], () => [tf.cast(tf.fill([2], -1.7), 'int32'), tf.cast(tf.fill([2], 0.5), 'bool')]),
    on('fills there and back', [], () => tf.cast(tf.cast(tf.fill([2], 1.7), 'int32'), 'float32')),
  ],
  Identity: [
    on('a copy', [float32(2, 3)], (x) => tf.clone(x)),
    on('of a fill', [], () => tf.clone(tf.ones([2]))),
  ],
  ZerosLike: [
    on('of floats', [float32(2, 3)], (x) => tf.zerosLike(x)),
    on('of integers and flags', [int32(2)], (x) => [tf.zerosLike(x), tf.zerosLike(isPositive(x))]),
  ],
  OnesLike: [
    on('of floats', [float32(2, 3)], (x) => tf.onesLike(x)),
    on('of integers and flags', [int32(2)], (x) => [tf.onesLike(x), tf.onesLike(isPositive(x))]),
  ],
  Fill: [
    on('with a float', [], () => tf.fill([2, 3], 0.25)),
    on('with an integer', [], () => tf.fill([2], 7, 'int32')),
    on('a scalar', [], () => tf.fill([], -1)),
  ],
};
