/** For tests: an experiment whose runs take a second. */
import type { Experiment } from './experiment.ts';

const BASE = `
env: {name: identity}
steps: 2048
environments: 4
shards: 1
reports: 8
checkpoints: 8
algo: {name: ppo, segment: 64, sequence: 1, minibatches: 1, gamma: 0.4}
network: {filters: 0, dense: [4], lstm: 0}
`;

export const IDENTITY: Experiment = {
  name: 'identity-rates',
  title: 'Fast and slow',
  abstract: 'Does a player that learns faster say what it sees sooner?',
  source: 'nobody',
  bases: { identity: BASE },
  shared: { 'algo.clip': 0.3 },
  arms: () => [
    { name: 'fast', summary: 'with a high learning rate', set: { 'algo.learningRate': 0.01 } },
    { name: 'slow', summary: 'with a low one', set: { 'algo.learningRate': 1e-5 } },
  ],
};
