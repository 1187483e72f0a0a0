/** All environments: one file in `environments/` and one line here. */
import {
  type EnvironmentDefinition,
  OptionsError,
  type OptionsInput,
  parseOptions,
  type VectorSettings,
} from './definition.ts';
import type { Environment } from './environment.ts';
import { acrobot } from './environments/acrobot.ts';
import { cartpole } from './environments/cartpole.ts';
import { cleanup } from './environments/cleanup.ts';
import { copying } from './environments/copying.ts';
import { harvest } from './environments/harvest.ts';
import { identity } from './environments/identity.ts';
import { memoryCorridor } from './environments/memory-corridor.ts';
import { mountainCar } from './environments/mountain-car.ts';
import type { VectorEnvironment } from './vector.ts';

export const ENVIRONMENTS: readonly EnvironmentDefinition[] = [
  harvest,
  cleanup,
  cartpole,
  acrobot,
  mountainCar,
  memoryCorridor,
  identity,
  copying,
];

/** Those that lie on a grid: rooms can be made of them, and scripted policies play them. */
export const DILEMMAS = ENVIRONMENTS.filter((definition) => definition.kind === 'dilemma');

/** @throws {OptionsError} for a name that is not registered. */
export function definitionOf(name: string): EnvironmentDefinition {
  const definition = ENVIRONMENTS.find((candidate) => candidate.name === name);
  if (definition === undefined) {
    throw new OptionsError(
      `environment ${JSON.stringify(name)} is unknown, there are ${ENVIRONMENTS.map((candidate) => candidate.name).join(', ')}`,
    );
  }
  return definition;
}

/** An environment, not yet reset. @throws {OptionsError} */
export function makeEnvironment(name: string, options: OptionsInput = {}): Environment {
  const definition = definitionOf(name);
  return definition.create(parseOptions(definition, options));
}

/** `environments` of them in contiguous memory, none yet reset. @throws {OptionsError} */
export function makeVector(
  name: string,
  options: OptionsInput,
  environments: number,
  settings: VectorSettings = {},
): VectorEnvironment {
  const definition = definitionOf(name);
  return definition.createVector(parseOptions(definition, options), environments, settings);
}
