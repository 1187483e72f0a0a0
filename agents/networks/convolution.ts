/**
 * The convolution over windows, with rows in the last axis: numbers of one place in the window, for all rows, lie side by
 * side. Then everything that it takes moves runs as long as there are rows: what the outputs of a few neighbouring columns
 * see is fetched as whole runs, and multiplied by the filter at each of these columns (a band matrix); the filter's
 * gradient is one product more. Of few channels and filters that is several times as fast as a convolution made for many,
 * its gradient above all.
 */
import * as tf from '../engine/tf.ts';
import { type Activation, activate } from './layers.ts';
import type { ParameterSpec, Weights } from './parameters.ts';

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

const outHeight = ({ height, size }: ConvolutionShape) => height - size + 1;
const outWidth = ({ width, size }: ConvolutionShape) => width - size + 1;

/** How many numbers a valid convolution of stride 1 gives. */
export const convolutionUnits = (shape: ConvolutionShape) =>
  outHeight(shape) * outWidth(shape) * shape.filters;

/**
 * Columns of output that one product computes: wider ones multiply by more zeros, narrower ones fetch more. Of 2 to 5
 * columns 3 took the least time forward and back, for windows of 15 x 15.
 */
const TILE = 3;

interface Tile {
  readonly start: number;
  readonly columns: number;
}

/** `count` columns in pieces of about TILE, as even as they get. */
function tilesOf(count: number): Tile[] {
  const pieces = Math.max(1, Math.round(count / TILE));
  return Array.from({ length: pieces }, (_, k) => {
    const start = Math.ceil((k * count) / pieces);
    return { start, columns: Math.ceil(((k + 1) * count) / pieces) - start };
  });
}

/** The outputs of some columns: [G, outHeight * columns * filters, M]. */
export interface Block {
  readonly columns: number;
  readonly features: tf.Tensor;
}

/**
 * @param x [G, height * width, channels * M]: of each place the channels, of each channel the rows.
 * @returns blocks of columns from left to right; of x no gradient is taken.
 */
export function convolution(
  weights: Weights,
  name: string,
  x: tf.Tensor,
  shape: ConvolutionShape,
  activation: Activation,
): Block[] {
  const { channels, filters } = shape;
  const networks = x.shape[0]!;
  const rows = x.shape[2]! / channels;
  const bias = tf.reshape(weights[`${name}/bias`]!, [networks, 1, filters, 1]);
  const bands = new Map<number, tf.Tensor>();
  return tilesOf(outWidth(shape)).map((tile) => {
    const { columns } = tile;
    let filterBand = bands.get(columns);
    if (filterBand === undefined) {
      filterBand = band(weights[`${name}/filter`]!, columns, shape);
      bands.set(columns, filterBand);
    }
    const product = banded(filterBand, patches(x, tile, shape));
    const places = outHeight(shape) * columns;
    const biased = tf.add(tf.reshape(product, [networks, places, filters, rows]), bias);
    return {
      columns,
      features: activate(tf.reshape(biased, [networks, places * filters, rows]), activation),
    };
  });
}

/** What the outputs of a tile see, line by line: [G, outHeight, size * seen * channels, M]. */
function patches(x: tf.Tensor, { start, columns }: Tile, shape: ConvolutionShape): tf.Tensor {
  const { width, channels, size } = shape;
  const [networks, , runs] = x.shape as [number, number, number];
  const seen = columns + size - 1;
  const places: number[] = [];
  for (let y = 0; y < outHeight(shape); y++) {
    for (let dy = 0; dy < size; dy++) {
      for (let dx = 0; dx < seen; dx++) places.push((y + dy) * width + start + dx);
    }
  }
  const fetched = tf.gather(x, tf.tensor1d(places, 'int32'), 1);
  return tf.reshape(fetched, [networks, outHeight(shape), size * seen * channels, runs / channels]);
}

/** [G, F, K] times each line of patches [G, L, K, M]: [G, L, F, M]. Lines share the band, so its gradient sums over them. */
function banded(filterBand: tf.Tensor, lines: tf.Tensor): tf.Tensor {
  return tf.customGrad((...given: unknown[]) => {
    const [matrix, save] = given as [tf.Tensor, tf.GradSaveFunc];
    save([lines]);
    return {
      value: tf.matMul(everyLine(matrix, lines.shape[1]!), lines),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.sum(tf.matMul(dy, saved!, false, true), 1),
    };
  })(filterBand);
}

/** [G, F, K] as [G, L, F, K]. Of one network products broadcast it; of several the JavaScript backend would mix them up. */
function everyLine(matrix: tf.Tensor, lines: number): tf.Tensor {
  const one = tf.expandDims(matrix, 1);
  return matrix.shape[0] === 1 ? one : tf.tile(one, [1, lines, 1, 1]);
}

/** The filter [G, size, size, channels, filters] at each of `columns` places: [G, columns * filters, size * seen * channels]. */
function band(filter: tf.Tensor, columns: number, { channels, filters, size }: ConvolutionShape): tf.Tensor {
  const networks = filter.shape[0]!;
  const byFilter = tf.transpose(filter, [0, 4, 1, 2, 3]);
  const shifted = Array.from({ length: columns }, (_, k) =>
    tf.pad(byFilter, [
      [0, 0],
      [0, 0],
      [0, 0],
      [k, columns - 1 - k],
      [0, 0],
    ]),
  );
  const joined = shifted.length === 1 ? shifted[0]! : tf.concat(shifted, 1);
  return tf.reshape(joined, [networks, columns * filters, size * (columns + size - 1) * channels]);
}

/**
 * The same for acting, where there is no gradient to take and batches may be small: a convolution as libraries have it,
 * made for many filters but with no preparation, one network after another. @param planes [G * M, channels, height, width].
 * @returns [G, M, filters * outHeight * outWidth], by filter, line and column.
 */
export function convolutionOfPlanes(
  weights: Weights,
  name: string,
  planes: tf.Tensor,
  shape: ConvolutionShape,
  activation: Activation,
): tf.Tensor {
  const { channels, filters, size } = shape;
  const all = weights[`${name}/filter`]!;
  const networks = all.shape[0]!;
  const rows = planes.shape[0]! / networks;
  const own = (x: tf.Tensor) => (networks === 1 ? [x] : tf.split(x, networks, 0));
  const inputs = own(planes);
  const biases = own(weights[`${name}/bias`]!);
  const features = own(all).map((filter, g) => {
    // Turned there and back, which a graph leaves out: ONNX keeps channels in front as they are here.
    const convolved = tf.fused.conv2d({
      x: tf.transpose(inputs[g]! as tf.Tensor4D, [0, 2, 3, 1]),
      filter: tf.reshape(filter, [size, size, channels, filters]) as tf.Tensor4D,
      strides: 1,
      pad: 'valid',
      bias: tf.reshape(biases[g]!, [filters]),
      ...(activation === 'relu' ? { activation } : {}),
    });
    return tf.reshape(tf.transpose(convolved, [0, 3, 1, 2]), [1, rows, -1]);
  });
  const joined = features.length === 1 ? features[0]! : tf.concat(features, 0);
  return activation === 'relu' ? joined : activate(joined, activation);
}

/** A dense layer over features by filter, line and column, whose kernel has its inputs by line, column and filter. */
export function denseOfPlanes(
  weights: Weights,
  name: string,
  x: tf.Tensor,
  shape: ConvolutionShape,
): tf.Tensor {
  const kernel = weights[`${name}/kernel`]!;
  const [networks, inputs, units] = kernel.shape as [number, number, number];
  const byFilter = [networks, inputs / shape.filters, shape.filters, units];
  const turned = tf.transpose(tf.reshape(kernel, byFilter), [0, 2, 1, 3]);
  const product = tf.matMul(x, tf.reshape(turned, [networks, inputs, units]));
  return tf.add(product, tf.expandDims(weights[`${name}/bias`]!, 1));
}

/** A dense layer over all blocks, whose kernel has its inputs by line, column and filter: [G, M, units]. */
export function denseOfBlocks(
  weights: Weights,
  name: string,
  blocks: readonly Block[],
  shape: ConvolutionShape,
): tf.Tensor {
  const kernel = weights[`${name}/kernel`]!;
  const [networks, , units] = kernel.shape as [number, number, number];
  const width = shape.filters * units;
  const lines = tf.reshape(kernel, [networks, outHeight(shape), outWidth(shape) * width]);
  const widths = blocks.map(({ columns }) => columns * width);
  // The gradient of a split into one part fails in tfjs.
  const parts = widths.length === 1 ? [lines] : tf.split(lines, widths, 2);
  const products = blocks.map(({ features }, k) =>
    tf.matMul(tf.reshape(parts[k]!, [networks, features.shape[1]!, units]), features, true, false),
  );
  const sum = products.reduce((total, product) => tf.add(total, product));
  return tf.add(tf.transpose(sum, [0, 2, 1]), tf.expandDims(weights[`${name}/bias`]!, 1));
}

/** All blocks as features of rows, [G, M, units], by line, column and filter. */
export function rowsOfBlocks(blocks: readonly Block[], shape: ConvolutionShape): tf.Tensor {
  const parts = blocks.map(({ columns, features }) => {
    const [networks, , rows] = features.shape as [number, number, number];
    return tf.reshape(features, [networks, outHeight(shape), columns * shape.filters, rows]);
  });
  const [networks, lines, , rows] = parts[0]!.shape as [number, number, number, number];
  const joined = parts.length === 1 ? parts[0]! : tf.concat(parts, 2);
  const flat = tf.reshape(joined, [networks, lines * outWidth(shape) * shape.filters, rows]);
  return tf.transpose(flat, [0, 2, 1]);
}
