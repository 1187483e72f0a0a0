/** The programs that learn from demonstrations: the gradient of the cross-entropy, and what it is on what was held out. */

import type { LearnerSetup } from '../algorithms/algorithm.ts';
import { compileUpdate, type Updating } from '../algorithms/update.ts';
import { float32, type Program, type Signature } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import { chosen, logProbabilities } from '../math/categorical.ts';
import { maskedMean, valueLoss } from '../math/losses.ts';
import type { ActorCritic } from '../networks/actor-critic.ts';
import type { ImitationOptions } from './options.ts';
import { type BatchShape, batchInputs } from './sequence-batch.ts';

/** What both programs write, in this order: means over what counts. */
export const STATISTICS = ['loss/imitation', 'imitation/accuracy', 'loss/value', 'policy/entropy'] as const;

type Inputs = Readonly<Record<string, tf.Tensor>>;

export interface ImitationPrograms {
  readonly updating: Updating;
  /** theta [P] and a batch to `statistics`. */
  readonly measure: Program;
}

/**
 * L = -mean log pi(a|o) + c_v 1/2 mean (V(o) - G)^2, each over the samples that count for it.
 * @returns L and the statistics [4].
 */
function lossOf(
  network: ActorCritic,
  { valueCoefficient }: ImitationOptions,
  theta: tf.Tensor,
  inputs: Inputs,
): { loss: tf.Tensor; statistics: tf.Tensor } {
  /** [L, U, ...] as [1, L, U, ...]: of one network. */
  const given = (name: string) => {
    const x = inputs[name]!;
    return tf.reshape(x, [1, ...x.shape]);
  };
  /** [1, M] */
  const samples = (name: string) => {
    const x = inputs[name]!;
    return tf.reshape(x, [1, x.shape[0]! * x.shape[1]!]);
  };
  const memory = network.stateSize > 0;
  const { logits, values } = network.learn(
    network.layout.unpack(theta),
    given('observation'),
    memory ? given('state') : null,
    memory ? given('keep') : null,
    Object.fromEntries(network.signals.map(({ name }) => [name, given(name)])),
  );
  const mask = samples('mask');
  const logs = logProbabilities(logits);
  const logp = chosen(logs, samples('action'));
  const policy = tf.neg(maskedMean(logp, mask));
  const value = valueLoss(values, samples('target'), null, samples('valued'));
  // The most likely action is the one that was taken, ties included.
  const right = tf.cast(tf.greaterEqual(logp, tf.max(logs, -1)), 'float32');
  const entropy = tf.neg(maskedMean(tf.sum(tf.mul(tf.exp(logs), logs), -1), mask));
  return {
    loss: tf.add(policy, tf.mul(value, valueCoefficient)),
    statistics: tf.concat(
      [policy, maskedMean(right, mask), value, entropy].map((scalar) => tf.reshape(scalar, [1])),
    ),
  };
}

export async function imitationPrograms(
  setup: LearnerSetup,
  options: ImitationOptions,
  network: ActorCritic,
  shape: BatchShape,
): Promise<ImitationPrograms> {
  const inputs: Signature = { theta: float32(network.layout.size), ...batchInputs(shape) };
  const updating = await compileUpdate(setup, 'imitation', options, network.layout, inputs, (tensors) => {
    let kept: tf.Tensor | null = null;
    const { grad } = tf.valueAndGrad((theta: tf.Tensor) => {
      const { loss, statistics } = lossOf(network, options, theta, tensors);
      kept = tf.keep(statistics);
      return loss as tf.Scalar;
    })(tensors.theta!);
    return { gradient: grad, statistics: kept! };
  });
  const measure = await setup.engine.compile(
    'imitation measure',
    (tensors) => ({ statistics: lossOf(network, options, tensors.theta!, tensors).statistics }),
    inputs,
  );
  return { updating, measure };
}
