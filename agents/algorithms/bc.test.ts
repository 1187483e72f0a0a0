import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ClassId } from '../../shared/palette.ts';
import { Demonstrations } from '../imitation/demonstrations.ts';
import { headerFor, type Played, record } from '../imitation/fixture.ts';
import { marginalOf } from '../imitation/learner.ts';
import { encodeHeader } from '../imitation/recording.ts';
import { collectiveMemory } from '../training/collective.ts';
import { readPlan } from '../training/config.ts';
import { Crew, type RunState } from '../training/crew.ts';
import { makeLearner } from '../training/worker.ts';

const folder = mkdtempSync(join(tmpdir(), 'bc-'));
afterAll(() => rmSync(folder, { recursive: true }));

const options = { players: 2, episodeLength: 60 };

/** Turns where it faces a wall, else walks on: what anybody can tell from the window. */
const easy: Played = {
  environment: 'harvest',
  options,
  episodes: 10,
  seed: 5,
  chooser: () => (window, offset) =>
    // The cell ahead of the player, who stands in the middle of 15 columns, 14 rows from the top or as the window says.
    window[offset + ahead] === ClassId.wall ? 5 : 2,
};
/** Row 6 of 15 with the player in row 7 of the middle column. */
const ahead = 6 * 15 + 7;

const path = join(folder, 'easy.arenarec');
record(path, easy);

const config = (more = '') => `
steps: 100000
environments: 2
shards: 1
env: {name: harvest, players: 2, episodeLength: 60}
algo: {name: bc, data: [${path}], sequence: 10, batch: 16, updates: 4, segment: 10, learningRate: 0.005${more}}
network: {filters: 2, dense: [16], lstm: 0}
`;

async function run(text: string, iterations: number, from: RunState | null = null, done = 0) {
  const { config: whole, parameters, stepsPerIteration } = readPlan(text, 'a test');
  const { learner, collective } = await makeLearner({
    config: whole,
    backend: 'onnx',
    memory: collectiveMemory(1, whole.shards, parameters),
    worker: 0,
    saved: from,
  });
  for (let k = done; k < done + iterations; k++) await learner.iterate(k * stepsPerIteration);
  const state: RunState = {
    shared: learner.saveShared(),
    shards: collective.own.map((shard) => learner.saveShard(shard)),
  };
  return { learner, stepsPerIteration, measured: learner.measure(), state };
}

const untimed = (measured: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(measured).filter(([name]) => !name.startsWith('time/')));

describe('behavioural cloning', () => {
  it('learns an easy rule from play by it, and keeps it on episodes that it has not seen', async () => {
    const { learner, stepsPerIteration } = await run(config(), 60);
    await learner.iterate(60 * stepsPerIteration);
    const measured = learner.measure();
    expect(measured['heldOut/accuracy']).toBeGreaterThan(0.97);
    expect(measured['heldOut/loss']).toBeLessThan(0.3 * measured['heldOut/marginalLoss']!);
  });

  it('is the same to the last digit whoever carries the shards', async () => {
    const two = config().replace('shards: 1', 'shards: 2').replace('lstm: 0', 'lstm: 4');
    const one = await run(two, 3);
    const crew = await Crew.start(readPlan(two, 'a test'), 'onnx', 2, null);
    try {
      expect(untimed(await crew.iterate(0, 3))).toEqual(untimed(one.measured));
      expect(await crew.save()).toEqual(one.state);
    } finally {
      await crew.stop();
    }
  });

  it('is the same to the last digit when it was stopped and resumed', async () => {
    const memory = config().replace('lstm: 0', 'lstm: 4');
    const whole = await run(memory, 7);
    const first = await run(memory, 4);
    const second = await run(memory, 3, first.state, 4);
    expect(second.state).toEqual(whole.state);
  });

  it('refuses a network a player', () => {
    expect(() => readPlan(config().replace('lstm: 0', 'lstm: 0, perPlayer: true'), 'a test')).toThrow(
      /network.perPlayer must be false/,
    );
  });

  it('refuses tasks without windows', () => {
    expect(() => readPlan('algo: {name: bc}\nenv: {name: cartpole}', 'a test')).toThrow(
      /cartpole has no windows of class ids/,
    );
  });
});

describe('what it cannot learn from', () => {
  const prepare = (text: string) => {
    const { algorithm, options: chosen, task, config: whole } = readPlan(text, 'a test');
    algorithm.prepare!(chosen, task, whole, null);
  };
  const other = (more: Partial<Played>) => {
    const file = join(folder, `${Math.random()}.arenarec`);
    record(file, { ...easy, episodes: 1, ...more });
    return config().replace(path, file);
  };

  it.each([
    ['nothing', config().replace(`[${path}]`, '[]'), /name recordings with --data/],
    [
      'a file that is not there',
      config().replace(path, '/no/such'),
      /\/no\/such cannot be read: there is no such file/,
    ],
    [
      'a folder without recordings',
      config().replace(path, tmpdirWithout()),
      /has no recordings: their names end in .arenarec/,
    ],
  ])('is %s', (_, text, message) => {
    expect(() => prepare(text)).toThrow(message);
  });

  it('is another environment', () => {
    expect(() => prepare(other({ environment: 'cleanup' }))).toThrow(
      /has the environment cleanup, the run has harvest/,
    );
  });

  it('is other windows', () => {
    const header = headerFor('harvest', options, 0);
    const file = join(folder, 'windows.arenarec');
    const observation = { ...header.observation, shape: [11, 11] };
    writeFileSync(file, encodeHeader({ ...header, observation }));
    expect(() => prepare(config().replace(path, file))).toThrow(
      /has windows ids uint8 \[11, 11\], the run has ids uint8 \[15, 15\]/,
    );
  });

  it('is a recording without samples', () => {
    const file = join(folder, 'no-samples.arenarec');
    writeFileSync(file, encodeHeader(headerFor('harvest', options, 0)));
    expect(() => prepare(config().replace(path, file))).toThrow(/no samples to learn from/);
  });

  it('is a Python pickle', () => {
    const file = join(folder, 'model.pkl');
    writeFileSync(file, Uint8Array.of(0x80, 4, 0x95));
    expect(() => prepare(config().replace(path, file))).toThrow(/Python pickle/);
  });

  it('is other recordings than a stopped run began with', async () => {
    const { state } = await run(config(), 1);
    const { algorithm, options: chosen, task, config: whole } = readPlan(other({ seed: 6 }), 'a test');
    expect(() => algorithm.prepare!(chosen, task, whole, state.shared)).toThrow(
      /not those that the run began with/,
    );
  });
});

function tmpdirWithout(): string {
  return mkdtempSync(join(folder, 'empty-'));
}

it('the marginal is what frequencies alone come to', () => {
  const data = new Demonstrations({ elements: 1, actions: 2, others: 0, sequence: 8, warmUp: 0, gamma: 0.9 });
  const stretch = (actions: number[]) => ({
    steps: actions.length,
    observations: new Uint8Array(actions.length),
    actions: Uint8Array.from(actions),
    counts: new Uint8Array(actions.length).fill(1),
    rewards: null,
    lastActions: new Uint8Array(0),
    seat: 0,
  });
  data.add(stretch([0, 0, 1]), false);
  data.add(stretch([0, 1]), true);
  // (2 + 1) / 5 and (1 + 1) / 5.
  expect(marginalOf(data)).toEqual({ loss: -(Math.log(0.6) + Math.log(0.4)) / 2, accuracy: 0.5 });
});
