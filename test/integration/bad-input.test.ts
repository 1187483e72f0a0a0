/** Whatever comes in from outside: a coded answer to whoever sent it, and the room plays on. */
import { connect } from 'node:net';
import { Client } from '@colyseus/sdk';
import { describe, expect, test } from 'vitest';
import { Message, PROTOCOL_VERSION } from '../../shared/protocol/index.ts';
import { startArena } from './start-arena.ts';
import { Visitor } from './visitor.ts';

const arena = await startArena({ maxClients: 3 });

/** The room goes on: some more ticks reach a witness. */
async function playsOn(witness: Visitor): Promise<void> {
  const { ticks } = witness;
  await witness.until(() => witness.ticks >= ticks + 3);
}

describe('a room that is asked for', () => {
  const map = (rows: string[]) => ({ options: { map: rows } });
  test.each([
    ['an unknown environment', { environment: 'chess' }, /environment.*"chess" is unknown.*harvest/],
    [
      'an environment without a grid',
      { environment: 'cartpole' },
      /"cartpole" has no grid.*harvest, cleanup/,
    ],
    ['an unknown preset', { preset: 'nope' }, /preset "nope".*ssd/],
    ['a map without spawn points', map(['@@@', '@A@', '@@@']), /no spawn point/],
    ['unequal rows', map(['@@@@', '@P@', '@@@@']), /row 1 has 3 cells, row 0 has 4/],
    ['an unknown tile', map(['@@@', '@?@', '@P@']), /row 1, column 1 has "\?"/],
    [
      '40 players on a map of ten spawn points',
      { environment: 'cleanup', players: 40 },
      /40 players.*the map has 10/,
    ],
    ['tick rate 0', { tickRate: 0 }, /tickRate/],
    ['tick rate NaN', { tickRate: Number.NaN }, /tickRate/],
    ['tick rate 61', { tickRate: 61 }, /tickRate/],
    ['a negative seed', { seed: -1 }, /seed/],
    ['no players', { players: 0 }, /players/],
    ['an unknown bot', { bots: ['genius'] }, /bots/],
    ['an option that the environment does not have', { options: { gravity: 9.81 } }, /gravity/],
    ['a field that a room does not have', { colour: 'red' }, /colour/],
    ['something that is no object', 'please', /room/],
  ])('%s is refused, saying what is wrong', async (_what, room, message) => {
    const asked = new Client(arena.url).create('arena', { protocol: PROTOCOL_VERSION, room });
    await expect(asked).rejects.toMatchObject({ code: 400, message: expect.stringMatching(message) });
  });

  test('cannot be made permanent by a client', async () => {
    const asked = new Client(arena.url).create('arena', { protocol: PROTOCOL_VERSION, internal: 'guess' });
    await expect(asked).rejects.toMatchObject({ code: 400 });
  });
});

test('lobbies are not made without end', async () => {
  const asked = Array.from({ length: 12 }, () =>
    fetch(`${arena.url}/matchmake/create/lobby`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ protocol: PROTOCOL_VERSION }),
    }).then((answer) => answer.status),
  );
  const refused = (await Promise.all(asked)).filter((status) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(8);
  const lobby = await new Client(arena.url).joinOrCreate('lobby', { protocol: PROTOCOL_VERSION });
  await lobby.leave();
});

describe('entering', () => {
  test('with another version of the protocol is refused with the reason', async () => {
    const ann = await Visitor.create(arena.url, {});
    const asked = new Client(arena.url).joinById(ann.room.roomId, { protocol: 99 });
    await expect(asked).rejects.toMatchObject({ message: expect.stringContaining('protocol must be 1') });
    await playsOn(ann);
  });

  test('a room that is gone is refused', async () => {
    const asked = new Client(arena.url).joinById('nowhere', { protocol: PROTOCOL_VERSION });
    await expect(asked).rejects.toMatchObject({ code: 522 });
  });

  test('a full room is refused', async () => {
    const ann = await Visitor.create(arena.url, { tickRate: 60 });
    await Visitor.enter(arena.url, ann.room.roomId);
    await Visitor.enter(arena.url, ann.room.roomId);
    await expect(Visitor.enter(arena.url, ann.room.roomId)).rejects.toThrow(/full|locked/);
    await playsOn(ann);
  });
});

describe('a message', () => {
  test.each([
    ['action 99', { action: 99 }, 'bad-action'],
    ['an action that is a string', { action: 'left' }, 'bad-message'],
    ['an action that is a fraction', { action: 1.5 }, 'bad-message'],
    ['a negative action', { action: -1 }, 'bad-message'],
    ['an action for tick NaN', { action: 1, tick: Number.NaN }, 'bad-message'],
    ['a string', 'left', 'bad-message'],
    ['nothing', undefined, 'bad-message'],
    ['a field too many', { action: 1, cheat: true }, 'bad-message'],
  ])('with %s is refused', async (_what, payload, code) => {
    const ann = await Visitor.create(arena.url, { tickRate: 60 });
    await ann.sit();
    expect(await ann.refusal(Message.act, payload)).toMatchObject({ code, about: Message.act });
    await playsOn(ann);
  });

  test('of an unknown type is refused', async () => {
    const ann = await Visitor.create(arena.url, { tickRate: 60 });
    expect(await ann.refusal('teleport', { to: 'apple' })).toMatchObject({ code: 'bad-message' });
    await playsOn(ann);
  });

  test('a thousand a second are answered once, not read, and the room plays on', async () => {
    const ann = await Visitor.create(arena.url, { tickRate: 20 });
    const bob = await Visitor.enter(arena.url, ann.room.roomId);
    await bob.sit();
    for (let i = 0; i < 1000; i++) bob.act(i % 8);
    await bob.until(() => bob.refused.length > 0);
    expect(bob.refused[0]!.code).toBe('too-fast');
    await playsOn(ann);
    expect(bob.refused.length).toBeLessThan(5);
    expect(bob.left).toBeNull();
  });

  test('of 10 MB closes that connection only', async () => {
    const ann = await Visitor.create(arena.url, { tickRate: 20 });
    const bob = await Visitor.enter(arena.url, ann.room.roomId);
    await bob.sit();
    bob.room.send(Message.act, { action: 1, ballast: 'x'.repeat(10_000_000) });
    await expect(bob.until(() => false)).rejects.toThrow('the connection ended with 1009');
    await playsOn(ann);
    await ann.until(() => ann.seats.every((seat) => seat.kind === 'bot'));
  });

  test('that is not even MessagePack closes that connection only', async () => {
    const ann = await Visitor.create(arena.url, { tickRate: 20 });
    const bob = await Visitor.enter(arena.url, ann.room.roomId);
    bob.room.connection.send(Uint8Array.of(13, 1, 0xc1, 0xc1, 0xc1));
    await expect(bob.until(() => false)).rejects.toThrow('the connection ended');
    await playsOn(ann);
  });
});

describe('an HTTP request', () => {
  /** Sends a request line as it is, which `fetch` would tidy up. */
  function raw(path: string): Promise<string> {
    const { hostname, port } = new URL(arena.url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      let answer = '';
      socket.on('data', (chunk) => (answer += chunk));
      socket.on('end', () => resolve(answer));
      socket.on('error', reject);
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`);
    });
  }

  test.each([
    '/../package.json',
    '/%2e%2e/%2e%2e/package.json',
    '/..%2f..%2fpackage.json',
    '/assets/../../../package.json',
    '/%00',
  ])('for %s gets nothing from outside the client', async (path) => {
    const answer = await raw(path);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d/);
    expect(answer).not.toContain('commons-arena');
    expect(answer).not.toContain('node_modules');
  });

  test('with a body of 10 MB is refused before it is read', async () => {
    const answer = await fetch(`${arena.url}/matchmake/create/arena`, {
      method: 'POST',
      body: 'x'.repeat(10_000_000),
      headers: { 'Content-Type': 'application/json' },
    }).then(
      (response) => response.status,
      () => 'closed',
    );
    expect([413, 'closed']).toContain(answer);
    expect((await fetch(`${arena.url}/healthz`)).status).toBe(200);
  });

  test('with a body that is no JSON is refused', async () => {
    const response = await fetch(`${arena.url}/matchmake/create/arena`, {
      method: 'POST',
      body: '{"room": ',
      headers: { 'Content-Type': 'application/json' },
    });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.text()).not.toContain('at ');
  });
});
