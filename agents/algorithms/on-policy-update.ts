/** The programs of an on-policy update: the gradient of the loss through the network, and Adam's step along it. */
import { float32, type Signature } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import type { ModelBatch } from '../intrinsic/intrinsic.ts';
import type { ActorCritic } from '../networks/actor-critic.ts';
import { byNetwork, sequencesByNetwork } from '../networks/programs.ts';
import { fieldInput, minibatchInputs, type RolloutShape, SYMBOL } from '../rollout/rollout.ts';
import type { LearnerSetup } from './algorithm.ts';
import type { Batch, OnPolicyAlgorithm, OnPolicyOptions } from './on-policy.ts';
import { compileUpdate, type Updating } from './update.ts';

type Inputs = Readonly<Record<string, tf.Tensor>>;

/** What an update is compiled from. */
interface Update<O extends OnPolicyOptions> {
  readonly algorithm: OnPolicyAlgorithm<O>;
  readonly options: O;
  readonly setup: LearnerSetup;
  readonly network: ActorCritic;
  readonly shape: RolloutShape;
}

/** The inputs of a minibatch, by network. */
function groupedBy({ network, shape, setup }: Update<never>, inputs: Inputs) {
  const { networks } = network.layout;
  const perSequence = new Set(
    (shape.fields ?? []).filter(({ per }) => per === 'sequence').map(({ name }) => name),
  );
  /** [G, L, U', ...] */
  const sequences = (name: string) => sequencesByNetwork(inputs[name]!, networks);
  const field = (name: string) =>
    perSequence.has(name) ? byNetwork(inputs[fieldInput(name)]!, networks) : sequences(fieldInput(name));
  /** [G, M, ...] */
  const samples = (name: string) => {
    const x = sequences(name);
    return tf.reshape(x, [networks, x.shape[1]! * x.shape[2]!, ...x.shape.slice(3)]);
  };
  const batch = (prefix: string): Batch => ({
    action: samples(`${prefix}action`),
    oldLogProbability: samples(`${prefix}oldLogProbability`),
    oldProbabilities: samples(`${prefix}oldProbabilities`),
    oldValue: samples(`${prefix}oldValue`),
    advantage: samples(`${prefix}advantage`),
    target: samples(`${prefix}target`),
  });
  return {
    observation: sequences('observation'),
    state: network.stateSize === 0 ? null : byNetwork(inputs.state!, networks),
    keep: 'keep' in inputs ? sequences('keep') : null,
    signals: Object.fromEntries(network.signals.map(({ name }) => [name, field(name)])),
    models: setup.intrinsic.flatMap(({ model }) => (model === undefined ? [] : [model])),
    field,
    batch,
  };
}

/** The gradient of the loss on one minibatch, and its statistics; `names` is filled with what these are. */
function gradientOf<O extends OnPolicyOptions>(
  update: Update<O>,
  inputs: Inputs,
  names: string[],
): { gradient: tf.Tensor; statistics: tf.Tensor } {
  const { algorithm, options, network } = update;
  const { networks } = network.layout;
  const given = groupedBy(update as unknown as Update<never>, inputs);
  const { observation, state, keep, signals, models, field } = given;
  const actions = given.batch('');
  const symbols = network.symbols === 0 ? null : given.batch(SYMBOL);
  // Of weights as they are, so that no gradient reaches what the models hold fixed.
  const fixed = models.map((model) => model.fixed?.(modelBatch(inputs.theta!, null)) ?? null);

  function modelBatch(theta: tf.Tensor, learned: ReturnType<ActorCritic['learn']> | null): ModelBatch {
    const weights = network.layout.unpack(theta);
    const [g, l, b, ...sides] = observation.shape as [number, number, number, ...number[]];
    const seen = learned?.seen ?? network.see(weights, tf.reshape(observation, [g, l * b, ...sides]), 'act');
    return { weights, seen, observation, keep, field };
  }

  let statistics: Readonly<Record<string, tf.Tensor>> = {};
  const { grad } = tf.valueAndGrad((theta: tf.Tensor) => {
    const learned = network.learn(
      network.layout.unpack(theta),
      observation,
      state,
      network.stateSize === 0 ? null : keep,
      signals,
    );
    const parts = [algorithm.loss(learned, actions, inputs, options)];
    if (learned.symbols !== null && symbols !== null) {
      const spoken = algorithm.loss(learned.symbols, symbols, inputs, options);
      parts.push({ loss: spoken.loss, statistics: renamed('symbol/', spoken.statistics) });
    }
    for (const [k, model] of models.entries()) parts.push(model.loss(modelBatch(theta, learned), fixed[k]!));
    statistics = Object.fromEntries(
      parts.flatMap((part) =>
        Object.entries(part.statistics).map(([name, value]) => [name, tf.keep(value)] as const),
      ),
    );
    const loss = parts.map((part) => part.loss).reduce((sum, part) => tf.add(sum, part));
    // Each network learns from the mean over its own samples.
    return tf.mul(loss, networks) as tf.Scalar;
  })(inputs.theta!);
  const entries = Object.entries(statistics);
  names.splice(0, names.length, ...entries.map(([name]) => name));
  const values = tf.concat(entries.map(([, value]) => tf.reshape(value, [1])));
  for (const [, value] of entries) value.dispose();
  return { gradient: grad, statistics: values };
}

const renamed = (prefix: string, statistics: Readonly<Record<string, tf.Tensor>>) =>
  Object.fromEntries(Object.entries(statistics).map(([name, value]) => [`${prefix}${name}`, value]));

/** The programs of an update, and what the statistics they write are called. */
export async function updatePrograms<O extends OnPolicyOptions>(
  algorithm: OnPolicyAlgorithm<O>,
  options: O,
  setup: LearnerSetup,
  network: ActorCritic,
  shape: RolloutShape,
  units: number,
  coefficientNames: readonly string[],
): Promise<{ statisticNames: readonly string[]; updating: Updating }> {
  const names: string[] = [];
  const inputs: Signature = {
    theta: float32(network.layout.size),
    ...minibatchInputs(shape, units),
    ...Object.fromEntries(coefficientNames.map((name) => [name, float32()])),
  };
  const update: Update<O> = { algorithm, options, setup, network, shape };
  const updating = await compileUpdate(setup, algorithm.name, options, network.layout, inputs, (tensors) =>
    gradientOf(update, tensors, names),
  );
  return { statisticNames: names, updating };
}
