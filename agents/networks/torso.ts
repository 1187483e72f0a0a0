/** From observations to features: class ids become colours, windows are convolved, dense layers follow. */
import type { ArraySpec } from '../../shared/environment.ts';
import { PALETTE } from '../../shared/palette.ts';
import * as tf from '../engine/tf.ts';
import {
  type ConvolutionShape,
  convolution,
  convolutionOfPlanes,
  convolutionParameters,
  convolutionUnits,
  denseOfBlocks,
  denseOfPlanes,
  rowsOfBlocks,
} from './convolution.ts';
import { type Activation, activate, dense, denseParameters, gainOf } from './layers.ts';
import type { ParameterSpec, Weights } from './parameters.ts';

export interface Torso {
  readonly parameters: readonly ParameterSpec[];
  /** How many features there are. */
  readonly units: number;
  /**
   * [G, M, ...shape] as the environment observes it, to [G, M, units].
   * @param purpose for acting a faster way is taken where there is one; its gradient would be slow.
   */
  apply(weights: Weights, observation: tf.Tensor, purpose?: 'act' | 'learn'): tf.Tensor;
}

export interface TorsoOptions {
  readonly filters: number;
  readonly dense: readonly number[];
  readonly activation: Activation;
}

const FILTER_SIZE = 3;
const CHANNELS = 3;

export function torso(name: string, spec: ArraySpec, options: TorsoOptions): Torso {
  const { activation, filters } = options;
  const gain = gainOf(activation);
  const window = windowOf(spec);
  const convolved: ConvolutionShape | null =
    window !== null && filters > 0
      ? { height: window[0], width: window[1], channels: CHANNELS, filters, size: FILTER_SIZE }
      : null;
  const parameters: ParameterSpec[] =
    convolved === null ? [] : convolutionParameters(`${name}/conv`, convolved, gain);
  let units =
    convolved !== null
      ? convolutionUnits(convolved)
      : window !== null
        ? window[0] * window[1] * CHANNELS
        : spec.shape.reduce((product, side) => product * side, 1);
  options.dense.forEach((width, k) => {
    parameters.push(...denseParameters(`${name}/dense${k + 1}`, units, width, gain));
    units = width;
  });

  const layer = (weights: Weights, k: number, x: tf.Tensor) =>
    activate(dense(weights, `${name}/dense${k}`, x), activation);
  /** Convolution and the first dense layer, which takes its blocks as they are. */
  const convolve = (
    weights: Weights,
    observation: tf.Tensor,
    shape: ConvolutionShape,
    purpose: 'act' | 'learn',
  ): tf.Tensor => {
    if (purpose === 'act' && options.dense.length > 0) {
      const planes = colourPlanes(observation, spec);
      const features = convolutionOfPlanes(weights, `${name}/conv`, planes, shape, activation);
      return activate(denseOfPlanes(weights, `${name}/dense1`, features, shape), activation);
    }
    const blocks = convolution(weights, `${name}/conv`, coloursByPlace(observation, spec), shape, activation);
    return options.dense.length === 0
      ? rowsOfBlocks(blocks, shape)
      : activate(denseOfBlocks(weights, `${name}/dense1`, blocks, shape), activation);
  };

  return {
    parameters,
    units,
    apply(weights, observation, purpose = 'learn') {
      if (convolved !== null) {
        return options.dense
          .slice(1)
          .reduce((x, _, k) => layer(weights, k + 2, x), convolve(weights, observation, convolved, purpose));
      }
      const features = window === null ? flat(observation, spec) : coloursOfRows(observation, spec);
      return options.dense.reduce((x, _, k) => layer(weights, k + 1, x), features);
    },
  };
}

/** [height, width] of observations that are pictures: class ids, or RGB. */
function windowOf({ dtype, shape }: ArraySpec): [number, number] | null {
  const picture = dtype === 'uint8' && (shape.length === 2 || (shape.length === 3 && shape[2] === CHANNELS));
  return picture ? [shape[0]!, shape[1]!] : null;
}

/** Numbers in [0, 1] for bytes, as they are for floats. */
function asFloat(x: tf.Tensor, { dtype, high }: ArraySpec): tf.Tensor {
  return dtype === 'float32' ? x : tf.div(tf.cast(x, 'float32'), high);
}

/** [G, M, ...shape] as [G, M, units]. */
function flat(x: tf.Tensor, spec: ArraySpec): tf.Tensor {
  const [networks, rows] = x.shape as [number, number];
  return tf.reshape(asFloat(x, spec), [networks, rows, -1]);
}

/** RGB in [0, 1], [G, M, height * width * 3]. */
function coloursOfRows(x: tf.Tensor, spec: ArraySpec): tf.Tensor {
  const [networks, rows] = x.shape as [number, number];
  return tf.transpose(tf.reshape(coloursByPlace(x, spec), [networks, -1, rows]), [0, 2, 1]);
}

/** RGB in [0, 1], [G, height * width, 3 * M]: of each place the channels, of each channel the rows. */
function coloursByPlace(x: tf.Tensor, spec: ArraySpec): tf.Tensor {
  const [networks, rows, height, width] = x.shape as [number, number, number, number];
  const places = height * width;
  if (spec.shape.length === 3) {
    const turned = tf.transpose(tf.reshape(x, [networks, rows, places, CHANNELS]), [0, 2, 3, 1]);
    return tf.reshape(asFloat(turned, spec), [networks, places, CHANNELS * rows]);
  }
  const ids = tf.transpose(tf.reshape(x, [networks, rows, places]), [0, 2, 1]);
  const found = coloursOf(tf.reshape(ids, [networks, places, 1, rows]));
  return tf.reshape(found, [networks, places, CHANNELS * rows]);
}

/** RGB in [0, 1] of observations [G, M, ...]: [G * M, 3, height, width]. */
function colourPlanes(x: tf.Tensor, spec: ArraySpec): tf.Tensor {
  const [networks, columns, height, width] = x.shape as [number, number, number, number];
  const rows = networks * columns;
  if (spec.shape.length === 3) {
    return tf.transpose(tf.reshape(asFloat(x, spec), [rows, height, width, CHANNELS]), [0, 3, 1, 2]);
  }
  const found = coloursOf(tf.reshape(x, [rows, 1, height * width]));
  return tf.reshape(found, [rows, CHANNELS, height, width]);
}

const CLASSES = PALETTE.length / CHANNELS;
/** One channel after another, so that all of them are one look-up of single numbers. */
const TABLE = Float32Array.from({ length: PALETTE.length }, (_, k) => {
  const channel = Math.floor(k / CLASSES);
  return PALETTE[(k % CLASSES) * CHANNELS + channel]! / 255;
});

/** Class ids [.., 1, K] to their colours [.., 3, K]. */
function coloursOf(ids: tf.Tensor): tf.Tensor {
  const channels = Array.from({ length: CHANNELS }, (_, channel) => channel * CLASSES);
  const offsets = tf.tensor(channels, [CHANNELS, 1], 'int32');
  return tf.gather(tf.tensor1d(TABLE.slice()), tf.add(ids, offsets) as tf.Tensor<tf.Rank.R4>);
}
