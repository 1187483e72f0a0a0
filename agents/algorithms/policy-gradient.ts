/** The loss of plain policy gradients, which A2C and REINFORCE share. */
import * as tf from '../engine/tf.ts';
import { chosen, logProbabilities } from '../math/categorical.ts';
import { maskedMean, policyGradientLoss, valueLoss } from '../math/losses.ts';
import type { OnPolicyAlgorithm, OnPolicyOptions } from './on-policy.ts';

export const policyGradient: Pick<OnPolicyAlgorithm<OnPolicyOptions>, 'coefficients' | 'loss'> = {
  coefficients: ({ entropy }, at) => ({ entropy: at(entropy) }),

  loss({ logits, values }, batch, coefficients, { valueCoefficient }) {
    const logs = logProbabilities(logits);
    const policy = policyGradientLoss(chosen(logs, batch.action), batch.advantage, null);
    const value = valueLoss(values, batch.target, null, null);
    const entropy = tf.neg(maskedMean(tf.sum(tf.mul(tf.exp(logs), logs), -1), null));
    return {
      loss: tf.sub(tf.add(policy, tf.mul(value, valueCoefficient)), tf.mul(coefficients.entropy!, entropy)),
      statistics: { 'loss/policy': policy, 'loss/value': value, 'policy/entropy': entropy },
    };
  },
};
