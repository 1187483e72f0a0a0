/** All experiments: one file each and one line here. */
import { TrainingUsageError } from '../training/errors.ts';
import { type Experiment, meant } from './experiment.ts';
import { influenceBasic } from './influence-basic.ts';
import { influenceCommunication } from './influence-communication.ts';
import { influenceMoa } from './influence-moa.ts';

export const EXPERIMENTS: readonly Experiment[] = [influenceMoa, influenceCommunication, influenceBasic];

/** @throws {TrainingUsageError} for a name that is not registered. */
export function experimentOf(name: string): Experiment {
  const experiment = EXPERIMENTS.find((candidate) => candidate.name === name);
  if (experiment !== undefined) return experiment;
  const names = EXPERIMENTS.map((candidate) => candidate.name);
  throw new TrainingUsageError(`experiment ${JSON.stringify(name)} is unknown, ${meant(name, names)}`);
}
