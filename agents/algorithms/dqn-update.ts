/**
 * The programs of an update of Q. Arrays are [G, M] of G networks and M transitions each unless said; see
 * `TransitionBatch`.
 */
import { float32, int32, type Signature } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import { chosen } from '../math/categorical.ts';
import { huber, maskedMean, valueLoss } from '../math/losses.ts';
import { doubleQTargets, qTargets } from '../math/q-learning.ts';
import type { QNetwork } from '../networks/q-network.ts';
import type { LearnerSetup } from './algorithm.ts';
import type { DqnOptions } from './dqn.ts';
import { compileUpdate, type Updating } from './update.ts';

type Inputs = Readonly<Record<string, tf.Tensor>>;
type TargetOptions = Pick<DqnOptions, 'double'>;
type LossOptions = Pick<DqnOptions, 'huber'>;

export const STATISTICS = ['loss/td', 'value/q', 'value/target'] as const;

function gradientInputs({ task }: LearnerSetup, { layout }: QNetwork, batch: number): Signature {
  const rows = [layout.networks, batch];
  const observation = { dtype: task.observation.dtype, shape: [...rows, ...task.observation.shape] };
  return {
    theta: float32(layout.size),
    target: float32(layout.size),
    observation,
    nextObservation: observation,
    action: int32(...rows),
    reward: float32(...rows),
    discount: float32(...rows),
    terminated: float32(...rows),
  };
}

/** What Q(o, a) should be, [G, M]: no gradient belongs into it. */
export function tdTargets(
  { double }: TargetOptions,
  { layout, values }: QNetwork,
  inputs: Inputs,
): tf.Tensor {
  const { theta, target, nextObservation, reward, discount, terminated } = inputs;
  const transition = { rewards: reward!, discounts: discount!, terminated: terminated! };
  const next = values(layout.unpack(target!), nextObservation!);
  return double
    ? doubleQTargets(transition, values(layout.unpack(theta!), nextObservation!), next)
    : qTargets(transition, next);
}

/** The mean of 1/2 e^2, or of Huber's function of e, with e = Q(o, a) - target: a scalar, and the mean of Q(o, a). */
export function tdLoss(
  options: LossOptions,
  { layout, values }: QNetwork,
  { theta, observation, action }: Inputs,
  target: tf.Tensor,
): { loss: tf.Scalar; q: tf.Scalar } {
  const q = chosen(values(layout.unpack(theta!), observation!), action!);
  const loss = options.huber ? maskedMean(huber(tf.sub(q, target)), null) : valueLoss(q, target, null, null);
  return { loss, q: tf.mean<tf.Scalar>(q) };
}

/** The gradient [P] of the loss, each network's by its own transitions, and the statistics [3]. */
export function tdGradient(
  options: TargetOptions & LossOptions,
  network: QNetwork,
  inputs: Inputs,
): { gradient: tf.Tensor; statistics: tf.Tensor } {
  const target = tdTargets(options, network, inputs);
  let kept: tf.Scalar[] = [];
  const { grad } = tf.valueAndGrad((theta: tf.Tensor) => {
    const { loss, q } = tdLoss(options, network, { ...inputs, theta }, target);
    kept = [tf.keep(loss), tf.keep(q)];
    return tf.mul(loss, network.layout.networks) as tf.Scalar;
  })(inputs.theta!);
  const statistics = tf.concat([...kept, tf.mean(target)].map((value) => tf.reshape(value, [1])));
  for (const value of kept) value.dispose();
  return { gradient: grad, statistics };
}

export function updatePrograms(
  options: DqnOptions,
  setup: LearnerSetup,
  network: QNetwork,
): Promise<Updating> {
  return compileUpdate(
    setup,
    'dqn',
    options,
    network.layout,
    gradientInputs(setup, network, options.batch),
    (tensors) => tdGradient(options, network, tensors),
  );
}
