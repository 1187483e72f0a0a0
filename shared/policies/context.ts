/** What a policy is told of the environment that it plays in. */
import type { CommonOptions } from '../definition.ts';
import type { Environment } from '../environment.ts';
import type { GridOptions } from '../grid/definition.ts';
import type { PolicyContext } from '../policy.ts';

/** @throws {RangeError} for an environment without class-id windows. */
export function policyContext(
  environment: Environment,
  options: CommonOptions,
  player: number,
): PolicyContext {
  const [windowHeight, windowWidth] = environment.observationSpecs.ids?.shape ?? [];
  const { windowAhead, windowLeft } = options as Partial<GridOptions>;
  if (
    windowHeight === undefined ||
    windowWidth === undefined ||
    windowAhead === undefined ||
    windowLeft === undefined
  ) {
    throw new RangeError(`${environment.name} has no windows of class ids, which scripted policies see by`);
  }
  const { players, actionSpec } = environment;
  return { player, players, actionSpec, windowHeight, windowWidth, row: windowAhead, column: windowLeft };
}
