/** The agents' client in rooms of a real arena: players that act by tick, and watchers. */
import { describe, expect, it } from 'vitest';
import {
  ArenaError,
  connectArena,
  connectPlayer,
  type PlayerView,
  watch,
} from '../../agents/client/index.ts';
import { ActionKind } from '../../shared/grid/actions.ts';
import type { AgentRefused } from '../../shared/protocol/agents/index.ts';
import type { RoomOptionsInput } from '../../shared/protocol/index.ts';
import { deriveSeed } from '../../shared/random.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { startAgentArena, wireTo } from './agent-arena.ts';

const arena = await startAgentArena();
const { url, token } = arena;

const SEED = 5;
/** A room that waits for its players; while there are none it goes on once a second. */
const LOCKSTEP = {
  clock: 'lockstep',
  lockstepTimeout: 600,
  tickRate: 1,
  players: 3,
  bots: ['open'],
  seed: SEED,
  episodeLength: 40,
} satisfies RoomOptionsInput;
/** Of its first episode. */
const WORLD = deriveSeed(SEED, 0);

const REALTIME = { ...LOCKSTEP, clock: 'realtime', tickRate: 60 } satisfies RoomOptionsInput;

const join = (room: string, wish: object = {}) => connectPlayer({ url, token, room, ...wish });

/** A view that there must be. */
async function next(player: { next(): Promise<PlayerView | null> }): Promise<PlayerView> {
  const view = await player.next();
  expect(view).not.toBeNull();
  return view!;
}

async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ArenaError);
  return (error as ArenaError).code;
}

describe('a player', () => {
  it.each(['plain', 'nibbles'] as const)('sees and gets what the rules give (%s)', async (packing) => {
    const options = { revealActions: true };
    const room = await arena.createRoom({ ...LOCKSTEP, options });
    const player = await join(room, { seats: [2, 0], packing });
    const game = makeEnvironment('harvest', { ...options, players: 3, episodeLength: 40 });
    game.reset(WORLD);
    const stay = new Uint8Array(3).fill(ActionKind.stay);
    const observations = new Uint8Array(3 * 225);
    const visible = new Uint8Array(9);
    const rewards = new Float32Array(3);
    const totals = [0, 0, 0];
    const begun = await next(player);
    for (let tick = 0; tick < begun.tick; tick++) game.step(stay, rewards);
    let joint: Uint8Array | null = null;
    for (let tick = begun.tick; tick < 40; tick++) {
      const view: PlayerView = joint === null ? begun : await next(player);
      game.observe('ids', observations);
      game.observeVisible(visible);
      expect(view).toEqual({
        episode: 0,
        tick,
        seats: [2, 0].map((seat) => ({
          seat,
          reward: rewards[seat],
          total: totals[seat],
          acted: joint?.[seat] ?? null,
          own: joint !== null,
          terminated: false,
          observation: observations.slice(225 * seat, 225 * (seat + 1)),
          visible: visible.slice(3 * seat, 3 * (seat + 1)),
        })),
        lastActions: joint,
        ended: false,
        missed: 0,
      });
      player.act([tick % 7, (tick + 3) % 7]);
      joint = Uint8Array.of((tick + 3) % 7, ActionKind.stay, tick % 7);
      game.step(joint, rewards);
      for (const seat of totals.keys()) totals[seat]! += rewards[seat]!;
    }
    expect(await next(player)).toMatchObject({ episode: 0, tick: 40, ended: true });
    expect(await next(player)).toMatchObject({ episode: 1, tick: 0, ended: false, lastActions: null });
    await player.leave();
  });

  it('is told the game that it plays, and where it sits', async () => {
    const room = await arena.createRoom({ ...REALTIME, environment: 'cleanup' });
    const player = await join(room, { seats: 2, encoding: 'rgb' });
    expect(player.game).toMatchObject({ environment: 'cleanup', players: 3, encoding: 'rgb' });
    expect(player.game.observation.shape).toEqual([15, 15, 3]);
    expect([player.room, player.clock, player.tickRate]).toEqual([room, 'realtime', 60]);
    expect(player.seats).toHaveLength(2);
    await player.leave();
  });

  it('that is slow gets the newest view, with all rewards, and is told how many it missed', async () => {
    const room = await arena.createRoom({
      ...LOCKSTEP,
      players: 1,
      options: { map: ['@@@@@@', '@PAAA@', '@@@@@@'], regrowth: 'off' },
    });
    const player = await join(room);
    const { tick } = await next(player);
    // To each side, whichever way it faces: the apples lie on one.
    for (let k = 0; k < 12; k++) await player.actAndHear(Math.floor(k / 3), { tick: tick + k });
    const later = await next(player);
    expect([later.tick, later.missed]).toEqual([tick + 12, 11]);
    expect([later.seats[0]!.reward, later.seats[0]!.total]).toEqual([3, 3]);
    await player.leave();
  });

  it('that is slow misses no end of an episode', async () => {
    const room = await arena.createRoom({ ...LOCKSTEP, players: 1, episodeLength: 3 });
    const player = await join(room);
    const { episode, tick } = await next(player);
    for (let t = tick; t < 3; t++) await player.actAndHear(0, { tick: t });
    await player.actAndHear(0, { episode: episode + 1, tick: 0 });
    expect(await next(player)).toMatchObject({ episode, tick: 3, ended: true, missed: 2 - tick });
    expect(await next(player)).toMatchObject({ episode: episode + 1, tick: 1, ended: false, missed: 1 });
    await player.leave();
  });

  it('hears what became of its actions', async () => {
    const room = await arena.createRoom(LOCKSTEP);
    const player = await join(room, { seats: 2 });
    const { tick } = await next(player);
    expect(await player.actAndHear([0, 99])).toEqual(['taken', 'bad-action']);
    expect(await player.actAndHear([1, 1])).toEqual(['doubled', 'taken']);
    const view = await next(player);
    expect(view.seats.map(({ acted }) => acted)).toEqual([1, 1]);
    expect(await player.actAndHear([1, 1], { tick })).toEqual(['late', 'late']);
    expect(await player.actAndHear([1, 1], { tick: tick + 15 })).toEqual(['early', 'early']);
    await player.leave();
  });

  it('hears of refused actions that it asked no answer for', async () => {
    const room = await arena.createRoom(LOCKSTEP);
    const player = await join(room, { seats: [1] });
    const { episode, tick } = await next(player);
    const refused = new Promise<AgentRefused>((resolve) => {
      player.onRefused = resolve;
    });
    player.act(0, { tick: tick + 15 });
    expect(await refused).toMatchObject({ code: 'early', seat: 1, episode, tick: tick + 15 });
    await player.leave();
  });

  it('sends no other action in the place of a number that is none', async () => {
    const room = await arena.createRoom(LOCKSTEP);
    const player = await join(room, { seats: [1] });
    await next(player);
    expect(() => player.act(256)).toThrow('action 256 of seat 1 is none: they are 0 to 7');
    await player.leave();
  });

  it('has nothing to act for once its episode has ended', async () => {
    const room = await arena.createRoom({ ...LOCKSTEP, episodeLength: 1 });
    const player = await join(room);
    await next(player);
    player.act(0);
    expect(await next(player)).toMatchObject({ ended: true });
    expect(await player.actAndHear(0)).toEqual([]);
    await player.leave();
  });

  it('counts how many of its actions were in time', async () => {
    const room = await arena.createRoom({ ...LOCKSTEP, lockstepTimeout: 0.05 });
    const player = await join(room);
    const { tick } = await next(player);
    player.act(0);
    for await (const view of player) {
      if (view.tick === tick + 4) break;
      if (view.tick !== tick + 2) player.act(0);
    }
    expect(player.punctuality).toEqual({ asked: 4, onTime: 3 });
    await player.leave();
  });

  it('comes to an end with the match, and its process with it', async () => {
    const room = await arena.createRoom({ ...REALTIME, episodeLength: 3, episodes: 1 });
    const player = await join(room);
    const ticks: number[] = [];
    for await (const { tick } of player) ticks.push(tick);
    expect(ticks.at(-1)).toBe(3);
    expect(player.farewell).toMatchObject({ code: 'match-over' });
  });

  it('does not get into a room whose match is over', async () => {
    const room = await arena.createRoom({ ...LOCKSTEP, episodeLength: 3, episodes: 1 });
    const player = await join(room);
    for await (const { ended } of player) if (!ended) player.act(0);
    expect(await refusal(join(room))).toBe('match-over');
  });

  it('takes its seats back after its connection was lost, and plays on', async () => {
    const room = await arena.createRoom(LOCKSTEP);
    const wire = await wireTo(url);
    const player = await join(room, { url: wire.url, seats: 2 });
    await next(player);
    player.act([1, 1]);
    const { tick } = await next(player);
    const { seats } = player;
    wire.cut();
    expect(await next(player)).toMatchObject({ episode: 0, tick });
    expect(player.seats).toEqual(seats);
    player.act([1, 1]);
    expect(await next(player)).toMatchObject({ tick: tick + 1 });
    await player.leave();
  });

  it('plays on with the seats that are left when another takes one of them back', async () => {
    const room = await arena.createRoom({ ...LOCKSTEP, lockstepTimeout: 0.05 });
    const player = await join(room, { seats: [0, 2] });
    await next(player);
    const heir = await join(room, { tokens: player.tokens.slice(0, 1) });
    expect(heir.seats).toEqual([0]);
    let view = await next(player);
    while (view.seats.length > 1) view = await next(player);
    expect(view.seats.map(({ seat }) => seat)).toEqual([2]);
    expect(await player.actAndHear([1])).toEqual(['taken']);
    await Promise.all([player.leave(), heir.leave()]);
  });

  it('ends with an error when another takes all its seats back', async () => {
    const room = await arena.createRoom(LOCKSTEP);
    const player = await join(room);
    await next(player);
    const heir = await join(room, { tokens: player.tokens });
    const end = (async () => {
      for await (const _ of player);
    })();
    expect(await refusal(end)).toBe('seat-taken');
    await heir.leave();
  });

  it('ends with an error once the seats are lost', async () => {
    const room = await arena.createRoom(LOCKSTEP);
    const wire = await wireTo(url);
    const player = await join(room, { url: wire.url, patience: 0.3 });
    await next(player);
    wire.block(true);
    expect(await refusal(player.next())).toBe('disconnected');
  });

  it('ends with an error once its token is revoked', async () => {
    const room = await arena.createRoom(LOCKSTEP);
    const passing = arena.tokenFor('play');
    const player = await join(room, { token: passing });
    await next(player);
    arena.revoke(passing);
    expect(await refusal(player.next())).toBe('revoked-token');
  });

  it.each([
    ['a room that is not there', { room: 'nowhere' }, 'no-room'],
    ['a seat that is not there', { seats: [7] }, 'no-seat'],
    ['more seats than there are', { seats: 4 }, 'no-seat'],
    ['an encoding that is not there', { encoding: 'smell' }, 'bad-options'],
    ['an address without a room', { room: 'http://127.0.0.1/' }, 'bad-address'],
  ])('does not get into %s', async (_, wish, code) => {
    const room = await arena.createRoom(LOCKSTEP);
    expect(await refusal(join(room, wish))).toBe(code);
  });

  it('comes by the address of a page, and by the link of a seat', async () => {
    const connection = await connectArena({ url, token });
    const { room, key } = await connection.create({ ...LOCKSTEP, seating: 'link' });
    expect(await refusal(connectPlayer({ token, room: `${url}/#/room/${room}` }))).toBe('wrong-key');
    const player = await connectPlayer({ token, room: `${url}/#/room/${room}?seat=1&key=${key}` });
    expect(player.room).toBe(room);
    await player.leave();
    connection.close();
  });
});

describe('a watcher', () => {
  it('has the world of the room as spectators see it, tick by tick', async () => {
    const room = await arena.createRoom({ ...LOCKSTEP, players: 1 });
    const watcher = await watch({ url, token, room });
    const player = await join(room);
    while (!watcher.mirror.ready) await watcher.next();
    const game = makeEnvironment('harvest', { players: 1, episodeLength: 40 });
    const rewards = new Float32Array(1);
    game.reset(WORLD);
    const { tick } = await next(player);
    for (let t = 0; t < tick; t++) game.step(Uint8Array.of(ActionKind.stay), rewards);
    const cells = new Uint8Array(watcher.mirror.cells.length);
    for (let t = tick + 1; t <= tick + 5; t++) {
      player.act(ActionKind.right);
      await next(player);
      game.step(Uint8Array.of(ActionKind.right), rewards);
      game.grid!.readCells(cells);
      while (watcher.mirror.time < t) await watcher.next();
      expect(watcher.mirror.cells).toEqual(cells);
      expect([watcher.mirror.time, watcher.mirror.column[0]]).toEqual([t, game.grid!.column(0)]);
    }
    await player.leave();
    await watcher.leave();
  });

  it('is told of seats, of episodes and of the end of the match', async () => {
    const room = await arena.createRoom({ ...LOCKSTEP, players: 1, episodeLength: 2, episodes: 1 });
    const watcher = await watch({ url, token, room });
    const player = await join(room, { name: 'Ada' });
    for await (const { ended } of player) if (!ended) player.act(0);
    const told = new Map<string, unknown>();
    for await (const event of watcher) {
      if (!told.has(event.type)) told.set(event.type, event);
      if (event.type === 'closing') break;
    }
    expect(told.get('seats')).toMatchObject({ seats: [{ kind: 'agent', name: 'Ada' }] });
    expect(told.get('episode')).toMatchObject({ result: { episode: 0, matchOver: true } });
    expect(told.get('closing')).toMatchObject({ closing: { reason: 'match-over' } });
    await watcher.leave();
  });

  it('goes on after its connection was lost', async () => {
    const room = await arena.createRoom(REALTIME);
    const wire = await wireTo(url);
    const watcher = await watch({ url: wire.url, token, room });
    while ((await watcher.next())?.type !== 'tick');
    wire.cut();
    while ((await watcher.next())?.type !== 'keyframe');
    while ((await watcher.next())?.type !== 'tick');
    await watcher.leave();
    expect(await watcher.next()).toBeNull();
  });
});
