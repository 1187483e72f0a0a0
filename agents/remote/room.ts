/** Seats of a room, taken for a run. */
import type { GameDescription } from '../../shared/protocol/agents/index.ts';
import { algorithmOf } from '../algorithms/index.ts';
import { connectPlayer, type Player } from '../client/index.ts';
import { type Plan, readNames, readPlan } from '../training/config.ts';
import { TrainingUsageError } from '../training/errors.ts';
import { refused } from './errors.ts';
import type { ArenaSettings, RoomSettings } from './settings.ts';

/** How the room's people see it. */
const NAME = 'learner';

/** @throws {ArenaError} */
export function takeSeats(
  { url, token, patience }: ArenaSettings,
  { id, seats, key }: RoomSettings,
): Promise<Player> {
  return connectPlayer({
    url,
    token,
    patience,
    room: id,
    seats,
    name: NAME,
    ...(key === undefined ? {} : { key }),
  });
}

/** The room's game: its seats are taken once, and given back. @throws {TrainingUsageError} where they are not to be had. */
export async function gameOf(arena: ArenaSettings, room: RoomSettings): Promise<GameDescription> {
  try {
    const player = await takeSeats({ ...arena, patience: 0 }, room);
    const { game } = player;
    await player.leave();
    return game;
  } catch (error) {
    throw refused(error, arena.url);
  }
}

/** A configuration as it was given. */
interface Given {
  readonly text: string;
  readonly source: string;
  readonly overrides: readonly string[];
}

/**
 * The plan of a run in a room: which game it is, the room says, and a room is one environment.
 * @throws {ConfigError | TrainingUsageError}
 */
export async function planInRoom(
  arena: ArenaSettings,
  room: RoomSettings,
  { text, source, overrides }: Given,
): Promise<Plan> {
  const named = overrides.find((override) => override.startsWith('env.'));
  if (named !== undefined) {
    throw new TrainingUsageError(`${named}: the room says what is played there; leave it out, and --env too`);
  }
  const { environment, options } = await gameOf(arena, room);
  const forced = [
    `env.name=${environment}`,
    ...Object.entries(options).map(([name, value]) => `env.${name}=${JSON.stringify(value)}`),
    'environments=1',
    'shards=1',
    'stagger=false',
  ];
  const { algo } = readNames(text, source, [...overrides, ...forced]);
  // What a segment of one environment can always be learned from.
  const whole = algorithmOf(algo.name).intrinsic && !('minibatches' in algo) ? ['algo.minibatches=1'] : [];
  return readPlan(text, source, [...overrides, ...whole, ...forced], room.seats);
}

/** @throws {TrainingUsageError} where another game is played in the room than the run learns. */
export function refuseGame({ config }: Plan, { environment, options }: GameDescription): void {
  const { name, ...own } = config.env;
  const there = { name: environment, ...options } as Readonly<Record<string, unknown>>;
  const other = Object.entries({ name, ...own }).find(
    ([key, value]) => JSON.stringify(there[key]) !== JSON.stringify(value),
  );
  if (other === undefined) return;
  const [key, value] = other;
  throw new TrainingUsageError(
    `--room: the run has env.${key} ${JSON.stringify(value)}, the room ${JSON.stringify(there[key])}; go on in a room of the same game`,
  );
}
