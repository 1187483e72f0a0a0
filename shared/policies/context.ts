/** What a policy is told of the environment that it plays in. */
import type { Environment } from '../environment.ts';
import type { PolicyContext } from '../policy.ts';

/** @throws {RangeError} for an environment without windows of class ids. */
export function policyContext(environment: Environment, player: number): PolicyContext {
  const { name, players, actionSpec, grid } = environment;
  const [windowHeight, windowWidth] = environment.observationSpecs.ids?.shape ?? [];
  if (grid === null || windowHeight === undefined || windowWidth === undefined) {
    throw new RangeError(`${name} has no windows of class ids, which scripted policies see by`);
  }
  const { ahead, left } = grid.window;
  return { player, players, actionSpec, windowHeight, windowWidth, row: ahead, column: left };
}
