/** The recorded trajectories replay exactly, and a file that differs or is none is told by its place. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compareTrajectories, parseTrajectories, type TrajectoryFile } from '../shared/trajectory.ts';

const read = (name: string) => readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), 'utf8');

describe.each(['harvest', 'harvest-crowded', 'cleanup'])('%s', (name) => {
  const text = read(name);
  const file = parseTrajectories(text);

  it('replays exactly, every step of every trace', async () => {
    const steps = file.traces.reduce((sum, trace) => sum + trace.steps.length, 0);
    expect(steps).toBeGreaterThan(100);
    expect(await compareTrajectories(file)).toEqual({ steps, traces: file.traces.length, difference: null });
  });
});

it.each(['harvest', 'cleanup'])('%s has windows to compare', (name) => {
  const { traces } = parseTrajectories(read(name));
  expect(traces.every((trace) => trace.steps.some((step) => step.rgb !== undefined))).toBe(true);
});

it('the example in docs/trajectories.md replays exactly', async () => {
  const text = readFileSync(new URL('../docs/trajectories.md', import.meta.url), 'utf8');
  const [, example] = /```json\n([\s\S]*?)```/.exec(text)!;
  expect(await compareTrajectories(parseTrajectories(example!))).toEqual({
    steps: 2,
    traces: 1,
    difference: null,
  });
});

describe('a corrupted copy is told by trace, step and field', () => {
  const last = (file: TrajectoryFile) => file.traces.at(-1)!.steps;
  const corrupt = async (name: string, change: (file: TrajectoryFile) => void) => {
    const file = parseTrajectories(read(name));
    change(file);
    const { difference } = await compareTrajectories(file);
    return { difference, trace: file.traces.length - 1 };
  };

  it('a player elsewhere', async () => {
    const { difference, trace } = await corrupt('harvest', (file) => {
      const agent = last(file)[20]!.agents[2]!;
      agent[1] += 1;
    });
    expect(difference).toMatchObject({ trace, step: 20, field: 'agents[2]' });
    expect(difference!.expected).not.toBe(difference!.found);
  });

  it('a player facing elsewhere', async () => {
    const { difference, trace } = await corrupt('harvest-crowded', (file) => {
      const agent = last(file)[7]!.agents[0]!;
      agent[2] = agent[2] === 'UP' ? 'DOWN' : 'UP';
    });
    expect(difference).toMatchObject({ trace, step: 7, field: 'agents[0]' });
  });

  it('another reward', async () => {
    const { difference, trace } = await corrupt('harvest', (file) => {
      last(file)[33]!.rewards[1]! += 1;
    });
    expect(difference).toMatchObject({ trace, step: 33, field: 'rewards[1]' });
  });

  it('another number of apples, and of waste cells', async () => {
    const apples = await corrupt('harvest', (file) => {
      last(file)[5]!.apples--;
    });
    expect(apples.difference).toMatchObject({ trace: apples.trace, step: 5, field: 'apples' });
    const waste = await corrupt('cleanup', (file) => {
      last(file)[5]!.waste!--;
    });
    expect(waste.difference).toMatchObject({ trace: waste.trace, step: 5, field: 'waste' });
  });

  it('windows of another step, to the player and the cell', async () => {
    let step = 0;
    const { difference, trace } = await corrupt('harvest', (file) => {
      const seen = last(file).flatMap(({ rgb }, index) => (rgb === undefined ? [] : [{ rgb, index }]));
      step = seen[1]!.index;
      last(file)[step]!.rgb = seen[0]!.rgb;
    });
    expect(difference).toMatchObject({ trace, step });
    expect(difference!.field).toMatch(/^rgb\[\d+\] row \d+ column \d+ channel [012]$/);
  });

  it('an action that was not taken', async () => {
    const { difference, trace } = await corrupt('harvest', (file) => {
      const step = last(file)[0]!;
      step.actions[0] = step.actions[0] === 5 ? 6 : 5;
    });
    expect(difference).toMatchObject({ trace, step: 0, field: 'agents[0]' });
  });
});

describe('a file that is no trajectory is refused with the place', () => {
  const trace = () => ({
    environment: 'harvest',
    map: ['@@@@@', '@PP @', '@@@@@'],
    regrowth: 'off',
    agents: [{ row: 1, col: 1, facing: 'UP' }],
    steps: [{ actions: [4], agents: [[1, 1, 'UP']], rewards: [0], apples: 0 }] as object[],
  });
  const refused = async (second: object) => {
    const text = JSON.stringify({ traces: [trace(), { ...trace(), ...second }] });
    const failure = (async () => compareTrajectories(parseTrajectories(text)))();
    return expect(failure).rejects;
  };
  const step = { actions: [4], agents: [[1, 1, 'UP']], rewards: [0], apples: 0 };

  it('accepts the one that the others differ from', async () => {
    const file = parseTrajectories(JSON.stringify({ traces: [trace()] }));
    expect(await compareTrajectories(file)).toEqual({ steps: 1, traces: 1, difference: null });
  });

  it('no JSON, no traces, another format', () => {
    expect(() => parseTrajectories('{"traces": [')).toThrow(/^not JSON: /);
    expect(() => parseTrajectories('[]')).toThrow(/^not a trajectory file: /);
    expect(() => parseTrajectories('{"traces": []}')).toThrow(/traces: /);
    expect(() => parseTrajectories(JSON.stringify({ format: 2, traces: [trace()] }))).toThrow(/format: /);
  });

  it.each<[string, object, RegExp]>([
    ['an environment that is none', { environment: 'chess' }, /traces\.1\.environment: /],
    ['growth', { regrowth: 'on' }, /traces\.1\.regrowth: /],
    [
      'a map with fewer spawn points than players',
      { map: ['@@@@@', '@   @', '@@@@@'] },
      /traces\.1.*spawn point/,
    ],
    ['a letter the map cannot have', { map: ['@@@@@', '@P?P@', '@@@@@'] }, /traces\.1.*row 1, column 2/],
    ['rows of different lengths', { map: ['@@@@@', '@PP@', '@@@@@'] }, /traces\.1.*row 1/],
    ['a player off the map', { agents: [{ row: 7, col: 1, facing: 'UP' }] }, /traces\.1\.agents\.0: .*row 7/],
    ['a player in a wall', { agents: [{ row: 0, col: 1, facing: 'UP' }] }, /traces\.1.*agents\.0 .*wall/],
    [
      'a facing that is none',
      { agents: [{ row: 1, col: 1, facing: 'NORTH' }] },
      /traces\.1\.agents\.0\.facing: /,
    ],
    [
      'two players on a cell',
      {
        agents: [
          { row: 1, col: 1, facing: 'UP' },
          { row: 1, col: 1, facing: 'UP' },
        ],
        steps: [],
      },
      /traces\.1.*agents\.1 .*agents\.0/,
    ],
    ['too few actions', { steps: [step, { ...step, actions: [] }] }, /traces\.1\.steps\.1\.actions: /],
    [
      'an action the environment has not',
      { steps: [{ ...step, actions: [8] }] },
      /traces\.1\.steps\.0.*action 8/,
    ],
    ['an action past a byte', { steps: [{ ...step, actions: [258] }] }, /traces\.1\.steps\.0\.actions\.0: /],
    ['no rewards', { steps: [{ ...step, rewards: undefined }] }, /traces\.1\.steps\.0\.rewards: /],
    ['windows that are not base64', { steps: [{ ...step, rgb: '?' }] }, /traces\.1\.steps\.0\.rgb: /],
    ['windows that are not zlib', { steps: [{ ...step, rgb: btoa('hello') }] }, /traces\.1\.steps\.0\.rgb: /],
    [
      'windows of too few bytes',
      { steps: [{ ...step, rgb: 'eJxjYGBgAAAABAAB' }] },
      /traces\.1\.steps\.0\.rgb: 4 bytes/,
    ],
  ])('%s', async (_, second, place) => {
    await (await refused(second)).toThrow(place);
    await (await refused(second)).toMatchObject({ name: 'TrajectoryError' });
  });
});
