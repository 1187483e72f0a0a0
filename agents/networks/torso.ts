/** From observations to features: class ids become colours, windows are convolved, dense layers follow. */
import type { ArraySpec } from '../../shared/environment.ts';
import { PALETTE } from '../../shared/palette.ts';
import * as tf from '../engine/tf.ts';
import {
  type Activation,
  activate,
  type ConvolutionShape,
  convolution,
  convolutionParameters,
  convolutionUnits,
  dense,
  denseParameters,
  gainOf,
} from './layers.ts';
import type { ParameterSpec, Weights } from './parameters.ts';

export interface Torso {
  readonly parameters: readonly ParameterSpec[];
  /** How many features there are. */
  readonly units: number;
  /** [G, M, ...shape] as the environment observes it, to [G, M, units]. */
  apply(weights: Weights, observation: tf.Tensor): tf.Tensor;
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

  return {
    parameters,
    units,
    apply(weights, observation) {
      const [networks, rows] = observation.shape as [number, number];
      let x = window === null ? asFloat(observation, spec) : colours(observation, spec);
      if (convolved !== null) {
        x = activate(convolution(weights, `${name}/conv`, x, convolved), activation);
      } else x = tf.reshape(x, [networks, rows, -1]);
      for (let k = 0; k < options.dense.length; k++) {
        x = activate(dense(weights, `${name}/dense${k + 1}`, x), activation);
      }
      return x;
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

/** RGB in [0, 1], [G, M, height, width, 3]. */
function colours(x: tf.Tensor, spec: ArraySpec): tf.Tensor {
  if (spec.shape.length === 3) return asFloat(x, spec);
  const classes = PALETTE.length / CHANNELS;
  const palette = tf.tensor(
    Float32Array.from(PALETTE, (value) => value / 255),
    [classes, CHANNELS],
  );
  return tf.gather(palette, x as tf.Tensor<tf.Rank.R4>);
}
