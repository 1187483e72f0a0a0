/** The agents' client against a real arena: connections, and environments that are stepped over them. */
import { describe, expect, it } from 'vitest';
import { ArenaError, connectArena, connectTrainer } from '../../agents/client/index.ts';
import { elementsOf } from '../../shared/environment.ts';
import { SocialMetrics } from '../../shared/metrics.ts';
import { Random } from '../../shared/random.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { startAgentArena, wireTo } from './agent-arena.ts';

const arena = await startAgentArena();
const { url, token } = arena;

/** The code that a call is refused with, and what it says. */
async function refusal(call: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ArenaError);
  const { code, message } = error as ArenaError;
  return { code, message };
}

describe('a connection', () => {
  it('is refused without a token of the arena', async () => {
    expect(await refusal(connectArena({ url, token: 'arena_0' }))).toMatchObject({ code: 'bad-token' });
  });

  it('says so where no arena is', async () => {
    const { code, message } = await refusal(connectArena({ url: 'http://127.0.0.1:1', token }));
    expect(code).toBe('unreachable');
    expect(message).toMatch(/no arena lets agents in at http:\/\/127\.0\.0\.1:1\/: .*ECONNREFUSED/);
  });

  it.each(['the arena', 'ftp://127.0.0.1', '/rooms'])('is not made to %j', async (address) => {
    const { code, message } = await refusal(connectTrainer({ url: address, token, environment: 'harvest' }));
    expect(code).toBe('bad-address');
    expect(message).toContain('http://127.0.0.1:2567');
  });

  it('is made by the address of any page of the arena', async () => {
    const connection = await connectArena({ url: `${url}/#/room/k3f9?key=x`, token });
    expect(connection.url).toBe(`${url}/`);
    connection.close();
  });

  it('carries several batches side by side', async () => {
    const connection = await connectArena({ url, token });
    const [harvest, cleanup] = await Promise.all([
      connection.trainer({ environment: 'harvest' }),
      connection.trainer({ environment: 'cleanup', environments: 3, options: { players: 2 } }),
    ]);
    await Promise.all([harvest.reset(), cleanup.reset()]);
    await Promise.all([harvest.step(new Uint8Array(5)), cleanup.step(new Uint8Array(6))]);
    expect([harvest.game.environment, harvest.rewards.length]).toEqual(['harvest', 5]);
    expect([cleanup.game.environment, cleanup.rewards.length]).toEqual(['cleanup', 6]);
    connection.close();
  });

  it('that is closed refuses what is asked of it then', async () => {
    const connection = await connectArena({ url, token });
    connection.close();
    expect(await refusal(connection.rooms())).toMatchObject({ code: 'closed' });
  });

  it('that is closed ends calls under way', async () => {
    const connection = await connectArena({ url, token });
    const trainer = await connection.trainer({ environment: 'harvest' });
    const reset = trainer.reset();
    connection.close();
    expect(await refusal(reset)).toMatchObject({ code: 'closed' });
  });

  it('tells the rooms there are', async () => {
    const room = await arena.createRoom({ title: 'Pasture', bots: ['random'] });
    const connection = await connectArena({ url, token });
    const rooms = await connection.rooms();
    expect(rooms.find(({ roomId }) => roomId === room)).toMatchObject({ title: 'Pasture', players: 5 });
    connection.close();
  });
});

describe('a trainer', () => {
  it.each([
    ['ids', 'plain'],
    ['ids', 'nibbles'],
    ['rgb', 'plain'],
  ] as const)('sees what the rules give, %s %s', async (encoding, packing) => {
    const trainer = await connectTrainer({
      url,
      token,
      environment: 'cleanup',
      environments: 2,
      options: { players: 3 },
      encoding,
      packing,
      visible: true,
    });
    const seeds = [7, 8];
    await trainer.reset(seeds);
    const games = seeds.map((seed) => {
      const game = makeEnvironment('cleanup', { players: 3 });
      game.reset(seed);
      return game;
    });
    const size = 3 * elementsOf(games[0]!.observationSpecs[encoding]!);
    const observations = new Uint8Array(2 * size);
    const visible = new Uint8Array(2 * 9);
    const rewards = new Float32Array(2 * 3);
    const random = new Random().seed(1);
    for (let t = 0; t < 50; t++) {
      games.forEach((game, e) => {
        game.observe(encoding, observations, e * size);
        game.observeVisible(visible, e * 9);
      });
      expect(trainer.observations).toEqual(observations);
      expect(trainer.visible).toEqual(visible);
      expect(trainer.rewards).toEqual(rewards);
      const actions = Uint8Array.from({ length: 6 }, () => random.below(9));
      for (const [e, game] of games.entries()) game.step(actions, rewards, 3 * e, 3 * e);
      await trainer.step(actions);
    }
    await trainer.close();
  });

  it('is told of episodes that end: which, what came of them, the last observations', async () => {
    const options = { players: 2, episodeLength: 4 };
    const trainer = await connectTrainer({ url, token, environment: 'harvest', environments: 2, options });
    await trainer.reset([1, 2]);
    const game = makeEnvironment('harvest', options);
    const metrics = new SocialMetrics(2);
    game.reset(2);
    for (let t = 0; t < 4; t++) {
      expect(trainer.ended).toEqual([]);
      const actions = Uint8Array.of(1, 2, 3, 4);
      game.step(actions, new Float32Array(2), 2);
      metrics.record(game);
      await trainer.step(actions);
    }
    const last = new Uint8Array(2 * 225);
    game.observe('ids', last);
    expect([...trainer.done]).toEqual([1, 1]);
    expect([...trainer.terminated]).toEqual([0, 0, 0, 0]);
    expect(trainer.ended.map(({ environment }) => environment)).toEqual([0, 1]);
    expect(trainer.ended[1]!.counts).toEqual(metrics.counts);
    expect(trainer.ended[1]!.observations).toEqual(last);
    expect(trainer.observations.subarray(2 * 225)).not.toEqual(last);
    await trainer.step(new Uint8Array(4));
    expect(trainer.ended).toEqual([]);
    await trainer.close();
  });

  it('takes observations of float32 as they are', async () => {
    const trainer = await connectTrainer({ url, token, environment: 'cartpole', environments: 3 });
    await trainer.reset([1, 2, 3]);
    const expected = new Float32Array(3 * 4);
    [1, 2, 3].forEach((seed, e) => {
      const game = makeEnvironment('cartpole', {});
      game.reset(seed);
      game.observe(trainer.game.encoding, expected, 4 * e);
    });
    expect(trainer.observations).toEqual(expected);
    await trainer.close();
  });

  it('resets those environments that are named', async () => {
    const trainer = await connectTrainer({ url, token, environment: 'harvest', environments: 2 });
    await trainer.reset([1, 2]);
    const first = trainer.observations.slice();
    for (let t = 0; t < 10; t++) await trainer.step(new Uint8Array(10).fill(1));
    const [stepped] = halves(trainer.observations);
    await trainer.reset([2], [1]);
    expect(halves(trainer.observations)).toEqual([stepped, halves(first)[1]]);
    await trainer.close();
  });

  it.each([true, false])('runs a policy from episode to episode (autoreset %s)', async (autoreset) => {
    const options = { players: 1, episodeLength: 3 };
    const trainer = await connectTrainer({ url, token, environment: 'harvest', options, autoreset });
    const ends: number[] = [];
    let steps = 0;
    for await (const { done, ended } of trainer.run(() => [0])) {
      steps++;
      if (done[0] === 1) ends.push(steps);
      expect(ended).toHaveLength(done[0]!);
      if (steps === 7) break;
    }
    expect(ends).toEqual([3, 6]);
    await trainer.close();
  });

  it('refuses what cannot be a state before it is sent, and goes on', async () => {
    const trainer = await connectTrainer({ url, token, environment: 'harvest' });
    await trainer.reset();
    // The arena would end the connection over so large a message.
    expect(await refusal(trainer.load(new Uint8Array(5 << 20)))).toMatchObject({ code: 'bad-snapshot' });
    expect((await trainer.step(new Uint8Array(5))).rewards).toHaveLength(5);
    await trainer.close();
  });

  it('goes on from what it saved, in another batch too', async () => {
    const open = { url, token, environment: 'harvest', environments: 2 };
    const trainer = await connectTrainer(open);
    const other = await connectTrainer(open);
    await trainer.reset([1, 2]);
    const state = await trainer.save();
    await trainer.step(new Uint8Array(10).fill(1));
    await other.load(state);
    await other.step(new Uint8Array(10).fill(1));
    expect(other.observations).toEqual(trainer.observations);
    await Promise.all([trainer.close(), other.close()]);
  });

  it.each([
    ['no environment of that name', { environment: 'pasture' }, 'pasture'],
    ['no preset of that name', { environment: 'harvest', preset: 'none' }, 'preset'],
    ['an option of nothing', { environment: 'harvest', options: { cows: 3 } }, 'cows'],
  ])('is not opened for %s', async (_, open, word) => {
    const { message } = await refusal(connectTrainer({ url, token, ...open }));
    expect(message).toContain(word);
  });

  it('is not opened with a token that is for playing', async () => {
    const open = connectTrainer({ url, token: arena.tokenFor('play'), environment: 'harvest' });
    expect(await refusal(open)).toMatchObject({ code: 'missing-scope' });
  });

  it('hears which action of which player is none, and goes on', async () => {
    const trainer = await connectTrainer({ url, token, environment: 'harvest' });
    await trainer.reset();
    expect(await refusal(trainer.step([0, 0, 99, 0, 0]))).toMatchObject({ code: 'bad-action' });
    expect((await trainer.step(new Uint8Array(5))).done[0]).toBe(0);
    await trainer.close();
  });

  it.each([-1, 256, 0.5, Number.NaN])('sends no other action in the place of %d', async (action) => {
    const trainer = await connectTrainer({ url, token, environment: 'harvest' });
    await trainer.reset();
    const { code, message } = await refusal(trainer.step([0, 0, 0, action, 0]));
    expect([code, message]).toEqual([
      'bad-action',
      `action ${action} of player 3 of environment 0 is none: they are 0 to 7`,
    ]);
    await trainer.close();
  });

  it('takes as many actions as there are players', async () => {
    const trainer = await connectTrainer({ url, token, environment: 'harvest' });
    const { code, message } = await refusal(trainer.step([0, 0]));
    expect([code, message]).toEqual(['wrong-length', 'a step takes 5 actions for 1 environments, not 2']);
    await trainer.close();
  });

  it('takes one call at a time', async () => {
    const trainer = await connectTrainer({ url, token, environment: 'harvest' });
    const reset = trainer.reset();
    expect(await refusal(trainer.step(new Uint8Array(5)))).toMatchObject({ code: 'busy' });
    await reset;
    await trainer.close();
  });

  it('has lost its environments with its connection, and opens them anew by a reset', async () => {
    const wire = await wireTo(url);
    const trainer = await connectTrainer({ url: wire.url, token, environment: 'harvest' });
    await trainer.reset([5]);
    const first = trainer.observations.slice();
    const step = trainer.step(new Uint8Array(5));
    wire.cut();
    expect(await refusal(step)).toMatchObject({ code: 'disconnected' });
    expect(await refusal(trainer.step(new Uint8Array(5)))).toMatchObject({ code: 'disconnected' });
    await trainer.reset([5]);
    expect(trainer.observations).toEqual(first);
    await trainer.step(new Uint8Array(5));
    await trainer.close();
  });

  it('goes on from what it saved after its connection was lost', async () => {
    const wire = await wireTo(url);
    const trainer = await connectTrainer({ url: wire.url, token, environment: 'harvest' });
    await trainer.reset([5]);
    const state = await trainer.save();
    await trainer.step(new Uint8Array(5).fill(1));
    const next = trainer.observations.slice();
    const step = trainer.step(new Uint8Array(5));
    wire.cut();
    await refusal(step);
    await trainer.load(state);
    await trainer.step(new Uint8Array(5).fill(1));
    expect(trainer.observations).toEqual(next);
    await trainer.close();
  });

  it('gives up when the connection does not come back', async () => {
    const wire = await wireTo(url);
    const trainer = await connectTrainer({ url: wire.url, token, environment: 'harvest', patience: 0.3 });
    wire.block(true);
    await refusal(trainer.reset());
    const { code, message } = await refusal(trainer.reset());
    expect([code, message]).toEqual([
      'disconnected',
      `the connection to the arena at ${wire.url}/ was lost and did not come back within 0.3 s`,
    ]);
  });
});

const halves = (array: Uint8Array | Float32Array) => [
  array.slice(0, array.length / 2),
  array.slice(array.length / 2),
];
