/** Seats of a room, taken for a run. */
import type { GameDescription } from '../../shared/protocol/agents/index.ts';
import { algorithmOf } from '../algorithms/index.ts';
import { Channel } from '../client/channel.ts';
import { Player } from '../client/player.ts';
import { type Plan, readNames, readPlan } from '../training/config.ts';
import { TrainingUsageError } from '../training/errors.ts';
import { refused } from './errors.ts';
import { follow } from './follow.ts';
import type { ArenaLine, ArenaSettings, RoomSettings } from './settings.ts';

/** How the room's people see it. */
const NAME = 'learner';

/** @throws {ArenaError} */
export async function takeSeats(
  { url, token, patience, hear }: ArenaLine,
  { id, seats, key }: RoomSettings,
): Promise<Player> {
  const channel = new Channel({ url, token, patience });
  const close = () => channel.close();
  try {
    await channel.ready();
    const wish = { room: id, seats, name: NAME, ...(key === undefined ? {} : { key }) };
    const player = await Player.join(channel, wish, close);
    if (hear !== undefined) follow(channel, hear);
    return player;
  } catch (error) {
    close();
    throw error;
  }
}

/** The room's game: its seats are taken once, and given back. @throws {TrainingUsageError} where they are not to be had. */
export async function gameOf(arena: ArenaSettings, room: RoomSettings): Promise<GameDescription> {
  try {
    const player = await takeSeats({ ...arena, patience: 0 }, room);
    const { game } = player;
    await player.leave();
    return game;
  } catch (error) {
    throw refused(error, `--room ${room.id}`);
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
