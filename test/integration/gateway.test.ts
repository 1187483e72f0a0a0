/** The gateway of agents over real sockets: who is let in, what is stepped, and what else the port is for. */
import { existsSync } from 'node:fs';
import { io } from 'socket.io-client';
import { describe, expect, test } from 'vitest';
import { frameLayout, type Opened } from '../../shared/protocol/agents/index.ts';
import { startAgentArena } from './agent-arena.ts';
import { GatewayAgent } from './gateway-agent.ts';
import { runArena } from './run-arena.ts';
import { Visitor } from './visitor.ts';

const arena = await startAgentArena({
  tokenConnections: 3,
  agentEnvironments: 40,
  tokenEnvironments: 60,
  agentBytes: 1,
  agentMemory: 12,
  tokenMemory: 16,
});
const { url, token } = arena;

const seeded = { environments: 2, seed: 7, options: { episodeLength: 15 } };

/** Frames of a reset and of some steps with actions that follow from their number. */
async function frames(agent: GatewayAgent): Promise<Uint8Array[]> {
  const request = await agent.begin(seeded);
  const got: Uint8Array[] = [];
  for (let t = 0; t < 20; t++) {
    for (let i = 4; i < request.length; i++) request[i] = (3 * t + i) % 8;
    // Socket.IO may still hold what it was given.
    got.push(new Uint8Array(await agent.ask('step', request.slice())));
  }
  return got;
}

describe('the port', () => {
  test('serves rooms and pages beside agents', async () => {
    const [agent, visitor] = await Promise.all([
      GatewayAgent.connect(url, arena.tokenFor('train')),
      Visitor.create(url, {}),
    ]);
    await agent.begin();
    await visitor.until(() => visitor.ticks > 2);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test.each([
    ['WebSocket', ['websocket']],
    ['polling', ['polling']],
    ['polling that turns into WebSocket', ['polling', 'websocket']],
  ])('carries the same frames over %s', async (_name, transports) => {
    const agent = await GatewayAgent.connect(url, arena.tokenFor('train'), transports);
    const reference = await GatewayAgent.connect(url, arena.tokenFor('train'));
    const [got, expected] = await Promise.all([frames(agent), frames(reference)]);
    expect(got).toEqual(expected);
    expect(got.at(-1)!.length).toBeGreaterThan(0);
  });

  test('has no page of its own for Socket.IO, and nobody in its other namespace', async () => {
    expect((await fetch(`${url}/socket.io/socket.io.js`)).status).toBe(400);
    const socket = io(url, { transports: ['websocket'], forceNew: true, reconnection: false });
    const { message } = await new Promise<Error>((resolve) => socket.once('connect_error', resolve));
    expect(message).toContain('/agents');
  });
});

describe('a connection', () => {
  test.each([
    ['another version of the protocol', { protocol: 2, token }, 'wrong-protocol', 'protocol must be 1'],
    ['no version', { token }, 'wrong-protocol', 'protocol must be 1'],
    ['no token', { protocol: 1 }, 'bad-token', 'arena token create'],
    ['a token that is a number', { protocol: 1, token: 5 }, 'bad-token', 'arena token create'],
    [
      'a wrong secret',
      { protocol: 1, token: `${token.slice(0, -8)}AAAAAAAA` },
      'bad-token',
      'arena token create',
    ],
    ['nothing', {}, 'wrong-protocol', 'protocol must be 1'],
  ])('with %s is refused with the reason', async (_what, auth, code, text) => {
    await expect(GatewayAgent.connect(url, auth)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text),
    });
  });

  test('with a token that was revoked is refused', async () => {
    const revoked = arena.tokenFor('train');
    arena.revoke(revoked);
    await expect(GatewayAgent.connect(url, revoked)).rejects.toMatchObject({ code: 'revoked-token' });
  });

  test('ends when its token is revoked, and others go on', async () => {
    const revoked = arena.tokenFor('train');
    const [agent, other] = await Promise.all([
      GatewayAgent.connect(url, revoked),
      GatewayAgent.connect(url, arena.tokenFor('train')),
    ]);
    arena.revoke(revoked);
    expect(await agent.closing).toMatchObject({ code: 'revoked-token' });
    await agent.gone;
    expect(await other.code('rooms', {})).toBeNull();
  });

  test('beyond those that a token may have is refused, until one is closed', async () => {
    const busy = arena.tokenFor('train');
    const agents = await Promise.all([0, 1, 2].map(() => GatewayAgent.connect(url, busy)));
    await expect(GatewayAgent.connect(url, busy)).rejects.toMatchObject({ code: 'too-many-connections' });
    agents[0]!.socket.close();
    await expect
      .poll(() =>
        GatewayAgent.connect(url, busy).then(
          () => 'connected',
          () => 'refused',
        ),
      )
      .toBe('connected');
  });

  test('does what its token allows, and nothing else', async () => {
    const agent = await GatewayAgent.connect(url, arena.tokenFor('watch'));
    expect(await agent.code('open', { environment: 'harvest' })).toBe('missing-scope');
    expect(await agent.code('step', new Uint8Array(9))).toBe('missing-scope');
    expect(await agent.code('join', { room: 'x' })).toBe('missing-scope');
    expect(await agent.code('watch', { room: 'x' })).toBe('no-room');
    expect(await agent.code('rooms', {})).toBeNull();
  });
});

describe('environments', () => {
  test('beyond those of a connection are refused, and closed ones count no more', async () => {
    const agent = await GatewayAgent.connect(url, arena.tokenFor('train'));
    const { batch } = await agent.ask('open', { environment: 'harvest', environments: 30 });
    expect(await agent.code('open', { environment: 'harvest', environments: 11 })).toBe(
      'too-many-environments',
    );
    expect(await agent.code('close', { batch })).toBeNull();
    expect(await agent.code('open', { environment: 'harvest', environments: 40 })).toBeNull();
  });

  test('beyond those of a token are refused, and a connection that ends gives its back', async () => {
    const shared = arena.tokenFor('train');
    const [first, second] = await Promise.all([0, 1].map(() => GatewayAgent.connect(url, shared)));
    await first!.begin({ environments: 40 });
    const open = { environment: 'harvest', environments: 30, options: { players: 1 } };
    expect(await second!.code('open', open)).toBe('too-many-environments');
    first!.socket.close();
    await expect.poll(() => second!.code('open', open), { interval: 150 }).toBeNull();
  });

  test('that are refused for their options count for nothing', async () => {
    const agent = await GatewayAgent.connect(url, arena.tokenFor('train'));
    expect(
      await agent.code('open', { environment: 'harvest', environments: 40, options: { gravity: 1 } }),
    ).toBe('bad-options');
    expect(await agent.code('open', { environment: 'harvest', environments: 40 })).toBeNull();
  });

  test('are stepped by requests that are sent ahead, in their order', async () => {
    const agent = await GatewayAgent.connect(url, arena.tokenFor('train'));
    const expected = await frames(agent);
    const { batch } = await agent.ask('open', { environment: 'harvest', ...seeded });
    const reset = agent.ask('reset', { batch });
    const ahead = Array.from({ length: 20 }, (_, t) => {
      const request = Uint8Array.from({ length: 14 }, (_, i) => (i < 4 ? 0 : (3 * t + i) % 8));
      request[0] = batch;
      return agent.ask('step', request);
    });
    await reset;
    const got = (await Promise.all(ahead)).map((frame) => new Uint8Array(frame));
    expect(got.map((frame) => frame.subarray(2))).toEqual(expected.map((frame) => frame.subarray(2)));
  });

  test.each([1, 40])(
    '%i at once, in colours: a frame has the bytes that its layout says',
    async (environments) => {
      const agent = await GatewayAgent.connect(url, arena.tokenFor('train'));
      const open = { environment: 'harvest', environments, encoding: 'rgb' };
      const { game, batch } = (await agent.ask('open', open)) as Opened;
      const layout = frameLayout({ ...game, environments, visible: false });
      const first = await agent.ask('reset', { batch });
      const frame = await agent.ask('step', new Uint8Array(layout.requestBytes));
      expect([first.length, frame.length]).toEqual([layout.ended, layout.ended]);
    },
  );

  test('are stepped by any number of requests at once, whose answers are more than may wait', async () => {
    const agent = await GatewayAgent.connect(url, arena.tokenFor('train'));
    const request = await agent.begin({ environments: 40, encoding: 'rgb' });
    // 138 KB each.
    const answers = await Promise.all(Array.from({ length: 200 }, () => agent.ask('step', request)));
    expect(new Set(answers.map(({ length }) => length)).size).toBe(1);
    expect(answers[0]).toBeInstanceOf(Uint8Array);
  });

  test('are reset and stepped in turn by requests at once, in their order', async () => {
    const agent = await GatewayAgent.connect(url, arena.tokenFor('train'));
    const request = await agent.begin({ environments: 40, encoding: 'rgb' });
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 60 }, async (_, k) => {
        const answer = await (k % 3 === 0 ? agent.ask('reset', { batch: 0 }) : agent.ask('step', request));
        expect(answer).toBeInstanceOf(Uint8Array);
        order.push(k);
      }),
    );
    expect(order).toEqual(Array.from({ length: 60 }, (_, k) => k));
  });

  test('that take more memory than a connection or a token may are refused, until others are closed', async () => {
    const shared = arena.tokenFor('train');
    const [first, second] = await Promise.all([0, 1].map(() => GatewayAgent.connect(url, shared)));
    const side = 120;
    const map = Array.from({ length: side }, (_, r) =>
      Array.from({ length: side }, (_, c) =>
        r % (side - 1) === 0 || c % (side - 1) === 0 ? '@' : c < 4 ? 'P' : 'A',
      ).join(''),
    );
    const open = (environments: number) => ({ environment: 'harvest', environments, options: { map } });
    const { error } = await first!.ask('open', open(40));
    expect(error).toMatchObject({
      code: 'too-much',
      message: expect.stringContaining('a connection may take 12.0 MiB'),
    });
    const each = Number(/takes ([\d.]+) MiB/.exec(error.message)![1]) / 40;
    const most = Math.floor(10 / each);
    const { batch } = await first!.ask('open', open(most));
    expect((await second!.ask('open', open(most))).error).toMatchObject({
      code: 'too-much',
      message: expect.stringContaining('a token may take 16.0 MiB'),
    });
    await first!.ask('close', { batch });
    expect(await second!.code('open', open(most))).toBeNull();
  });

  test('go on from a saved state in another connection', async () => {
    const agent = await GatewayAgent.connect(url, arena.tokenFor('train'));
    const request = await agent.begin(seeded);
    await agent.ask('step', request);
    const state = await agent.ask('save', { batch: 0 });
    const other = await GatewayAgent.connect(url, arena.tokenFor('train'));
    await other.begin({ ...seeded, seed: 99 });
    expect(await other.ask('load', { batch: 0, state })).toBeInstanceOf(Uint8Array);
    expect(await other.ask('step', request)).toEqual(await agent.ask('step', request));
  });
});

test('a client that sends more bytes a second than are read is told so, and then cut off', async () => {
  const agent = await GatewayAgent.connect(url, arena.tokenFor('train'));
  const request = await agent.begin();
  const padded = new Uint8Array(600_000);
  padded.set(request);
  const codes = new Set<string>();
  for (let k = 0; k < 20; k++) {
    agent.socket.emit('step', padded, (answer: { error: { code: string } }) => codes.add(answer.error.code));
  }
  expect(await agent.closing).toMatchObject({ code: 'too-much' });
  expect([...codes].sort()).toEqual(['too-much', 'wrong-length']);
});

test('bytes of other events count as well', async () => {
  const agent = await GatewayAgent.connect(url, arena.tokenFor('train'));
  await agent.begin();
  const state = new Uint8Array(600_000);
  // However they fall into two seconds, one of these has more than 1 MB.
  const codes = await Promise.all(Array.from({ length: 6 }, () => agent.code('load', { batch: 0, state })));
  expect([...new Set(codes)].sort()).toEqual(['bad-snapshot', 'too-much']);
});

test('metrics tell who is connected, what they hold and what they stepped', async () => {
  const value = async (name: string) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)![1]);
  };
  const before = await value('arena_agent_steps_total');
  const agent = await GatewayAgent.connect(url, arena.tokenFor('train'));
  const request = await agent.begin({ environments: 5 });
  await agent.ask('step', request);
  expect(await value('arena_agent_steps_total')).toBe(before + 5);
  expect(await value('arena_agent_connections')).toBeGreaterThan(0);
  expect(await value('arena_agent_environments')).toBeGreaterThanOrEqual(5);
});

describe('arena token', () => {
  test('makes a token that connects, lists it without its secret, and revokes it', async () => {
    const { data } = arena;
    const made = await runArena([
      'token',
      'create',
      '--name',
      'a run',
      '--scopes',
      'train',
      '--json',
      '--data',
      data,
    ]);
    const { id, token: fresh } = JSON.parse(made.out);
    const agent = await GatewayAgent.connect(url, fresh);
    expect(await agent.code('join', { room: 'x' })).toBe('missing-scope');
    const { out: list } = await runArena(['token', 'list', '--data', data]);
    expect(list).toContain(id);
    expect(list).not.toContain(fresh.split('_')[2]);
    expect((await runArena(['token', 'revoke', id, '--data', data])).code).toBe(0);
    expect(await agent.closing).toMatchObject({ code: 'revoked-token' });
  });

  test.each([
    [['create'], 'say what the token is for'],
    [['create', '--name', 'a\nb'], '--name: must be one line'],
    [['create', '--name', 'a\u001b[31mb'], '--name: must be one line'],
    [['create', '--name', 'x', '--scopes', 'fly'], '--scopes: must be some of train,play,watch'],
    [['revoke', 'nobody'], 'there is no token "nobody"'],
  ])('%j ends with 2 and says why', async (args, text) => {
    const { code, err } = await runArena(['token', ...args, '--data', arena.data]);
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining(text) });
  });
});

test.skipIf(!existsSync('/proc/self'))('a token for a folder that cannot be made ends with 2', async () => {
  const { code, err } = await runArena(['token', 'create', '--name', 'x', '--data', '/proc/no/folder']);
  expect({ code, err }).toMatchObject({
    code: 2,
    err: expect.stringContaining(
      'the data folder /proc/no/folder cannot be used: /proc/no cannot be written',
    ),
  });
});

test('an arena that goes down says so', async () => {
  const agent = await GatewayAgent.connect(url, token);
  await arena.close();
  expect(await agent.closing).toMatchObject({ code: 'going-down' });
});
