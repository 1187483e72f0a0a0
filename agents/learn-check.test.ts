import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { CHECKS, type CheckResult, check, table } from './learn-check.ts';
import { readPlan } from './training/config.ts';
import { presetText } from './training/presets.ts';

const nobody = () => new PassThrough().resume() as unknown as NodeJS.WriteStream;
const never = new AbortController().signal;

it.each(['identity-ppo', 'identity-a2c'])('%s learns to name what it is shown', async (preset) => {
  const task = { what: preset, preset, target: { atLeast: 90 } };
  const result = await check(task, 1, nobody(), never);
  expect(result.return).toBeGreaterThanOrEqual(90);
  expect(result.pass).toBe(true);
});

it('one that learns nothing fails', async () => {
  const task = {
    what: '',
    preset: 'identity-ppo',
    overrides: ['algo.learningRate=0'],
    target: { atLeast: 90 },
  };
  const result = await check(task, 1, nobody(), never);
  // Chance is 25.
  expect(result.return).toBeLessThan(50);
  expect(result.pass).toBe(false);
});

it.each(CHECKS)('$what is trained for at most 500,000 steps', ({ preset, overrides = [] }) => {
  expect(readPlan(presetText(preset), preset, overrides).config.steps).toBeLessThanOrEqual(500_000);
});

it('the table has a line a run, and what failed in capitals', () => {
  const result: CheckResult = {
    what: 'CartPole, PPO',
    preset: 'cartpole-ppo',
    seed: 2,
    steps: 500_224,
    seconds: 23.4,
    return: 499.5,
    target: 'at least 475',
    pass: true,
  };
  const lines = table([result, { ...result, return: 20, pass: false }]).split('\n');
  expect(lines[1]).toBe('CartPole, PPO  2     500224        23       499.50  at least 475  pass');
  expect(lines[2]).toMatch(/20\.00 +at least 475 +FAIL$/);
});
