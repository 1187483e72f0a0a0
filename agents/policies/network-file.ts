/**
 * A trained network as an ONNX file that needs nothing else: weights inside, any batch, and what it is for in its metadata.
 *
 * Inputs: `observation` [batch, ...] uint8 or float32 as the environment gives it; with memory `state` [batch, S] float32;
 * signals, `lastActions` and the like, [batch, slots] uint8. Outputs, float32: `probabilities` [batch, A], `value` [batch],
 * with memory `nextState` [batch, S], of learners that have values of actions `values` [batch, A], and of those who speak
 * `symbolProbabilities` [batch, M].
 */
import '../engine/onnx/kernels/index.ts';
import type { ArraySpec } from '../../shared/environment.ts';
import { encodeModel, type OnnxGraph, type OnnxTensor } from '../engine/onnx/model.ts';
import { traceAnyBatch } from '../engine/onnx/symbolic.ts';
import { float32, type TensorFunction, uint8 } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import type { Actor } from './actor.ts';

/** A weight by the name that it has in the network. */
export interface NamedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** @param weights of one network. @throws {CompileError} for a network that depends on the batch. */
export function networkFile(
  actor: Actor,
  weights: readonly NamedWeight[],
  observation: ArraySpec,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  return weightedModel(graphOf(actor, observation), weights, metadata);
}

/** A graph's file, with the weights that it names put in. */
export function weightedModel(
  graph: OnnxGraph,
  weights: readonly NamedWeight[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const initializers = weights.map(
    ({ name, shape, data }): OnnxTensor => ({
      name,
      type: 'float32',
      shape,
      bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    }),
  );
  return encodeModel({ ...graph, initializers: [...initializers, ...graph.initializers] }, metadata);
}

/** By actor: a run exports its policy again and again, and what changes are the weights. */
const graphs = new WeakMap<Actor, OnnxGraph>();

/** One step, with the weights as tensors that are yet to be put in. */
function graphOf(actor: Actor, observation: ArraySpec): OnnxGraph {
  let graph = graphs.get(actor);
  if (graph === undefined) {
    const traced = traceAnyBatch('policy', step(actor), (batch) => ({
      observation: { dtype: observation.dtype, shape: [batch, ...observation.shape] },
      ...(actor.stateSize === 0 ? {} : { state: float32(batch, actor.stateSize) }),
      ...Object.fromEntries(actor.signals.map(({ name, slots }) => [name, uint8(batch, slots)])),
      ...Object.fromEntries(actor.layout.specs.map(({ name, shape }) => [name, float32(...shape)])),
    }));
    const weights = new Set(actor.layout.specs.map(({ name }) => name));
    graph = { ...traced, inputs: traced.inputs.filter(({ name }) => !weights.has(name)) };
    graphs.set(actor, graph);
  }
  return graph;
}

function step({ layout, stateSize, signals, act }: Actor): TensorFunction {
  // The axis of networks, of which there is one here, comes first.
  const one = (x: tf.Tensor) => tf.expandDims(x, 0);
  return (inputs) => {
    const weights = Object.fromEntries(layout.specs.map(({ name }) => [name, one(inputs[name]!)]));
    const state = stateSize === 0 ? null : one(inputs.state!);
    const heard = Object.fromEntries(signals.map(({ name }) => [name, one(inputs[name]!)]));
    const acted = act(weights, one(inputs.observation!), state, heard);
    const { probabilities, value, values, symbolProbabilities, state: next } = acted;
    return {
      probabilities: tf.squeeze(probabilities, [0]),
      value: tf.squeeze(value, [0]),
      ...(values === undefined ? {} : { values: tf.squeeze(values, [0]) }),
      ...(symbolProbabilities === undefined
        ? {}
        : { symbolProbabilities: tf.squeeze(symbolProbabilities, [0]) }),
      ...(next === null ? {} : { nextState: tf.squeeze(next, [0]) }),
    };
  };
}
