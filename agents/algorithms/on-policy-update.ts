/** The programs of an on-policy update: the gradient of the loss through the network, and Adam's step along it. */
import { float32, type Signature } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import type { ActorCritic } from '../networks/actor-critic.ts';
import { byNetwork, sequencesByNetwork } from '../networks/programs.ts';
import type { LearnerSetup } from './algorithm.ts';
import type { Batch, OnPolicyAlgorithm, OnPolicyOptions } from './on-policy.ts';
import { compileUpdate, type Updating } from './update.ts';

/** Inputs of the loss's gradient, by name. */
function gradientInputs(
  { task }: LearnerSetup,
  { sequence }: OnPolicyOptions,
  network: ActorCritic,
  units: number,
  coefficientNames: readonly string[],
): Signature {
  const rows = [sequence, units, task.players];
  return {
    theta: float32(network.layout.size),
    observation: { dtype: task.observation.dtype, shape: [...rows, ...task.observation.shape] },
    action: { dtype: 'int32', shape: rows },
    oldLogProbability: float32(...rows),
    oldProbabilities: float32(...rows, task.actions),
    oldValue: float32(...rows),
    advantage: float32(...rows),
    target: float32(...rows),
    ...(network.stateSize === 0
      ? {}
      : { keep: float32(...rows), state: float32(units, task.players, network.stateSize) }),
    ...Object.fromEntries(coefficientNames.map((name) => [name, float32()])),
  };
}

type Inputs = Readonly<Record<string, tf.Tensor>>;

/** The gradient of the loss on one minibatch, and its statistics; `names` is filled with what these are. */
function gradientOf<O extends OnPolicyOptions>(
  algorithm: OnPolicyAlgorithm<O>,
  options: O,
  network: ActorCritic,
  inputs: Inputs,
  names: string[],
): { gradient: tf.Tensor; statistics: tf.Tensor } {
  const { networks } = network.layout;
  const memoryless = network.stateSize === 0;
  const grouped = (name: string) => sequencesByNetwork(inputs[name]!, networks);
  const samples = (name: string) => {
    const x = grouped(name);
    return tf.reshape(x, [networks, x.shape[1]! * x.shape[2]!, ...x.shape.slice(3)]);
  };
  const observation = grouped('observation');
  const state = memoryless ? null : byNetwork(inputs.state!, networks);
  const keep = memoryless ? null : grouped('keep');
  const batch: Batch = {
    action: samples('action'),
    oldLogProbability: samples('oldLogProbability'),
    oldProbabilities: samples('oldProbabilities'),
    oldValue: samples('oldValue'),
    advantage: samples('advantage'),
    target: samples('target'),
  };
  let statistics: Readonly<Record<string, tf.Tensor>> = {};
  const { grad } = tf.valueAndGrad((theta: tf.Tensor) => {
    const heads = network.learn(network.layout.unpack(theta), observation, state, keep);
    const result = algorithm.loss(heads, batch, inputs, options);
    statistics = Object.fromEntries(
      Object.entries(result.statistics).map(([name, value]) => [name, tf.keep(value)]),
    );
    // Each network learns from the mean over its own samples.
    return tf.mul(result.loss, networks) as tf.Scalar;
  })(inputs.theta!);
  const entries = Object.entries(statistics);
  names.splice(0, names.length, ...entries.map(([name]) => name));
  const values = tf.concat(entries.map(([, value]) => tf.reshape(value, [1])));
  for (const [, value] of entries) value.dispose();
  return { gradient: grad, statistics: values };
}

/** The programs of an update, and what the statistics they write are called. */
export async function updatePrograms<O extends OnPolicyOptions>(
  algorithm: OnPolicyAlgorithm<O>,
  options: O,
  setup: LearnerSetup,
  network: ActorCritic,
  units: number,
  coefficientNames: readonly string[],
): Promise<{ statisticNames: readonly string[]; updating: Updating }> {
  const names: string[] = [];
  const updating = await compileUpdate(
    setup,
    algorithm.name,
    options,
    network.layout,
    gradientInputs(setup, options, network, units, coefficientNames),
    (tensors) => gradientOf(algorithm, options, network, tensors, names),
  );
  return { statisticNames: names, updating };
}
