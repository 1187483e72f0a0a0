/** Many environments in one vector are the same environments, whichever way their windows are copied. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OptionsInput } from '../../shared/definition.ts';
import { type Environment, elementsOf } from '../../shared/environment.ts';
import { Random } from '../../shared/random.ts';
import { ENVIRONMENTS, makeEnvironment, makeVector } from '../../shared/registry.ts';
import type { VectorEnvironment } from '../../shared/vector.ts';
import { actionBuffer, bytesOf, drawActions, observationBuffer } from './play.ts';

const COUNT = 3;

interface Pair {
  readonly vector: VectorEnvironment;
  readonly singles: readonly Environment[];
  readonly actions: Uint8Array | Float32Array;
  /** Starts an episode in one of them, in both forms. */
  reset(e: number, seed: number): void;
  /** Starts new ones where they are over. */
  renew(seed: number): void;
  /** Steps both with the same random actions and compares rewards, ends and states. */
  step(): void;
}

function pair(name: string, options: OptionsInput, kernel: boolean, seed: number, reserve = 0): Pair {
  const vector = makeVector(name, options, COUNT, { kernel, reserve });
  const singles = Array.from({ length: COUNT }, () => makeEnvironment(name, options));
  const reset = (e: number, episodeSeed: number) => {
    singles[e]!.reset(episodeSeed);
    vector.reset(e, episodeSeed);
  };
  for (let e = 0; e < COUNT; e++) reset(e, seed + e);
  const random = new Random().seed(seed);
  const { players } = vector;
  const spec = singles[0]!.actionSpec;
  const actions = actionBuffer(spec, COUNT * players);
  const rewards = new Float32Array(COUNT * players);
  const expected = new Float32Array(COUNT * players);
  return {
    vector,
    singles,
    actions,
    reset,
    renew(episodeSeed) {
      for (let e = 0; e < COUNT; e++) if (vector.done[e] === 1) reset(e, episodeSeed + e);
    },
    step() {
      drawActions(spec, random, actions);
      vector.step(actions, rewards);
      singles.forEach((single, e) => {
        single.step(actions, expected, (e * actions.length) / COUNT, e * players);
        expect(vector.done[e]).toBe(single.done ? 1 : 0);
        expect(vector.environments[e]!.hash()).toBe(single.hash());
      });
      expect(bytesOf(rewards)).toEqual(bytesOf(expected));
    },
  };
}

/** Both encodings of both, into memory of the caller's and into the vector's own. */
function compareWindows({ vector, singles }: Pair): void {
  const { observationSpecs, players } = singles[0]!;
  for (const [encoding, spec] of Object.entries(observationSpecs)) {
    const stride = players * elementsOf(spec);
    const expected = observationBuffer(spec, COUNT * players);
    singles.forEach((single, e) => {
      single.observe(encoding, expected, e * stride);
    });
    const plain = observationBuffer(spec, COUNT * players, 20).fill(99);
    vector.observe(encoding, plain, 7);
    expect(plain.subarray(7, 7 + expected.length)).toEqual(expected);
    expect(
      [...plain.subarray(0, 7), ...plain.subarray(7 + expected.length)].every((value) => value === 99),
    ).toBe(true);
  }
}

describe.each(ENVIRONMENTS.map((definition) => definition.name))('a vector of %s', (name) => {
  const [first] = Object.keys(makeEnvironment(name).observationSpecs) as [string];

  describe.each([
    ['with the kernel', true],
    ['without it', false],
  ])('%s', (_, kernel) => {
    it.each(['individual', 'inequity'])(
      'is its environments, byte for byte, over whole episodes (reward %s)',
      (reward) => {
        const both = pair(name, { episodeLength: 80, reward }, kernel, 1);
        for (let step = 0; step < 240; step++) {
          if (step % 80 === 0) for (let e = 0; e < COUNT; e++) both.reset(e, step + e);
          both.renew(step);
          both.step();
          compareWindows(both);
        }
      },
    );

    it('says who sees whom in each of its environments, and writes nothing else', () => {
      const both = pair(name, {}, kernel, 7);
      const stride = both.vector.players ** 2;
      const expected = new Uint8Array(COUNT * stride);
      for (let step = 0; step < 30; step++) {
        both.renew(step);
        both.step();
        both.singles.forEach((single, e) => {
          single.observeVisible(expected, e * stride);
        });
        const out = new Uint8Array(expected.length + 2).fill(9);
        both.vector.observeVisible(out, 1);
        expect(Array.from(out)).toEqual([9, ...expected, 9]);
      }
      expect(() => both.vector.observeVisible(expected, 1)).toThrow(RangeError);
    });

    it('writes the same windows into memory of its own, and nothing beside them', () => {
      const spec = makeEnvironment(name).observationSpecs[first]!;
      const { players } = makeEnvironment(name);
      const plain = observationBuffer(spec, COUNT * players);
      const both = pair(name, {}, kernel, 2, 4096 + plain.byteLength);
      const before = both.vector.allocate(64).fill(1);
      const bytes = both.vector.allocate(plain.byteLength);
      const own =
        spec.dtype === 'uint8' ? bytes : new Float32Array(bytes.buffer, bytes.byteOffset, plain.length);
      const after = both.vector.allocate(64).fill(2);
      for (let step = 0; step < 30; step++) {
        both.renew(step);
        both.step();
        both.vector.observe(first, own);
        both.vector.observe(first, plain);
        expect(own).toEqual(plain);
        compareWindows(both);
      }
      expect([new Set(before), new Set(after)]).toEqual([new Set([1]), new Set([2])]);
    });

    it('refuses memory past what was reserved, and a vector of no environments', () => {
      expect(() => makeVector(name, {}, COUNT, { kernel, reserve: 100 }).allocate(1 << 26)).toThrow(
        RangeError,
      );
      expect(() => makeVector(name, {}, 0, { kernel })).toThrow(RangeError);
    });

    it('keeps its environments apart: stepping or loading one leaves the others as they are', () => {
      const { vector } = pair(name, {}, kernel, 3);
      const [one, two, three] = vector.environments as [Environment, Environment, Environment];
      const untouched = [one.hash(), three.hash()];
      const snapshot = one.save();
      const rewards = new Float32Array(two.players);
      const actions = actionBuffer(two.actionSpec, two.players);
      const random = new Random().seed(4);
      for (let step = 0; step < 100; step++) {
        if (two.done) two.reset(step);
        drawActions(two.actionSpec, random, actions);
        two.step(actions, rewards);
      }
      two.load(snapshot);
      expect([one.hash(), three.hash()]).toEqual(untouched);
      expect(two.hash()).toBe(untouched[0]);
    });

    it('refuses a bad joint action before any of its environments has changed', () => {
      const { vector, actions } = pair(name, {}, kernel, 5);
      const hashes = () => vector.environments.map((environment) => environment.hash());
      const before = hashes();
      const rewards = new Float32Array(COUNT * vector.players);
      const bad = actions.slice();
      bad[bad.length - 1] = 255;
      expect(() => vector.step(bad, rewards)).toThrow(RangeError);
      expect(() => vector.step(actions.subarray(1), rewards)).toThrow(RangeError);
      expect(() => vector.step(actions, rewards.subarray(1))).toThrow(RangeError);
      expect(hashes()).toEqual(before);
    });

    it('steps none of its environments while one of them is done', () => {
      const { vector, actions } = pair(name, { episodeLength: 2 }, kernel, 6);
      const rewards = new Float32Array(COUNT * vector.players);
      vector.step(actions, rewards);
      vector.step(actions, rewards);
      vector.reset(0, 1);
      vector.reset(1, 1);
      expect(() => vector.step(actions, rewards)).toThrow(Error);
      expect(vector.environments.map((environment) => environment.time)).toEqual([0, 0, 2]);
    });
  });
});

const onGrids = ENVIRONMENTS.map(({ name }) => name).filter((name) => makeEnvironment(name).grid !== null);

describe.each(onGrids)('windows of %s', (name) => {
  it('are the same with the kernel and without, 1 to 31 cells wide', () => {
    for (let width = 1; width <= 31; width++) {
      const left = Math.floor((width - 1) / 2);
      const window = {
        windowAhead: 1,
        windowLeft: left,
        windowRight: width - 1 - left,
        windowBehind: width % 3,
      };
      sameWindows(name, window, width);
    }
  });

  it('are the same in any shape, high, flat and lopsided', () => {
    const reach = fc.integer({ min: 0, max: 15 });
    fc.assert(
      fc.property(reach, reach, reach, reach, (windowAhead, windowBehind, windowLeft, windowRight) => {
        sameWindows(name, { windowAhead, windowBehind, windowLeft, windowRight }, windowAhead + windowLeft);
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});

/** Vectors with the kernel and without, observed into their own memory, against single environments; nothing is written beside it. */
function sameWindows(name: string, options: OptionsInput, seed: number): void {
  for (const kernel of [true, false]) {
    const both = pair(name, options, kernel, seed, 1 << 16);
    const spec = both.singles[0]!.observationSpecs.ids!;
    const stride = both.vector.players * elementsOf(spec);
    const before = both.vector.allocate(32).fill(1);
    const own = both.vector.allocate(COUNT * stride);
    const after = both.vector.allocate(32).fill(2);
    const expected = new Uint8Array(COUNT * stride);
    for (let step = 0; step < 4; step++) {
      both.step();
      both.vector.observe('ids', own);
      both.singles.forEach((single, e) => {
        single.observe('ids', expected, e * stride);
      });
      expect(own).toEqual(expected);
    }
    expect([new Set(before), new Set(after)]).toEqual([new Set([1]), new Set([2])]);
  }
}
