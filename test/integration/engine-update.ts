/** What tests of the engine run: one PPO update of the paper's network, small in time and columns only. */

import { drawn } from '../../agents/engine/agree.ts';
import type { Engine } from '../../agents/engine/index.ts';
import {
  allocate,
  float32,
  int32,
  type Program,
  type Signature,
  type TensorFunction,
  uint8,
} from '../../agents/engine/program.ts';
import * as tf from '../../agents/engine/tf.ts';
import { adam, biasCorrection, clipByGlobalNorm } from '../../agents/math/adam.ts';
import { entropy, logProbabilityOf } from '../../agents/math/categorical.ts';
import { clippedSurrogate, maskedMean, valueLoss } from '../../agents/math/losses.ts';
import { actorCritic, networkSchema } from '../../agents/networks/actor-critic.ts';
import { Random } from '../../shared/random.ts';

const A = 8;
const T = 4;
const B = 2;
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-5 };

export interface Update {
  readonly fn: TensorFunction;
  readonly signature: Signature;
  /** Fresh weights, moments as after some steps, and a rollout with episodes that start within it. */
  feeds(): Record<string, Float32Array | Int32Array | Uint8Array>;
}

/** @param networks G. Everything is [G, T, B, ...] but theta, m and v [P]. */
export function ppoUpdate(networks: number): Update {
  const network = actorCritic(
    { dtype: 'uint8', shape: [15, 15], low: 0, high: 255 },
    A,
    networkSchema.parse({}),
    networks,
  );
  const { layout } = network;
  const samples = float32(networks, T * B);
  const signature: Signature = {
    theta: float32(layout.size),
    m: float32(layout.size),
    v: float32(layout.size),
    observation: uint8(networks, T, B, 15, 15),
    state: float32(networks, B, network.stateSize),
    keep: float32(networks, T, B),
    actions: int32(networks, T * B),
    oldLogp: samples,
    advantages: samples,
    targets: samples,
    learningRate: float32(),
    correction1: float32(),
    correction2: float32(),
  };
  const fn: TensorFunction = (inputs) => {
    const objective = (theta: tf.Tensor) => {
      const { logits, values } = network.learn(
        layout.unpack(theta),
        inputs.observation!,
        inputs.state!,
        inputs.keep!,
      );
      const logp = logProbabilityOf(logits, inputs.actions!);
      const policy = clippedSurrogate(logp, inputs.oldLogp!, inputs.advantages!, 0.2, null).loss;
      const value = valueLoss(values, inputs.targets!, null, null);
      const bonus = maskedMean(entropy(logits), null);
      return tf.sub<tf.Scalar>(tf.add(policy, tf.mul(0.5, value)), tf.mul(0.01, bonus));
    };
    const { value, grad } = tf.valueAndGrad(objective)(inputs.theta!);
    const { gradient } = clipByGlobalNorm(grad, 0.5);
    const step = {
      learningRate: inputs.learningRate!,
      correction1: inputs.correction1!,
      correction2: inputs.correction2!,
    };
    return { ...adam(inputs.theta!, gradient, inputs.m!, inputs.v!, step, ADAM), loss: value };
  };
  return {
    fn,
    signature,
    feeds() {
      const arrays = drawn(signature);
      layout.initialize(arrays.theta as Float32Array, new Random().seed(2));
      const { m, v, keep, oldLogp } = arrays as Record<string, Float32Array>;
      for (let k = 0; k < m!.length; k++) {
        m![k]! *= 1e-3;
        // Of the size that squares of m have: with far less a step is mostly how an error was rounded.
        v![k] = 1e-6 * (0.5 + v![k]! ** 2);
      }
      // An even policy's, some 10 % more or less: ratios on both sides of the clip.
      for (let k = 0; k < oldLogp!.length; k++) oldLogp![k] = Math.log(1 / A) + 0.4 * oldLogp![k]!;
      keep!.fill(1);
      for (let k = 1; k < keep!.length; k += 3) keep![k] = 0;
      arrays.learningRate![0] = 1e-3;
      arrays.correction1![0] = biasCorrection(ADAM.beta1, 5);
      arrays.correction2![0] = biasCorrection(ADAM.beta2, 5);
      return arrays;
    },
  };
}

/** Some updates one after the other, each from what the one before gave. */
export async function updated(engine: Engine, { fn, signature, feeds }: Update, count: number) {
  const program: Program = await engine.compile('update', fn, signature);
  const inputs = feeds();
  const results = allocate(program.outputs);
  const call = program.bind(inputs, results);
  for (let k = 0; k < count; k++) {
    await call.run();
    for (const name of ['theta', 'm', 'v']) inputs[name]!.set(results[name]!);
  }
  const { onnx } = program;
  await program.release();
  return { results, onnx };
}
