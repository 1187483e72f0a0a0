/** What a policy is told of the environment that it plays in. */
import type { Environment } from '../environment.ts';
import type { PolicyContext } from '../policy.ts';

/** @throws {RangeError} for an environment without class-id windows. */
export function policyContext(
  { name, grid, players, actionSpec }: Environment,
  player: number,
): PolicyContext {
  if (grid === null)
    throw new RangeError(`${name} has no windows of class ids, which scripted policies see by`);
  const { ahead, behind, left, right } = grid.window;
  return {
    player,
    players,
    actionSpec,
    windowHeight: ahead + 1 + behind,
    windowWidth: left + 1 + right,
    row: ahead,
    column: left,
    beamLength: grid.beamLength,
    beamRadius: grid.beamRadius,
  };
}
