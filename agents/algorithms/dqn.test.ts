import { describe, expect, it } from 'vitest';
import { collectiveMemory } from '../training/collective.ts';
import { readPlan } from '../training/config.ts';
import { Crew, type RunState } from '../training/crew.ts';
import { makeLearner } from '../training/worker.ts';
import { renew } from './dqn-learner.ts';

/** Rewards 1 for naming what is shown, 100 times an episode. */
const identity = `
steps: 4000
seed: 3
environments: 1
shards: 1
env: {name: identity}
algo: {name: dqn, gamma: 0.4, learningRate: 0.002, learningStarts: 100, buffer: 2000, batch: 32, targetEvery: 20}
network: {dense: [32]}
`;

/** Several players and networks, episodes that are cut and a memory that is full before the end. */
const harvest = `
steps: 4000
environments: 4
shards: 2
env: {name: harvest, players: 2, episodeLength: 17}
algo:
  {name: dqn, learningStarts: 60, buffer: 40, batch: 6, targetEvery: 3, targetKeep: 0.5, gradientSteps: 2, nStep: 3, dueling: true}
network: {filters: 2, dense: [8], perPlayer: true}
`;

/** Runs iterations in this thread; the state after them and what was measured. */
async function run(text: string, iterations: number, from: RunState | null = null, done = 0) {
  const { config, parameters, stepsPerIteration } = readPlan(text, 'a test');
  const memory = collectiveMemory(1, config.shards, parameters);
  const { learner, collective } = await makeLearner({
    config,
    backend: 'onnx',
    memory,
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

/** Learns for so long, then measures as long again. */
async function learned(text: string, iterations: number) {
  const { learner, stepsPerIteration } = await run(text, iterations);
  for (let k = 0; k < iterations; k++) await learner.iterate((iterations + k) * stepsPerIteration);
  return learner.measure();
}

/** Without how long it took. */
const untimed = (measured: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(measured).filter(([name]) => !name.startsWith('time/')));

describe('DQN', () => {
  it('learns to name what it is shown', async () => {
    const measured = await learned(identity, 500);
    expect(measured['episode/collectiveReturn']).toBeGreaterThanOrEqual(90);
  });

  it('learns it by Boltzmann exploration as well', async () => {
    const measured = await learned(identity.replace('name: dqn,', 'name: dqn, exploration: boltzmann,'), 500);
    expect(measured['episode/collectiveReturn']).toBeGreaterThanOrEqual(90);
  });

  it('says how it goes', async () => {
    const { measured } = await run(identity, 100);
    expect(Object.keys(untimed(measured)).sort()).toEqual([
      'episode/collectiveReturn',
      'episode/length',
      'gradient/norm',
      'loss/td',
      'schedule/epsilon',
      'schedule/learningRate',
      'value/q',
      'value/target',
    ]);
  });

  it('does not learn before it may', async () => {
    // 96 of 100 steps.
    const { measured } = await run(identity, 24);
    expect(measured).not.toHaveProperty('loss/td');
  });
});

describe('a run of several shards', () => {
  it('is the same to the last digit whoever carries them', async () => {
    const one = await run(harvest, 30);
    const crew = await Crew.start(readPlan(harvest, 'a test'), 'onnx', 2, null);
    try {
      const measured = await crew.iterate(0, 30);
      expect(untimed(measured)).toEqual(untimed(one.measured));
      expect(await crew.save()).toEqual(one.state);
    } finally {
      await crew.stop();
    }
  });

  it('is the same to the last digit when it was stopped and resumed', async () => {
    const whole = await run(harvest, 30);
    const first = await run(harvest, 17);
    const second = await run(harvest, 13, first.state, 17);
    expect(second.state).toEqual(whole.state);
  });

  it('is another with another seed', async () => {
    const one = await run(harvest, 30);
    const other = await run(`${harvest}\nseed: 2`, 30);
    expect(other.state.shared.theta).not.toEqual(one.state.shared.theta);
  });
});

describe('options', () => {
  it('are refused where a transition is longer than the memory', () => {
    const text = identity.replace('buffer: 2000', 'buffer: 2, nStep: 3');
    expect(() => readPlan(text, 'a test')).toThrow('algo.buffer (2) must be at least algo.nStep (3)');
  });

  it('are refused where the network has memory', () => {
    expect(() => readPlan(identity.replace('{dense: [32]}', '{lstm: 8}'), 'a test')).toThrow(
      'network.lstm is 8',
    );
  });
});

describe('the target network', () => {
  it('becomes the online one', () => {
    const target = Float32Array.of(1, 2);
    renew(target, Float32Array.of(3, 6), 0);
    expect([...target]).toEqual([3, 6]);
  });

  it('keeps a share of itself', () => {
    const target = Float32Array.of(1, 2);
    renew(target, Float32Array.of(3, 6), 0.75);
    expect([...target]).toEqual([1.5, 3]);
  });
});
