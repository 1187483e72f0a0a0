import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { record, scripted } from '../imitation/fixture.ts';
import { collectiveMemory } from '../training/collective.ts';
import { readPlan } from '../training/config.ts';
import { Crew, type RunState } from '../training/crew.ts';
import { makeLearner } from '../training/worker.ts';

const folder = mkdtempSync(join(tmpdir(), 'dagger-'));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(folder, 'greedy.arenarec');
const played = { environment: 'harvest', options: { players: 2, episodeLength: 60 }, episodes: 2, seed: 5 };
record(path, scripted(played, 'greedy'));

const config = (more = '', shards = 1) => `
steps: 100000
environments: ${2 * shards}
shards: ${shards}
env: {name: harvest, players: 2, episodeLength: 60}
algo: {name: dagger, expert: greedy, sequence: 10, batch: 16, updates: 4, segment: 20, learningRate: 0.005, rounds: 3, labels: 30, context: 3${more}}
network: {filters: 2, dense: [16], lstm: 4}
`;

async function run(text: string, iterations: number, from: RunState | null = null, done = 0) {
  const { config: whole, parameters, stepsPerIteration } = readPlan(text, 'a test');
  const memory = collectiveMemory(1, whole.shards, parameters);
  const { learner, collective } = await makeLearner({
    config: whole,
    backend: 'onnx',
    memory,
    worker: 0,
    saved: from,
  });
  const measured: Readonly<Record<string, number>>[] = [];
  for (let k = done; k < done + iterations; k++) {
    await learner.iterate(k * stepsPerIteration);
    measured.push(untimed(learner.measure()));
  }
  const state: RunState = {
    shared: learner.saveShared(),
    shards: collective.own.map((shard) => learner.saveShard(shard)),
  };
  return { learner, measured, state };
}

function prepare(text: string): void {
  const { algorithm, options, task, config: whole } = readPlan(text, 'a test');
  algorithm.prepare!(options, task, whole, null);
}

const untimed = (measured: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(measured).filter(([name]) => !name.startsWith('time/')));

describe('DAgger', () => {
  it('asks about as many states as it may, every so many iterations, first of all where it knows nothing', async () => {
    const { measured } = await run(config(), 7);
    expect(measured.map((report) => report['dagger/labels'])).toEqual([30, 30, 30, 60, 60, 60, 90]);
  });

  it('learns from recordings before it asks', async () => {
    const { measured } = await run(config(`, data: [${path}]`), 4);
    expect(measured.map((report) => report['dagger/labels'])).toEqual([0, 0, 0, 30]);
    expect(measured[0]).toHaveProperty('loss/imitation');
  });

  it('comes to do what the expert would do where it gets to', async () => {
    const text = config(', choose: random').replace('lstm: 4', 'lstm: 0').replace('labels: 30', 'labels: 80');
    const { measured } = await run(text, 91);
    const agreement = measured.flatMap((report) => report['dagger/agreement'] ?? []);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    // Greedy players turn, walk and look about: of eight actions the most frequent one is right in less than half of all.
    expect(mean(agreement.slice(-8))).toBeGreaterThan(mean(agreement.slice(0, 3)) + 0.15);
  });

  it('is the same to the last digit whoever carries the shards', async () => {
    const two = config(`, data: [${path}]`, 2);
    const one = await run(two, 5);
    const crew = await Crew.start(readPlan(two, 'a test'), 'onnx', 2, null);
    try {
      await crew.iterate(0, 5);
      expect(await crew.save()).toEqual(one.state);
    } finally {
      await crew.stop();
    }
  });

  it('is the same to the last digit when it was stopped and resumed, with the labels that it had', async () => {
    const whole = await run(config(), 9);
    const first = await run(config(), 5);
    const second = await run(config(), 4, first.state, 5);
    expect(second.state).toEqual(whole.state);
  });

  it.each([
    // 10 steps x 16 sequences x 4 updates are 640 an iteration.
    [
      1920,
      3,
      /^nobody would be asked: 1920 steps are 3 iterations of 640, .* after 3 .*more than 1920 steps.*algo\.rounds=2/,
    ],
    [600, 1, /1 iteration of 640, .*ask for more than 640 steps$/],
  ])('refuses %i steps, in which no round comes', (steps, rounds, message) => {
    const text = config(`, data: [${path}]`)
      .replace('steps: 100000', `steps: ${steps}`)
      .replace('rounds: 3', `rounds: ${rounds}`);
    expect(() => prepare(text)).toThrow(message);
  });

  it('takes as few steps as one round comes in', () => {
    prepare(config(`, data: [${path}]`).replace('steps: 100000', 'steps: 1921'));
    // Without recordings the first iteration asks.
    prepare(config().replace('steps: 100000', 'steps: 1'));
  });

  it('refuses a context that does not fit in a sequence', () => {
    expect(() => readPlan(config().replace('context: 3', 'context: 10'), 'a test')).toThrow(
      /algo.sequence \(10\) must be more than algo.context \(10\)/,
    );
  });
});
