/** For tests: cases of the kernels in `../linear.ts`. */
import { float32 } from '../../../program.ts';
import * as tf from '../../../tf.ts';
import { type KernelCase, type KernelCases, on } from './case.ts';

/** [..., rows, columns], or as it lies when it is used transposed. */
const matrix = (batch: number[], rows: number, columns: number, transposed: boolean) =>
  float32(...batch, ...(transposed ? [columns, rows] : [rows, columns]));

/** Batches that stretch both ways at once are left out: the JavaScript backend multiplies the wrong ones. */
const products: KernelCase[] = [false, true].flatMap((a) =>
  [false, true].flatMap((b) =>
    (
      [
        [[], []],
        [[1], [1]],
        [[3], [3]],
        [[1], [3]],
        [[3], [1]],
        [
          [2, 3],
          [2, 3],
        ],
        [[3], []],
        [[], [3]],
      ] as const
    ).map(([batchA, batchB]) =>
      on(
        `[${batchA}] by [${batchB}]${a ? ', first transposed' : ''}${b ? ', second transposed' : ''}`,
        [matrix([...batchA], 2, 3, a), matrix([...batchB], 3, 4, b)],
        (x, y) => tf.matMul(x, y, a, b),
      ),
    ),
  ),
);

type Padding = 'same' | 'valid' | number;
interface Convolution {
  readonly strides?: number | [number, number];
  readonly pad: Padding;
  readonly dilations?: number | [number, number];
  readonly size?: [number, number];
}

const named = ({ strides = 1, pad, dilations = 1, size = [3, 3] }: Convolution) =>
  `${size.join('x')}, ${pad}, stride ${strides}, dilation ${dilations}`;

const X = float32(2, 5, 4, 2);
const convolution = (c: Convolution): KernelCase => {
  const [height, width] = c.size ?? [3, 3];
  return on(named(c), [X, float32(height, width, 2, 3)], (x, filter) =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, c.strides ?? 1, c.pad, 'NHWC', c.dilations ?? 1),
  );
};

/** Of the mean of squares, so that the gradient at each place differs. */
const gradients = (which: 0 | 1) => (c: Convolution) => {
  const { inputs, compute } = convolution(c);
  return on(
    named(c),
    inputs,
    (x, filter) => tf.grads((x, f) => tf.mean(tf.square(compute(x!, f!) as tf.Tensor)))([x, filter])[which]!,
  );
};

const PLAIN: Convolution[] = [
  { pad: 'valid' },
  { pad: 'same' },
  { pad: 'same', size: [2, 4] },
  { pad: 'valid', size: [1, 1] },
  { pad: 'valid', size: [5, 4] },
  { pad: 1 },
  { pad: 2, size: [2, 2] },
];

export const LINEAR: KernelCases = {
  BatchMatMul: [
    ...products,
    on('of a vector as a row', [float32(3), float32(3, 2)], (x, y) => tf.dot(x, y)),
    on('of what was transposed', [float32(3, 2), float32(3, 4)], (x, y) => tf.matMul(tf.transpose(x), y)),
    on('with a fill', [float32(2, 3)], (x) => tf.matMul(x, tf.ones([3, 2]))),
  ],
  Conv2D: [
    ...PLAIN.map(convolution),
    convolution({ pad: 'valid', strides: 2 }),
    convolution({ pad: 'same', strides: [2, 3] }),
    convolution({ pad: 'valid', dilations: 2, size: [2, 2] }),
    convolution({ pad: 'same', dilations: [2, 1] }),
    on('one channel, one filter, one window', [float32(1, 3, 3, 1), float32(2, 2, 1, 1)], (x, f) =>
      tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 'valid'),
    ),
  ],
  FusedConv2D: ([undefined, 'relu', 'sigmoid', 'elu'] as const).map((activation) =>
    on(
      `with a bias and ${activation ?? 'no activation'}`,
      [X, float32(3, 2, 2, 3), float32(3)],
      (x, filter, bias) =>
        tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          strides: 1,
          pad: 'same',
          bias,
          ...(activation === undefined ? {} : { activation }),
        }),
    ),
  ),
  Conv2DBackpropInput: PLAIN.map(gradients(0)),
  Conv2DBackpropFilter: PLAIN.map(gradients(1)),
};
