/** An arena that an agent is connected to, and the three ways in: to train, to play, to watch. */
import type { Created, JoinInput, OpenInput } from '../../shared/protocol/agents/gateway.ts';
import type { RoomOptionsInput, RoomSummary } from '../../shared/protocol/rooms.ts';
import { roomAddress } from './address.ts';
import { Channel, type ConnectOptions } from './channel.ts';
import { Player } from './player.ts';
import { Trainer } from './trainer.ts';
import { Watcher } from './watcher.ts';

/** One connection, for any number of batches of environments, players and watchers. */
export class ArenaConnection {
  readonly #channel: Channel;

  /** Use `connectArena`, which waits until it is connected. */
  constructor(options: ConnectOptions) {
    this.#channel = new Channel(options);
  }

  /** Where the arena is. */
  get url(): string {
    return this.#channel.url;
  }

  get connected(): boolean {
    return this.#channel.connected;
  }

  /** Resolves once it is connected, for the first time or again. @throws {ArenaError} once it is over. */
  ready(): Promise<void> {
    return this.#channel.ready();
  }

  /** Opens E private environments that step in lockstep. @throws {ArenaError} */
  async trainer(options: OpenInput): Promise<Trainer> {
    await this.ready();
    return Trainer.open(this.#channel, options);
  }

  /** Takes seats of a room. @throws {ArenaError} */
  async player(options: JoinInput): Promise<Player> {
    await this.ready();
    return Player.join(this.#channel, options);
  }

  /** Follows a room without a seat. @throws {ArenaError} */
  async watcher({ room }: { readonly room: string }): Promise<Watcher> {
    await this.ready();
    return Watcher.watch(this.#channel, room);
  }

  /** The rooms there are. @throws {ArenaError} */
  async rooms(): Promise<readonly Omit<RoomSummary, 'preview'>[]> {
    await this.ready();
    return this.#channel.ask('rooms', {});
  }

  /** Makes a room, which lives as long as somebody is in it. @throws {ArenaError} */
  async create(room: RoomOptionsInput = {}): Promise<Created> {
    await this.ready();
    return this.#channel.ask('create', { room });
  }

  /** Ends the connection, and everything that goes over it. */
  close(): void {
    this.#channel.close();
  }
}

/** Resolves once connected. @throws {ArenaError} where there is no arena, or it does not take the token. */
export async function connectArena(options: ConnectOptions): Promise<ArenaConnection> {
  const arena = new ArenaConnection(options);
  await arena.ready();
  return arena;
}

/** A trainer with a connection of its own, which `close` ends. @throws {ArenaError} */
export async function connectTrainer(options: ConnectOptions & OpenInput): Promise<Trainer> {
  const [connect, open] = apart(options);
  return alone(connect, (channel, close) => Trainer.open(channel, open, close));
}

/**
 * A player with a connection of its own, which ends when it leaves or the room is over. @param options where `room` is the
 * address of a room's page, the arena and the key of its seats are read from it. @throws {ArenaError}
 */
export async function connectPlayer(options: ConnectOptions & JoinInput): Promise<Player> {
  const [connect, { room, key, ...join }] = apart(options);
  const address = roomAddress(room, connect.url ?? globalThis.location?.href);
  const seatKey = key ?? address.key;
  const wish = { ...join, room: address.room, ...(seatKey !== null && { key: seatKey }) };
  return alone({ ...connect, url: address.url }, (channel, close) => Player.join(channel, wish, close));
}

/** A watcher with a connection of its own, likewise. @throws {ArenaError} */
export async function watch(options: ConnectOptions & { readonly room: string }): Promise<Watcher> {
  const [connect, { room }] = apart(options);
  const address = roomAddress(room, connect.url ?? globalThis.location?.href);
  return alone({ ...connect, url: address.url }, (channel, close) =>
    Watcher.watch(channel, address.room, close),
  );
}

/** What is for the connection, and what is not. */
function apart<O extends ConnectOptions>(options: O): [ConnectOptions, Omit<O, keyof ConnectOptions>] {
  const { url, token, patience, ...rest } = options;
  return [{ token, ...(url !== undefined && { url }), ...(patience !== undefined && { patience }) }, rest];
}

async function alone<T>(
  options: ConnectOptions,
  make: (channel: Channel, close: () => void) => Promise<T>,
): Promise<T> {
  const channel = new Channel(options);
  const close = () => channel.close();
  try {
    await channel.ready();
    return await make(channel, close);
  } catch (error) {
    close();
    throw error;
  }
}
