/** For tests: cases of the kernels in `../shape.ts`. */
import { float32, int32 } from '../../../program.ts';
import * as tf from '../../../tf.ts';
import { type KernelCases, on } from './case.ts';

const isPositive = (x: tf.Tensor) => tf.greater(x, 0);

export const SHAPE: KernelCases = {
  Reshape: [
    on('to more axes', [float32(6)], (x) => tf.reshape(x, [1, 2, 3])),
    on('with a side left open', [int32(2, 3)], (x) => tf.reshape(x, [-1, 2])),
    on('to and from a scalar', [float32(1, 1)], (x) => tf.reshape(tf.reshape(x, []), [1])),
    on('of a fill', [], () => tf.reshape(tf.ones([2, 3]), [3, 2])),
    on('of flags', [float32(4)], (x) => tf.reshape(isPositive(x), [2, 2])),
    on('of what was transposed', [float32(2, 3)], (x) => tf.reshape(tf.transpose(x), [6])),
  ],
  ExpandDims: [
    on('before', [float32(2, 3)], (x) => tf.expandDims(x, 0)),
    on('between', [float32(2, 3)], (x) => tf.expandDims(x, 1)),
    on('at a negative axis', [int32(2, 3)], (x) => [tf.expandDims(x, -1), tf.expandDims(x, -2)]),
    on('of a scalar', [float32()], (x) => tf.expandDims(x)),
  ],
  Transpose: [
    on('of a matrix', [float32(2, 3)], (x) => tf.transpose(x)),
    on('of four axes', [float32(2, 3, 4, 5)], (x) => tf.transpose(x, [2, 0, 3, 1])),
    on('of axes of length 1', [float32(2, 1, 3)], (x) => [
      tf.transpose(x, [1, 0, 2]),
      tf.transpose(x, [2, 1, 0]),
    ]),
    on('twice, to where it was', [float32(2, 3, 4)], (x) =>
      tf.transpose(tf.transpose(x, [2, 0, 1]), [1, 2, 0]),
    ),
    on('twice, to elsewhere', [float32(2, 3, 4)], (x) => tf.transpose(tf.transpose(x, [2, 0, 1]), [2, 0, 1])),
    on('of integers and a fill', [int32(2, 3)], (x) => [tf.transpose(x), tf.transpose(tf.ones([2, 3]))]),
  ],
  Concat: [
    on('along the first axis', [float32(2, 3), float32(1, 3)], (a, b) => tf.concat([a, b])),
    on('along a negative axis', [float32(2, 3), float32(2, 1), float32(2, 2)], (a, b, c) =>
      tf.concat([a!, b!, c!], -1),
    ),
    on('with an empty one', [float32(2, 3)], (a) => tf.concat([a, tf.zeros([0, 3])])),
    on('of integers and a fill', [int32(2, 2)], (a) => tf.concat([a, tf.ones([2, 1], 'int32')], 1)),
    on('of flags', [float32(3)], (a) => tf.concat([isPositive(a), isPositive(tf.neg(a))])),
    on('of fills', [], () => tf.concat([tf.ones([2]), tf.zeros([1])])),
    on('of the same twice', [float32(2)], (a) => tf.concat([a, a])),
  ],
  Pack: [
    on('before', [float32(2, 3), float32(2, 3)], (a, b) => tf.stack([a, b])),
    on('at a negative axis', [float32(2, 3), float32(2, 3)], (a, b) => tf.stack([a, b], -1)),
    on('of scalars', [float32(), float32(), float32()], (a, b, c) => tf.stack([a!, b!, c!])),
    on('of one', [float32(2)], (a) => tf.stack([a], 1)),
  ],
  Unpack: [
    on('along the first axis', [float32(3, 2)], (x) => tf.unstack(x)),
    on('along a negative axis', [int32(2, 3, 2)], (x) => tf.unstack(x, -2)),
    on('of length 1', [float32(2, 1)], (x) => tf.unstack(x, 1)),
    on('of a fill', [], () => tf.unstack(tf.ones([2, 3]))),
  ],
  SplitV: [
    on('evenly', [float32(2, 6)], (x) => tf.split(x, 3, 1)),
    on('by sizes', [float32(6, 2)], (x) => tf.split(x, [1, 3, 2])),
    on('with a size left open, at a negative axis', [int32(2, 6)], (x) => tf.split(x, [2, -1], -1)),
    on('into one', [float32(2, 3)], (x) => tf.split(x, 1, 1)),
    on('into one of its size', [float32(4)], (x) => tf.split(x, [4])),
    on('of a fill', [], () => tf.split(tf.ones([2, 4]), 2, 1)),
  ],
  Slice: [
    on('of a matrix', [float32(3, 4)], (x) => tf.slice(x, [1, 1], [2, 2])),
    on('to the end', [float32(3, 4)], (x) => tf.slice(x, [1, 2], [-1, -1])),
    on('of the first axis only', [float32(3, 4)], (x) => [tf.slice(x, 1), tf.slice(x, 1, 1)]),
    on('of everything', [int32(3)], (x) => tf.slice(x, [0], [3])),
    on('of nothing', [float32(3, 2)], (x) => tf.concat([x, tf.slice(x, [1, 0], [0, 2])])),
    on('of a fill', [], () => tf.slice(tf.ones([3, 4]), [1, 1], [1, 2])),
  ],
  StridedSlice: [
    on('every second', [float32(5, 4)], (x) => tf.stridedSlice(x, [0, 1], [5, 4], [2, 2])),
    on('from and to negative places', [float32(5)], (x) => tf.stridedSlice(x, [-4], [-1], [1])),
    on('past the end', [float32(5)], (x) => tf.stridedSlice(x, [1], [9], [3])),
    on('with masks', [float32(5, 4)], (x) => tf.stridedSlice(x, [2, 2], [3, 3], [1, 1], 0b01, 0b10)),
    on('backward', [float32(5, 4)], (x) => [
      tf.stridedSlice(x, [4, 0], [0, 4], [-1, 1]),
      tf.stridedSlice(x, [4], [0], [-2], 0, 1),
    ]),
    on('with an ellipsis, a new axis and one that goes', [float32(3, 4, 5)], (x) =>
      tf.stridedSlice(x, [0, 0, 1], [0, 0, 2], [1, 1, 1], 0, 0, 0b10, 0b1, 0b100),
    ),
    on('of nothing', [float32(5)], (x) => tf.concat([x, tf.stridedSlice(x, [2], [2], [1])])),
    on('without strides', [float32(5, 4)], (x) => tf.stridedSlice(x, [1, 1], [3, 4])),
    on('of integers and a fill', [int32(5)], (x) => [
      tf.stridedSlice(x, [0], [5], [4]),
      tf.stridedSlice(tf.ones([5]), [0], [5], [2]),
    ]),
  ],
  PadV2: [
    on('on every side', [float32(2, 3)], (x) =>
      tf.pad(x, [
        [1, 2],
        [0, 3],
      ]),
    ),
    on('with a number', [float32(3)], (x) => tf.pad(x, [[2, 1]], -1.5)),
    on('with nothing', [float32(2, 2)], (x) =>
      tf.pad(x, [
        [0, 0],
        [0, 0],
      ]),
    ),
    on('of integers', [int32(2)], (x) => tf.pad(x, [[1, 1]], 7)),
    on('of a fill', [], () => tf.pad(tf.ones([2]), [[1, 0]])),
  ],
  Tile: [
    on('broadcast, to more axes', [float32(2, 1)], (x) => tf.broadcastTo(x, [4, 2, 3])),
    on('broadcast, of a scalar', [int32()], (x) => tf.broadcastTo(x, [2, 2])),
    on('broadcast, of a fill', [], () => tf.broadcastTo(tf.ones([1, 2]), [3, 2])),
    on('broadcast, of flags', [float32(2)], (x) => tf.broadcastTo(isPositive(x), [2, 2])),
    on('along both axes', [float32(2, 3)], (x) => tf.tile(x, [2, 3])),
    on('once', [int32(2)], (x) => tf.tile(x, [1])),
    on('of integers and a fill', [int32(2)], (x) => [tf.tile(x, [3]), tf.tile(tf.ones([2]), [3])]),
  ],
  GatherV2: [
    on(
      'of rows',
      [float32(4, 3), int32(5)],
      (x, i) => tf.gather(x, i as tf.Tensor1D),
      undefined,
      [0, 3, 3, 1, 0],
    ),
    on(
      'of rows by a matrix',
      [float32(4, 3), int32(2, 2)],
      (x, i) => tf.gather(x, i as tf.Tensor2D),
      undefined,
      [0, 3, 2, 1],
    ),
    on(
      'at a negative axis',
      [float32(2, 4), int32(3)],
      (x, i) => tf.gather(x, i as tf.Tensor1D, -1),
      undefined,
      [3, 0, 3],
    ),
    on('by one index', [float32(4, 3), int32()], (x, i) => tf.gather(x, i as tf.Scalar), undefined, [2]),
    on('of integers by a constant', [int32(4)], (x) => tf.gather(x, tf.tensor1d([3, 1], 'int32'))),
    on(
      'of a constant by rows of one index',
      [int32(3)],
      (i) => tf.gather(tf.tensor2d([1, 2, 3, 4], [2, 2]), i as tf.Tensor1D),
      [1, 0, 1],
    ),
    on('of a constant by a fill', [], () =>
      tf.gather(tf.tensor1d([1, 2, 3]), tf.fill([2, 2], 1, 'int32') as tf.Tensor2D),
    ),
  ],
  OneHot: [
    on('of integers', [int32(4)], (i) => tf.oneHot(i as tf.Tensor1D, 3), [0, 2, 1, 2]),
    on(
      'of a matrix, in floats',
      [int32(2, 2)],
      (i) => tf.oneHot(i as tf.Tensor1D, 3, 1, 0, 'float32'),
      [0, 2, 1, 2],
    ),
    on(
      'with other values',
      [int32(3)],
      (i) => tf.oneHot(i as tf.Tensor1D, 3, 0.9, -0.1, 'float32'),
      [0, 2, 1],
    ),
    on('with one value', [int32(3)], (i) => tf.oneHot(i as tf.Tensor1D, 3, 2, 2, 'float32'), [0, 2, 1]),
    on('of flags', [int32(3)], (i) => tf.oneHot(i as tf.Tensor1D, 3, 1, 0, 'bool'), [0, 2, 1]),
    on(
      'of indices outside',
      [int32(4)],
      (i) => tf.oneHot(i as tf.Tensor1D, 3, 1, 0, 'float32'),
      [-1, 3, -3, 1],
    ),
    on('of a fill', [], () => tf.oneHot(tf.fill([2], 1, 'int32') as tf.Tensor1D, 3)),
  ],
  Range: [
    on('of floats', [], () => tf.range(0, 1, 0.25)),
    on('of integers', [float32(3)], (x) => tf.gather(x, tf.range(0, 3, 1, 'int32'))),
    on('to a stop that is not met', [], () => tf.range(1, 6, 2)),
    on('downward', [], () => [tf.range(5, 0, -2), tf.range(3, 0)]),
    on('of nothing', [float32(2)], (x) =>
      tf.concat([x, tf.range(2, 2), tf.range(0, 3, -1), tf.range(5, 0, 2)]),
    ),
  ],
};
