/** Learning in rooms, on some of the seats, at the room's clock. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ArenaConnection, connectArena } from '../../agents/client/index.ts';
import { takeSeats } from '../../agents/remote/room.ts';
import { RoomEnvironment } from '../../agents/remote/room-environment.ts';
import { METRICS_FILE, readMetrics } from '../../agents/training/metrics-log.ts';
import { episodeSeeds } from '../../server/seeds.ts';
import { parseOptions } from '../../shared/definition.ts';
import { ActionKind } from '../../shared/grid/actions.ts';
import type { RoomOptionsInput } from '../../shared/protocol/index.ts';
import { Random } from '../../shared/random.ts';
import { definitionOf } from '../../shared/registry.ts';
import { type AgentArena, startAgentArena, wireTo } from './agent-arena.ts';
import { runProgram } from './train-process.ts';

const root = mkdtempSync(join(tmpdir(), 'arena-train-room-'));
afterAll(() => rmSync(root, { recursive: true }));

const PLAYERS = 3;
const EPISODE = 25;
const ROOM: RoomOptionsInput = { players: PLAYERS, episodeLength: EPISODE, clock: 'lockstep', seed: 3 };
const SMALL = [
  ...['network.filters=2', 'network.dense=[4]', 'network.lstm=4', 'algo.segment=20', 'algo.sequence=10'],
  ...['reports=5', 'checkpoints=2'],
];

let arena: AgentArena;
let connection: ArenaConnection;
beforeAll(async () => {
  arena = await startAgentArena();
  connection = await connectArena({ url: arena.url, token: arena.token });
  afterAll(() => connection.close());
});

const train = (...args: string[]) => runProgram(['train', ...args], root, { ARENA_TOKEN: arena.token }).ended;
const runOf = (run: string) => JSON.parse(readFileSync(join(root, run, 'run.json'), 'utf8'));

test('two seats beside a bot: columns are the seats, the game is the room’s, and the policy is of it', async () => {
  const room = await arena.createRoom({ ...ROOM, options: { fineCost: 2 } });
  const args = ['--arena', arena.url, '--room', room, '--seats', '2', '--steps', '160', '--out', 'two'];
  expect(await train(...args, '--set', ...SMALL)).toMatchObject({ code: 0, err: '' });
  const run = runOf('two');
  expect(run.arena).toEqual({ url: arena.url, room: { id: room, seats: 2 } });
  expect(run.config.env).toMatchObject({ name: 'harvest', players: PLAYERS, fineCost: 2 });
  const reports = readMetrics(join(root, 'two', METRICS_FILE));
  expect(reports.at(-1)).toMatchObject({ steps: 160, environmentSteps: 80 });
  const lengths = reports.flatMap((report) => report['episode/length'] ?? []);
  expect(lengths.length).toBeGreaterThan(0);
  expect(new Set(lengths)).toEqual(new Set([EPISODE]));
  const card = JSON.parse(readFileSync(join(root, 'two', 'policy.json'), 'utf8'));
  expect(card).toMatchObject({ players: PLAYERS, env: { options: { fineCost: 2 } } });
});

test('DQN learns in a room, and goes on there with --resume', async () => {
  const room = await arena.createRoom(ROOM);
  const set = ['network.filters=2', 'network.dense=[4]', 'algo.buffer=100', 'algo.learningStarts=20'];
  const url = `${arena.url}/#/room/${room}`;
  const args = ['--algo', 'dqn', '--room', url, '--seats', '1', '--steps', '200', '--out', 'dqn'];
  const run = runProgram(['train', ...args, '--set', ...set, 'reports=100'], root, {
    ARENA_TOKEN: arena.token,
  });
  await run.until(/of 200 steps/);
  run.child.kill('SIGINT');
  const { code } = await run.ended;
  // It may have been done by then.
  expect([0, 130]).toContain(code);
  expect(await train('--resume', '--out', 'dqn')).toMatchObject({ code: 0 });
  expect(readMetrics(join(root, 'dqn', METRICS_FILE)).at(-1)).toMatchObject({ steps: 200 });
});

test('influence by models of others learns on all seats of a room', async () => {
  const room = await arena.createRoom({ ...ROOM, options: { revealActions: true } });
  const args = ['--arena', arena.url, '--room', room, '--seats', String(PLAYERS), '--steps', '240'];
  const moa = ['intrinsic.influence-moa.weight=1', 'intrinsic.influence-moa.curriculum=1'];
  const all = 'intrinsic.influence-moa.visibleOnly=false';
  expect(await train(...args, '--out', 'moa', '--set', ...SMALL, ...moa, all)).toMatchObject({ code: 0 });
  const reports = readMetrics(join(root, 'moa', METRICS_FILE));
  expect(reports.at(-1)!['loss/moa']).toBeGreaterThan(0);
});

test('the key of seats that go by link is nowhere in the run', async () => {
  const { room, key } = await connection.create({ ...ROOM, seating: 'link' });
  const staying = await connection.watcher({ room });
  const url = `${arena.url}/#/room/${room}?key=${key}`;
  const out = await train('--room', url, '--steps', '40', '--out', 'keyed', '--set', ...SMALL);
  expect(out).toMatchObject({ code: 0, err: '' });
  const text = readFileSync(join(root, 'keyed', 'run.json'), 'utf8');
  expect(text).toContain(room);
  expect(text + out.out).not.toContain(key);
  await staying.leave();
});

describe('exits with 2 and says what would be right', () => {
  const cases: [string, string[], RegExp][] = [
    [
      'for more seats than there are',
      ['--seats', '4'],
      /^error: --room \S+: 4 seats are wanted, the room has 3 \(no-seat\); give fewer with --seats$/m,
    ],
    [
      'for influence on some of the seats',
      ['--seats', '2', '--set', 'intrinsic.influence-moa.weight=1'],
      /influence-moa needs what all players do and are paid: take all seats of the room with --seats 3/,
    ],
    [
      'for a network a player on some of the seats',
      ['--seats', '2', '--set', 'network.perPlayer=true'],
      /network.perPlayer has a network for each of the 3 players, and 2 of them learn/,
    ],
    ['for another environment', ['--env', 'cleanup'], /env.name=cleanup: the room says what is played there/],
  ];
  test.each(cases)('%s', async (_, args, message) => {
    const room = await arena.createRoom(ROOM);
    const { code, err } = await train('--arena', arena.url, '--room', room, '--out', 'refused', ...args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

test('a room that is not there is a wrong --room, not a wrong --arena', async () => {
  const { code, err } = await train('--arena', arena.url, '--room', 'nowhere', '--out', 'refused');
  expect(code).toBe(2);
  expect(err).toMatch(/^error: --room nowhere: there is no room "nowhere" \(no-room\); give/);
});

test('a match that is over ends the run with 1', async () => {
  // So slow without players that it is not over before the run has begun.
  const room = await arena.createRoom({ ...ROOM, episodes: 1, episodeLength: 60, tickRate: 1 });
  const args = ['--arena', arena.url, '--room', room, '--steps', '400', '--out', 'over'];
  const { code, err } = await train(...args, '--set', ...SMALL);
  expect(code).toBe(1);
  expect(err).toMatch(/error: the room is over: .*match.*; learn on in another one; /);
});

describe('a room as an environment', () => {
  async function seated(options: RoomOptionsInput, seats = 2) {
    const room = await arena.createRoom({ ...ROOM, ...options });
    const settings = { url: arena.url, token: arena.token, patience: 5 };
    const environment = new RoomEnvironment(() => takeSeats(settings, { id: room, seats }), {
      seats,
      episodeLength: EPISODE,
    });
    const observation = new Uint8Array(seats * 15 * 15);
    await environment.observe(observation, 0);
    return { environment, observation, room };
  }

  test('waits in lockstep for what is done, and counts rewards up to the return', async () => {
    const { environment } = await seated({ options: { fineCost: 1 } });
    const rewards = new Float32Array(2);
    const sums = new Float64Array(2);
    let fines = 0;
    const first = environment.time();
    while (environment.done[0] === 0) {
      const actions = Uint8Array.of(ActionKind.fine, ActionKind.stay);
      await environment.step(actions, rewards);
      expect([...actions]).toEqual([ActionKind.fine, ActionKind.stay]);
      if (rewards[0]! < 0) fines++;
      for (const [k, reward] of rewards.entries()) sums[k]! += reward;
    }
    expect(fines).toBeGreaterThan(0);
    expect([...environment.terminated()]).toEqual([0, 0]);
    environment.reset();
    await environment.observe(new Uint8Array(2 * 15 * 15), 0);
    expect(environment.time()).toBe(0);
    const whole = environment.counts();
    // An episode that was joined in the middle is not counted.
    if (first > 0) expect(whole).toBeNull();
    else expect([...whole!.subarray(0, 2)]).toEqual([...sums]);
    environment.leave();
  });

  test('shows and pays what the rules do', async () => {
    const open = { bots: ['open'], tickRate: 1, options: { fineCost: 1 } };
    const { environment, observation } = await seated(open, PLAYERS);
    const harvest = definitionOf('harvest');
    const local = harvest.create(
      parseOptions(harvest, { players: PLAYERS, episodeLength: EPISODE, fineCost: 1 }),
    );
    local.reset(episodeSeeds(ROOM.seed, 0).world);
    const rewards = [new Float32Array(PLAYERS), new Float32Array(PLAYERS)] as const;
    const visible = [new Uint8Array(PLAYERS ** 2), new Uint8Array(PLAYERS ** 2)] as const;
    const seen = new Uint8Array(observation.length);
    // Nobody played its first ticks.
    for (const still = new Uint8Array(PLAYERS).fill(ActionKind.stay); local.time < environment.time(); ) {
      local.step(still, rewards[1]);
    }
    const random = new Random().seed(1);
    for (let t = environment.time(); t < EPISODE; t++) {
      local.observe('ids', seen);
      expect(observation).toEqual(seen);
      environment.observeVisible(visible[0], 0);
      local.observeVisible(visible[1]);
      expect(visible[0]).toEqual(visible[1]);
      const actions = Uint8Array.from({ length: PLAYERS }, () => random.below(8));
      await environment.step(actions, rewards[0]);
      local.step(actions, rewards[1]);
      expect(rewards[0]).toEqual(rewards[1]);
      if (environment.done[0] === 0) await environment.observe(observation, 0);
    }
    expect([...environment.done]).toEqual([1]);
    environment.observeFinal(0, observation);
    local.observe('ids', seen);
    expect(observation).toEqual(seen);
    environment.leave();
  });

  test('says once that its connection is lost, and once that it is back', async () => {
    const wire = await wireTo(arena.url);
    const heard: (string | null)[] = [];
    const hear = (lost: string | null) => heard.push(lost);
    const room = await arena.createRoom({ ...ROOM, clock: 'realtime', tickRate: 60 });
    const settings = { url: wire.url, token: arena.token, patience: 30, hear };
    const player = await takeSeats(settings, { id: room, seats: 1 });
    await player.next();
    expect(heard).toEqual([]);
    wire.cut();
    while (heard.length < 2) await player.next();
    expect(heard).toEqual([expect.stringMatching(/^the connection to the arena at .* is lost$/), null]);
    await player.leave();
  });

  test('that does not wait says what counted instead of what came too late', async () => {
    const { environment, room } = await seated({ clock: 'realtime', tickRate: 60, episodeLength: 100_000 });
    const before = environment.time();
    // Somebody else sees the room go on.
    const other = await connection.player({ room, seats: 1 });
    for (let view = await other.next(); view!.tick < before + 5; ) view = await other.next();
    const actions = Uint8Array.of(ActionKind.forward, ActionKind.left);
    await environment.step(actions, new Float32Array(2));
    expect([...actions]).toEqual([ActionKind.stay, ActionKind.stay]);
    await other.leave();
    environment.leave();
  });
});
