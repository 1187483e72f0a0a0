/** For tests: cases of the kernels in `../reduce.ts`. */
import { float32, int32, type TensorSpec } from '../../../program.ts';
import * as tf from '../../../tf.ts';
import { type KernelCase, type KernelCases, on } from './case.ts';

type Reduce = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;

function over(reduce: Reduce, of: (...shape: number[]) => TensorSpec = float32): KernelCase[] {
  const dtype = of().dtype;
  return [
    on(`${dtype}, over everything`, [of(2, 3)], (x) => reduce(x)),
    on(`${dtype}, over everything, axes kept`, [of(2, 3)], (x) => reduce(x, undefined, true)),
    on(`${dtype}, over one axis`, [of(2, 3, 4)], (x) => [reduce(x, 0), reduce(x, 1, true), reduce(x, 2)]),
    on(`${dtype}, over negative axes`, [of(2, 3, 4)], (x) => [reduce(x, -1), reduce(x, [-3, -1], true)]),
    on(`${dtype}, over axes out of order`, [of(2, 3, 4)], (x) => reduce(x, [2, 0])),
    on(`${dtype}, over axes of length 1`, [of(2, 1, 3)], (x) => [reduce(x, 1), reduce(x, 1, true)]),
    on(`${dtype}, of a scalar`, [of()], (x) => reduce(x)),
    on(`${dtype}, of a fill`, [], () => reduce(tf.fill([2, 3], 2, dtype as 'float32'), 1)),
  ];
}

const isPositive = (x: tf.Tensor) => tf.greater(x, 0);
const ofFlags = (reduce: Reduce) =>
  on('of flags', [float32(2, 3)], (x) => reduce(isPositive(x), 1), [1, 1, 1, -1, 1, -1]);
const FLAGS = [1, 1, 1, -1, 1, -1, -1, -1, -1];
const flags = (reduce: Reduce): KernelCase[] => [
  on('over everything', [float32(3, 3)], (x) => reduce(isPositive(x)), FLAGS),
  on(
    'over one axis',
    [float32(3, 3)],
    (x) => [reduce(isPositive(x), 1), reduce(isPositive(x), -2, true)],
    FLAGS,
  ),
  on('over an axis of length 1', [float32(3, 1)], (x) => reduce(isPositive(x), 1), [1, -1, 1]),
];

const extreme = (find: (x: tf.Tensor, axis?: number) => tf.Tensor): KernelCase[] => [
  on('along the first axis', [float32(3, 4)], (x) => find(x)),
  on('along a negative axis', [float32(2, 3, 4)], (x) => [find(x, -1), find(x, -2)]),
  on('the first of equals', [float32(2, 3)], (x) => find(x, 1), [1, 1, 1, 0, 2, 2]),
  on('of integers', [int32(2, 3)], (x) => find(x, 1)),
  on('along an axis of length 1', [float32(2, 1)], (x) => find(x, 1)),
];

const EXTREMES = [1, 2, 3, 100, -100, 0, 1e4, 1e4, -1e4];
const soft = (compute: (x: tf.Tensor) => tf.Tensor): KernelCase[] => [
  on('of a vector', [float32(4)], compute),
  on('of rows', [float32(2, 3, 4)], compute),
  on('of numbers far apart', [float32(3, 3)], compute, EXTREMES),
  on('of one', [float32(2, 1)], compute),
  on('of a fill', [], () => compute(tf.fill([2, 3], 5))),
];

const sums = (compute: (x: tf.Tensor, axis: number, exclusive: boolean, reverse: boolean) => tf.Tensor) => [
  on('along the first axis', [float32(3, 2)], (x) => compute(x, 0, false, false)),
  on('along the last, exclusive', [float32(2, 3)], (x) => compute(x, 1, true, false)),
  on('along a middle axis, backward', [float32(2, 3, 2)], (x) => compute(x, 1, false, true)),
  on('exclusive and backward, of integers', [int32(4)], (x) => compute(x, 0, true, true)),
  on('of a fill', [], () => compute(tf.ones([3]), 0, false, false)),
];

export const REDUCE: KernelCases = {
  Sum: [
    ...over(tf.sum),
    ...over(tf.sum, int32),
    ofFlags(tf.sum),
    on('of filled flags', [], () => tf.sum(tf.ones([2, 3], 'bool'))),
  ],
  Mean: [...over(tf.mean), ...over(tf.mean, int32), ofFlags(tf.mean)],
  Max: [...over(tf.max), ...over(tf.max, int32)],
  Min: [...over(tf.min), ...over(tf.min, int32)],
  Prod: [...over(tf.prod), ...over(tf.prod, int32), ofFlags(tf.prod)],
  All: flags(tf.all),
  Any: flags(tf.any),
  ArgMax: extreme((x, axis) => tf.argMax(x, axis)),
  ArgMin: extreme((x, axis) => tf.argMin(x, axis)),
  Softmax: soft((x) => tf.softmax(x)),
  Cumsum: sums((x, axis, exclusive, reverse) => tf.cumsum(x, axis, exclusive, reverse)),
  UnsortedSegmentSum: [
    on(
      'of numbers',
      [float32(4), int32(4)],
      (x, ids) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 3),
      undefined,
      [2, 0, 2, 2],
    ),
    on(
      'of rows',
      [float32(3, 2), int32(3)],
      (x, ids) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 2),
      undefined,
      [1, 1, 0],
    ),
    on(
      'of integers',
      [int32(3), int32(3)],
      // As floats: the JavaScript backend calls all sums that.
      (x, ids) => tf.cast(tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 4), 'float32'),
      undefined,
      [3, 0, 3],
    ),
    on(
      'of ids outside, dropped',
      [float32(4), int32(4)],
      (x, ids) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 3),
      undefined,
      [-1, 0, -3, 1],
    ),
  ],
};
