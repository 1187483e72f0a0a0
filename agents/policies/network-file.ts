/**
 * A trained network as an ONNX file that needs nothing else: weights inside, any batch, and what it is for in its metadata.
 *
 * Inputs: `observation` [batch, ...] uint8 or float32 as the environment gives it; with memory `state` [batch, S] float32.
 * Outputs, float32: `probabilities` [batch, A], `value` [batch], with memory `nextState` [batch, S], and of learners that
 * have values of actions `values` [batch, A].
 */
import '../engine/onnx/kernels/index.ts';
import type { ArraySpec } from '../../shared/environment.ts';
import { encodeModel, type OnnxGraph } from '../engine/onnx/model.ts';
import { traceAnyBatch } from '../engine/onnx/symbolic.ts';
import { float32, type Signature, type TensorFunction } from '../engine/program.ts';
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
  const { fn, signature } = acting(actor, weights, observation);
  const graph = named(traceAnyBatch('policy', fn, signature), weights);
  return encodeModel(graph, metadata);
}

/** One step as a function of tensors, with the weights inside. */
export function acting(
  actor: Actor,
  weights: readonly NamedWeight[],
  observation: ArraySpec,
): { fn: TensorFunction; signature: (batch: number) => Signature } {
  const { stateSize } = actor;
  return {
    signature: (batch) => ({
      observation: { dtype: observation.dtype, shape: [batch, ...observation.shape] },
      ...(stateSize === 0 ? {} : { state: float32(batch, stateSize) }),
    }),
    fn: (inputs) => {
      const tensors = Object.fromEntries(
        weights.map(({ name, shape, data }) => [name, tf.tensor(data, [1, ...shape], 'float32')]),
      );
      // The axis of networks, of which there is one here, comes first.
      const one = (x: tf.Tensor) => tf.expandDims(x, 0);
      const state = stateSize === 0 ? null : one(inputs.state!);
      const {
        probabilities,
        value,
        values,
        state: next,
      } = actor.act(tensors, one(inputs.observation!), state);
      return {
        probabilities: tf.squeeze(probabilities, [0]),
        value: tf.squeeze(value, [0]),
        ...(values === undefined ? {} : { values: tf.squeeze(values, [0]) }),
        ...(next === null ? {} : { nextState: tf.squeeze(next, [0]) }),
      };
    },
  };
}

/** Constants that are a weight as it is, called what the weight is called. */
function named(graph: OnnxGraph, weights: readonly NamedWeight[]): OnnxGraph {
  const names = new Map<string, string>();
  for (const { name, data } of weights) {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const constant = graph.initializers.find(
      (tensor) => tensor.type === 'float32' && !names.has(tensor.name) && bytes.equals(tensor.bytes),
    );
    if (constant !== undefined) names.set(constant.name, name);
  }
  const rename = (name: string) => names.get(name) ?? name;
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename) })),
    initializers: graph.initializers.map((tensor) => ({ ...tensor, name: rename(tensor.name) })),
  };
}
