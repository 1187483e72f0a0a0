/** Policies from learners to files and back: what is exported computes what was learned, and says what it is. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { elementsOf } from '../../shared/environment.ts';
import { Random } from '../../shared/random.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { ALGORITHM_NAMES } from '../algorithms/index.ts';
import { openEngine } from '../engine/index.ts';
import { actorCritic } from '../networks/actor-critic.ts';
import { actProgram } from '../networks/programs.ts';
import { encodeCheckpoint } from '../training/checkpoints.ts';
import { networksOf } from './actor.ts';
import { CARD_FILE, PolicyError, parseCard } from './card.ts';
import { PROGRESS, temporaryFolder, type Untrained, untrained } from './fixture.ts';
import { loadPolicy } from './load.ts';
import { advance, checkFits, draw, forget, likeliest, type PolicyCall } from './policy.ts';
import { exportRun } from './write.ts';

const folder = temporaryFolder();
const GAMES = 3;

const exported = async (name: string, ...settings: string[]): Promise<Untrained> => {
  const made = await untrained(folder, name, ...settings);
  await exportRun(made.run, made.run, made.plan, PROGRESS, { theta: made.theta });
  return made;
};

/** The greatest difference between three steps of the training graph and of the file, over all outputs. */
async function differenceOf({ plan, theta, run }: Untrained): Promise<number> {
  const { task, config } = plan;
  const engine = await openEngine('onnx');
  const network = actorCritic(task.observation, task.actions, config.network, networksOf(plan));
  const act = await actProgram(engine, network, task.observation, GAMES, task.players);
  const size = elementsOf(task.observation);
  const columns = GAMES * task.players;
  const random = new Random().seed(3);
  const bytes = task.observation.dtype === 'uint8';
  const observation = bytes ? new Uint8Array(columns * size) : new Float32Array(columns * size);
  const state = new Float32Array(columns * network.stateSize);
  const out = {
    probabilities: new Float32Array(columns * task.actions),
    values: new Float32Array(columns),
    ...(network.stateSize === 0 ? {} : { nextState: new Float32Array(columns * network.stateSize) }),
  };
  const trained = act.bind({ theta, observation, ...(network.stateSize === 0 ? {} : { state }) }, out);
  const policy = await loadPolicy(run);
  // Player by player, as the file may be another for each.
  const calls = Array.from({ length: task.players }, (_, player) => policy.call(GAMES, player));
  let worst = 0;
  for (let t = 0; t < 3; t++) {
    for (let i = 0; i < observation.length; i++) {
      observation[i] = bytes ? random.below(20) : random.uniform() - 0.5;
    }
    await trained.run();
    for (const [player, call] of calls.entries()) {
      const compare = (whole: Float32Array, part: Float32Array) => {
        const width = part.length / GAMES;
        for (let g = 0; g < GAMES; g++) {
          for (let k = 0; k < width; k++) {
            const expected = whole[(g * task.players + player) * width + k]!;
            worst = Math.max(
              worst,
              Math.abs(part[g * width + k]! - expected) / Math.max(1, Math.abs(expected)),
            );
          }
        }
      };
      for (let g = 0; g < GAMES; g++) {
        const column = (g * task.players + player) * size;
        call.observation.set(observation.subarray(column, column + size), g * size);
      }
      await call.run();
      compare(out.probabilities, call.probabilities);
      compare(out.values, call.value);
      if (out.nextState !== undefined) compare(out.nextState, call.nextState);
      advance(call);
    }
    if (out.nextState !== undefined) state.set(out.nextState);
  }
  await policy.release();
  return worst;
}

describe("a policy's file computes what the training graph does", () => {
  it.each([
    ['the network of the paper', []],
    ['one network a player', ['network.perPlayer=true']],
    ['no convolution', ['network.filters=0', 'network.dense=[8]', 'network.lstm=8']],
    ['no dense layers', ['network.dense=[]', 'network.lstm=8']],
    ['no memory', ['network.lstm=0', 'network.activation=tanh']],
    ['a window of another shape', ['env.windowLeft=2', 'env.windowBehind=0', 'network.lstm=8']],
    ['Cleanup', ['env.name=cleanup']],
    [
      'numbers, with layers of its own for the value',
      ['env.name=cartpole', 'network.lstm=0', 'network.separateValue=true', 'network.dense=[64,64]'],
    ],
    ['numbers, with memory', ['env.name=memory-corridor', 'network.lstm=16']],
  ] as const)('%s', async (name, settings) => {
    expect(await differenceOf(await exported(name.replaceAll(/\W/g, '-'), ...settings))).toBeLessThan(1e-6);
  });
});

describe('what every algorithm learned becomes a file', () => {
  it.each(ALGORITHM_NAMES)('%s', async (algorithm) => {
    const { run } = await exported(`algorithm-${algorithm}`, `algo.name=${algorithm}`);
    const policy = await loadPolicy(run);
    const call = policy.call(4);
    await call.run();
    for (let row = 0; row < 4; row++) {
      const actions = call.probabilities.subarray(row * 8, (row + 1) * 8);
      expect(actions.reduce((sum, p) => sum + p)).toBeCloseTo(1, 5);
    }
    await policy.release();
  });
});

describe('the model card', () => {
  it('says what the policy is for and where it comes from', async () => {
    const { run } = await exported('card', 'env.name=cleanup', 'env.players=3', 'seed=9', 'network.lstm=8');
    const card = parseCard(readFileSync(join(run, CARD_FILE), 'utf8'), 'card');
    expect(card).toMatchObject({
      name: 'card',
      env: { name: 'cleanup', options: { players: 3 } },
      players: 3,
      encoding: 'ids',
      observation: { dtype: 'uint8', shape: [15, 15] },
      stateSize: 16,
      acting: { kind: 'policy' },
      algorithm: { name: 'ppo' },
      playerSteps: PROGRESS.steps,
      seed: 9,
      training: { seconds: 6.5, bestScore: 78 },
      command: 'npx arena train',
    });
    expect(card.actions.at(-1)).toBe('clean');
    expect(card.versions.node).toBe(process.versions.node);
  });

  it('tells how to read values that PopArt normalized', async () => {
    const { run, plan, theta } = await untrained(folder, 'popart', 'network.lstm=8', 'algo.popArt=0.1');
    // Mean 3 and mean square 25: a deviation of 4.
    const popArt = Float64Array.of(3, 25, 0.5);
    await exportRun(run, run, plan, PROGRESS, { theta, popArt });
    expect(parseCard(readFileSync(join(run, CARD_FILE), 'utf8'), 'card').value).toEqual({
      mean: 3,
      deviation: 4,
    });
  });

  it.each([
    ['{', /card is not JSON/],
    ['{}', /card is no model card: format: of another version of the format than 1/],
  ])('%j is refused with the reason', (text, reason) => {
    expect(() => parseCard(text, 'card')).toThrow(PolicyError);
    expect(() => parseCard(text, 'card')).toThrow(reason);
  });
});

describe('loadPolicy', () => {
  it('takes a checkpoint of a run, and computes what the exported file does', async () => {
    const { run, theta } = await exported('checkpoint', 'network.lstm=8');
    const elsewhere = join(folder, 'elsewhere.safetensors');
    mkdirSync(join(run, 'checkpoints'));
    const bytes = encodeCheckpoint('harvest', 'ppo', PROGRESS, { shared: { theta }, shards: [] });
    const checkpoint = join(run, 'checkpoints', 'step-000000001234.safetensors');
    writeFileSync(checkpoint, bytes);
    const calls: PolicyCall[] = [];
    for (const source of [run, checkpoint]) {
      const call = (await loadPolicy(source)).call(2);
      call.observation.fill(3);
      await call.run();
      calls.push(call);
    }
    expect(calls[1]!.probabilities).toEqual(calls[0]!.probabilities);
    writeFileSync(elsewhere, bytes);
    await expect(loadPolicy(elsewhere)).rejects.toThrow(
      /not in the folder of its run: .*run\.json is missing/,
    );
  });

  it('refuses what is no policy, saying what it looked for', async () => {
    await expect(loadPolicy('/nowhere')).rejects.toThrow('/nowhere does not exist');
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    await expect(loadPolicy(empty)).rejects.toThrow(/neither policy\.json nor run\.json/);
  });

  it('refuses a file that is not the one that the card describes', async () => {
    const { run } = await exported('damaged', 'network.lstm=8');
    const path = join(run, 'policy.onnx');
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
    await expect(loadPolicy(run)).rejects.toThrow(/policy\.onnx is not the file that policy\.json describes/);
  });
});

describe('a policy refuses to play', () => {
  it.each([
    ['another environment', 'cleanup', {}, 'is for environment harvest, here it is cleanup'],
    [
      'another window',
      'harvest',
      { windowLeft: 3 },
      'observations of uint8 [15, 15], here it is uint8 [15, 11]',
    ],
  ] as const)('%s, naming both', async (what, environment, options, message) => {
    const { run } = await exported(`refuses-${what.replace(' ', '-')}`, 'network.lstm=8');
    const { card } = await loadPolicy(run);
    expect(() => checkFits(card, makeEnvironment(environment, options))).toThrow(message);
    expect(() => checkFits(card, makeEnvironment('harvest', { players: 9 }))).not.toThrow();
  });
});

describe('a call', () => {
  const call: PolicyCall = {
    rows: 2,
    observation: new Uint8Array(2),
    state: Float32Array.of(1, 2, 3, 4),
    signals: {},
    symbolProbabilities: new Float32Array(0),
    probabilities: Float32Array.of(0.2, 0.5, 0.3, 0, 1, 0),
    value: new Float32Array(2),
    nextState: Float32Array.of(5, 6, 7, 8),
    run: async () => {},
  };

  it("draws from a row's own distribution", () => {
    const random = new Random().seed(1);
    const counts = [0, 0, 0];
    for (let k = 0; k < 10_000; k++) counts[draw(call, 0, random)]!++;
    // Five standard deviations of a share of 10,000.
    for (const [a, p] of [0.2, 0.5, 0.3].entries()) {
      expect(Math.abs(counts[a]! / 10_000 - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / 10_000));
    }
    expect(draw(call, 1, random)).toBe(1);
  });

  it('knows the most likely action of a row', () => {
    expect([likeliest(call, 0), likeliest(call, 1)]).toEqual([1, 1]);
  });

  it('goes on from the states that it left, but for rows that forget', () => {
    advance(call);
    forget(call, 0);
    expect(Array.from(call.state)).toEqual([0, 0, 7, 8]);
  });
});
