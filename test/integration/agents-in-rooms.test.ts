/** Agents in rooms, over real sockets: what they see, when they act, who else is there. */
import { describe, expect, it } from 'vitest';
import {
  ArenaError,
  connectArena,
  connectPlayer,
  type Player,
  type PlayerView,
  watch,
} from '../../agents/client/index.ts';
import { episodeSeeds } from '../../server/seeds.ts';
import { elementsOf } from '../../shared/environment.ts';
import { ACT_HEADER, type Joined, type RoomOptionsInput } from '../../shared/protocol/index.ts';
import { Random } from '../../shared/random.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { connectAgent } from '../bench/gateway-connect.ts';
import { startAgentArena } from './agent-arena.ts';
import { Visitor } from './visitor.ts';

const arena = await startAgentArena();
const { url, token } = arena;

/** A tick comes when those who sit have acted, and not before. */
const LOCKSTEP: RoomOptionsInput = {
  clock: 'lockstep',
  lockstepTimeout: 600,
  tickRate: 60,
  bots: ['open'],
};
const STAY = 4;

/** Stays until an episode begins that the player has from its start on: before, a tick may have come by itself. */
async function untilEpisode(players: readonly Player[], episode: number): Promise<PlayerView[]> {
  return Promise.all(
    players.map(async (player) => {
      for (;;) {
        const view = (await player.next())!;
        if (view.episode === episode) return view;
        player.act(player.seats.map(() => STAY));
      }
    }),
  );
}

describe('an agent in a room', () => {
  it.each([
    ['ids', 'plain'],
    ['ids', 'nibbles'],
    ['rgb', 'plain'],
  ] as const)('sees what the rules give its seats, and nothing else, %s %s', async (encoding, packing) => {
    const options = { players: 3, episodeLength: 20 };
    const environment = 'cleanup';
    const room = await arena.createRoom({ ...LOCKSTEP, ...options, environment, seed: 5, episodes: 2 });
    const player = await connectPlayer({ url, token, room, seats: [2, 0], encoding, packing });
    const other = await connectPlayer({ url, token, room, seats: [1] });
    let [view] = (await untilEpisode([player, other], 1)) as [PlayerView, PlayerView];
    const game = makeEnvironment(environment, options);
    game.reset(episodeSeeds(5, 1).world);
    const size = elementsOf(game.observationSpecs[encoding]!);
    const all = new Uint8Array(3 * size);
    const visible = new Uint8Array(9);
    const rewards = new Float32Array(3);
    const random = new Random().seed(2);
    for (let t = 0; t <= 20; t++) {
      game.observe(encoding, all);
      game.observeVisible(visible);
      expect([view.episode, view.tick, view.ended, view.missed]).toEqual([1, t, t === 20, 0]);
      expect(view.lastActions).toBeNull();
      for (const [k, seat] of [2, 0].entries()) {
        const seen = view.seats[k]!;
        expect(seen.seat).toBe(seat);
        expect(seen.observation).toEqual(all.subarray(seat * size, (seat + 1) * size));
        expect(seen.visible).toEqual(visible.subarray(3 * seat, 3 * seat + 3));
        expect(seen.reward).toBe(rewards[seat]);
      }
      if (t === 20) break;
      const actions = Uint8Array.from({ length: 3 }, () => random.below(9));
      game.step(actions, rewards);
      player.act([actions[2]!, actions[0]!]);
      other.act(actions[1]!);
      [view] = (await Promise.all([player.next(), other.next()])) as [PlayerView, PlayerView];
      expect(view.seats.map(({ acted, own }) => [acted, own])).toEqual([
        [actions[2], true],
        [actions[0], true],
      ]);
    }
    expect(await player.next()).toBeNull();
    expect(player.farewell).toMatchObject({ code: 'match-over' });
  });

  it('is told what everybody did where the options reveal it', async () => {
    const room = await arena.createRoom({
      ...LOCKSTEP,
      players: 3,
      episodeLength: 5,
      options: { revealActions: true },
    });
    const player = await connectPlayer({ url, token, room, seats: 2 });
    const [first] = await untilEpisode([player], 1);
    expect(first!.lastActions).toBeNull();
    player.act([1, 6]);
    expect([...(await player.next())!.lastActions!]).toEqual([1, 6, STAY]);
    await player.leave();
  });

  it('plays beside people and is waited for like them', async () => {
    const room = await arena.createRoom({ ...LOCKSTEP, players: 2 });
    const ann = await Visitor.enter(url, room, { name: 'ann' });
    ann.sit({ seat: 0 });
    const player = await connectPlayer({ url, token, room, name: 'bot' });
    await ann.until(() => ann.seats[0]?.kind === 'human' && ann.seats[1]?.kind === 'agent');
    expect(ann.seats.map(({ name }) => name)).toEqual(['ann', 'bot']);
    let view = (await player.next())!;
    // Both act for each tick, in either order: whoever is first does not make it come.
    for (let k = 0; k < 4; k++) {
      const { tick } = view;
      if (k % 2 === 0) player.act(1);
      else ann.act(1);
      ann.act(2);
      player.act(3);
      view = (await player.next())!;
      expect(view.tick).toBeGreaterThan(tick);
    }
    await player.leave();
    await ann.until(() => ann.seats[1]?.kind === 'open');
  });

  it('makes a room and is let in by its key where seats go by link', async () => {
    const connection = await connectArena({ url, token });
    const { room, key } = await connection.create({ ...LOCKSTEP, seating: 'link' });
    const refused = await connection.player({ room }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ArenaError);
    expect(refused).toMatchObject({ code: 'wrong-key' });
    const player = await connection.player({ room, key });
    expect(player.seats).toEqual([0]);
    // The key was given already: whoever enters first does not get it again.
    const ann = await Visitor.enter(url, room);
    await ann.until(() => ann.seated !== null);
    expect(ann.key).toBeNull();
    connection.close();
  });

  it('that is gone without a word leaves its seat to the bot, kept for it', async () => {
    const room = await arena.createRoom({ tickRate: 60, players: 2 });
    const ann = await Visitor.enter(url, room);
    const connection = await connectArena({ url, token });
    await connection.player({ room, seats: [1], name: 'ghost' });
    await ann.until(() => ann.seats[1]?.kind === 'agent');
    connection.close();
    await ann.until(() => ann.seats[1]?.kind === 'bot');
    expect(ann.seats[1]).toMatchObject({ name: 'ghost' });
    expect(ann.seats[1]!.keptUntil).toBeGreaterThan(0);
  });

  it.each([
    [{ room: 'none' }, 'no-room'],
    [{ seats: 9 }, 'no-seat'],
    [{ seats: [7] }, 'no-seat'],
    [{ seats: [1, 1] }, 'bad-message'],
    [{ tokens: ['x', 'x'] }, 'bad-message'],
    [{ tokens: ['x'] }, 'wrong-token'],
    [{ encoding: 'sound' }, 'bad-options'],
    [{ encoding: 'toString' }, 'bad-options'],
    [{ encoding: '__proto__' }, 'bad-options'],
    [{ encoding: 'rgb', packing: 'nibbles' as const }, 'bad-options'],
  ])('that asks for %j is refused as %s, and holds nothing', async (wish, code) => {
    const room = await arena.createRoom({ ...LOCKSTEP });
    const ann = await Visitor.enter(url, room);
    const connection = await connectArena({ url, token });
    const refused = await connection.player({ room, ...wish }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code });
    const player = await connection.player({ room, seats: 5 });
    expect(player.seats).toEqual([0, 1, 2, 3, 4]);
    await ann.until(() => ann.seats.every(({ kind }) => kind === 'agent'));
    connection.close();
  });
});

describe('what is refused changes nothing', () => {
  it('seats stay with who holds them where one of several tokens is wrong', async () => {
    const room = await arena.createRoom({ ...LOCKSTEP, players: 2, episodeLength: 5 });
    const player = await connectPlayer({ url, token, room, seats: [1] });
    const [key] = player.tokens;
    const thief = await connectArena({ url, token });
    const refused = await thief.player({ room, tokens: [key!, 'bogus'] }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'wrong-token' });
    await untilEpisode([player], 2);
    expect(await player.actAndHear(1)).toEqual(['taken']);
    thief.close();
    await player.leave();
  });

  it('more actions than seats are not read', async () => {
    const room = await arena.createRoom({ ...LOCKSTEP, players: 2, episodeLength: 5 });
    const connection = await connectAgent(url, token);
    const { link } = (await connection.emitWithAck('join', { room, seats: 1 })) as Joined;
    const frame = new Uint8Array(ACT_HEADER + 4);
    new DataView(frame.buffer).setUint16(0, link, true);
    expect(await connection.emitWithAck('act', frame)).toMatchObject({ error: { code: 'wrong-length' } });
    connection.close();
  });

  it('a token that has made as many rooms as it may makes no more, and another does', async () => {
    const connection = await connectArena({ url, token: arena.tokenFor('play') });
    for (let k = 0; k < 32; k++) await connection.create({ ...LOCKSTEP });
    const refused = await connection.create({}).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'too-much' });
    const other = await connectArena({ url, token: arena.tokenFor('play') });
    expect((await other.create({})).room).toEqual(expect.any(String));
    connection.close();
    other.close();
  });
});

describe('an agent that watches', () => {
  it('is shown what spectators see, step by step', async () => {
    const room = await arena.createRoom({ tickRate: 60, episodeLength: 30, bots: ['greedy'], episodes: 2 });
    const ann = await Visitor.enter(url, room);
    const watcher = await watch({ url, token, room });
    const results: unknown[] = [];
    const cells: number[] = [];
    for await (const event of watcher) {
      if (event.type === 'episode') results.push(event.result);
      if (event.type === 'tick' && watcher.mirror.time === 30)
        cells.push(...watcher.mirror.cells.subarray(0, 40));
      if (event.type === 'closing') break;
    }
    await ann.until(() => ann.closings.length > 0);
    expect(results.length).toBeGreaterThan(0);
    expect(results).toEqual(ann.episodes.slice(-results.length));
    expect(watcher.mirror.cells).toEqual(ann.mirror.cells);
    expect(watcher.mirror.metrics.counts).toEqual(ann.mirror.metrics.counts);
    await watcher.leave();
  });

  it('sees nothing of a partial-view room that it plays in', async () => {
    const room = await arena.createRoom({
      view: 'partial',
      spectatorDelay: 0,
      tickRate: 60,
      bots: ['greedy'],
    });
    const connection = await connectArena({ url, token });
    const player = await connection.player({ room });
    const own = await connection.watcher({ room });
    const foreign = await watch({ url, token: arena.tokenFor('watch'), room });
    for await (const event of foreign) if (event.type === 'tick') break;
    for (let k = 0; k < 5; k++) await player.next();
    expect(own.mirror.ready).toBe(false);
    await player.leave();
    for await (const event of own) if (event.type === 'tick') break;
    expect(own.mirror.ready).toBe(true);
    connection.close();
    await foreign.leave();
  });
});
