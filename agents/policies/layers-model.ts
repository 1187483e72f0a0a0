/**
 * A network as a layers model of TensorFlow.js (`model.json` and `weights.bin`), for who wants to go on with it there.
 *
 * Inputs: observation [batch, ...]; with memory h and c, [batch, H] each, zeros at an episode's start. Outputs:
 * probabilities [batch, A], value [batch, 1]; with memory the next h and c. Class ids pass an embedding that holds the
 * palette, and the LSTM has its gates in the order of tfjs.
 */
import * as tfjs from '@tensorflow/tfjs';
import { PALETTE } from '../../shared/palette.ts';
import type { NetworkOptions } from '../networks/actor-critic.ts';
import '../engine/quiet.ts';
import { PolicyError } from './card.ts';
import type { NamedWeight } from './network-file.ts';
import type { Snapshot } from './snapshot.ts';

export interface LayersModelFiles {
  readonly 'model.json': string;
  readonly 'weights.bin': Uint8Array;
}

const CHANNELS = 3;
const FILTER_SIZE = 3;

/** @throws {PolicyError} for a network that is no actor-critic of this project. */
export async function layersModel(snapshot: Snapshot, network: number): Promise<LayersModelFiles> {
  const { actor, plan, name } = snapshot;
  if (actor.acting.kind !== 'policy') {
    throw new PolicyError(
      `${name} has values of actions: only policies become layers models, take --format onnx or safetensors`,
    );
  }
  if (actor.signals.length > 0 || actor.symbols > 0) {
    throw new PolicyError(
      `${name} hears of others or speaks, for which a layers model has no place: take --format onnx or safetensors`,
    );
  }
  const before = tfjs.getBackend();
  await tfjs.setBackend('cpu');
  const model = build(snapshot, snapshot.networks[network]!);
  let files: LayersModelFiles | null = null;
  const say = console.warn;
  // That the LSTM's first state is a tensor and no setting: it is an input of the layer in the file, and read as such.
  console.warn = (...said: unknown[]) => {
    if (!String(said[0]).includes('non-serializable keyword arguments')) say(...said);
  };
  const saving = model.save(
    tfjs.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      files = {
        'model.json': `${JSON.stringify({
          format: 'layers-model',
          generatedBy: `commons-arena, ${plan.algorithm.name}`,
          convertedBy: null,
          modelTopology,
          weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
        })}\n`,
        'weights.bin': bytesOf(weightData!),
      };
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  await saving.finally(() => {
    console.warn = say;
  });
  model.dispose();
  if (before && before !== 'cpu') await tfjs.setBackend(before);
  return files!;
}

function bytesOf(data: ArrayBuffer | ArrayBuffer[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat((Array.isArray(data) ? data : [data]).map((part) => Buffer.from(part))),
  );
}

type Symbol = tfjs.SymbolicTensor;

function build({ plan }: Snapshot, weights: readonly NamedWeight[]): tfjs.LayersModel {
  const { config, task } = plan;
  const options = config.network;
  const take = (name: string, order: (data: Float32Array) => Float32Array = (data) => data) => {
    const weight = weights.find((candidate) => candidate.name === name);
    if (weight === undefined) throw new PolicyError(`the network has no ${name}`);
    return tfjs.tensor(order(weight.data), [...weight.shape]);
  };
  const pair = (name: string) => [take(`${name}/kernel`), take(`${name}/bias`)];
  const observation = tfjs.input({
    shape: [...task.observation.shape],
    name: 'observation',
    dtype: task.observation.dtype === 'uint8' ? 'int32' : 'float32',
  });
  const seen = colours(observation, task.observation.dtype === 'uint8', task.observation.shape.length);
  const features = (torso: string) => torsoLayers(seen, torso, options, take, pair);
  const dense = (x: Symbol, name: string, units: number, activation: 'softmax' | 'linear') =>
    tfjs.layers.dense({ units, activation, name, weights: pair(name) }).apply(x) as Symbol;
  const x = features('torso');
  if (options.lstm === 0) {
    const v = options.separateValue ? features('value-torso') : x;
    return tfjs.model({
      inputs: observation,
      outputs: [dense(x, 'policy', task.actions, 'softmax'), dense(v, 'value', 1, 'linear')],
    });
  }
  const units = options.lstm;
  const h = tfjs.input({ shape: [units], name: 'h' });
  const c = tfjs.input({ shape: [units], name: 'c' });
  const order = (data: Float32Array) => gatesOfTfjs(data, units);
  const step = tfjs.layers.reshape({ targetShape: [1, x.shape.at(-1)!], name: 'step' }).apply(x) as Symbol;
  const [output, nextH, nextC] = tfjs.layers
    .lstm({
      units,
      activation: 'tanh',
      recurrentActivation: 'sigmoid',
      returnState: true,
      name: 'lstm',
      // They are overwritten at once, and orthogonal ones of this size take tfjs minutes.
      kernelInitializer: 'zeros',
      recurrentInitializer: 'zeros',
      weights: [take('lstm/x', order), take('lstm/h', order), take('lstm/bias', order)],
    })
    .apply([step, h, c]) as [Symbol, Symbol, Symbol];
  return tfjs.model({
    inputs: [observation, h, c],
    outputs: [
      dense(output, 'policy', task.actions, 'softmax'),
      dense(output, 'value', 1, 'linear'),
      nextH,
      nextC,
    ],
  });
}

/** Class ids [batch, height, width] as RGB in [0, 1], numbers as they are. */
function colours(observation: Symbol, bytes: boolean, rank: number): Symbol {
  if (!bytes) return observation;
  if (rank !== 2) throw new PolicyError('only windows of class ids become layers models, and numbers');
  const palette = tfjs.tensor2d(
    Float32Array.from(PALETTE, (value) => value / 255),
    [PALETTE.length / CHANNELS, CHANNELS],
  );
  return tfjs.layers
    .embedding({
      inputDim: PALETTE.length / CHANNELS,
      outputDim: CHANNELS,
      weights: [palette],
      trainable: false,
      name: 'palette',
    })
    .apply(observation) as Symbol;
}

function torsoLayers(
  seen: Symbol,
  name: string,
  { filters, dense, activation }: NetworkOptions,
  take: (name: string) => tfjs.Tensor,
  pair: (name: string) => tfjs.Tensor[],
): Symbol {
  const window = seen.shape.length === 4;
  let x = seen;
  if (window && filters > 0) {
    const weights = [take(`${name}/conv/filter`), take(`${name}/conv/bias`)];
    x = tfjs.layers
      .conv2d({ filters, kernelSize: FILTER_SIZE, activation, weights, name: `${name}-conv` })
      .apply(x) as Symbol;
  }
  if (x.shape.length > 2) x = tfjs.layers.flatten({ name: `${name}-flat` }).apply(x) as Symbol;
  dense.forEach((units, k) => {
    const weights = pair(`${name}/dense${k + 1}`);
    x = tfjs.layers.dense({ units, activation, weights, name: `${name}-dense${k + 1}` }).apply(x) as Symbol;
  });
  return x;
}

/** Rows of 4H gates, i f o g, in the order of tfjs: i f g o. */
function gatesOfTfjs(data: Float32Array, units: number): Float32Array {
  const out = data.slice();
  const [o, g] = [2 * units, 3 * units];
  for (let row = 0; row < data.length; row += 4 * units) {
    out.set(data.subarray(row + g, row + g + units), row + o);
    out.set(data.subarray(row + o, row + o + units), row + g);
  }
  return out;
}
