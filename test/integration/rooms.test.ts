import { describe, expect, test } from 'vitest';
import { Match } from '../../server/match.ts';
import { Message, roomOptionsSchema } from '../../shared/protocol/index.ts';
import { startArena } from './start-arena.ts';
import { Visitor } from './visitor.ts';

const arena = await startArena();
const STAY = 4;

describe('a room', () => {
  test('shows who enters the whole map and every step after', async () => {
    const ann = await Visitor.create(arena.url, { tickRate: 60 });
    await ann.until(() => ann.ticks >= 20);
    expect(ann.keyframes).toBe(1);
    expect(ann.mirror.time).toBeGreaterThanOrEqual(20);
    const bob = await Visitor.enter(arena.url, ann.room.roomId);
    await bob.until(() => bob.ticks >= 1 && bob.mirror.time <= ann.mirror.time);
    await ann.until(() => ann.mirror.time >= bob.mirror.time);
    await bob.until(() => bob.mirror.time >= ann.mirror.time);
    expect(bob.mirror.cells).toEqual(ann.mirror.cells);
    expect(bob.mirror.metrics.counts).toEqual(ann.mirror.metrics.counts);
  });

  test('of bots whose seed its creator chose plays out exactly as the rules do without a network', async () => {
    const room = {
      environment: 'cleanup',
      seed: 77,
      episodeLength: 80,
      tickRate: 60,
      episodes: 2,
      bots: ['cleaner', 'greedy'] as const,
    };
    const options = roomOptionsSchema.parse(room);
    const match = new Match(options);
    const hashes: string[] = [];
    while (!match.over) {
      match.startEpisode();
      while (!match.environment.done) match.step();
      hashes.push(match.endEpisode().stateHash);
    }
    const ann = await Visitor.create(arena.url, { ...room, bots: [...room.bots] });
    expect(ann.welcome.practice).toBe(true);
    await ann.until(() => ann.closings.length > 0);
    expect(ann.episodes.map((episode) => episode.stateHash)).toEqual(hashes);
    expect(ann.closings[0]!.reason).toBe('match-over');
  });

  test('keeps its seed secret until the match is over, then tells all of them', async () => {
    const ann = await Visitor.create(arena.url, { tickRate: 60, episodeLength: 15, episodes: 2 });
    await ann.until(() => ann.episodes.length === 1);
    expect(ann.episodes[0]!.seeds).toBeNull();
    const before = ann.transcript;
    await ann.until(() => ann.episodes.length === 2);
    const seeds = ann.episodes[1]!.seeds!;
    expect(seeds).toHaveLength(2);
    for (const seed of seeds) expect(before).not.toContain(String(seed));
    expect(ann.welcome.practice).toBe(false);
  });

  test('starts the next episode by itself, endlessly by default', async () => {
    const ann = await Visitor.create(arena.url, { tickRate: 60, episodeLength: 10 });
    await ann.until(() => ann.mirror.episode >= 3);
    expect(ann.keyframes).toBeGreaterThanOrEqual(4);
    expect(ann.episodes.slice(0, 3).map((result) => result.episode)).toEqual([0, 1, 2]);
  });

  test('takes a map of the creator, with its options', async () => {
    const map = ['@@@@@@', '@PA P@', '@@@@@@'];
    const ann = await Visitor.create(arena.url, {
      players: 2,
      tickRate: 60,
      options: { map, beamRadius: 0 },
    });
    await ann.until(() => ann.ticks > 0);
    expect([ann.welcome.width, ann.welcome.height, ann.welcome.beamRadius]).toEqual([6, 3, 0]);
  });
});

describe('actions', () => {
  /** A lone player in the middle of an empty room, facing somewhere. */
  const alone = {
    players: 1,
    bots: ['open'] as ['open'],
    options: { map: ['         ', '         ', '    P    ', '         ', '         '] },
  };

  test('a key counts for the next tick, once', async () => {
    const ann = await Visitor.create(arena.url, { ...alone, tickRate: 20 });
    await ann.sit();
    await ann.until(() => ann.keyframes > 0);
    const facing = ann.mirror.facing[0]!;
    ann.act(5);
    await ann.until(() => ann.mirror.facing[0] !== facing);
    const turned = ann.mirror.time;
    await ann.until(() => ann.mirror.time >= turned + 5);
    expect(ann.mirror.facing[0]).toBe((facing + 1) % 4);
  });

  test('of several keys in a tick the last one wins', async () => {
    const ann = await Visitor.create(arena.url, { ...alone, tickRate: 2 });
    await ann.sit();
    await ann.until(() => ann.ticks > 0);
    const facing = ann.mirror.facing[0]!;
    for (const action of [5, 2, 3, 6]) ann.act(action);
    await ann.until(() => ann.mirror.outcome[0] !== 0);
    expect(ann.mirror.facing[0]).toBe((facing + 3) % 4);
  });

  test('with a tick number they count for that tick, up to eight ahead; others are refused as late or early', async () => {
    const ann = await Visitor.create(arena.url, { ...alone, clock: 'lockstep', lockstepTimeout: 600 });
    await ann.sit();
    await ann.until(() => ann.keyframes > 0);
    const start = ann.mirror.time;
    const facing = ann.mirror.facing[0]!;
    for (let ahead = 1; ahead <= 8; ahead++) ann.act(ahead === 3 ? 5 : STAY, start + ahead);
    const early = await ann.refusal(Message.act, { action: 5, tick: start + 9 });
    expect(early).toMatchObject({ code: 'early', tick: start + 9, about: Message.act });
    ann.act(STAY, start);
    await ann.until(() => ann.mirror.time === start + 1);
    // The actions of the next ticks are there already: one more act lets the room go on through each of them.
    for (let tick = 1; tick <= 3; tick++) {
      ann.act(tick === 3 ? 5 : STAY, start + tick);
      await ann.until(() => ann.mirror.time === start + tick + 1);
      expect(ann.mirror.facing[0]).toBe(tick === 3 ? (facing + 1) % 4 : facing);
    }
    const late = await ann.refusal(Message.act, { action: 5, tick: start });
    expect(late).toMatchObject({ code: 'late', tick: start });
    expect(ann.mirror.facing[0]).toBe((facing + 1) % 4);
  });

  test('none means stay', async () => {
    const ann = await Visitor.create(arena.url, { ...alone, tickRate: 60 });
    await ann.sit();
    await ann.until(() => ann.ticks >= 10);
    expect(Array.from(ann.mirror.outcome)).toEqual([0]);
    expect([ann.mirror.column[0], ann.mirror.row[0]]).toEqual([4, 2]);
  });

  test('of somebody without a seat are refused', async () => {
    const ann = await Visitor.create(arena.url, {});
    expect(await ann.refusal(Message.act, { action: 2 })).toMatchObject({ code: 'no-seat' });
  });

  test('the same log through a lockstep room and through the rules alone ends in the same state', async () => {
    const length = 60;
    const room = { seed: 5, players: 2, bots: ['open'] as ['open'], episodeLength: length, episodes: 1 };
    const log = Array.from({ length }, (_, t) => [(t * 7) % 8, (t * 5 + 1) % 8] as const);
    const match = new Match(roomOptionsSchema.parse(room));
    match.startEpisode();
    for (const [t, joint] of log.entries()) {
      for (const [seat, action] of joint.entries()) match.actions.put(seat, action, t);
      match.step();
    }
    const ann = await Visitor.create(arena.url, {
      ...room,
      clock: 'lockstep',
      lockstepTimeout: 600,
      tickRate: 1,
    });
    const bob = await Visitor.enter(arena.url, ann.room.roomId);
    // Both must be in before the first tick: alone, the room would run by itself once a second.
    await Promise.all([ann.sit({ seat: 0 }), bob.sit({ seat: 1 })]);
    expect(ann.mirror.time).toBe(0);
    for (const [t, joint] of log.entries()) {
      ann.act(joint[0], t);
      bob.act(joint[1], t);
      await ann.until(() => ann.mirror.time === t + 1 || ann.episodes.length > 0);
    }
    await ann.until(() => ann.episodes.length > 0);
    expect(ann.episodes[0]!.stateHash).toBe(match.endEpisode().stateHash);
  });
});

describe('lockstep', () => {
  test('waits for every seated person, and for nobody who has gone', async () => {
    const ann = await Visitor.create(arena.url, { clock: 'lockstep', lockstepTimeout: 600, players: 3 });
    const bob = await Visitor.enter(arena.url, ann.room.roomId);
    await ann.sit();
    await bob.sit();
    await ann.until(() => ann.keyframes > 0);
    const start = ann.mirror.time;
    ann.act(STAY, start);
    ann.act(STAY, start + 1);
    bob.act(STAY, start);
    await ann.until(() => ann.mirror.time === start + 1);
    await bob.drop();
    await ann.until(() => ann.mirror.time === start + 2);
  });

  test('goes on after the timeout when somebody does not act', async () => {
    const ann = await Visitor.create(arena.url, { clock: 'lockstep', lockstepTimeout: 0.05, players: 1 });
    await ann.sit();
    const start = ann.mirror.time;
    await ann.until(() => ann.mirror.time >= start + 3);
  });
});
