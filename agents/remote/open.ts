/** Environments of a task at an arena, for one worker, and what they come to before anything is written. */
import { parseOptions } from '../../shared/definition.ts';
import type { OpenInput } from '../../shared/protocol/agents/index.ts';
import type { Task } from '../algorithms/algorithm.ts';
import { Channel } from '../client/channel.ts';
import { ArenaError } from '../client/errors.ts';
import { Trainer } from '../client/trainer.ts';
import type { OpenEnvironments, Wanted } from '../rollout/environments.ts';
import { TrainingUsageError } from '../training/errors.ts';
import { RemoteEnvironments } from './remote-environments.ts';
import { type ArenaSettings, packingOf } from './settings.ts';
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
    packing: packingOf(task),
    autoreset: false,
    visible,
  };
}

/** Environments of one worker: each shard's over a connection of its own. */
export class ArenaEnvironments {
  readonly #links: TrainerLink[] = [];
  readonly open: OpenEnvironments;

  constructor(arena: ArenaSettings, task: Task) {
    const { episodeLength } = parseOptions(task.definition, task.options);
    this.open = (wanted) => {
      const link = new TrainerLink(arena, wantedOf(task, wanted));
      this.#links.push(link);
      return new RemoteEnvironments(link, { ...wanted, players: task.players, episodeLength });
    };
  }

  close(): void {
    for (const link of this.#links) link.close();
  }
}

/** What helps, by code. */
const REMEDIES: Readonly<Record<string, string>> = {
  'bad-token': 'make a token with `npx arena token create`, and give it with --token or ARENA_TOKEN',
  'revoked-token': 'make another with `npx arena token create`',
  'missing-scope': 'make a token that may train: `npx arena token create --scopes train`',
  'wrong-protocol': 'use the same version here and there',
  unreachable: 'start it with `npx arena serve`, or check the address',
  'too-many-environments': 'give fewer with --set environments=...',
};

/**
 * Opens a shard's environments once, and gives them back.
 * @throws {TrainingUsageError} where the arena is not there, refuses, or plays by other rules; says what helps.
 */
export async function tryArena(arena: ArenaSettings, task: Task): Promise<void> {
  let channel: Channel | null = null;
  try {
    channel = new Channel({ ...arena, patience: 0 });
    await channel.ready();
    const { game } = await Trainer.open(channel, wantedOf(task, { ...task, visible: false }));
    refuseOther(game, task);
  } catch (error) {
    if (!(error instanceof ArenaError)) throw error;
    const remedy = REMEDIES[error.code];
    throw new TrainingUsageError(
      `--arena ${arena.url}: ${error.message} (${error.code})${remedy === undefined ? '' : `; ${remedy}`}`,
    );
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
