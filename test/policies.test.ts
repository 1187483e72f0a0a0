/** Whether the scripted policies are what they claim to be, over 20 episodes each: they are what learners are measured by. */
import { describe, expect, it } from 'vitest';
import { type EpisodeReport, evaluate } from '../agents/evaluate.ts';
import { summarize } from '../agents/statistics.ts';
import type { OptionsInput } from '../shared/definition.ts';
import { policyContext } from '../shared/policies/context.ts';
import { POLICIES, POLICY_NAMES, policyOf } from '../shared/policies/index.ts';
import { Random } from '../shared/random.ts';
import { DILEMMAS, makeEnvironment } from '../shared/registry.ts';

const EPISODES = 20;
/** Beams that cost nobody anything: a collective return is then what was eaten. */
const NO_FINES: OptionsInput = { fineCost: 0, finePenalty: 0 };

const played = new Map<string, Promise<EpisodeReport[]>>();

/** Many claims are about the same games: each is played once. */
function play(environment: string, policies: string, options: OptionsInput = {}): Promise<EpisodeReport[]> {
  const key = JSON.stringify([environment, policies, options]);
  let reports = played.get(key);
  if (reports === undefined) {
    reports = evaluate({ environment, policies: policies.split(','), options, episodes: EPISODES, seed: 1 });
    played.set(key, reports);
  }
  return reports;
}

const collective = (reports: EpisodeReport[]) =>
  summarize(reports.map(({ outcome }) => outcome.collectiveReturn));

describe('in Harvest', () => {
  it('five greedy players ruin the commons', async () => {
    const reports = await play('harvest', 'greedy');
    const { low, high } = collective(reports);
    expect(low).toBeGreaterThan(160);
    expect(high).toBeLessThan(176);
    expect(summarize(reports.map(({ outcome }) => outcome.sustainability)).high).toBeLessThan(50);
  });

  it('five sustainable players keep it to the end, and share it', async () => {
    const reports = await play('harvest', 'sustainable');
    const { low, high } = collective(reports);
    expect(low).toBeGreaterThan(1830);
    expect(high).toBeLessThan(1890);
    // Apples are eaten as steadily as if one came each step: their mean time is the middle of the episode.
    const times = summarize(reports.map(({ outcome }) => outcome.sustainability));
    expect(times.low).toBeGreaterThan(485);
    expect(times.high).toBeLessThan(505);
    expect(summarize(reports.map(({ outcome }) => outcome.equality)).low).toBeGreaterThan(0.95);
  });

  it('five random players end between the two', async () => {
    const { low, high } = collective(await play('harvest', 'random', NO_FINES));
    expect(low).toBeGreaterThan(200);
    expect(high).toBeLessThan(400);
  });

  it('one greedy player among sustainable ones ruins it for all, and still has more than any other', async () => {
    const reports = await play('harvest', 'greedy,sustainable,sustainable,sustainable,sustainable');
    expect(collective(reports).high).toBeLessThan(600);
    for (const { returns } of reports) expect(returns[0]).toBe(Math.max(...returns));
  });

  it('a cleaner, which has nothing to clean, does as a greedy player does', async () => {
    const game = { environment: 'harvest', episodes: 2, seed: 3 };
    expect(await evaluate({ ...game, policies: ['cleaner'] })).toEqual(
      await evaluate({ ...game, policies: ['greedy'] }),
    );
  });

  it('an adversary fines the others, who fine nobody', async () => {
    const reports = await play('harvest', 'adversary,sustainable,sustainable,sustainable,sustainable');
    expect(summarize(reports.map(({ outcome }) => outcome.finesPerPlayerStep)).low).toBeGreaterThan(0.02);
    expect(summarize(reports.map(({ outcome }) => outcome.hitsPerPlayerStep)).low).toBeGreaterThan(0.02);
    for (const player of [1, 2, 3, 4]) {
      expect(summarize(reports.map(({ returns }) => returns[player]!)).high).toBeLessThan(0);
    }
    expect(collective(await play('harvest', 'sustainable', NO_FINES))).toEqual(
      collective(await play('harvest', 'sustainable')),
    );
  });
});

describe('in Cleanup', () => {
  it('nothing grows where nobody cleans', async () => {
    for (const { outcome } of await play('cleanup', 'greedy')) expect(outcome.collectiveReturn).toBe(0);
    for (const policy of ['sustainable', 'adversary']) {
      const game = { environment: 'cleanup', policies: [policy], options: NO_FINES, episodes: 2, seed: 4 };
      for (const { outcome } of await evaluate(game)) expect(outcome.collectiveReturn).toBe(0);
    }
  });

  it('two cleaners feed three greedy players', async () => {
    const reports = await play('cleanup', 'cleaner,cleaner,greedy,greedy,greedy');
    const { low, high } = collective(reports);
    expect(low).toBeGreaterThan(2150);
    expect(high).toBeLessThan(2260);
    // Those who clean have little of it: that is the dilemma.
    for (const { returns } of reports) {
      expect(Math.max(returns[0]!, returns[1]!)).toBeLessThan(
        Math.min(returns[2]!, returns[3]!, returns[4]!),
      );
    }
  });

  it('one cleaner cannot keep up with the waste', async () => {
    expect(collective(await play('cleanup', 'cleaner,greedy,greedy,greedy,greedy')).high).toBeLessThan(800);
  });

  it('cleaners among themselves keep it clean, and harvest', async () => {
    expect(collective(await play('cleanup', 'cleaner')).low).toBeGreaterThan(1800);
  });

  it('a sustainable player, which has nothing to sustain, does as a greedy player does', async () => {
    const game = { environment: 'cleanup', episodes: 2, seed: 3 };
    const mixed = (policy: string) => evaluate({ ...game, policies: ['cleaner', policy] });
    expect(await mixed('sustainable')).toEqual(await mixed('greedy'));
  });
});

describe.each(POLICY_NAMES)('%s', (name) => {
  it.each(DILEMMAS.map((definition) => definition.name))(
    'acts on nothing but its own windows: %s',
    (game) => {
      // One plays among others, step by step; its windows are then shown to another that plays alone, twice.
      const environment = makeEnvironment(game, { episodeLength: 300 });
      const { players } = environment;
      const size = 15 * 15;
      const seats = Array.from({ length: players }, (_, i) =>
        (i === 2 ? policyOf(name) : POLICIES[i % POLICIES.length]!).create(policyContext(environment, i)),
      );
      seats.forEach((seat, i) => {
        seat.reset(new Random().seed(i));
      });
      environment.reset(7);
      const windows = new Uint8Array(players * size);
      const actions = new Uint8Array(players);
      const seen: Uint8Array[] = [];
      const done: number[] = [];
      while (!environment.done) {
        environment.observe('ids', windows);
        for (let i = 0; i < players; i++) actions[i] = seats[i]!.act(windows, i * size);
        seen.push(windows.slice(2 * size, 3 * size));
        done.push(actions[2]!);
        environment.step(actions, new Float32Array(players));
      }
      const alone = policyOf(name).create(policyContext(environment, 2));
      for (let repeat = 0; repeat < 2; repeat++) {
        alone.reset(new Random().seed(2));
        expect(seen.map((window) => alone.act(window, 0))).toEqual(done);
      }
    },
  );

  it.each([
    [9, 1, 5],
    [4, 0, 2],
    [2, 2, 2],
    [0, 0, 0],
  ])('plays with a window of %i cells ahead, %i behind and %i to each side', async (ahead, behind, side) => {
    const options = {
      windowAhead: ahead,
      windowBehind: behind,
      windowLeft: side,
      windowRight: side,
      ...NO_FINES,
    };
    const [report] = await evaluate({
      environment: 'harvest',
      options,
      policies: [name],
      episodes: 1,
      seed: 2,
    });
    expect(report!.outcome.collectiveReturn).toBeGreaterThan(100);
  });
});
