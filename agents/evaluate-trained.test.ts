/** Trained policies at the table, with weights that nobody trained: who acts, by what, and what does not depend on what. */
import { afterAll, describe, expect, it } from 'vitest';
import { deriveSeed, Random } from '../shared/random.ts';
import { makeEnvironment } from '../shared/registry.ts';
import { evaluate, SIGHTS } from './evaluate.ts';
import { PROGRESS, temporaryFolder, untrained } from './policies/fixture.ts';
import { openPolicy } from './policies/load.ts';
import { advance, draw, type Policy } from './policies/policy.ts';
import { snapshotOf } from './policies/snapshot.ts';
import { policyFiles } from './policies/write.ts';

const folder = temporaryFolder();
const opened: Policy[] = [];
afterAll(() => Promise.all(opened.map((policy) => policy.release())));

async function policyOf(name: string, ...settings: string[]): Promise<Policy> {
  const { run, plan, theta } = await untrained(folder, name, ...settings);
  const policy = await openPolicy(policyFiles(snapshotOf(run, plan, PROGRESS, { theta })), name);
  opened.push(policy);
  return policy;
}

const small = ['network.dense=[8]', 'network.filters=2', 'network.lstm=8'];
const shared = await policyOf('shared', ...small);
const own = await policyOf('own', ...small, 'network.perPlayer=true');
const SHORT = { environment: 'harvest', options: { episodeLength: 30 }, episodes: 3, seed: 5 };

describe('trained policies', () => {
  it('play the same episodes for the same seed', async () => {
    const game = { ...SHORT, policies: [shared] };
    expect(await evaluate(game)).toEqual(await evaluate(game));
    expect(await evaluate(game)).not.toEqual(await evaluate({ ...game, seed: 6 }));
  });

  it('play an episode alike however many there are', async () => {
    const many = await evaluate({ ...SHORT, policies: [shared], episodes: 40 });
    expect(await evaluate({ ...SHORT, policies: [shared], episodes: 2 })).toEqual(many.slice(0, 2));
    expect(many).toHaveLength(40);
    expect(new Set(many.map(({ seed }) => seed)).size).toBe(40);
  });

  it('sit beside scripted ones, each with a stream of its own', async () => {
    const reports = await evaluate({ ...SHORT, policies: [shared, 'greedy', own] });
    for (const { returns } of reports) expect(returns).toHaveLength(5);
    expect(reports).not.toEqual(await evaluate({ ...SHORT, policies: ['greedy', 'greedy', own] }));
  });

  it('leave scripted ones as they are where nobody meets', async () => {
    // A lone player's episode depends on nothing but the seed.
    const alone = { ...SHORT, options: { players: 1, episodeLength: 30 }, policies: ['greedy'] };
    const [expected] = await evaluate(alone);
    expect((await evaluate({ ...alone, episodes: 20 }))[0]).toEqual(expected);
  });

  it('play control tasks', async () => {
    const cartpole = await policyOf('cartpole', 'env.name=cartpole', 'network.lstm=0');
    const reports = await evaluate({ environment: 'cartpole', policies: [cartpole], episodes: 20, seed: 1 });
    // A reward of 1 for each step, and lengths that differ.
    for (const { outcome } of reports) expect(outcome.collectiveReturn).toBe(outcome.steps);
    expect(new Set(reports.map(({ outcome }) => outcome.steps)).size).toBeGreaterThan(3);
  });

  it('take their most likely action if asked: streams no longer matter', async () => {
    const game = { ...SHORT, policies: [shared], greedy: true };
    expect(await evaluate(game)).not.toEqual(await evaluate({ ...game, greedy: false }));
  });

  it('see what they are shown', async () => {
    const seen = await Promise.all(
      (['own', 'blank', 'swapped'] as const).map((sight) =>
        evaluate({ ...SHORT, policies: [shared], sight }),
      ),
    );
    expect(seen[1]).not.toEqual(seen[0]);
    expect(seen[2]).not.toEqual(seen[0]);
    expect(seen[2]).not.toEqual(seen[1]);
  });

  it('are refused elsewhere', async () => {
    await expect(evaluate({ ...SHORT, environment: 'cleanup', policies: [shared] })).rejects.toThrow(
      'policy shared is for environment harvest, here it is cleanup',
    );
  });
});

describe('sights', () => {
  it('are for trained policies', async () => {
    await expect(evaluate({ ...SHORT, policies: ['greedy'], sight: 'blank' })).rejects.toThrow(
      'sight: blank is for trained policies, of which there is none',
    );
  });

  it.each(SIGHTS)('%s: as played by hand', async (sight) => {
    const options = { players: 2, episodeLength: 40 };
    const games = Array.from({ length: 16 }, () => makeEnvironment('harvest', options));
    const call = shared.call(32);
    const streams = games.map((game, g) => {
      const seed = deriveSeed(SHORT.seed, g);
      game.reset(seed);
      return [0, 1].map((player) => new Random().seed(deriveSeed(seed, player)));
    });
    const windows = games.map(() => new Uint8Array(2 * 225));
    const rewards = new Float32Array(2);
    const returns = games.map(() => [0, 0]);
    for (let t = 0; t < 40; t++) {
      games.forEach((game, g) => {
        game.observe('ids', windows[g]!);
      });
      for (let g = 0; g < 16; g++) {
        const shown = { own: windows[g]!, blank: new Uint8Array(450), swapped: windows[(g + 1) % 16]! }[
          sight
        ];
        call.observation.set(shown, g * 450);
      }
      await call.run();
      games.forEach((game, g) => {
        game.step(
          Uint8Array.from([0, 1], (k) => draw(call, 2 * g + k, streams[g]![k]!)),
          rewards,
        );
        for (const k of [0, 1]) returns[g]![k]! += rewards[k]!;
      });
      advance(call);
    }
    const reports = await evaluate({ ...SHORT, options, policies: [shared], episodes: 16, sight });
    expect(reports.map((report) => Array.from(report.returns))).toEqual(returns);
    // Somebody earned something, or nothing was compared.
    expect(returns.flat().some((value) => value !== 0)).toBe(true);
  });
});
