/** All scripted policies: one file here and one line below. */
import type { PolicyDefinition } from '../policy.ts';
import { adversary } from './adversary.ts';
import { cleaner } from './cleaner.ts';
import { greedy } from './greedy.ts';
import { random } from './random.ts';
import { sustainable } from './sustainable.ts';

export const POLICIES: readonly PolicyDefinition[] = [random, greedy, sustainable, cleaner, adversary];

export const POLICY_NAMES: readonly string[] = POLICIES.map((definition) => definition.name);

/** @throws {RangeError} for a name that is not registered. */
export function policyOf(name: string): PolicyDefinition {
  const definition = POLICIES.find((candidate) => candidate.name === name);
  if (definition === undefined) {
    throw new RangeError(`policy ${JSON.stringify(name)} is unknown, there are ${POLICY_NAMES.join(', ')}`);
  }
  return definition;
}
