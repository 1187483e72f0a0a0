/** Behavioural cloning (Pomerleau 1991): a policy by supervised learning from what somebody did. */
import * as z from 'zod';
import { readDemonstrations } from '../imitation/data.ts';
import { cloneNetwork, ImitationLearner, refuseChangedData, stepsOf } from '../imitation/learner.ts';
import { imitationOptions } from '../imitation/options.ts';
import type { AlgorithmDefinition } from './algorithm.ts';

const schema = z.strictObject(imitationOptions);

export type BcOptions = z.infer<typeof schema>;

export const bc: AlgorithmDefinition<BcOptions> = {
  name: 'bc',
  title: 'Behavioural cloning',
  summary: 'Learns from recordings to do what somebody did who saw the same; see docs/imitation.md.',
  source: 'Pomerleau 1991; warm-up of recurrent memory after Kapturowski et al. 2019',
  details: [
    '```',
    'L = -mean log pi(a_t|o_t) + c_v 1/2 mean (V(o_t) - G_t)^2',
    '',
    'G_t = sum over k of gamma^k r_{t+k}, as recorded',
    '```',
    '',
    'Steps are samples that are read, however often. Episodes are held out whole. Of a recording that goes on, the last steps',
    'have no G: less than nine tenths of a steady income would be in it.',
  ],
  schema,
  intrinsic: false,

  stepsPerIteration: stepsOf,

  parameters: (_, task, network) => cloneNetwork(task, network).layout.size,

  prepare(options, task, { network, seed }, saved) {
    refuseChangedData(readDemonstrations(options, task, seed, network.lstm > 0), saved);
  },

  async create(options, setup) {
    const data = readDemonstrations(options, setup.task, setup.seed, setup.network.lstm > 0);
    return ImitationLearner.create(
      options,
      setup,
      setup.collective.own.map(() => data),
    );
  },
};
