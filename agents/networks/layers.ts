/** Layers without memory, over rows [G, M, ...] of G networks. */
import * as tf from '../engine/tf.ts';
import type { ParameterSpec, Weights } from './parameters.ts';

export const ACTIVATIONS = ['relu', 'tanh'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

export function activate(x: tf.Tensor, activation: Activation | null): tf.Tensor {
  return activation === null ? x : activation === 'relu' ? tf.relu(x) : tf.tanh(x);
}

/** What an orthogonal matrix is multiplied by so that activations keep their size. */
export const gainOf = (activation: Activation): number => (activation === 'relu' ? Math.SQRT2 : 5 / 3);

export function denseParameters(name: string, inputs: number, units: number, gain: number): ParameterSpec[] {
  return [
    { name: `${name}/kernel`, shape: [inputs, units], initializer: { kind: 'orthogonal', gain } },
    { name: `${name}/bias`, shape: [units], initializer: { kind: 'constant', value: 0 } },
  ];
}

/** x [G, M, in] to [G, M, out]. */
export function dense(weights: Weights, name: string, x: tf.Tensor): tf.Tensor {
  return tf.add(tf.matMul(x, weights[`${name}/kernel`]!), tf.expandDims(weights[`${name}/bias`]!, 1));
}

export interface ConvolutionShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filters: number;
  /** Of the square filter. */
  readonly size: number;
}

export function convolutionParameters(name: string, shape: ConvolutionShape, gain: number): ParameterSpec[] {
  const { channels, filters, size } = shape;
  return [
    {
      name: `${name}/filter`,
      shape: [size, size, channels, filters],
      initializer: { kind: 'orthogonal', gain },
    },
    { name: `${name}/bias`, shape: [filters], initializer: { kind: 'constant', value: 0 } },
  ];
}

/** How many numbers a valid convolution of stride 1 gives. */
export const convolutionUnits = ({ height, width, size, filters }: ConvolutionShape) =>
  (height - size + 1) * (width - size + 1) * filters;

/** Columns of output that one product computes: wider ones multiply by more zeros, narrower ones copy more. */
const TILE = 5;

/**
 * x [G, M, height, width, channels] to [G, M, units], stride 1, valid, by each network's own filter.
 *
 * As products of matrices: what `TILE` neighbouring outputs of a row see is one row of a matrix, and the filter, shifted
 * to each of them, the other (a band). Of few channels and filters that is several times as fast as a convolution made
 * for many, its gradient above all, and all networks go in one product.
 */
export function convolution(
  weights: Weights,
  name: string,
  x: tf.Tensor,
  shape: ConvolutionShape,
): tf.Tensor {
  const { height, width, channels, filters, size } = shape;
  const [networks, rows] = x.shape as [number, number];
  const outHeight = height - size + 1;
  const outWidth = width - size + 1;
  const lines = tf.reshape(x, [networks, rows, height, width * channels]);
  const filter = weights[`${name}/filter`]!;
  const bands = new Map<number, tf.Tensor>();
  const outputs: tf.Tensor[] = [];
  for (const { start, columns } of tiles(outWidth)) {
    const seen = (columns + size - 1) * channels;
    const patches = tf.concat(
      Array.from({ length: size }, (_, dy) =>
        tf.slice(lines, [0, 0, dy, start * channels], [networks, rows, outHeight, seen]),
      ),
      3,
    );
    let filterBand = bands.get(columns);
    if (filterBand === undefined) {
      filterBand = band(filter, columns, shape);
      bands.set(columns, filterBand);
    }
    outputs.push(tf.matMul(tf.reshape(patches, [networks, rows * outHeight, size * seen]), filterBand));
  }
  const joined = outputs.length === 1 ? outputs[0]! : tf.concat(outputs, 2);
  const bias = tf.tile(tf.reshape(weights[`${name}/bias`]!, [networks, 1, filters]), [1, 1, outWidth]);
  return tf.reshape(tf.add(joined, bias), [networks, rows, convolutionUnits(shape)]);
}

/** `count` columns in pieces of at most TILE, as even as they get. */
function tiles(count: number): { start: number; columns: number }[] {
  const pieces = Math.ceil(count / TILE);
  return Array.from({ length: pieces }, (_, k) => {
    const start = Math.ceil((k * count) / pieces);
    return { start, columns: Math.ceil(((k + 1) * count) / pieces) - start };
  });
}

/** The filter [G, size, size, channels, filters] at each of `columns` places: [G, size * seen, columns * filters]. */
function band(filter: tf.Tensor, columns: number, { channels, filters, size }: ConvolutionShape): tf.Tensor {
  const networks = filter.shape[0]!;
  const seen = columns + size - 1;
  const shifted = Array.from({ length: columns }, (_, k) =>
    tf.reshape(
      tf.pad(filter, [
        [0, 0],
        [0, 0],
        [k, columns - 1 - k],
        [0, 0],
        [0, 0],
      ]),
      [networks, size * seen * channels, filters],
    ),
  );
  return shifted.length === 1 ? shifted[0]! : tf.concat(shifted, 2);
}
