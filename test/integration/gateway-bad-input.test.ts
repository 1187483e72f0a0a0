/** Whatever agents send: a coded answer to whoever sent it, and the arena goes on. */
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { startAgentArena } from './agent-arena.ts';
import { GatewayAgent } from './gateway-agent.ts';
import { frame, RawAgent } from './raw-agent.ts';

const arena = await startAgentArena({ agentStall: 1 });
const { url } = arena;
const witness = await GatewayAgent.connect(url, arena.tokenFor('train'));
const step = await witness.begin();

/** Another client's step still works. */
async function goesOn(): Promise<void> {
  expect(await witness.ask('step', step)).toBeInstanceOf(Uint8Array);
}

const trainer = () => GatewayAgent.connect(url, arena.tokenFor('train', 'play'));

async function connections(): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^arena_agent_connections (\d+)$/m.exec(text)![1]);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** Bytes that this process, the arena in it, holds on to. */
function held(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('a step', () => {
  test('of a wrong length is refused, with both lengths', async () => {
    const agent = await trainer();
    await agent.begin();
    expect(await agent.ask('step', new Uint8Array(8))).toMatchObject({
      error: { code: 'wrong-length', message: expect.stringMatching(/8 bytes, batch 0 takes 9/) },
    });
    expect(await agent.code('step', new Uint8Array(1))).toBe('wrong-length');
    expect(await agent.code('step', new Uint8Array(0))).toBe('wrong-length');
    await goesOn();
  });

  test('with an action out of range is refused, with environment, player, action and range', async () => {
    const agent = await trainer();
    const request = await agent.begin({ environments: 2 });
    request[4 + 5 + 3] = 200;
    expect(await agent.ask('step', request)).toMatchObject({
      error: {
        code: 'bad-action',
        message: expect.stringContaining('environment 1, player 3 has action 200, possible are 0 to 7'),
      },
    });
    await goesOn();
  });

  test('for environments never opened is refused', async () => {
    const agent = await trainer();
    expect(await agent.code('step', Uint8Array.of(9, 9, 0, 0, 1))).toBe('no-batch');
    for (const event of ['reset', 'save', 'close'])
      expect(await agent.code(event, { batch: 3 })).toBe('no-batch');
    await goesOn();
  });

  test('before a reset is refused', async () => {
    const agent = await trainer();
    await agent.ask('open', { environment: 'harvest' });
    expect(await agent.code('step', new Uint8Array(9))).toBe('not-reset');
    expect(await agent.code('save', { batch: 0 })).toBe('not-reset');
    await goesOn();
  });

  test('after an episode that does not start again by itself is refused', async () => {
    const agent = await trainer();
    const request = await agent.begin({ autoreset: false, options: { episodeLength: 1 } });
    await agent.ask('step', request);
    expect(await agent.code('step', request)).toBe('episode-over');
    await goesOn();
  });
});

describe('a message', () => {
  test.each([
    [
      'an unknown environment',
      'open',
      { environment: 'chess' },
      'bad-options',
      /"chess" is unknown.*harvest/,
    ],
    ['an unknown preset', 'open', { environment: 'harvest', preset: 'no' }, 'bad-options', /preset "no"/],
    [
      'an unknown option',
      'open',
      { environment: 'harvest', options: { gravity: 1 } },
      'bad-options',
      /gravity/,
    ],
    [
      'an unknown encoding',
      'open',
      { environment: 'harvest', encoding: 'png' },
      'bad-options',
      /png.*ids, rgb/,
    ],
    [
      'packed windows of eight players',
      'open',
      { environment: 'harvest', options: { players: 8 }, packing: 'nibbles' },
      'bad-options',
      /7 players, here are 8/,
    ],
    ['packed floats', 'open', { environment: 'cartpole', packing: 'nibbles' }, 'bad-options', /class ids/],
    ['0 environments', 'open', { environment: 'harvest', environments: 0 }, 'bad-message', /environments/],
    ['a billion environments', 'open', { environment: 'harvest', environments: 1e9 }, 'bad-message', /4096/],
    ['a field that is not there', 'open', { environment: 'harvest', colour: 1 }, 'bad-message', /colour/],
    ['bytes where text is due', 'open', { environment: new Uint8Array(4) }, 'bad-message', /environment/],
    ['bytes where an object is due', 'open', new Uint8Array(4), 'bad-message', /object/],
    ['text where an object is due', 'reset', 'now', 'bad-message', /object/],
    ['null', 'reset', null, 'bad-message', /object/],
    ['an object where bytes are due', 'step', { batch: 0 }, 'bad-message', /step takes bytes/],
    ['text where bytes are due', 'step', 'aaaa', 'bad-message', /step takes bytes/],
    ['an event that is not there', 'explode', {}, 'bad-message', /no event "explode", there are open/],
    ['an event that objects have', '__proto__', {}, 'bad-message', /no event "__proto__"/],
    ['a state that is none', 'load', { batch: 0, state: new Uint8Array(50) }, 'bad-snapshot', /this arena/],
    ['a state that is text', 'load', { batch: 0, state: 'abc' }, 'bad-message', /bytes that `save`/],
    ['more seeds than environments', 'reset', { batch: 0, seeds: [1, 2] }, 'bad-message', /2 seeds for 1/],
    ['text in place of a number', 'reset', { batch: 'a' }, 'bad-message', /batch: a number is wanted$/],
    ['a field left out', 'reset', {}, 'bad-message', /batch: a number is wanted, and there is none$/],
    [
      'seats that are none',
      'join',
      { room: 'x', seats: 'all' },
      'bad-message',
      /seats: a number .*, or a list/,
    ],
    ['a seed below 0', 'reset', { batch: 0, seeds: [-1] }, 'bad-message', /seeds/],
    ['an environment beyond', 'reset', { batch: 0, environments: [1] }, 'bad-message', /no environment 1/],
  ])('with %s is refused', async (_what, event, message, code, text) => {
    const agent = await trainer();
    await agent.begin();
    expect(await agent.ask(event, message)).toMatchObject({
      error: { code, message: expect.stringMatching(text) },
    });
    agent.socket.close();
    await goesOn();
  });

  test('of two objects, or of none, is told apart from one', async () => {
    const agent = await trainer();
    expect(await agent.code('rooms', {}, {})).toBe('bad-message');
    expect(await agent.code('rooms')).toBeNull();
    expect(await agent.code('open')).toBe('bad-message');
  });
});

describe('bytes that are no messages', () => {
  test.each([
    ['JSON that does not end', '42/agents,1["open",{'],
    ['an event without a name', '42/agents,1[]'],
    ['a packet of no kind', '49999'],
    ['an event for a namespace that nobody joined', '42/other,["open",{}]'],
    ['a second way in', '40/agents,{"token":"x"}'],
    ['more buffers than a packet may have', '45999-/agents,["step"]'],
    ['text where a buffer is due', '451-/agents,1["step",{"_placeholder":true,"num":0}]'],
  ])('%s: the connection ends, and no other', async (_what, text) => {
    const raw = await RawAgent.connect(url, arena.tokenFor('train'));
    raw.text(text);
    raw.text('42/agents,2["rooms",{}]');
    await raw.closed;
    await goesOn();
  });

  test('a buffer that no packet announced: the connection ends', async () => {
    const raw = await RawAgent.connect(url, arena.tokenFor('train'));
    raw.bytes(new Uint8Array(9));
    await raw.closed;
    await goesOn();
  });

  test('a message beyond the largest: the connection ends', async () => {
    const agent = await trainer();
    agent.socket.emit('step', new Uint8Array(5 << 20));
    await agent.gone;
    await goesOn();
  });

  test('a body beyond the largest, by polling, is refused', async () => {
    const response = await fetch(`${url}/socket.io/?EIO=4&transport=polling`);
    const { sid } = JSON.parse((await response.text()).slice(1));
    const posted = fetch(`${url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, {
      method: 'POST',
      body: '4'.repeat(5 << 20),
    });
    expect((await posted.catch(() => ({ status: 413 }))).status).toBe(413);
    await goesOn();
  });

  test('much before anybody has said who it is: the connection ends', async () => {
    const raw = await RawAgent.open(url);
    for (let k = 0; k < 40; k++)
      raw.text(`40/agents,${JSON.stringify({ protocol: 1, token: 'x'.repeat(900) })}`);
    await raw.closed;
    await goesOn();
  });
});

describe('a client', () => {
  test('that disappears in mid-step leaves nothing behind', async () => {
    const before = await connections();
    const raw = await RawAgent.connect(url, arena.tokenFor('train'));
    raw.event(1, 'open', { environment: 'harvest', environments: 16 });
    await raw.until('"batch":0');
    raw.event(2, 'reset', { batch: 0 });
    await raw.until('61-/agents,2');
    raw.announceStep(3);
    // The buffer's frame says 84 bytes, of which ten come.
    raw.socket.write(frame(0x82, new Uint8Array(84)).subarray(0, 10));
    raw.socket.destroy();
    await expect.poll(connections).toBe(before);
    await goesOn();
  });

  test('that disappears while it is let in is counted no more', async () => {
    const before = await connections();
    const token = arena.tokenFor('train');
    for (let k = 0; k < 20; k++) {
      const raw = await RawAgent.open(url);
      raw.socket.end(frame(0x81, Buffer.from(`40/agents,${JSON.stringify({ protocol: 1, token })}`)));
      raw.socket.destroySoon();
    }
    await expect.poll(connections).toBe(before);
    const agents = await Promise.all(Array.from({ length: 64 }, () => GatewayAgent.connect(url, token)));
    await expect(GatewayAgent.connect(url, token)).rejects.toMatchObject({ code: 'too-many-connections' });
    for (const agent of agents) agent.socket.close();
    await goesOn();
  });

  test('that is cut off in the moment it is let in is counted no more', async () => {
    const before = await connections();
    const token = arena.tokenFor('train');
    const hello = frame(0x81, Buffer.from(`40/agents,${JSON.stringify({ protocol: 1, token })}`));
    const flood = frame(0x81, Buffer.from(`4${'x'.repeat(20_000)}`));
    for (let k = 0; k < 5; k++) {
      const raw = await RawAgent.open(url);
      raw.socket.write(Buffer.concat([hello, flood]));
      await raw.closed;
    }
    await expect.poll(connections).toBe(before);
    await goesOn();
  });

  test('that asks to be let in once more is told why it is not', async () => {
    const token = arena.tokenFor('train');
    const hello = `40/agents,${JSON.stringify({ protocol: 1, token })}`;
    const before = await connections();
    const raw = await RawAgent.connect(url, token);
    raw.text(hello);
    await raw.until('["closing",{"code":"bad-message","message":"a connection is let into /agents once');
    await raw.closed;
    const hasty = await RawAgent.open(url);
    hasty.socket.write(Buffer.concat([frame(0x81, Buffer.from(hello)), frame(0x81, Buffer.from(hello))]));
    await hasty.until('44/agents,{"message":"a connection is let into /agents once');
    expect(await connections()).toBeLessThanOrEqual(before + 1);
    hasty.socket.destroy();
    await goesOn();
  });

  test('that polls, posts steps and never fetches an answer is cut off, and memory stays bounded', async () => {
    const before = held();
    const polling = `${url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(polling)).text()).slice(1));
    const post = async (...packets: string[]) =>
      (await fetch(`${polling}&sid=${sid}`, { method: 'POST', body: packets.join('\u001e') })).status;
    const token = arena.tokenFor('train');
    await post(`40/agents,${JSON.stringify({ protocol: 1, token })}`);
    await post('42/agents,1["open",{"environment":"harvest","environments":64}]');
    await post('42/agents,2["reset",{"batch":0}]');
    const step = [
      '451-/agents,3["step",{"_placeholder":true,"num":0}]',
      `b${Buffer.alloc(324).toString('base64')}`,
    ];
    const steps = Array.from({ length: 50 }, () => step).flat();
    let most = 0;
    for (let posts = 0; (await post(...steps)) === 200; posts++)
      if (posts % 20 === 0) most = Math.max(most, held());
    // 74 KB each, 50 in a post.
    expect(Math.max(most, held()) - before).toBeLessThan(64 << 20);
    await goesOn();
  });

  test('that disappears while its answer is due leaves nothing behind', async () => {
    const before = await connections();
    const agent = await trainer();
    const request = await agent.begin({ environments: 64 });
    for (let k = 0; k < 50; k++) agent.socket.emit('step', request, () => {});
    agent.socket.io.engine.close();
    await expect.poll(connections).toBe(before);
    await goesOn();
  });

  test('that opens 10,000 times a second is told that it is too fast, and then cut off', async () => {
    const agent = await trainer();
    const before = held();
    const codes = new Set<string>();
    for (let k = 0; k < 10_000; k++) {
      agent.socket.emit('open', { environment: 'harvest' }, (answer: { error?: { code: string } }) =>
        codes.add(answer.error?.code ?? 'opened'),
      );
    }
    expect(await agent.closing).toMatchObject({ code: 'too-fast' });
    await agent.gone;
    expect([...codes].sort()).toEqual(['opened', 'too-fast']);
    await goesOn();
    expect(held() - before).toBeLessThan(64 << 20);
  });

  test('that never reads is cut off, and memory stays bounded meanwhile', async () => {
    const raw = await RawAgent.connect(url, arena.tokenFor('train'));
    raw.event(1, 'open', { environment: 'harvest', environments: 64 });
    await raw.until('"batch":0');
    raw.event(2, 'reset', { batch: 0 });
    await raw.until('61-/agents,2');
    const open = await connections();
    const before = held();
    let most = 0;
    raw.socket.pause();
    const request = Buffer.concat([
      frame(0x81, Buffer.from('451-/agents,3["step",{"_placeholder":true,"num":0}]')),
      frame(0x82, new Uint8Array(4 + 64 * 5)),
    ]);
    let sent = 0;
    while (!raw.socket.destroyed && sent < 100_000) {
      const full = !raw.socket.write(request);
      sent++;
      if (sent % 500 === 0) most = Math.max(most, held());
      if (full) await Promise.race([once(raw.socket, 'drain').catch(() => {}), raw.closed]);
    }
    await raw.closed;
    // 74 KB each: answered in full, and kept, they would be gigabytes.
    expect(sent).toBeLessThan(100_000);
    expect(Math.max(most, held()) - before).toBeLessThan(64 << 20);
    await expect.poll(connections).toBe(open - 1);
    await goesOn();
  });
});
