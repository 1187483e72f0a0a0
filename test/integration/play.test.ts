/** `arena play`: policies in rooms, as programs that connect. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { connectArena } from '../../agents/client/index.ts';
import { seatPolicy } from '../../agents/client/seated-policy.ts';
import { evaluate } from '../../agents/evaluate.ts';
import { openPolicies } from '../../agents/policies/names.ts';
import type { RoomOptionsInput } from '../../shared/protocol/index.ts';
import { startAgentArena } from './agent-arena.ts';
import { type Ending, PROGRAM, ROOT, runArena } from './run-arena.ts';

const arena = await startAgentArena();
const { url, token } = arena;

const SEED = 5;
/** Waits for its players, and goes on fast while there are none. */
const LOCKSTEP = {
  clock: 'lockstep',
  lockstepTimeout: 600,
  tickRate: 60,
  bots: ['open'],
  seed: SEED,
  episodeLength: 40,
} satisfies RoomOptionsInput;

function play(...args: string[]): Promise<Ending> {
  return runArena(['play', ...args]);
}

describe('what a policy does on seats', () => {
  it.each([
    ['harvest', 'greedy', {}],
    ['harvest', 'zoo/harvest-moa', { revealActions: true }],
    ['harvest', 'zoo/harvest-selfish', {}],
    ['cleanup', 'zoo/cleanup-team', {}],
  ])('is what it does in an evaluation: %s, %s', async (environment, name, options) => {
    const contestant = (await openPolicies([name]))[0]!;
    const connection = await connectArena({ url, token });
    const { room } = await connection.create({ ...LOCKSTEP, environment, options });
    const player = await connection.player({ room, seats: 5 });
    const policy = seatPolicy(contestant, player, { greedy: true, seed: 1 });
    // The episode that is under way when it comes in had nobody to play it at first: the next one is looked at.
    let full = -1;
    let returns: number[] = [];
    for await (const view of player) {
      if (!view.ended) player.act(await policy.act(view));
      else if (full < 0) full = view.episode + 1;
      else {
        returns = view.seats.map(({ total }) => total);
        break;
      }
    }
    connection.close();
    const reports = await evaluate({
      environment,
      options: { ...options, players: 5, episodeLength: 40 },
      policies: [contestant],
      episodes: full + 1,
      seed: SEED,
      greedy: true,
    });
    // What scripted policies draw of their own is not the evaluation's.
    if (typeof contestant === 'string') expect(returns.every((value) => value > 0)).toBe(true);
    else expect(returns).toEqual([...reports[full]!.returns]);
    if (typeof contestant !== 'string') await contestant.release();
  });
});

describe('arena play', () => {
  it('plays a trained policy on seats of a room until its match is over', async () => {
    const connection = await connectArena({ url, token });
    const { room } = await connection.create({ ...LOCKSTEP, tickRate: 1, episodes: 1 });
    const watcher = await connection.watcher({ room });
    const ending = await play(
      '--policy',
      'zoo/harvest-team',
      '--room',
      `${url}/#/room/${room}`,
      '--token',
      token,
      '--seats',
      '2',
      '--name',
      'Team',
    );
    expect(ending.err).toBe('');
    expect(ending.code).toBe(0);
    expect(ending.out).toMatch(
      /^zoo\/harvest-team plays seats 0, 1 of harvest, room [\w-]+\nepisode 0, tick 40, return \d+, \d+, on time \d+(?:\.\d)?%\nThe match is over\.\n$/,
    );
    const names = new Set<string>();
    for await (const event of watcher) {
      if (event.type === 'seats') for (const { kind, name } of event.seats) names.add(`${kind} ${name}`);
      if (event.type === 'closing') break;
    }
    expect(names).toContain('agent Team');
    connection.close();
  });

  it('leaves its seats on Ctrl-C', async () => {
    const room = await arena.createRoom({ ...LOCKSTEP, clock: 'realtime' });
    const at = `${url}/#/room/${room}`;
    const child = spawn(process.execPath, [PROGRAM, 'play', '--policy', 'random', '--room', at], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ARENA_TOKEN: token },
    });
    const ended = once(child, 'exit');
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line);
      // It has played an episode by then.
      if (said.length === 2) child.kill('SIGINT');
    }
    expect(await ended).toEqual([130, null]);
    expect(said.at(-1)).toBe('seats left');
    const connection = await connectArena({ url, token });
    const rooms = await connection.rooms();
    expect(rooms.find(({ roomId }) => roomId === room)).toMatchObject({ agents: 0, openSeats: 5 });
    connection.close();
  });

  it.each([
    ['without a token', ['--policy', 'greedy', '--room', 'x', '--arena', url], 'arena token create'],
    [
      'with a wrong token',
      ['--policy', 'greedy', '--room', 'x', '--arena', url, '--token', 'y'],
      'does not know the token: make one with `arena token create --name NAME`; do that where the arena runs',
    ],
    ['without a policy', ['--room', 'x', '--arena', url, '--token', token], '--policy: name a policy'],
    ['without a room', ['--policy', 'greedy', '--token', token], '--room: give a room'],
    [
      'with a policy that is not there',
      ['--policy', 'zoo/none', '--room', 'x', '--arena', url, '--token', token],
      'harvest-moa',
    ],
    [
      'in a room that is not there',
      ['--policy', 'greedy', '--room', 'x', '--arena', url, '--token', token],
      'there is no room "x"',
    ],
    [
      'in a room without an arena',
      ['--policy', 'greedy', '--room', 'x', '--token', token],
      'give the address of its arena too',
    ],
    [
      'where no arena is',
      ['--policy', 'greedy', '--room', 'x', '--arena', 'http://127.0.0.1:1', '--token', token],
      'no arena lets agents in',
    ],
  ])('is refused %s', async (_, args, words) => {
    const { code, err } = await play(...args);
    expect(code).toBe(2);
    expect(err).toContain(words);
    expect(err.split('\n')).toHaveLength(2);
  });

  it('is refused on more seats than the room has', async () => {
    const room = await arena.createRoom(LOCKSTEP);
    const at = `${url}/#/room/${room}`;
    const { code, err } = await play('--policy', 'greedy', '--room', at, '--seats', '99', '--token', token);
    expect(code).toBe(2);
    expect(err).toBe('error: 99 seats are wanted, the room has 5; ask for fewer with --seats\n');
  });

  it('is refused where a policy does not fit the game, and leaves the room as it was', async () => {
    const room = await arena.createRoom(LOCKSTEP);
    const { code, err } = await play(
      '--policy',
      'zoo/cleanup-team',
      '--room',
      room,
      '--arena',
      url,
      '--token',
      token,
    );
    expect(code).toBe(2);
    expect(err).toMatch(/^error: --policy: policy \S+ is for environment cleanup, here it is harvest\n$/);
    const connection = await connectArena({ url, token });
    const rooms = await connection.rooms();
    expect(rooms.find(({ roomId }) => roomId === room)).toMatchObject({ agents: 0, openSeats: 5 });
    connection.close();
  });
});
