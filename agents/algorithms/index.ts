/** All algorithms: one file beside this one and one line here. */
import { TrainingUsageError } from '../training/errors.ts';
import { a2c } from './a2c.ts';
import type { AlgorithmDefinition } from './algorithm.ts';
import { bc } from './bc.ts';
import { dagger } from './dagger.ts';
import { dqn } from './dqn.ts';
import { ppo } from './ppo.ts';
import { reinforce } from './reinforce.ts';

// Options differ by algorithm: whoever takes one from here has them checked by its own schema.
export const ALGORITHMS: readonly AlgorithmDefinition<never>[] = [
  ppo,
  a2c,
  reinforce,
  dqn,
  bc,
  dagger,
] as never;

export const ALGORITHM_NAMES: readonly string[] = ALGORITHMS.map(({ name }) => name);

/** @throws {TrainingUsageError} for a name that is not registered. */
export function algorithmOf(name: string): AlgorithmDefinition<never> {
  const algorithm = ALGORITHMS.find((candidate) => candidate.name === name);
  if (algorithm === undefined) {
    throw new TrainingUsageError(
      `algorithm ${JSON.stringify(name)} is unknown, there are ${ALGORITHM_NAMES.join(', ')}`,
    );
  }
  return algorithm;
}
