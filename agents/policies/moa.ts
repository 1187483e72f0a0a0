/**
 * The model of other agents that was learned with a policy, as a file beside it: `moa.onnx`, or one a player. One step of
 * any batch, written from what the learner's own programs are written from.
 *
 * Inputs: `observation` as of the policy; `joint` uint8 [batch, N], what everybody does in this step, in relative slots
 * (`networks/signal-names.ts`), oneself first; `pi` float32 [batch, A], the policy's probabilities in this step; `state`
 * float32 [batch, 2H], zeros where an episode starts. Outputs, float32, of the others in slots 1 to J = N - 1:
 * `predictions` [batch, J, A], how likely each does each action in the next step; `influence` [batch, J], how far the own
 * action changes that, in nats; `nextState` [batch, 2H].
 */
import '../engine/onnx/kernels/index.ts';
import { policyNetwork } from '../algorithms/policy-network.ts';
import type { OnnxGraph } from '../engine/onnx/model.ts';
import { traceAnyBatch } from '../engine/onnx/symbolic.ts';
import { float32, type TensorFunction, uint8 } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import type { Divergence } from '../intrinsic/divergence.ts';
import { influenceMoa, type MoaOptions, moaFor } from '../intrinsic/influence-moa.ts';
import type { MoaNetwork } from '../intrinsic/moa-network.ts';
import type { ActorCritic } from '../networks/actor-critic.ts';
import type { Plan } from '../training/config.ts';
import { type NamedWeight, weightedModel } from './network-file.ts';

/** The model of a plan's policies. */
export interface PlannedMoa {
  readonly model: MoaNetwork;
  /** What the influence in the file is; see `divergenceOfFile`. */
  readonly divergence: Exclude<Divergence, 'pmi'>;
  readonly visibleOnly: boolean;
}

/** Null where a plan has none. */
export function moaOf({ intrinsic, task, config }: Plan): PlannedMoa | null {
  const options = intrinsic.find(({ name }) => name === influenceMoa.name)?.options as MoaOptions | undefined;
  if (options === undefined) return null;
  return {
    model: moaFor(options, task, config.network),
    divergence: divergenceOfFile(options.divergence),
    visibleOnly: options.visibleOnly,
  };
}

/**
 * Pointwise influence is of what was done next, which a step does not know yet. Its mean over what the model expects next
 * is the KL divergence, so that is what the file has.
 */
const divergenceOfFile = (divergence: Divergence) => (divergence === 'pmi' ? 'kl' : divergence);

/**
 * @param learned weights of one network with its model, of which the model's and those of the convolution that it shares
 * go into the file. @throws {CompileError} for a network that depends on the batch.
 */
export function moaFile(
  plan: Plan,
  moa: PlannedMoa,
  learned: readonly NamedWeight[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const graph = graphOf(plan, moa);
  const used = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  return weightedModel(
    graph,
    learned.filter(({ name }) => used.has(name)),
    metadata,
  );
}

/** By plan, as a run exports again and again. */
const graphs = new WeakMap<Plan, OnnxGraph>();

/** One step, with the weights as tensors that are yet to be put in. */
function graphOf(plan: Plan, moa: PlannedMoa): OnnxGraph {
  let graph = graphs.get(plan);
  if (graph === undefined) {
    const { task, config, intrinsic } = plan;
    const network = policyNetwork(task, config.network, intrinsic, 1);
    const { dtype, shape } = task.observation;
    const traced = traceAnyBatch('moa', step(network, moa), (batch) => ({
      observation: { dtype, shape: [batch, ...shape] },
      joint: uint8(batch, task.players),
      pi: float32(batch, task.actions),
      state: float32(batch, moa.model.stateSize),
      ...Object.fromEntries(network.layout.specs.map(({ name, shape }) => [name, float32(...shape)])),
    }));
    const weights = new Set(network.layout.specs.map(({ name }) => name));
    graph = { ...traced, inputs: traced.inputs.filter(({ name }) => !weights.has(name)) };
    graphs.set(plan, graph);
  }
  return graph;
}

function step({ layout, see }: ActorCritic, { model, divergence }: PlannedMoa): TensorFunction {
  // The axis of networks, of which there is one here, comes first; that of time, one step, follows it.
  const one = (x: tf.Tensor) => tf.expandDims(x, 0);
  const now = (x: tf.Tensor) => one(one(x));
  return (inputs) => {
    const weights = Object.fromEntries(layout.specs.map(({ name }) => [name, one(inputs[name]!)]));
    const { joint, pi, state } = inputs as Record<'joint' | 'pi' | 'state', tf.Tensor>;
    const [batch, players] = joint.shape as [number, number];
    const seen = see(weights, one(inputs.observation!), 'act');
    // Whoever starts an episode hands in zeros.
    const keep = tf.onesLike(tf.slice(pi, [0, 0], [batch, 1]));
    const along = tf.reshape(keep, [1, 1, batch]);
    // Of what is done next only likelihoods are made, which this has no use for: any action does.
    const any = tf.slice(joint, [0, 1], [batch, players - 1]);
    const predicted = model.predict(
      weights,
      seen,
      now(joint),
      one(state),
      along,
      now(pi),
      now(any),
      divergence,
    );
    return {
      predictions: tf.squeeze(predicted.factual, [0]),
      influence: tf.squeeze(predicted.influence, [0]),
      nextState: tf.squeeze(predicted.state, [0]),
    };
  };
}
