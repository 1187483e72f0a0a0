import { describe, expect, it } from 'vitest';
import { planOf, readPlan } from './config.ts';
import { presetNames, presetText } from './presets.ts';
import { formatConfig } from './yaml-config.ts';

const refusal = (text: string, overrides: readonly string[] = []) => {
  try {
    readPlan(text, 'run.yaml', overrides);
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
};

describe('readPlan', () => {
  it('fills in what is left out', () => {
    const { config, task } = readPlan('', 'nothing');
    expect(config).toMatchObject({
      env: { name: 'harvest', players: 5 },
      algo: { name: 'ppo', gamma: 0.99 },
      network: { filters: 6, dense: [32, 32], lstm: 128 },
      seed: 1,
    });
    expect(task).toMatchObject({ players: 5, environments: 16 });
  });

  it('an algorithm’s own network comes before the default one, what is said before both', () => {
    expect(readPlan('algo: {name: dqn}', 'a test').config.network.lstm).toBe(0);
  });

  it('the settings of a preset of the environment are said in full', () => {
    expect(readPlan('env: {name: cartpole, preset: no-velocity}', 'a test').config.env).toMatchObject({
      velocities: false,
      episodeLength: 500,
    });
  });

  it('saved and read again, a configuration is the same', () => {
    const plan = readPlan('env: {name: harvest, preset: hughes}\nsteps: 2e7', 'a test', ['algo.name=a2c']);
    expect(readPlan(formatConfig(plan.config), 'saved').config).toEqual(plan.config);
    expect(planOf(plan.config)).toMatchObject({
      parameters: plan.parameters,
      stepsPerIteration: plan.stepsPerIteration,
    });
  });

  it('counts player steps of an iteration over all shards', () => {
    // 8 environments of 3 players, 40 steps each.
    const text = 'env: {players: 3}\nenvironments: 8\nshards: 4\nalgo: {segment: 40, minibatches: 1}';
    expect(readPlan(text, 'a test').stepsPerIteration).toBe(960);
  });

  it.each([
    [
      'algo:\n  learningrat: 1',
      'run.yaml, line 2: algo.learningrat is unknown, did you mean algo.learningRate?',
    ],
    ['gamma: 0.9', 'run.yaml, line 1: gamma is unknown, did you mean algo.gamma?'],
    ['env:\n  regrowht: ssd', 'run.yaml, line 2: env.regrowht is unknown, did you mean env.regrowth?'],
    ['network: {lsmt: 3}', 'run.yaml, line 1: network.lsmt is unknown, did you mean network.lstm?'],
    ['env: {name: harvst}', /env.name is "harvst": must be one of .*; did you mean harvest\?/],
    ['algo: {name: pp0}', /algo.name is "pp0": must be one of .*; did you mean ppo\?/],
    ['env: {preset: hugs}', /env.preset is "hugs": must be one of .*hughes/],
    ['steps: 0', 'run.yaml, line 1: steps is 0: must be at least 1'],
    ['environments: 5', 'environments (5) must be a multiple of shards (2): each shard has as many'],
    ['env: {players: 40}', /40 players/],
  ])('refuses %j', (text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it('says of a setting from the command line that it is from there', () => {
    expect(refusal('', ['algo.epochs=0'])).toBe(
      'algo.epochs on the command line: algo.epochs is 0: must be at least 1',
    );
  });
});

describe('presets', () => {
  it.each(presetNames())('%s is a plan that holds', (name) => {
    const { config, stepsPerIteration } = readPlan(presetText(name), `${name}.yaml`);
    expect(stepsPerIteration).toBeLessThanOrEqual(config.steps);
  });

  it.each(presetNames())('%s says where its settings are from', (name) => {
    expect(presetText(name)).toMatch(/^# /);
  });

  it('one that is none is answered with the nearest', () => {
    expect(() => presetText('cartpol-ppo')).toThrow(
      'preset "cartpol-ppo" is unknown, did you mean cartpole-ppo?',
    );
  });
});
