/**
 * Proximal policy optimization (Schulman et al. 2017), recurrent and multi-agent: every player learns by itself, with the
 * weights of all or with its own. Its equations are in `details`.
 */
import * as z from 'zod';
import * as tf from '../engine/tf.ts';
import { chosen, logProbabilities } from '../math/categorical.ts';
import { approximateKl, clippedSurrogate, maskedMean, valueLoss } from '../math/losses.ts';
import { scheduleSchema } from '../math/schedules.ts';
import { defineOnPolicy, onPolicyOptions } from './on-policy.ts';

const schema = z.strictObject({
  ...onPolicyOptions,
  surrogate: z
    .enum(['clip', 'kl'])
    .default('clip')
    .describe('What keeps the policy near the old one: a clipped ratio, or a KL penalty that adapts'),
  clip: scheduleSchema({ low: 0 }).default(0.2).describe('eps of the clipped ratio; a schedule'),
  valueClip: z
    .number()
    .min(0)
    .default(0)
    .describe('How far a value may move from its old one before the loss stops rewarding it; 0 for no limit'),
  klTarget: z.number().positive().default(0.01).describe('kl: what the penalty adapts to, in nats'),
  klInitial: z.number().min(0).default(0.2).describe('kl: beta at the start'),
});

export type PpoOptions = z.infer<typeof schema>;

export const ppo = defineOnPolicy<PpoOptions>({
  name: 'ppo',
  title: 'PPO',
  summary:
    'Proximal policy optimization: several gradient steps on each segment, held near the policy that played it.',
  source: 'Schulman et al. 2017; details after Huang et al. 2022',
  details: [
    '```',
    'rho = pi(a|o) / pi_old(a|o)',
    '',
    'clip:  L = -mean min(rho A, clip(rho, 1 - eps, 1 + eps) A) + c_v L_V - c_e H',
    'kl:    L = -mean rho A + beta KL(pi_old || pi)             + c_v L_V - c_e H',
    '```',
    '',
    '`surrogate` chooses one of the two. With `kl`, beta starts at `klInitial`; it doubles after an iteration in whose last',
    'pass the KL divergence was over 1.5 `klTarget`, and halves where it was under `klTarget` / 1.5. With a `valueClip` of d',
    'above 0, the value loss is 1/2 mean max((V - G)^2, (V_old + clip(V - V_old, -d, d) - G)^2).',
  ],
  schema,

  memory: ({ klInitial }) => [klInitial],

  coefficients: ({ surrogate, clip, entropy }, at, [beta]) => ({
    entropy: at(entropy),
    ...(surrogate === 'clip' ? { clip: at(clip) } : { beta: beta! }),
  }),

  loss({ logits, values }, batch, coefficients, { surrogate, valueClip, valueCoefficient }) {
    const logs = logProbabilities(logits);
    const logp = chosen(logs, batch.action);
    const kl = approximateKl(logp, batch.oldLogProbability, null);
    const entropy = tf.neg(maskedMean(tf.sum(tf.mul(tf.exp(logs), logs), -1), null));
    const value = valueLoss(
      values,
      batch.target,
      valueClip > 0 ? { oldValues: batch.oldValue, clip: valueClip } : null,
      null,
    );
    const statistics: Record<string, tf.Tensor> = {
      'loss/value': value,
      'policy/entropy': entropy,
      'policy/kl': kl,
    };
    let policy: tf.Tensor;
    if (surrogate === 'clip') {
      const clipped = clippedSurrogate(
        logp,
        batch.oldLogProbability,
        batch.advantage,
        coefficients.clip!,
        null,
      );
      policy = clipped.loss;
      statistics['policy/clipFraction'] = clipped.clipFraction;
    } else {
      const ratio = tf.exp(tf.sub(logp, batch.oldLogProbability));
      const old = batch.oldProbabilities;
      // The logarithm of a probability that is 0 counts nothing: its product with the probability is 0.
      const divergence = tf.sum(tf.mul(old, tf.sub(tf.log(tf.maximum(old, 1e-30)), logs)), -1);
      const exact = maskedMean(divergence, null);
      statistics['policy/kl'] = exact;
      policy = tf.add(
        tf.neg(maskedMean(tf.mul(ratio, batch.advantage), null)),
        tf.mul(coefficients.beta!, exact),
      );
    }
    statistics['loss/policy'] = policy;
    return {
      loss: tf.sub(tf.add(policy, tf.mul(value, valueCoefficient)), tf.mul(coefficients.entropy!, entropy)),
      statistics,
    };
  },

  adapt({ surrogate, klTarget }, memory, last) {
    if (surrogate !== 'kl') return;
    const kl = last['policy/kl']!;
    if (kl > 1.5 * klTarget) memory[0]! *= 2;
    else if (kl < klTarget / 1.5) memory[0]! /= 2;
  },
});
