/** What is measured between players, on real play of small policies. */
import { afterAll, describe, expect, it } from 'vitest';
import { deriveSeed, Random } from '../../shared/random.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { type Evaluation, evaluate, evaluateAndMeasure, type MeasureKind } from '../evaluate.ts';
import { ParameterLayout } from '../networks/parameters.ts';
import { actorOf, networksOf } from '../policies/actor.ts';
import { PolicyError } from '../policies/card.ts';
import { PROGRESS, temporaryFolder, untrained } from '../policies/fixture.ts';
import { openPolicy } from '../policies/load.ts';
import { advance, draw, type Policy } from '../policies/policy.ts';
import { snapshotOf } from '../policies/snapshot.ts';
import { policyFiles } from '../policies/write.ts';

const folder = temporaryFolder();
const opened: Policy[] = [];
afterAll(() => Promise.all(opened.map((policy) => policy.release())));

const SMALL = [
  'env.players=3',
  'env.windowAhead=3',
  'env.windowBehind=1',
  'env.windowLeft=2',
  'env.windowRight=2',
  'network.dense=[8]',
  'network.filters=2',
  'network.lstm=8',
];

async function policyOf(name: string, ...settings: string[]): Promise<Policy> {
  const { run, plan, theta } = await untrained(folder, name, ...settings);
  const policy = await openPolicy(policyFiles(snapshotOf(run, plan, PROGRESS, { theta })), name);
  opened.push(policy);
  return policy;
}

const plain = await policyOf('plain', ...SMALL);
const speaks = await policyOf('speaks', ...SMALL, 'intrinsic.influence-communication={vocabulary: 4}');
const hearsLeaders = await policyOf('hears-leaders', ...SMALL, 'env.leaders=[1]');
const models = await policyOf(
  'models',
  ...SMALL,
  'intrinsic.influence-moa={dense: [6], lstm: 5, visibleOnly: false}',
);

const STEPS = 12;
const gameOf = (policy: Policy): Evaluation => ({
  environment: 'harvest',
  options: { ...(policy.card.env.options as Evaluation['options']), episodeLength: STEPS },
  policies: [policy],
  episodes: 4,
  seed: 5,
});

describe('looking on', () => {
  const cases: [string, Policy, MeasureKind[]][] = [
    ['actions', plain, ['coordination']],
    ['symbols', speaks, ['communication', 'influence']],
    ['leaders', hearsLeaders, ['influence', 'coordination']],
    ['models', models, ['moa', 'influence', 'coordination']],
  ];

  it.each(cases)(
    'changes nothing of the episodes, and gives the same each time: %s',
    async (_, policy, kinds) => {
      const game = gameOf(policy);
      const first = await evaluateAndMeasure(game, kinds);
      expect(first.reports).toEqual(await evaluate(game));
      expect(await evaluateAndMeasure(game, kinds)).toEqual(first);
      expect((await evaluateAndMeasure({ ...game, seed: 6 }, kinds)).measured).not.toEqual(first.measured);
    },
  );
});

describe('coordination', () => {
  it('of actions is measured of scripted players too, with what it is by chance', async () => {
    const game = { environment: 'harvest', policies: ['random'], episodes: 4, seed: 1 };
    const { measured } = await evaluateAndMeasure({ ...game, options: { episodeLength: 100 } }, [
      'coordination',
    ]);
    const found = measured.coordination!;
    const value = found['communication/coordination/actionAction']!;
    const baseline = found['communication/coordination/actionAction/baseline']!;
    // Nobody looks at anybody: about (8 - 1)^2 / 2n nats by chance, of n = 4 * 99 steps.
    expect(baseline).toBeGreaterThan(0.04);
    expect(Math.abs(value - baseline)).toBeLessThan(0.02);
    expect(found['communication/coordination/actionAction/pValue']).toBeGreaterThan(0.001);
    expect(Object.keys(found).some((name) => name.includes('symbol'))).toBe(false);
    expect(measured).toMatchObject({ influence: [], predictions: null });
  });

  it('of symbols comes with speaker consistency, and at moments of high influence', async () => {
    const { measured } = await evaluateAndMeasure(gameOf(speaks), ['communication']);
    for (const name of ['speakerConsistency', 'coordination/symbolAction', 'coordination/actionAction']) {
      for (const part of ['', '/baseline', '/pValue', '/high', '/high/baseline', '/high/pValue']) {
        expect(measured.coordination![`communication/${name}${part}`]).toBeGreaterThan(0);
      }
    }
    expect(measured.influence.map(({ by }) => by)).toEqual(['heardSymbols']);
  });
});

describe('influence', () => {
  it('is of each pair where each hears the other, and their sum over listeners', async () => {
    const { measured } = await evaluateAndMeasure(gameOf(speaks), ['influence']);
    const [{ by, mean, pairs }] = measured.influence as [(typeof measured.influence)[number]];
    expect(by).toBe('heardSymbols');
    expect(pairs.map(({ from, to }) => `${from}${to}`)).toEqual(['01', '02', '10', '12', '20', '21']);
    const total = pairs.reduce((sum, { influence }) => sum + influence.value!, 0);
    expect(mean.value).toBeCloseTo(total / 3, 12);
    expect(mean.value).toBeGreaterThan(0);
    expect(mean.low).toBeLessThan(mean.value!);
    expect(mean.high).toBeGreaterThan(mean.value!);
  });

  it('is of who leads on who does not', async () => {
    const { measured } = await evaluateAndMeasure(gameOf(hearsLeaders), ['influence']);
    const [{ by, pairs }] = measured.influence as [(typeof measured.influence)[number]];
    expect(by).toBe('leadersActions');
    expect(pairs.map(({ from, to }) => `${from}${to}`)).toEqual(['10', '12']);
  });

  it('of a single episode has no interval', async () => {
    const { measured } = await evaluateAndMeasure({ ...gameOf(speaks), episodes: 1 }, ['influence']);
    expect(measured.influence[0]!.mean).toMatchObject({ low: null, high: null });
  });

  it('of who chooses evenly on who copies it is log 4', async () => {
    const policy = await copier();
    const game = { environment: 'copying', options: { delay: 0, leaders: [0] }, policies: [policy] };
    const { measured, reports } = await evaluateAndMeasure({ ...game, episodes: 3, seed: 1 }, ['influence']);
    for (const { returns } of reports) expect(returns[1]).toBe(100);
    const [{ pairs, mean }] = measured.influence as [(typeof measured.influence)[number]];
    expect(pairs.map(({ from, to }) => `${from}${to}`)).toEqual(['01']);
    expect(pairs[0]!.influence.value).toBeCloseTo(Math.log(4), 4);
    expect(mean).toEqual(pairs[0]!.influence);
  });
});

/** Copying's two players with weights put in by hand: one leads and chooses evenly, the other does as it is shown. */
async function copier(): Promise<Policy> {
  const units = 4;
  const settings = ['delay=0', 'leaders=[0]'].map((setting) => `env.${setting}`);
  const network = ['filters=0', 'dense=[2]', `lstm=${units}`, 'perPlayer=true'];
  const { run, plan } = await untrained(
    folder,
    'copier',
    'env.name=copying',
    ...settings,
    ...network.map((setting) => `network.${setting}`),
  );
  const layout = new ParameterLayout(actorOf(plan).learned, networksOf(plan));
  const theta = new Float32Array(layout.size);
  // Gates i, f, o, g: what comes in is let in and out at once, and nothing is kept.
  const bias = layout.view(theta, 'lstm/bias', 1);
  for (const [gate, open] of [20, -20, 20, 0].entries()) bias.fill(open, gate * units, (gate + 1) * units);
  // Behind 2 features stand 4 rows of oneself, then those of the leader: each goes to a unit of its own.
  const x = layout.view(theta, 'lstm/x', 1);
  for (let a = 0; a < 4; a++) x[(2 + 4 + a) * 4 * units + 3 * units + a] = 20;
  const kernel = layout.view(theta, 'policy/kernel', 1);
  for (let a = 0; a < 4; a++) kernel[a * 4 + a] = 30;
  const policy = await openPolicy(policyFiles(snapshotOf(run, plan, PROGRESS, { theta })), 'copier');
  opened.push(policy);
  return policy;
}

/** The same episodes once more, all by hand: what the models say of each step, and what follows. */
async function replayed() {
  const game = gameOf(models);
  const environments = Array.from({ length: 16 }, () => makeEnvironment('harvest', game.options!));
  const streams = environments.map((environment, g) => {
    const seed = deriveSeed(game.seed, g);
    environment.reset(seed);
    return [0, 1, 2].map((player) => new Random().seed(deriveSeed(seed, player)));
  });
  const call = models.call(48);
  const model = models.model(48);
  const size = call.observation.length / 48;
  const rewards = new Float32Array(3);
  const said: { predictions: Float32Array; influence: Float32Array; actions: Uint8Array }[] = [];
  for (let t = 0; t < STEPS; t++) {
    environments.forEach((environment, g) => {
      environment.observe('ids', call.observation as Uint8Array, g * 3 * size);
    });
    await call.run();
    const actions = Uint8Array.from({ length: 48 }, (_, row) =>
      draw(call, row, streams[Math.floor(row / 3)]![row % 3]!),
    );
    model.observation.set(call.observation);
    model.pi.set(call.probabilities);
    for (let row = 0; row < 48; row++) {
      const first = row - (row % 3);
      for (let slot = 0; slot < 3; slot++) {
        model.joint[row * 3 + slot] = actions[first + ((row + slot) % 3)]!;
      }
    }
    await model.run();
    said.push({
      predictions: model.predictions.slice(),
      influence: model.influence.slice(),
      actions: actions.slice(),
    });
    advance(call);
    advance(model);
    environments.forEach((environment, g) => {
      environment.step(actions.subarray(g * 3, (g + 1) * 3), rewards);
    });
  }
  return said;
}

describe('models of others', () => {
  it('are held against what is done next, but for the first and the last step: as played by hand', async () => {
    const said = await replayed();
    const { measured } = await evaluateAndMeasure(gameOf(models), ['moa']);
    const { pairs } = measured.predictions!;
    expect(pairs).toHaveLength(6);
    for (const { from, to, count, crossEntropy, hitRate, marginal, gain } of pairs) {
      const j = (to - from + 3) % 3 === 1 ? 0 : 1;
      let sum = 0;
      let hits = 0;
      const done = new Array<number>(8).fill(0);
      for (let episode = 0; episode < 4; episode++) {
        for (let t = 1; t < STEPS - 1; t++) {
          const at = ((episode * 3 + from) * 2 + j) * 8;
          const p = said[t]!.predictions.subarray(at, at + 8);
          const next = said[t + 1]!.actions[episode * 3 + to]!;
          sum -= Math.log(p[next]!);
          hits += p.indexOf(Math.max(...p)) === next ? 1 : 0;
          done[next]!++;
        }
      }
      expect(count).toBe(4 * (STEPS - 2));
      expect(crossEntropy.value).toBeCloseTo(sum / count, 6);
      expect(hitRate.value).toBeCloseTo(hits / count, 12);
      const entropy = done.reduce((total, x) => total - (x > 0 ? (x / count) * Math.log(x / count) : 0), 0);
      expect(marginal.value).toBeCloseTo(entropy, 12);
      expect(gain.value).toBeCloseTo(entropy - sum / count, 6);
    }
  });

  it('say how far the own action changes that: as played by hand', async () => {
    const said = await replayed();
    const { measured } = await evaluateAndMeasure(gameOf(models), ['moa']);
    const [{ by, divergence, pairs }] = measured.influence as [(typeof measured.influence)[number]];
    expect([by, divergence]).toEqual(['moa', 'kl']);
    for (const { from, to, influence } of pairs) {
      const j = (to - from + 3) % 3 === 1 ? 0 : 1;
      let sum = 0;
      for (let episode = 0; episode < 4; episode++) {
        for (let t = 1; t < STEPS - 1; t++) sum += said[t]!.influence[(episode * 3 + from) * 2 + j]!;
      }
      expect(influence.value).toBeCloseTo(sum / (4 * (STEPS - 2)), 6);
    }
  });

  it('that learned of those in sight are held to these', async () => {
    const inSight = await policyOf('in-sight', ...SMALL, 'intrinsic.influence-moa={dense: [6], lstm: 5}');
    const { measured } = await evaluateAndMeasure(gameOf(inSight), ['moa']);
    const counts = measured.predictions!.pairs.map(({ count }) => count);
    expect(Math.max(0, ...counts)).toBeLessThan(4 * (STEPS - 2));
    // Those out of sight count as not influenced, so there is a mean of all pairs.
    expect(measured.influence[0]!.pairs).toHaveLength(6);
  });
});

describe('what there is nothing to measure of is refused before any episode', () => {
  it.each<[string, readonly (string | Policy)[], MeasureKind, RegExp]>([
    ['no model', [plain], 'moa', /moa: none of plain has a model of other agents/],
    ['scripted players', ['greedy'], 'moa', /moa: none of greedy has a model of other agents/],
    ['nobody speaks', [plain], 'communication', /communication: plain, in seat 0, does not speak/],
    ['one does not speak', [speaks, 'greedy'], 'communication', /greedy, in seat 1, does not speak/],
    ['nobody hears', [plain], 'influence', /influence: none of plain hears what another/],
    ['nobody else speaks', [speaks, 'greedy', 'greedy'], 'influence', /none of speaks, greedy hears/],
  ])('%s', async (_, policies, kind, message) => {
    const asked = evaluateAndMeasure({ ...gameOf(plain), policies }, [kind]);
    await expect(asked).rejects.toThrow(PolicyError);
    await expect(asked).rejects.toThrow(message);
  });

  it('a game of one', async () => {
    const alone = { ...gameOf(plain), options: { ...gameOf(plain).options, players: 1 } };
    await expect(evaluateAndMeasure(alone, ['coordination'])).rejects.toThrow(
      /coordination: measured between players, and harvest here has one/,
    );
  });

  it('a model of other players than there are', async () => {
    const two = { ...gameOf(models), options: { ...gameOf(models).options, players: 2 } };
    await expect(evaluateAndMeasure(two, ['moa'])).rejects.toThrow(
      'moa: the model of models is of 3 players, here there are 2',
    );
  });

  it('two vocabularies', async () => {
    const other = await policyOf('other', ...SMALL, 'intrinsic.influence-communication={vocabulary: 5}');
    const mixed = { ...gameOf(speaks), policies: [speaks, other] };
    await expect(evaluateAndMeasure(mixed, ['communication'])).rejects.toThrow(
      /speaks has 4 symbols and other has 5/,
    );
  });
});
