/** Environments of a task at an arena, for one worker, and what they come to before anything is written. */
import { parseOptions } from '../../shared/definition.ts';
import type { OpenInput } from '../../shared/protocol/agents/index.ts';
import type { Task } from '../algorithms/algorithm.ts';
import { Channel } from '../client/channel.ts';
import { Trainer } from '../client/trainer.ts';
import type { OpenEnvironments, Wanted } from '../rollout/environments.ts';
import { TrainingUsageError } from '../training/errors.ts';
import { refused } from './errors.ts';
import { RemoteEnvironments } from './remote-environments.ts';
import { takeSeats } from './room.ts';
import { RoomEnvironment } from './room-environment.ts';
import { type ArenaLine, type ArenaSettings, packingOf } from './settings.ts';
import { TrainerLink } from './trainer-link.ts';

/** What a shard asks an arena for. */
function wantedOf(task: Task, { environments, visible }: Wanted): OpenInput {
  const { definition, options, encoding } = task;
  const { preset: _, ...rest } = options;
  return {
    environment: definition.name,
    options: rest,
    environments,
    encoding,
    packing: packingOf(definition.kind, encoding, task.players),
    autoreset: false,
    visible,
  };
}

/** Environments of one worker: each shard's over a connection of its own. */
export class ArenaEnvironments {
  /** What gives them up again. */
  readonly #closing: (() => void)[] = [];
  readonly open: OpenEnvironments;

  constructor(arena: ArenaLine, task: Task) {
    const { room } = arena;
    const { players } = task;
    const { episodeLength } = parseOptions(task.definition, task.options);
    this.open = (wanted) => {
      if (room !== undefined) {
        const environment = new RoomEnvironment(() => takeSeats(arena, room), {
          seats: players,
          episodeLength,
        });
        this.#closing.push(() => environment.leave());
        return environment;
      }
      const link = new TrainerLink(arena, wantedOf(task, wanted));
      this.#closing.push(() => link.close());
      return new RemoteEnvironments(link, { ...wanted, players, episodeLength });
    };
  }

  close(): void {
    for (const close of this.#closing) close();
  }
}

/**
 * Opens a shard's environments once, and gives them back.
 * @throws {TrainingUsageError} where the arena is not there, refuses, or plays by other rules; says what helps.
 */
export async function tryArena(arena: ArenaSettings, task: Task): Promise<void> {
  // Its seats were taken for a moment already, to learn what game it is.
  if (arena.room !== undefined) return;
  let channel: Channel | null = null;
  try {
    channel = new Channel({ ...arena, patience: 0 });
    await channel.ready();
    const { game } = await Trainer.open(channel, wantedOf(task, { ...task, visible: false }));
    refuseOther(game, task);
  } catch (error) {
    throw refused(error, `--arena ${arena.url}`);
  } finally {
    channel?.close();
  }
}

/** @throws {TrainingUsageError} where the arena's game is another than the one that is known here by its name. */
function refuseOther(game: Trainer['game'], task: Task): void {
  const { definition, players, actions, observation } = task;
  const there = [game.players, game.actions?.length, game.observation.dtype, ...game.observation.shape];
  const here = [players, actions, observation.dtype, ...observation.shape];
  if (there.join() === here.join()) return;
  throw new TrainingUsageError(
    `--arena: its ${definition.name} has players, actions and observations ${there.join(' ')}, the one here ${here.join(' ')}: use the same version here and there`,
  );
}
