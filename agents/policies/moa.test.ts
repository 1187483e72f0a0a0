/** The model of others as a file, against what the learner computed with it, and what the card says of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { elementsOf } from '../../shared/environment.ts';
import { Random } from '../../shared/random.ts';
import { type Segment, type Watched, watchedRun } from '../intrinsic/fixture.ts';
import { readPlan } from '../training/config.ts';
import { decodeSafetensors } from '../training/safetensors.ts';
import { CARD_FILE, formatCard, parseCard } from './card.ts';
import { PROGRESS, temporaryFolder, type Untrained, untrained } from './fixture.ts';
import { layersModel } from './layers-model.ts';
import { loadPolicy, openPolicy } from './load.ts';
import { moaOf } from './moa.ts';
import { advance, forget, type ModelCall } from './policy.ts';
import { publish } from './publish.ts';
import { snapshotOf } from './snapshot.ts';
import { exportRun, policyFiles } from './write.ts';
import { ZOO } from './zoo.ts';

const folder = temporaryFolder();
const [T, L, E, N] = [8, 4, 2, 3];
const J = N - 1;
const COLUMNS = E * N;
const UNITS = 4;

/** Episodes of 10 steps in segments of 8: they end and start within sequences and between them. */
const HARVEST = `
env: {name: harvest, players: ${N}, episodeLength: 10, windowAhead: 3, windowBehind: 1, windowLeft: 2, windowRight: 2}
environments: ${E}
shards: 1
steps: 100000
algo: {name: ppo, segment: ${T}, sequence: ${L}, minibatches: 1, learningRate: 0}
network: {filters: 2, dense: [4], lstm: 4, activation: tanh}
intrinsic: {influence-moa: {dense: [5, 3], lstm: ${UNITS}, visibleOnly: false}}
`;

/** Called for each step of a player in both games, after the file has computed it. */
type Visit = (segment: number, t: number, player: number, call: ModelCall) => void;

interface Replay {
  readonly watched: Watched;
  readonly measured: readonly Readonly<Record<string, number>>[];
  /** Walks the file along what the learner played. */
  along(before: Visit, after: Visit): Promise<void>;
}

async function replay(name: string, settings: readonly string[]): Promise<Replay> {
  const watched = await watchedRun(HARVEST, settings);
  const { theta } = watched.learner;
  // Weights far from those a run begins with, so that predictions differ and policies are far from even.
  const random = new Random().seed(3);
  for (let i = 0; i < theta.length; i++) theta[i] = 1.6 * (random.uniform() - 0.5);
  const measured = await watched.iterate(3);
  const { run } = await untrained(folder, name);
  const files = policyFiles(snapshotOf(run, watched.plan, PROGRESS, { theta }));
  const size = elementsOf(watched.plan.task.observation);
  const { actions } = watched.plan.task;
  return {
    watched,
    measured,
    async along(before, after) {
      const policy = await openPolicy(files, name);
      const calls = Array.from({ length: N }, (_, player) => policy.model(E, player));
      for (const [k, [segment]] of (watched.segments as [Segment][]).entries()) {
        for (let t = 0; t < T; t++) {
          for (const [player, call] of calls.entries()) {
            for (let e = 0; e < E; e++) {
              const i = t * COLUMNS + e * N + player;
              if (segment.starts[i] === 1) forget(call, e);
              call.observation.set(segment.observations.subarray(i * size, (i + 1) * size), e * size);
              call.joint.set(segment.fields['moa/joint']!.subarray(i * N, (i + 1) * N), e * N);
              call.pi.set(segment.probabilities.subarray(i * actions, (i + 1) * actions), e * actions);
            }
            before(k, t, player, call);
            await call.run();
            after(k, t, player, call);
            advance(call);
          }
        }
      }
      await policy.release();
    },
  };
}

const nothing = () => {};

describe.each([
  ['one network, KL', []],
  ['a network a player, JSD', ['network.perPlayer=true', 'intrinsic.influence-moa.divergence=jsd']],
  ['no convolution', ['network.filters=0']],
])('the file computes what the learner did along its segments: %s', (name, settings) => {
  let played: Replay;
  beforeAll(async () => {
    played = await replay(name.replaceAll(/\W/g, '-'), settings);
  });

  it('the influence that was paid', async () => {
    let paid = 0;
    await played.along(nothing, (k, t, player, { influence }) => {
      const { starts, ended, values } = played.watched.segments[k]![0]!;
      for (let e = 0; e < E; e++) {
        const i = t * COLUMNS + e * N + player;
        if (starts[i] === 1 || ended[i] === 1) continue;
        const sum = influence.subarray(e * J, (e + 1) * J).reduce((total, x) => total + x, 0);
        expect(Math.abs(sum - values[i]!)).toBeLessThan(1e-5);
        if (sum > 1e-3) paid++;
      }
    });
    // Or nothing was compared.
    expect(paid).toBeGreaterThan(60);
  });

  it('the memory that sequences start from', async () => {
    let started = 0;
    await played.along((k, t, player, { state }) => {
      const { starts, fields } = played.watched.segments[k]![0]!;
      for (let e = 0; e < E; e++) {
        const column = e * N + player;
        if (t % L > 0 || starts[t * COLUMNS + column] === 1) continue;
        started++;
        for (let n = 0; n < 2 * UNITS; n++) {
          const stored = fields['moa/state']![((t / L) * COLUMNS + column) * 2 * UNITS + n]!;
          expect(state[e * 2 * UNITS + n]).toBeCloseTo(stored, 5);
        }
      }
    }, nothing);
    expect(started).toBeGreaterThan(20);
  });

  it('predictions, whose cross-entropy and hits are those that were logged', async () => {
    const sums = played.measured.map(() => ({ crossEntropy: 0, hits: 0, count: 0 }));
    const actions = played.watched.plan.task.actions;
    await played.along(nothing, (k, t, player, { predictions }) => {
      const { fields } = played.watched.segments[k]![0]!;
      const sum = sums[k]!;
      for (let e = 0; e < E; e++) {
        const i = t * COLUMNS + e * N + player;
        for (let j = 0; j < J; j++) {
          if (fields['moa/counts']![i * J + j] === 0) continue;
          const at = (e * J + j) * actions;
          const p = predictions.subarray(at, at + actions);
          const done = p[fields['moa/next']![i * J + j]!]!;
          sum.crossEntropy -= Math.log(done);
          sum.hits += done === Math.max(...p) ? 1 : 0;
          sum.count++;
        }
      }
    });
    for (const [k, { crossEntropy, hits, count }] of sums.entries()) {
      expect(crossEntropy / count).toBeCloseTo(played.measured[k]!['moa/crossEntropy']!, 5);
      expect(hits / count).toBeCloseTo(played.measured[k]!['moa/accuracy']!, 7);
    }
  });
});

const SMALL = ['env.players=3', 'network.dense=[8]', 'network.lstm=8', 'network.filters=2'];
const WITH_MODEL = [...SMALL, 'intrinsic.influence-moa={dense: [6], lstm: 5, divergence: pmi}'];

const exported = async (name: string, ...settings: string[]): Promise<Untrained> => {
  const made = await untrained(folder, name, ...settings);
  await exportRun(made.run, made.run, made.plan, PROGRESS, { theta: made.theta });
  return made;
};

it('any batch gives a row the same', async () => {
  const { run } = await exported('batches', ...WITH_MODEL);
  const policy = await loadPolicy(run);
  const results = [];
  for (const rows of [1, 5]) {
    const call = policy.model(rows);
    call.observation.fill(3);
    call.joint.fill(2);
    call.pi.fill(1 / 8);
    call.state.fill(0.1);
    await call.run();
    const last = (x: Float32Array) => Array.from(x.subarray((x.length / rows) * (rows - 1)));
    results.push([...last(call.predictions), ...last(call.influence), ...last(call.nextState)]);
  }
  const [alone, among] = results as [number[], number[]];
  expect(among).toHaveLength(2 * 8 + 2 + 10);
  for (const [i, x] of alone.entries()) expect(among[i]).toBeCloseTo(x, 5);
  await policy.release();
});

it('is built as the reward builds it', () => {
  const plan = readPlan('', 'the test', WITH_MODEL);
  expect(moaOf(plan)!.model.parameters).toEqual(plan.intrinsic[0]!.model!.parameters);
});

describe('the model card', () => {
  it('lists the model, and what was learned with', async () => {
    const { run } = await exported('card', ...WITH_MODEL);
    const card = parseCard(readFileSync(join(run, CARD_FILE), 'utf8'), 'card');
    // Pointwise influence is of what was done next: of a step the file has its expectation.
    expect(card.moa).toMatchObject({
      stateSize: 10,
      divergence: 'kl',
      visibleOnly: true,
      files: [{ name: 'moa.onnx' }],
    });
    expect(card.intrinsic).toMatchObject({ 'influence-moa': { dense: [6], divergence: 'pmi' } });
  });

  it('lists a model for each player where each has a network', async () => {
    const { run } = await exported('each', ...WITH_MODEL, 'network.perPlayer=true');
    const { card } = await loadPolicy(run);
    expect(card.moa!.files.map(({ name }) => name)).toEqual(['moa-0.onnx', 'moa-1.onnx', 'moa-2.onnx']);
    expect(new Set(card.moa!.files.map(({ sha256 }) => sha256)).size).toBe(3);
  });

  it('of before there were models has none', async () => {
    const { moa, intrinsic, signals, symbols, ...old } = parseCard(
      readFileSync(join(ZOO, 'harvest-team', CARD_FILE), 'utf8'),
      'card',
    );
    expect(parseCard(JSON.stringify(old), 'card')).toMatchObject({ moa: null, intrinsic: {}, symbols: 0 });
  });
});

describe('a policy', () => {
  it('without a model says so when it is asked for it', async () => {
    const { run } = await exported('without', ...SMALL);
    const policy = await loadPolicy(run);
    expect(() => policy.model(1)).toThrow(/policy without has no model of other agents: train it with/);
    await policy.release();
  });

  it('is refused with a model that is not the one that its card describes', async () => {
    const { run } = await exported('damaged', ...WITH_MODEL);
    const path = join(run, 'moa.onnx');
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
    await expect(loadPolicy(run)).rejects.toThrow(/moa\.onnx is not the file that policy\.json describes/);
  });

  it('is refused with a policy where its model should be', async () => {
    const { run } = await exported('swapped', ...WITH_MODEL);
    const path = join(run, CARD_FILE);
    const card = parseCard(readFileSync(path, 'utf8'), 'card');
    writeFileSync(path, formatCard({ ...card, moa: { ...card.moa!, files: card.files } }));
    await expect(loadPolicy(run)).rejects.toThrow(/policy\.onnx has no input joint, only observation/);
  });
});

describe('other formats', () => {
  it('safetensors has the weights of the model too', async () => {
    const { run, plan, theta } = await untrained(folder, 'weights', ...WITH_MODEL);
    const out = join(folder, 'published');
    await publish(snapshotOf(run, plan, PROGRESS, { theta }), {
      folder: out,
      format: 'safetensors',
      name: 'with-model',
      evaluation: null,
    });
    const { tensors } = decodeSafetensors(readFileSync(join(out, 'weights.safetensors')));
    expect(tensors.get('moa-lstm/h')!.shape).toEqual([5, 20]);
    expect(tensors.get('policy/kernel')!.shape).toEqual([8, 8]);
    // The LSTM of the model hears 3 players with 8 actions each behind its 6 features.
    expect(tensors.get('moa-lstm/x')!.shape).toEqual([30, 20]);
  });

  it('a layers model is of the policy alone', async () => {
    const { run, plan, theta } = await untrained(folder, 'layers', ...WITH_MODEL);
    const files = await layersModel(snapshotOf(run, plan, PROGRESS, { theta }), 0);
    expect(files['model.json']).not.toContain('moa');
  });

  it('a layers model is refused to who hears the others', async () => {
    const { run, plan, theta } = await untrained(folder, 'hears', ...WITH_MODEL, 'env.revealActions=true');
    await expect(layersModel(snapshotOf(run, plan, PROGRESS, { theta }), 0)).rejects.toThrow(
      /hears of others or speaks, for which a layers model has no place/,
    );
  });
});
