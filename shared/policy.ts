/** Who chooses actions from observations alone: the interface of scripted policies, one instance a player. */
import type { ActionSpec } from './environment.ts';
import type { Random } from './random.ts';

/** What a policy may know of the game before it starts, beside its own observations. */
export interface PolicyContext {
  /** Index of the player it plays. */
  readonly player: number;
  readonly players: number;
  readonly actionSpec: ActionSpec;
  /** [height, width] of the class-id window, and where in it the player stands, its facing up. */
  readonly windowHeight: number;
  readonly windowWidth: number;
  readonly row: number;
  readonly column: number;
  /** Cells that each ray of a beam is long, and rays on each side of the middle one. */
  readonly beamLength: number;
  readonly beamRadius: number;
}

export interface ScriptedPolicy {
  /** Starts an episode: forgets everything. @param random the policy's own stream of this episode. */
  reset(random: Random): void;
  /** @param window [height, width] class ids, the player's own, from `offset` on. @returns an action. */
  act(window: Uint8Array, offset: number): number;
}

export interface PolicyDefinition {
  readonly name: string;
  readonly title: string;
  /** What it does, in a sentence. */
  readonly summary: string;
  create(context: PolicyContext): ScriptedPolicy;
}
