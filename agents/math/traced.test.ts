/** What is written here runs as ONNX graphs: the same numbers must come out of them as of eager tfjs. */
import { beforeAll, expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import { type Engine, openEngine } from '../engine/index.ts';
import { allocate, float32, int32, type Signature, type TensorFunction } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import { adam, clipByGlobalNorm } from './adam.ts';
import { chosen, entropy, klDivergence, logProbabilityOf } from './categorical.ts';
import {
  approximateKl,
  clippedSurrogate,
  huber,
  maskedMean,
  policyGradientLoss,
  valueLoss,
} from './losses.ts';
import { doubleQTargets, dueling, qTargets } from './q-learning.ts';

let traced: Engine;
let eager: Engine;
beforeAll(async () => {
  traced = await openEngine('onnx');
  eager = await openEngine('cpu');
});

const T = 3;
const B = 4;
const A = 5;
const actions = int32(T, B);
const logits = float32(T, B, A);
const per = float32(T, B);
const scalar = float32();

const cases: [string, Signature, TensorFunction][] = [
  [
    'the loss of PPO and its gradient',
    {
      logits,
      actions,
      oldLogp: per,
      advantages: per,
      values: per,
      oldValues: per,
      targets: per,
      mask: per,
      clip: scalar,
    },
    ({ logits, actions, oldLogp, advantages, values, oldValues, targets, mask, clip }) => {
      const loss = (logits: tf.Tensor, values: tf.Tensor) => {
        const logp = logProbabilityOf(logits, actions!);
        const policy = clippedSurrogate(logp, oldLogp!, advantages!, clip!, mask!).loss;
        const value = valueLoss(values, targets!, { oldValues: oldValues!, clip: clip! }, mask!);
        return tf.sub<tf.Scalar>(
          tf.add(policy, tf.mul(0.5, value)),
          tf.mul(0.01, maskedMean(entropy(logits), mask!)),
        );
      };
      const { value, grads } = tf.valueAndGrads(loss)([logits!, values!]);
      const logp = logProbabilityOf(logits!, actions!);
      const { clipFraction } = clippedSurrogate(logp, oldLogp!, advantages!, clip!, mask!);
      const kl = approximateKl(logp, oldLogp!, mask!);
      return { value, logits: grads[0]!, values: grads[1]!, clipFraction, kl };
    },
  ],
  [
    'the policy gradient with a KL divergence',
    { logits, others: logits, actions, advantages: per },
    ({ logits, others, actions, advantages }) => {
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
        tf.add<tf.Scalar>(
          policyGradientLoss(logProbabilityOf(x, actions!), advantages!, null),
          maskedMean(klDivergence(others!, x), null),
        ),
      )(logits!);
      return { value, grad };
    },
  ],
  [
    'Q-learning with a dueling head',
    {
      values: float32(B, 1),
      q: float32(B, A),
      online: float32(B, A),
      actions: int32(B),
      rewards: float32(B),
      terminated: float32(B),
    },
    ({ values, q, online, actions, rewards, terminated }) => {
      const transition = { rewards: rewards!, discounts: 0.9, terminated: terminated! };
      const targets = doubleQTargets(transition, online!, q!);
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
        maskedMean(huber(tf.sub(chosen(dueling(values!, x), actions!), targets)), null),
      )(q!);
      return { plain: qTargets(transition, q!), targets, value, grad };
    },
  ],
  [
    'a step of Adam on a clipped gradient',
    {
      theta: float32(7),
      g: float32(7),
      m: float32(7),
      v: float32(7),
      learningRate: scalar,
      correction1: scalar,
      correction2: scalar,
    },
    ({ theta, g, m, v, learningRate, correction1, correction2 }) => {
      const { gradient, norm } = clipByGlobalNorm(g!, 0.5);
      const step = { learningRate: learningRate!, correction1: correction1!, correction2: correction2! };
      const settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-5 };
      return { ...adam(theta!, gradient, m!, tf.abs(v!), step, settings), norm };
    },
  ],
];

it.each(cases)('%s', async (name, inputs, fn) => {
  const feeds = allocate(inputs);
  const random = new Random().seed(1);
  // Numbers of both signs below 1 in size; flags and actions below their counts; scalars positive.
  for (const [input, array] of Object.entries(feeds)) {
    for (let i = 0; i < array.length; i++) {
      if (input === 'actions') array[i] = Math.floor(random.uniform() * A);
      else if (input === 'mask' || input === 'terminated') array[i] = random.uniform() < 0.7 ? 1 : 0;
      else array[i] = array.length === 1 ? random.uniform() : 2 * random.uniform() - 1;
    }
  }
  const results = [];
  for (const engine of [traced, eager]) {
    const program = await engine.compile(name, fn, inputs);
    const out = allocate(program.outputs);
    await program.bind(feeds, out).run();
    await program.release();
    results.push(out);
  }
  const [actual, expected] = results;
  for (const [output, array] of Object.entries(expected!)) {
    array.forEach((value, i) => {
      expect(actual![output]![i], `${output}[${i}]`).toBeCloseTo(value, 5);
    });
  }
});
