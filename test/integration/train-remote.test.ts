/** `arena train --arena`: the same digits as without a network, and what is refused before anything is written. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TokenStore } from '../../server/gateway/tokens.ts';
import type { Arena } from '../../server/host.ts';
import { startArena } from './start-arena.ts';
import { computed, runProgram } from './train-process.ts';

const root = mkdtempSync(join(tmpdir(), 'arena-remote-'));
afterAll(() => rmSync(root, { recursive: true }));

let arena: Arena;
let token: string;
let player: string;
beforeAll(async () => {
  const data = join(root, 'data');
  // So few messages a second that short episodes have to wait for it.
  arena = await startArena({ data, agentMessages: 60 });
  const store = new TokenStore(data);
  token = store.create('learner', ['train']).token;
  player = store.create('player', ['play']).token;
  store.close();
});

const train = (args: readonly string[], variables: Record<string, string> = {}) =>
  runProgram(['train', ...args], root, variables).ended;
const remotely = (args: readonly string[], secret = token) =>
  train([...args, '--arena', arena.url], { ARENA_TOKEN: secret });

const NETWORK = ['network.filters=2', 'network.dense=[4]', 'network.lstm=4'];
const SMALL = ['environments=4', 'shards=2', 'reports=8', 'checkpoints=4'];
const ON_POLICY = ['algo.segment=16', 'algo.sequence=8', 'algo.minibatches=2'];
const HARVEST = ['env.episodeLength=30', 'env.players=3'];

const RUNS: [string, string[]][] = [
  ['PPO', ['--env', 'harvest', '--steps', '3072', '--set', ...HARVEST, ...SMALL, ...NETWORK, ...ON_POLICY]],
  [
    'DQN',
    [
      ...['--env', 'harvest', '--algo', 'dqn', '--steps', '3072', '--set', ...HARVEST, ...SMALL],
      ...['network.filters=2', 'network.dense=[4]', 'algo.buffer=100', 'algo.learningStarts=600'],
    ],
  ],
  [
    'PPO with influence by models of visible others',
    [
      ...['--env', 'cleanup', '--steps', '3072', '--set', ...HARVEST, ...SMALL, ...NETWORK, ...ON_POLICY],
      ...['intrinsic.influence-moa.weight=1', 'intrinsic.influence-moa.curriculum=1'],
      'intrinsic.influence-moa.visibleOnly=true',
    ],
  ],
  [
    'players who act in turn and are told what others did',
    [
      ...['--env', 'copying', '--steps', '2048', '--set', 'env.leaders=[0]', 'env.revealActions=true'],
      ...[...SMALL, ...NETWORK, ...ON_POLICY],
    ],
  ],
  [
    'episodes of numbers that end by themselves',
    ['--env', 'cartpole', '--steps', '2048', '--set', ...SMALL, ...NETWORK, ...ON_POLICY],
  ],
];

describe.each(RUNS)('%s', (name, args) => {
  // A policy knows the name of its run's folder.
  const folder = (kind: string) => join(root, kind, name.replaceAll(/\W/g, '-'));

  test('computes the same digits over the network', async () => {
    const [there, here] = [folder('remote'), folder('local')];
    expect(await remotely([...args, '--out', there])).toMatchObject({ code: 0 });
    expect(await train([...args, '--out', here])).toMatchObject({ code: 0 });
    expect(computed(there)).toEqual(computed(here));
  });
});

/** All that a run left, as text: names and contents. */
function everything(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

test('the run says where it learned, and never with which token', async () => {
  const run = join(root, 'secret');
  const args = ['--env', 'identity', '--steps', '256', '--set', ...SMALL, ...ON_POLICY];
  const { code, out, err } = await train([...args, '--arena', arena.url, '--token', token, '--out', run]);
  expect([code, err]).toEqual([0, '']);
  const [, id, secret] = /^arena_(\w+?)_(.*)$/.exec(token)!;
  const left = everything(run) + out;
  expect(left).toContain(arena.url);
  expect(left).not.toContain(secret);
  expect(left).not.toContain(id);
  const { command } = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8'));
  expect(command).toBe(
    `npx arena train --env identity --steps 256 --set ${[...SMALL, ...ON_POLICY].join(' ')} --arena ${arena.url} --out ${run}`,
  );
});

describe('exits with 2, says what helps and writes nothing', () => {
  const run = () => join(root, 'refused');
  const cases: [string, () => Promise<{ code: number | null; out: string; err: string }>, RegExp][] = [
    [
      'for a token that is none',
      () => remotely(['--out', run()], `arena_${'0'.repeat(12)}_${'x'.repeat(43)}`),
      /: make one with `arena token create[^;]*` \(bad-token\); do that where the arena runs, and give it/,
    ],
    ['for one that may not train', () => remotely(['--out', run()], player), /\(missing-scope\)/],
    [
      'without a token',
      () => train(['--arena', arena.url, '--out', run()], { ARENA_TOKEN: '' }),
      /an arena wants a token: make one with `npx arena token create`/,
    ],
    [
      'where no arena is',
      () => train(['--arena', 'http://127.0.0.1:9', '--out', run()], { ARENA_TOKEN: token }),
      /\(unreachable\); start it with `npx arena serve`/,
    ],
    [
      'for an address that is none',
      () => train(['--arena', 'arena', '--out', run()], { ARENA_TOKEN: token }),
      /--arena: must be the address of an arena, such as http:\/\/127\.0\.0\.1:2567/,
    ],
    [
      'for a token without an arena',
      () => train(['--token', token, '--out', run()]),
      /--token is for an arena: give its address with --arena/,
    ],
    [
      'for a room that is not there',
      () => remotely(['--room', 'nowhere', '--out', run()], player),
      /there is no room "nowhere" \(no-room\); give the address of its page, or its id/,
    ],
    [
      'for seats without a room',
      () => remotely(['--seats', '2', '--out', run()]),
      /--seats is of a room: name one with --room/,
    ],
  ];
  test.each(cases)('%s', async (_, ask, message) => {
    const { code, out, err } = await ask();
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).not.toContain('    at ');
    expect(err).not.toContain(token);
    expect(existsSync(run())).toBe(false);
  });
});
