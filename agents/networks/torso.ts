/** From observations to features: class ids become colours, windows are convolved, dense layers follow. */
import type { ArraySpec } from '../../shared/environment.ts';
import { PALETTE } from '../../shared/palette.ts';
import * as tf from '../engine/tf.ts';
import {
  type Block,
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

/** For acting a faster way is taken where there is one; its gradient would be slow. */
export type Purpose = 'act' | 'learn';

/** What a convolution saw in observations, for the dense layers that follow; in whichever order is fastest. */
export type Seen =
  | { readonly kind: 'rows'; readonly rows: tf.Tensor }
  | { readonly kind: 'planes'; readonly planes: tf.Tensor }
  | { readonly kind: 'blocks'; readonly blocks: readonly Block[] };

export interface Torso {
  readonly parameters: readonly ParameterSpec[];
  /** How many features there are. */
  readonly units: number;
  /** [G, M, ...shape] as the environment observes it, convolved; what several torsos share where they share a convolution. */
  see(weights: Weights, observation: tf.Tensor, purpose?: Purpose): Seen;
  /** What was seen, to [G, M, units]. */
  dense(weights: Weights, seen: Seen): tf.Tensor;
  /** The two, one after the other. */
  apply(weights: Weights, observation: tf.Tensor, purpose?: Purpose): tf.Tensor;
}

export interface TorsoOptions {
  readonly filters: number;
  readonly dense: readonly number[];
  readonly activation: Activation;
}

const FILTER_SIZE = 3;
const CHANNELS = 3;

/** @param eyes the torso whose convolution it shares; its own by default. */
export function torso(name: string, spec: ArraySpec, options: TorsoOptions, eyes = name): Torso {
  const { activation, filters } = options;
  const gain = gainOf(activation);
  const window = windowOf(spec);
  const convolved: ConvolutionShape | null =
    window !== null && filters > 0
      ? { height: window[0], width: window[1], channels: CHANNELS, filters, size: FILTER_SIZE }
      : null;
  const parameters: ParameterSpec[] =
    convolved === null || eyes !== name ? [] : convolutionParameters(`${name}/conv`, convolved, gain);
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

  function see(weights: Weights, observation: tf.Tensor, purpose: Purpose = 'learn'): Seen {
    if (convolved === null) {
      const rows = window === null ? flat(observation, spec) : coloursOfRows(observation, spec);
      return { kind: 'rows', rows };
    }
    const filter = `${eyes}/conv`;
    if (purpose === 'act' && options.dense.length > 0) {
      const planes = colourPlanes(observation, spec);
      return { kind: 'planes', planes: convolutionOfPlanes(weights, filter, planes, convolved, activation) };
    }
    const blocks = convolution(weights, filter, coloursByPlace(observation, spec), convolved, activation);
    return { kind: 'blocks', blocks };
  }

  /** The first dense layer takes what was seen in the order that it has. */
  function first(weights: Weights, seen: Seen): tf.Tensor {
    const none = options.dense.length === 0;
    switch (seen.kind) {
      case 'rows':
        return none ? seen.rows : layer(weights, 1, seen.rows);
      case 'planes':
        return activate(denseOfPlanes(weights, `${name}/dense1`, seen.planes, convolved!), activation);
      case 'blocks':
        return none
          ? rowsOfBlocks(seen.blocks, convolved!)
          : activate(denseOfBlocks(weights, `${name}/dense1`, seen.blocks, convolved!), activation);
    }
  }

  const denseLayers = (weights: Weights, seen: Seen) =>
    options.dense.slice(1).reduce((x, _, k) => layer(weights, k + 2, x), first(weights, seen));

  return {
    parameters,
    units,
    see,
    dense: denseLayers,
    apply: (weights, observation, purpose) => denseLayers(weights, see(weights, observation, purpose)),
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
