import { describe, expect, it } from 'vitest';
import { TrainingUsageError } from '../training/errors.ts';
import { groupRuns } from './groups.ts';
import { resolveMetric, titleOf } from './metric-names.ts';
import type { Run } from './run-folder.ts';

function run(name: string, settings: Record<string, unknown>, metrics: Record<string, number> = {}): Run {
  return {
    path: `runs/${name}`,
    name,
    seed: 1,
    settings: new Map(Object.entries(settings).map(([key, value]) => [key, JSON.stringify(value)])),
    backend: 'onnx',
    versions: {},
    metrics: [{ steps: 1, environmentSteps: 1, seconds: 1, ...metrics }],
  };
}

const shape = (runs: readonly Run[], by?: string[]) =>
  groupRuns(runs, by ?? null).map((group) => [group.label, ...group.runs.map(({ name }) => name)]);

describe('groupRuns', () => {
  it('puts runs together that have the same settings, and names what differs', () => {
    const runs = [
      run('a', { algo: 'ppo', 'train.gamma': 0.99 }),
      run('b', { 'train.gamma': 0.998, algo: 'ppo' }),
      run('c', { 'train.gamma': 0.99, algo: 'ppo' }),
    ];
    expect(shape(runs)).toEqual([
      ['gamma 0.99', 'a', 'c'],
      ['gamma 0.998', 'b'],
    ]);
  });

  it('calls one group by its algorithm and one run by its name', () => {
    expect(shape([run('a', { algo: 'ppo' }), run('b', { algo: 'ppo' })])).toEqual([['ppo', 'a', 'b']]);
    expect(shape([run('a', { algo: 'ppo' })])).toEqual([['a', 'a']]);
  });

  it('says algorithms without the word, and paths whole where their ends are the same', () => {
    const runs = [
      run('a', { algo: 'ppo', 'x.rate': 1, 'y.rate': 2 }),
      run('b', { algo: 'dqn', 'x.rate': 3, 'y.rate': 4 }),
    ];
    expect(shape(runs).map(([label]) => label)).toEqual([
      'ppo, x.rate 1, y.rate 2',
      'dqn, x.rate 3, y.rate 4',
    ]);
  });

  it('names three settings at most, and what a run lacks', () => {
    const runs = [run('a', { p: 1, q: 1, r: 1, s: 1 }), run('b', { q: 2, r: 2, s: 2 })];
    expect(shape(runs).map(([label]) => label)).toEqual(['p 1, q 1, r 1, ...', 'p none, q 2, r 2, ...']);
  });

  it('names more settings where it takes them', () => {
    const runs = [1, 2].flatMap((s) => [1, 2].map((p) => run('x', { p, q: p, r: p, s })));
    expect(shape(runs).map(([label]) => label)).toEqual([
      'p 1, q 1, r 1, s 1',
      'p 2, q 2, r 2, s 1',
      'p 1, q 1, r 1, s 2',
      'p 2, q 2, r 2, s 2',
    ]);
  });

  it.each([['train.gamma'], ['gamma'], ['train']])('groups by %s alone when asked to', (by) => {
    const runs = [
      run('a', { 'train.gamma': 1, other: 1 }),
      run('b', { 'train.gamma': 1, other: 2 }),
      run('c', { 'train.gamma': 2, other: 2 }),
    ];
    expect(shape(runs, [by])).toEqual([
      ['gamma 1', 'a', 'b'],
      ['gamma 2', 'c'],
    ]);
  });

  it.each([
    ['gama', 'no run has the setting gama, did you mean train.gamma?'],
    ['colour', 'no run has the setting colour, there are train.gamma'],
  ])('refuses to group by %s', (by, message) => {
    expect(() => groupRuns([run('a', { 'train.gamma': 1 })], [by])).toThrow(new TrainingUsageError(message));
  });
});

describe('resolveMetric', () => {
  const runs = [
    run('a', {}, { 'episode/equality': 1, 'loss/value': 1 }),
    run('b', {}, { 'target/value': 1 }),
  ];

  it.each(['episode/equality', 'equality'])('knows %s', (given) => {
    expect(resolveMetric(given, runs)).toBe('episode/equality');
  });

  it.each([
    ['value', 'value can be loss/value or target/value'],
    ['episode/equalty', 'no run has the metric episode/equalty, did you mean episode/equality?'],
    ['equalty', 'no run has the metric equalty, did you mean episode/equality?'],
    [
      'peacefulness',
      'no run has the metric peacefulness, there are steps, environmentSteps, seconds, episode/equality, loss/value, target/value',
    ],
  ])('refuses %s', (given, message) => {
    expect(() => resolveMetric(given, runs)).toThrow(new TrainingUsageError(message));
  });
});

describe('titleOf', () => {
  it.each([
    ['episode/collectiveReturn', 'Collective return per episode'],
    ['loss/policyGradient', 'Loss: policy gradient'],
    ['policy/klDivergence', 'Policy: KL divergence'],
    ['constructor', 'Constructor'],
  ])('of %s', (name, title) => {
    expect(titleOf(name)).toBe(title);
  });
});
