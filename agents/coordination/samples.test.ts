import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import { Means } from '../algorithms/means.ts';
import { decodeSafetensors, encodeSafetensors } from '../training/safetensors.ts';
import { addCoordination, type CoordinationOptions, CoordinationSamples, IN_TRAINING } from './samples.ts';
import { mutualInformation } from './tables.ts';

const SC = 'communication/speakerConsistency';
const SYMBOL = 'communication/coordination/symbolAction';
const ACTION = 'communication/coordination/actionAction';

interface Step {
  readonly m: readonly number[] | null;
  readonly a: readonly number[];
  /** Null where the episode ended. */
  readonly next: readonly number[] | null;
  readonly c?: readonly number[];
}

function samplesOf(options: Partial<CoordinationOptions> = {}): CoordinationSamples {
  return new CoordinationSamples({ players: 2, actions: 2, symbols: 2, seed: 1, ...IN_TRAINING, ...options });
}

function add(samples: CoordinationSamples, { m, a, next, c }: Step): void {
  samples.add({
    actions: Uint8Array.from(a),
    symbols: m === null ? null : Uint8Array.from(m),
    influence: c === undefined ? null : Float32Array.from(c),
    at: 0,
    next: next === null ? null : Uint8Array.from(next),
    nextAt: 0,
  });
}

function measured(steps: readonly Step[], options: Partial<CoordinationOptions> = {}) {
  const samples = samplesOf(options);
  for (const step of steps) add(samples, step);
  return samples.take();
}

const repeat = (times: number, step: (i: number) => Step) => Array.from({ length: times }, (_, i) => step(i));

/** Player 1 does what player 0 said; what else there is is constant. */
const obeying = (times: number, symbols = 2) =>
  repeat(times, (i) => ({ m: [i % symbols, 0], a: [0, 0], next: [0, i % symbols] }));

/** Steps in which nothing depends on anything. */
function independent(random: Random, times: number, players = 2, values = 2): Step[] {
  const draw = () => Array.from({ length: players }, () => random.below(values));
  return repeat(times, () => ({ m: draw(), a: draw(), next: draw(), c: draw() }));
}

describe('coordination of symbol and action', () => {
  it('of a listener that obeys is log n, and half of that over both pairs', () => {
    expect(measured(obeying(40, 4), { actions: 4, symbols: 4 })[SYMBOL]).toBeCloseTo(Math.log(4) / 2, 12);
  });

  it('takes the other’s next action and not its present one', () => {
    const now = repeat(40, (i) => ({ m: [i % 2, 0], a: [0, i % 2], next: [0, 0] }));
    expect(measured(now)[SYMBOL]).toBeCloseTo(0, 12);
  });

  it('leaves a player’s own next action out', () => {
    const own = repeat(40, (i) => ({ m: [i % 2, 0], a: [0, 0], next: [i % 2, 0] }));
    expect(measured(own)[SYMBOL]).toBeCloseTo(0, 12);
  });

  it('is over all ordered pairs: one of six with three players', () => {
    const steps = repeat(40, (i) => ({ m: [0, 0, i % 2], a: [0, 0, 0], next: [i % 2, 0, 0] }));
    expect(measured(steps, { players: 3 })[SYMBOL]).toBeCloseTo(Math.LN2 / 6, 12);
  });
});

describe('coordination of action and action', () => {
  it('of one that copies is log n, whatever is said', () => {
    const steps = repeat(40, (i) => ({ m: [0, 0], a: [i % 2, 0], next: [0, i % 2] }));
    const record = measured(steps);
    expect(record[ACTION]).toBeCloseTo(Math.LN2 / 2, 12);
    expect(record[SYMBOL]).toBeCloseTo(0, 12);
  });

  it('by hand: next actions [2 1; 1 2] given actions', () => {
    const pairs = [
      [0, 0],
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [1, 1],
    ] as const;
    const steps = pairs.map(([a, next]) => ({ m: null, a: [a, 0], next: [0, next] }));
    expect(measured(steps, { symbols: null })[ACTION]).toBeCloseTo(0.056633 / 2, 6);
  });

  it('is all there is without symbols', () => {
    const record = measured([{ m: null, a: [0, 1], next: [1, 1], c: [1, 1] }], { symbols: null });
    expect(Object.keys(record)).toEqual([
      ACTION,
      `${ACTION}/baseline`,
      `${ACTION}/high`,
      `${ACTION}/high/baseline`,
    ]);
  });
});

describe('speaker consistency', () => {
  it('is the mean over speakers: 1 for one that tells what it does, 1/2 for one that always says the same', () => {
    const steps = repeat(40, (i) => ({ m: [i % 2, 0], a: [i % 2, i % 2], next: [0, 0] }));
    const record = measured(steps);
    expect(record[SC]).toBeCloseTo(0.75, 12);
    expect(record['communication/symbolsUsed']).toBe(1.5);
    expect(record['communication/actionsUsed']).toBe(2);
  });

  it('counts the last steps of episodes, which coordination does not', () => {
    const ended = repeat(10, (i) => ({ m: [i % 2, 0], a: [i % 2, i % 2], next: null }));
    const record = measured(ended);
    expect(record[SC]).toBeCloseTo(0.75, 12);
    expect(Object.keys(record)).not.toContain(SYMBOL);
    expect(Object.keys(record)).not.toContain(ACTION);
  });

  it('of what is symmetric and unrelated is near its baseline', () => {
    const record = measured(independent(new Random().seed(3), 2000), { permutations: 50 });
    expect(Math.abs(record[SC]! - record[`${SC}/baseline`]!)).toBeLessThan(0.002);
  });
});

describe('moments of high influence', () => {
  // Player 1 obeys at one step in ten, where player 0 has influence; the other nine times it does as it likes.
  const random = new Random().seed(4);
  const steps = repeat(400, (i) => {
    const symbol = (i / 10) & 1;
    const high = i % 10 === 0;
    return {
      m: [symbol, 0],
      a: [0, 0],
      next: [0, high ? symbol : random.below(2)],
      c: [high ? 1 : 0.5, Number.NaN],
    };
  });

  it('are each speaker’s tenth: there the listener obeys', () => {
    // Player 1 has no known influence, so that there is one pair.
    expect(measured(steps)[`${SYMBOL}/high`]).toBeCloseTo(Math.LN2, 12);
    expect(measured(steps)[SYMBOL]).toBeLessThan(0.1);
  });

  it('have a baseline of their own: ten times as high, a step in ten', () => {
    const record = measured(steps, { permutations: 2000 });
    // About 1 / 2n for two values each: n = 40 there, and 400 for all, of one pair in two.
    expect(record[`${SYMBOL}/high/baseline`]! / (1 / 80)).toBeCloseTo(1, 0);
    expect(record[`${SYMBOL}/baseline`]! / (1 / 1600)).toBeCloseTo(1, 0);
  });

  it('are not measured where no influence is known', () => {
    expect(Object.keys(measured(obeying(40))).filter((name) => name.includes('/high'))).toEqual([]);
  });

  it('are never last steps of episodes', () => {
    // Were last steps among the moments, their symbols would make the speakers inconsistent there, and others be measured.
    const last = repeat(10, (i): Step => ({ m: [i % 2, i % 2], a: [0, 0], next: null, c: [9, 9] }));
    const others = repeat(40, (i): Step => {
      const high = i >= 20 && i < 24;
      const x = high ? i % 2 : 0;
      return { m: [x, x], a: [x, x], next: [x, x], c: [Number(high), Number(high)] };
    });
    const record = measured([...last, ...others]);
    expect(record[`${SC}/high`]).toBeCloseTo(1, 12);
    expect(record[`${SYMBOL}/high`]).toBeCloseTo(Math.LN2, 12);
  });
});

describe('the baseline', () => {
  it('of two values twice each is log 2 / 3 a pair: of six ways to pair them two tell everything', () => {
    // The other pair has a listener that always does the same: 0.
    const record = measured(obeying(4), { permutations: 20_000 });
    expect(record[`${SYMBOL}/baseline`]).toBeCloseTo(Math.LN2 / 6, 2);
  });

  it('of speaker consistency by hand: of six ways to pair two symbols with two actions two are consistent, the rest not at all', () => {
    const steps = repeat(4, (i) => ({ m: [i % 2, i % 2], a: [i % 2, i % 2], next: null }));
    const record = measured(steps, { permutations: 20_000 });
    expect(record[SC]).toBeCloseTo(1, 12);
    expect(record[`${SC}/baseline`]).toBeCloseTo(1 / 3, 2);
  });

  it('is the mean over all orders of the listeners’ actions', () => {
    const said = [0, 0, 1, 1, 2];
    const done = [0, 1, 1, 2, 2];
    const orders = permutations(done);
    let mean = 0;
    for (const order of orders) {
      const table = new Float64Array(9);
      said.forEach((m, i) => {
        table[m * 3 + order[i]!]!++;
      });
      mean += mutualInformation(table, 3, 3) / orders.length;
    }
    const steps = said.map((m, i) => ({ m: [m, 0], a: [0, 0], next: [0, done[i]!] }));
    const record = measured(steps, { actions: 3, symbols: 3, permutations: 20_000 });
    expect(record[`${SYMBOL}/baseline`]).toBeCloseTo(mean / 2, 2);
  });

  it('of a listener that always does the same is 0', () => {
    const steps = repeat(30, (i) => ({ m: [i % 2, i % 2], a: [i % 2, i % 2], next: [0, 0] }));
    expect(measured(steps)[`${SYMBOL}/baseline`]).toBeCloseTo(0, 12);
  });

  it('keeps what the players’ symbols have in common: two speakers that say the same are shuffled as one', () => {
    // Players 0 and 1 say the same; player 2 alone varies what it does. Both pairs then come to the same statistic, and of
    // four steps to 0 or log 2 each: the sum over permutations is one of a single permutation twice.
    const steps = repeat(4, (i) => ({ m: [i % 2, i % 2, 0], a: [0, 0, 0], next: [0, 0, i % 2] }));
    const seen = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      const record = measured(steps, { players: 3, permutations: 1, seed });
      seen.add(Math.round((record[`${SYMBOL}/baseline`]! * 6) / Math.LN2));
    }
    expect([...seen].sort()).toEqual([0, 2]);
  });
});

describe('the p-value', () => {
  const options = { pValues: true, permutations: 199 };

  it('is 1 where there is nothing to shuffle', () => {
    const still = repeat(20, () => ({ m: [0, 0], a: [0, 0], next: [0, 0] }));
    expect(measured(still, options)[`${SYMBOL}/pValue`]).toBe(1);
  });

  it('is as small as the permutations allow where everything is obeyed', () => {
    expect(measured(obeying(40), options)[`${SYMBOL}/pValue`]).toBe(1 / 200);
  });

  it('by hand: a third of the orders of two values twice each tell everything', () => {
    const record = measured(obeying(4), { ...options, permutations: 9999 });
    expect(record[`${SYMBOL}/pValue`]).toBeCloseTo(1 / 3, 1);
  });

  it('of unrelated players is below 1/5 in at most a fifth of the samples', () => {
    const random = new Random().seed(5);
    let low = 0;
    const times = 400;
    for (let i = 0; i < times; i++) {
      const record = measured(independent(random, 30, 3), {
        players: 3,
        pValues: true,
        permutations: 39,
        seed: i,
      });
      for (const name of [SC, SYMBOL, ACTION]) if (record[`${name}/pValue`]! <= 0.2) low++;
    }
    // Expected at most 240 of 1200. The three are nearly independent: standard deviation 14, and five of them.
    expect(low).toBeLessThan(310);
    expect(low).toBeGreaterThan(150);
  });

  it('is told of where it was asked for', () => {
    expect(samplesOf().names.some((name) => name.endsWith('pValue'))).toBe(false);
    expect(samplesOf(options).names.filter((name) => name.endsWith('pValue'))).toEqual([
      `${SC}/pValue`,
      `${SC}/high/pValue`,
      `${SYMBOL}/pValue`,
      `${SYMBOL}/high/pValue`,
      `${ACTION}/pValue`,
      `${ACTION}/high/pValue`,
    ]);
  });
});

it('measures are a function of seed and steps', () => {
  const steps = independent(new Random().seed(6), 50);
  expect(measured(steps)).toEqual(measured(steps));
  expect(measured(steps, { seed: 2 })).not.toEqual(measured(steps));
});

it('every measure lies in its range, and its baseline too', () => {
  const scenes = fc.record({
    seed: fc.nat(1000),
    players: fc.integer({ min: 2, max: 4 }),
    actions: fc.integer({ min: 2, max: 5 }),
    symbols: fc.integer({ min: 2, max: 5 }),
    times: fc.integer({ min: 1, max: 40 }),
  });
  fc.assert(
    fc.property(scenes, ({ seed, players, actions, symbols, times }) => {
      const random = new Random().seed(seed);
      const steps = independent(random, times, players, Math.min(actions, symbols));
      const record = measured(steps, { players, actions, symbols, pValues: true });
      for (const [name, value] of Object.entries(record)) {
        expect(value, name).toBeGreaterThanOrEqual(0);
        if (name.includes(SC) || name.endsWith('pValue')) expect(value, name).toBeLessThanOrEqual(1);
        else if (name.includes('/coordination/')) {
          expect(value, name).toBeLessThanOrEqual(Math.log(actions) + 1e-12);
        }
      }
      expect(Object.keys(record)).toHaveLength(samplesOf({ pValues: true }).names.length);
    }),
    { numRuns: 50 },
  );
});

it('take forgets: the next report is of what came after it', () => {
  const samples = samplesOf();
  for (const step of obeying(40)) add(samples, step);
  samples.take();
  expect(samples.take()).toEqual({});
  for (const step of repeat(40, () => ({ m: [0, 0], a: [0, 0], next: [0, 0] }))) add(samples, step);
  expect(samples.take()[SYMBOL]).toBeCloseTo(0, 12);
});

describe('more steps than fit', () => {
  it('are all the same likely to be kept', () => {
    const samples = samplesOf({ players: 2, actions: 256, symbols: null, capacity: 8 });
    const kept = new Float64Array(40);
    const times = 3000;
    for (let i = 0; i < times; i++) {
      for (let step = 0; step < 40; step++) add(samples, { m: null, a: [step, 0], next: [0, 0] });
      const { actions } = samples.save();
      for (let slot = 0; slot < 8; slot++) kept[actions![slot * 2]!]!++;
      samples.load({
        ...samplesOf({ actions: 256, symbols: null }).save(),
        generator: samples.save().generator!,
      });
    }
    // 8 of 40: 600 each, standard deviation 22, five of them.
    for (const count of kept) expect(Math.abs(count - times / 5)).toBeLessThan(110);
  });

  it('keep all of a step together', () => {
    const random = new Random().seed(7);
    const samples = samplesOf({ actions: 5, symbols: 5, capacity: 16 });
    for (let i = 0; i < 200; i++) {
      const x = random.below(5);
      add(samples, { m: [x, x], a: [x, x], next: [x, x] });
    }
    const { actions, symbols, next } = samples.save();
    expect(symbols).toEqual(actions);
    expect(next).toEqual(actions);
  });

  it('all count while they fit', () => {
    const steps = independent(new Random().seed(8), 60);
    expect(measured(steps, { capacity: 60 })).toEqual(measured(steps, { capacity: 4096 }));
  });
});

describe('saved and loaded', () => {
  /** As a checkpoint has it: written to a file's bytes, and read. */
  function throughFile(samples: CoordinationSamples) {
    const tensors = Object.fromEntries(
      Object.entries(samples.save()).map(([name, data]) => [
        name,
        { shape: [data.length], data: data as Uint8Array<ArrayBuffer> },
      ]),
    );
    const file = decodeSafetensors(encodeSafetensors(tensors, {}), 'a checkpoint');
    return Object.fromEntries([...file.tensors].map(([name, { data }]) => [name, data as Uint8Array]));
  }

  it('goes on to the same digits, whenever that is', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(100), (cut, seed) => {
        const steps = independent(new Random().seed(seed), 60);
        const options = { capacity: 20, seed };
        const whole = samplesOf(options);
        let parted = samplesOf(options);
        steps.forEach((step, i) => {
          if (i === cut) {
            const other = samplesOf({ ...options, seed: seed + 1 });
            other.load(throughFile(parted));
            parted = other;
          }
          add(whole, step);
          add(parted, step);
        });
        expect(parted.take()).toEqual(whole.take());
        for (const step of steps) {
          add(whole, step);
          add(parted, step);
        }
        expect(parted.take()).toEqual(whole.take());
      }),
      { numRuns: 30 },
    );
  });

  it('refuses what other players saved', () => {
    const samples = samplesOf({ players: 3 });
    add(samples, { m: [0, 0, 0], a: [0, 0, 0], next: [0, 0, 0] });
    expect(() => samplesOf().load(samples.save())).toThrow('actions should have 2 elements and has 3');
    expect(() => samplesOf().load({})).toThrow('seen should have 1 elements and has none');
  });
});

describe('a segment', () => {
  // Three steps of two environments with two players.
  const segment = {
    steps: 3,
    actions: Uint8Array.of(0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0),
    symbols: Uint8Array.of(1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1),
    influence: Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2),
    ended: Uint8Array.of(0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0),
  };

  it('is its steps, each with the next of its own environment', () => {
    const whole = samplesOf();
    whole.addSegment(segment);
    const single = samplesOf();
    const steps: Step[] = [
      { m: [1, 1], a: [0, 1], next: [1, 0], c: [0.1, 0.2] },
      { m: [0, 1], a: [1, 1], next: null, c: [0.3, 0.4] },
      { m: [0, 0], a: [1, 0], next: [1, 1], c: [0.5, 0.6] },
      { m: [1, 0], a: [0, 1], next: [0, 0], c: [0.7, 0.8] },
      { m: [1, 1], a: [1, 1], next: null, c: [0.9, 1] },
      { m: [0, 1], a: [0, 0], next: null, c: [1.1, 1.2] },
    ];
    for (const step of steps) add(single, step);
    expect(whole.save()).toEqual(single.save());
  });

  it('must hold whole environments', () => {
    expect(() => samplesOf({ players: 3 }).addSegment(segment)).toThrow(
      '12 actions are not those of 3 steps of environments with 3 players',
    );
  });
});

it('shards are logged as the mean of those that have a measure', () => {
  const shards = [obeying(40), repeat(40, () => ({ m: [0, 0], a: [0, 0], next: [0, 0] })), []].map(
    (steps) => {
      const samples = samplesOf();
      for (const step of steps) add(samples, step);
      return samples;
    },
  );
  const means = new Means();
  const row = new Float64Array(3 + shards[0]!.names.length);
  for (const samples of shards) {
    samples.takeRow(row, 3);
    addCoordination(means, samples.names, row, 3);
  }
  const record = means.take();
  expect(record[SYMBOL]).toBeCloseTo(Math.LN2 / 4, 12);
  expect(Object.values(record).some(Number.isNaN)).toBe(false);
});

describe('bad input', () => {
  it.each([
    [{ players: 1 }, 'players must be a whole number from 2 to 65536, not 1'],
    [{ actions: 257 }, 'actions must be a whole number from 2 to 256, not 257'],
    [{ symbols: 1 }, 'symbols must be a whole number from 2 to 256, not 1'],
    [{ capacity: 0 }, 'capacity must be a whole number from 1 to 16777216, not 0'],
    [{ permutations: 0.5 }, 'permutations must be a whole number from 1 to 1048576, not 0.5'],
  ])('%j is refused', (options, message) => {
    expect(() => samplesOf(options)).toThrow(`coordination: ${message}`);
  });

  it.each<[string, Step, string]>([
    ['an action', { m: [0, 0], a: [0, 2], next: null }, 'action 2 of player 1: there are 2, from 0 to 1'],
    ['a symbol', { m: [3, 0], a: [0, 0], next: null }, 'symbol 3 of player 0: there are 2, from 0 to 1'],
    ['a next action', { m: [0, 0], a: [0, 0], next: [0, 9] }, 'next action 9 of player 1'],
    [
      'too few players',
      { m: [0, 0], a: [0], next: null },
      'no action of player 1 at 1: there are 1 elements',
    ],
    ['no symbols', { m: null, a: [0, 0], next: null }, 'a step without symbols, of players that have 2'],
  ])('%s that there is none of is refused', (_, step, message) => {
    expect(() => add(samplesOf(), step)).toThrow(message);
  });

  it('symbols of players that have none are refused', () => {
    expect(() => add(samplesOf({ symbols: null }), { m: [0, 0], a: [0, 0], next: null })).toThrow(
      'give null',
    );
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}
