import { describe, expect, it } from 'vitest';
import { TrainingUsageError } from '../training/errors.ts';
import { groupRuns } from './groups.ts';
import { resolveMetric, titleOf } from './metric-names.ts';
import type { Run } from './run-folder.ts';
import { shortSettingText } from './setting-text.ts';

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

  it('names those that tell groups apart, wherever they stand', () => {
    const runs = [1, 2].flatMap((s) => [1, 2].map((p) => run('x', { p, q: p, r: p, s })));
    expect(shape(runs).map(([label]) => label)).toEqual([
      'p 1, q 1, s 1, ...',
      'p 2, q 2, s 1, ...',
      'p 1, q 1, s 2, ...',
      'p 2, q 2, s 2, ...',
    ]);
  });

  it('names more than three settings where it takes them', () => {
    const bits = Array.from({ length: 16 }, (_, k) => ({ p: k & 1, q: k & 2, r: k & 4, s: k & 8 }));
    expect(shape(bits.map((settings) => run('x', settings))).at(-1)).toEqual(['p 1, q 2, r 4, s 8', 'x']);
  });

  it('shortens schedules', () => {
    const falling = [
      [0, 0.002],
      [1, 0],
    ];
    const runs = [run('a', { rate: falling }), run('b', { rate: 0.001 })];
    expect(shape(runs).map(([label]) => label)).toEqual(['rate 0.002 to 0', 'rate 0.001']);
  });

  it('writes schedules in full where the short ones would be the same', () => {
    const schedule = (half: number) => [
      [0, 1],
      [half, 0.5],
      [1, 0],
    ];
    const runs = [run('a', { rate: schedule(0.2) }), run('b', { rate: schedule(0.7) })];
    expect(shape(runs).map(([label]) => label)).toEqual([
      'rate [[0,1],[0.2,0.5],[1,0]]',
      'rate [[0,1],[0.7,0.5],[1,0]]',
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

describe('groupRuns with labels', () => {
  const named = (label: string, ...rest: Parameters<typeof run>) => ({ ...run(...rest), label });

  it('keeps the order of the runs, and what has no label is named by its settings', () => {
    const runs = [
      run('a', { gamma: 0.9 }),
      named('team', 'b', { gamma: 0.5 }),
      run('c', { gamma: 0.8 }),
      named('team', 'd', { gamma: 0.5 }),
    ];
    expect(shape(runs)).toEqual([
      ['gamma 0.9', 'a'],
      ['team', 'b', 'd'],
      ['gamma 0.8', 'c'],
    ]);
  });

  it('parts runs of the same settings', () => {
    expect(shape([named('x', 'a', { p: 1 }), named('y', 'b', { p: 1 })])).toEqual([
      ['x', 'a'],
      ['y', 'b'],
    ]);
  });

  it('refuses runs of one label that differ, and says in what', () => {
    const runs = [
      named('x', 'a', { p: 1, q: 1, r: 1, s: 'one', t: 1, u: 1 }),
      named('x', 'b', { q: 2, r: 2, s: 'two', t: 2, u: 1 }),
    ];
    expect(() => groupRuns(runs)).toThrow(
      new TrainingUsageError(
        'x: runs/a and runs/b differ in p (1 and none), q (1 and 2), r (1 and 2), s (one and two) and 1 more; runs of one ' +
          'label must agree in all but the seed, or in the settings that --group-by names',
      ),
    );
  });

  it('lets them differ in what is not grouped by', () => {
    const runs = [named('x', 'a', { p: 1, q: 1 }), named('x', 'b', { p: 1, q: 2 })];
    expect(shape(runs, ['p'])).toEqual([['x', 'a', 'b']]);
  });

  it('refuses two lines of one name', () => {
    expect(() => groupRuns([named('b', 'a', { p: 1 }), run('b', { p: 1 })])).toThrow(
      new TrainingUsageError('two lines are called b: give a label to runs/b too, as label=folder'),
    );
  });
});

describe('shortSettingText', () => {
  it.each([
    ['"ppo"', 'ppo'],
    ['[32,32]', '[32,32]'],
    ['[[0,0.002],[1,0]]', '0.002 to 0'],
    ['[[0,0],[0.5,1],[1,0]]', '0 to 1 to 0'],
    ['[[0,4],[0.1,3],[0.5,2],[1,1]]', '4 to ... to 1'],
    ['[[1,2,3],[4]]', '[[1,2,3],[4]]'],
    ['"a name of more than two dozen letters"', 'a name of more than t...'],
  ])('of %s', (json, text) => {
    expect(shortSettingText(json)).toBe(text);
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
