/** A task as those have it who hold some seats of a room: the other players are people, bots, or whoever else. */
import type { Task } from '../algorithms/algorithm.ts';
import { TrainingUsageError } from '../training/errors.ts';

/** Intrinsic rewards that are about what a player itself sees; all others need what everybody did or was paid. */
const ALONE: readonly string[] = ['rnd', 'count'];

interface Wish {
  readonly environments: number;
  readonly shards: number;
  readonly network: { readonly perPlayer: boolean };
  readonly intrinsic: Readonly<Record<string, unknown>>;
}

/** @param task of all players. @throws {TrainingUsageError} for what cannot be learned from these seats. */
export function seatedTask(
  task: Task,
  seats: number,
  { environments, shards, network, intrinsic }: Wish,
): Task {
  const { players } = task;
  if (environments !== 1 || shards !== 1) {
    throw new TrainingUsageError(
      `a room is one environment: environments is ${environments} and shards ${shards}, both must be 1`,
    );
  }
  if (seats > players) {
    throw new TrainingUsageError(`--seats ${seats}: the room has ${players} players, give at most as many`);
  }
  const all = seats === players;
  const ofOthers = Object.keys(intrinsic).find((name) => !ALONE.includes(name));
  if (!all && ofOthers !== undefined) {
    throw new TrainingUsageError(
      `intrinsic.${ofOthers} needs what all players do and are paid: take all seats of the room with --seats ${players}, or leave it out`,
    );
  }
  if (!all && network.perPlayer) {
    throw new TrainingUsageError(
      `network.perPlayer has a network for each of the ${players} players, and ${seats} of them learn: leave it out, or take all seats`,
    );
  }
  return {
    ...task,
    players: seats,
    leads: new Uint8Array(seats),
    // What others did is not among the actions that are learned from.
    revealsActions: all && task.revealsActions,
    stagger: false,
    returnsOnly: true,
  };
}
