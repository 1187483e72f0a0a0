import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { TrainingUsageError } from './errors.ts';
import { ConfigError, formatConfig, parseConfig, setPath } from './yaml-config.ts';

const algo = z.strictObject({
  name: z.enum(['ppo', 'dqn']).default('ppo'),
  learningRate: z.number().positive().default(0.0005),
  epochs: z.int().min(1).max(100).default(2),
  schedule: z.union([z.number(), z.array(z.tuple([z.number(), z.number()])).min(1)]).default(0),
});
const network = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dense'), hidden: z.array(z.int()) }),
  z.strictObject({ kind: z.literal('lstm'), units: z.int() }),
]);
const schema = z.strictObject({
  algo: algo.prefault({}),
  network: network.default({ kind: 'dense', hidden: [64] }),
  steps: z.int().min(1).default(1000),
  environment: z.string().optional(),
  environments: z.int().optional(),
});

const parse = (text: string, overrides: string[] = []) =>
  parseConfig(text, schema, { source: 'run.yaml', overrides });

/** The message of the ConfigError that parsing throws. */
function complaint(text: string, overrides: string[] = []): string {
  try {
    parse(text, overrides);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toBeInstanceOf(TrainingUsageError);
    return (error as Error).message;
  }
  return 'no complaint';
}

describe('parseConfig', () => {
  it('reads YAML, fills in defaults and takes exponents for numbers', () => {
    const config = parse('# a comment\nsteps: 1e7\nalgo: {learningRate: 1e-3}\n');
    expect(config.steps).toBe(10_000_000);
    expect(config.algo).toEqual({ name: 'ppo', learningRate: 0.001, epochs: 2, schedule: 0 });
  });

  it('takes an empty text for defaults', () => {
    expect(parse('').steps).toBe(1000);
  });

  it('lets settings from the command line win, values in YAML', () => {
    const config = parse('algo:\n  learningRate: 0.1\n', [
      'algo.learningRate=1e-4',
      'algo.schedule=[[0, 1], [1, 0]]',
      'environment=harvest',
    ]);
    expect(config.algo.learningRate).toBe(0.0001);
    expect(config.algo.schedule).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(config.environment).toBe('harvest');
  });

  it.each([
    [
      'a misspelt key',
      'algo:\n  learnRate: 1\n',
      'run.yaml, line 2: algo.learnRate is unknown, did you mean algo.learningRate?',
    ],
    [
      'the beginning of a key',
      'algo: {learn: 1}',
      'run.yaml, line 1: algo.learn is unknown, did you mean algo.learningRate?',
    ],
    [
      'the beginning of two',
      'ENVI: 1',
      'run.yaml, line 1: ENVI is unknown, did you mean environment or environments?',
    ],
    [
      'a key one level too high',
      'steps: 5\nepochs: 3\n',
      'run.yaml, line 2: epochs is unknown, did you mean algo.epochs?',
    ],
    [
      'a key of nothing',
      'colour: red',
      'run.yaml, line 1: colour is unknown, there are algo, network, steps, environment, environments',
    ],
    [
      'a key of a union',
      'network:\n  kind: lstm\n  units: 8\n  unit: 9',
      'run.yaml, line 4: network.unit is unknown, did you mean network.units?',
    ],
    [
      'text for a number',
      'algo:\n  epochs: many',
      'run.yaml, line 2: algo.epochs is "many": must be a number',
    ],
    [
      'no number',
      'algo: {learningRate: .nan}',
      'run.yaml, line 1: algo.learningRate is not a number: must be a number',
    ],
    [
      'no number in a list',
      'algo: {epochs: [.nan]}',
      'run.yaml, line 1: algo.epochs is ["NaN"]: must be a number',
    ],
    [
      'more than any number',
      'algo: {learningRate: .inf}',
      'run.yaml, line 1: algo.learningRate is Infinity: must be a number',
    ],
    ['a fraction', 'steps: 1.5', 'run.yaml, line 1: steps is 1.5: must be a whole number'],
    ['too little', 'algo: {epochs: 0}', 'run.yaml, line 1: algo.epochs is 0: must be at least 1'],
    ['too much', 'algo: {epochs: 101}', 'run.yaml, line 1: algo.epochs is 101: must be at most 100'],
    [
      'zero for a positive number',
      'algo: {learningRate: 0}',
      'run.yaml, line 1: algo.learningRate is 0: must be more than 0',
    ],
    [
      'an unknown choice',
      'algo:\n\n  name: poo',
      'run.yaml, line 3: algo.name is "poo": must be one of ppo, dqn; did you mean ppo?',
    ],
    [
      'an unknown kind',
      'network: {kind: gru}',
      'run.yaml, line 1: network.kind is "gru": must be one of dense, lstm',
    ],
    [
      'neither of two kinds',
      'algo: {schedule: fast}',
      'run.yaml, line 1: algo.schedule is "fast": must be a number, or must be a list',
    ],
    [
      'an empty list',
      'algo: {schedule: []}',
      'run.yaml, line 1: algo.schedule is []: must have at least 1 item',
    ],
    [
      'an item of a list',
      'network:\n  kind: dense\n  hidden:\n    - 3\n    - x',
      'run.yaml, line 5: network.hidden.1 is "x": must be a number',
    ],
    [
      'a missing setting',
      'network:\n  kind: lstm',
      'run.yaml, line 1: network.units is missing: must be a number',
    ],
    [
      'two mistakes',
      'steps: 0\nalgo: {epochs: 0}',
      'run.yaml, line 2: algo.epochs is 0: must be at least 1\nrun.yaml, line 1: steps is 0: must be at least 1',
    ],
    ['a list', '- 1', 'run.yaml: [1] where settings should be, such as\nalgo:\n  name: ppo'],
    ['a key twice', 'steps: 1\nsteps: 2', 'run.yaml, line 2: not YAML: Map keys must be unique'],
    [
      'no YAML',
      'steps: 1\nalgo: [',
      'run.yaml, line 2: not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    [
      'a prototype',
      '__proto__: {steps: 1}',
      'run.yaml, line 1: __proto__ is unknown, there are algo, network, steps, environment, environments',
    ],
  ])('refuses %s', (_, text, message) => {
    expect(complaint(text)).toBe(message);
  });

  it('refuses aliases that grow without end', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [name, of] of ['ba', 'cb', 'dc', 'ed'].map((pair) => [...pair])) {
      lines.push(
        `${name}: &${name} [*${of}, *${of}, *${of}, *${of}, *${of}, *${of}, *${of}, *${of}, *${of}]`,
      );
    }
    expect(complaint(lines.join('\n'))).toMatch(/^run\.yaml: not YAML: Excessive alias count/);
  });

  it('says of a setting from the command line that it came from there', () => {
    expect(complaint('algo: {epochs: 1}', ['algo.epochs=0'])).toBe(
      'algo.epochs on the command line: algo.epochs is 0: must be at least 1',
    );
    expect(complaint('', ['algo.epoch=3'])).toBe(
      'algo.epoch on the command line: algo.epoch is unknown, did you mean algo.epochs?',
    );
  });

  it.each([
    ['algo', 'algo: give path=value, for example algo.learningRate=1e-3'],
    ['=3', '=3: give path=value, for example algo.learningRate=1e-3'],
    ['steps=[', /^steps=\[: the value is no YAML/],
    ['steps.more=1', 'steps.more: steps is 5 and has no fields'],
  ])('refuses the setting %s', (override, message) => {
    const found = complaint('steps: 5', [override]);
    if (typeof message === 'string') expect(found).toBe(message);
    else expect(found).toMatch(message);
  });

  it('takes a schema’s own words for what is wrong', () => {
    const own = z.strictObject({ seed: z.int({ error: 'a seed is a whole number' }) });
    expect(() => parseConfig('seed: x', own, { source: 'a.yaml' })).toThrow(
      'a.yaml, line 1: seed is "x": a seed is a whole number',
    );
  });
});

describe('formatConfig', () => {
  it('writes what parseConfig reads', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.string(),
        fc.boolean(),
        fc.constant(null),
        tie('object'),
      ),
      object: fc.dictionary(
        fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
        tie('any'),
      ),
    })).object;
    fc.assert(
      fc.property(value, (config) => {
        const read = parseConfig(formatConfig(config), z.looseObject({}), { source: 'x' });
        // YAML of -0 is 0 in JSON's sense, and zod hands on a plain object.
        expect(JSON.stringify(read)).toBe(JSON.stringify(config));
      }),
      { numRuns: 300 },
    );
  });
});

describe('setPath', () => {
  it('sets what is there, and makes what is missing on the way', () => {
    const config: Record<string, unknown> = { a: { b: 1 } };
    setPath(config, 'a.b', 2);
    setPath(config, 'a.c.d', [3]);
    setPath(config, 'a.c.d.0', 4);
    expect(config).toEqual({ a: { b: 2, c: { d: [4] } } });
  });

  it('leaves alone what shares an object with the path', () => {
    const shared = { rate: 1 };
    const config: Record<string, unknown> = { a: shared, b: shared };
    setPath(config, 'a.rate', 2);
    expect(config).toEqual({ a: { rate: 2 }, b: { rate: 1 } });
  });

  it('does not reach prototypes', () => {
    for (const path of ['__proto__.x', 'constructor.prototype.x', 'a.__proto__.x']) {
      try {
        setPath({ a: {} }, path, 1);
      } catch {}
      expect(({} as Record<string, unknown>).x).toBeUndefined();
    }
  });

  it.each(['', 'a..b', '.a', 'list.5', 'list.x'])('refuses the path %j', (path) => {
    expect(() => setPath({ list: [1] }, path, 1)).toThrow(ConfigError);
  });
});
