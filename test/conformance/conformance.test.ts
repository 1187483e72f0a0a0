/** Every registered environment, in every preset, against the contract. */
import { describe } from 'vitest';
import type { EnvironmentDefinition } from '../../shared/definition.ts';
import type { GridDefinition } from '../../shared/grid/definition.ts';
import { ENVIRONMENTS } from '../../shared/registry.ts';
import { describeEnvironment } from './describe-environment.ts';
import { describeGrid } from './describe-grid.ts';

describe.each(
  ENVIRONMENTS.map((definition): [string, EnvironmentDefinition] => [definition.name, definition]),
)('%s', (_, definition) => {
  describe.each(Object.keys(definition.presets))('preset %s', (preset) => {
    describeEnvironment(definition, preset);
    if ('legend' in definition) describeGrid(definition as GridDefinition, preset);
  });
});
