/** The generator: pinned, so that a change is seen, and distributed as it says. */
import { describe, expect, it } from 'vitest';
import { deriveSeed, GeometricSkip, Random } from '../../shared/random.ts';
import { binomial, chiSquare, chiSquareUniform, SIGNIFICANCE } from './statistics.ts';

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.next());

describe('the generator', () => {
  it('is xoshiro128**: its published recurrence, from a state written in', () => {
    // Worked with big integers from the authors' C code: result = rotl(s1 * 5, 7) * 9.
    const s = [1n, 2n, 3n, 4n];
    const mask = 0xffffffffn;
    const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & mask;
    const expected = Array.from({ length: 200 }, () => {
      const result = (rotl((s[1]! * 5n) & mask, 7n) * 9n) & mask;
      const t = (s[1]! << 9n) & mask;
      s[2]! ^= s[0]!;
      s[3]! ^= s[1]!;
      s[1]! ^= s[2]!;
      s[0]! ^= s[3]!;
      s[2]! ^= t;
      s[3] = rotl(s[3]!, 11n);
      return Number(result);
    });
    expect(draw(new Random(Uint32Array.of(1, 2, 3, 4)), 200)).toEqual(expected);
  });

  it('gives these numbers for these seeds, on every machine and in every version', () => {
    expect(draw(new Random().seed(0), 4)).toEqual([41330343, 4127113973, 4288068662, 1370020134]);
    expect(draw(new Random().seed(2 ** 53 - 1), 4)).toEqual([648541473, 1576561667, 1842645312, 3589206866]);
    expect([deriveSeed(1, 0), deriveSeed(1, 1), deriveSeed(2, 0)]).toEqual([
      1819972880, 3060987623, 1363951264,
    ]);
  });

  it('lives in words that the caller owns', () => {
    const state = new Uint32Array(4);
    const random = new Random(state).seed(5);
    const copy = new Random(state.slice());
    expect(draw(random, 10)).toEqual(draw(copy, 10));
    expect(state).toEqual(copy.state);
  });

  it('starts unrelated streams for neighbouring seeds', () => {
    const firsts = Array.from({ length: 10_000 }, (_, seed) => new Random().seed(seed).next());
    expect(new Set(firsts).size).toBeGreaterThan(9990);
    const bits = Array.from({ length: 32 }, (_, bit) => firsts.filter((value) => (value >>> bit) & 1).length);
    for (const ones of bits) expect(binomial(ones, firsts.length, 0.5)).toBeGreaterThan(SIGNIFICANCE);
  });
});

describe('below', () => {
  it.each([1, 2, 3, 5, 6, 7, 10, 64, 100, 119, 155])(
    `%i is uniform over as many numbers (chi-square, level ${SIGNIFICANCE})`,
    (n) => {
      const random = new Random().seed(n);
      const counts = Array.from({ length: n }, () => 0);
      for (let k = 0; k < 200 * Math.max(n, 100); k++) counts[random.below(n)]!++;
      if (n === 1) expect(counts).toEqual([20_000]);
      else expect(chiSquareUniform(counts)).toBeGreaterThan(SIGNIFICANCE);
    },
  );

  it('stays in range at its largest', () => {
    const random = new Random().seed(1);
    const values = Array.from({ length: 10_000 }, () => random.below(2 ** 20));
    expect(Math.max(...values)).toBeLessThan(2 ** 20);
    expect(values.every(Number.isInteger)).toBe(true);
    const halves = values.filter((value) => value < 2 ** 19).length;
    expect(binomial(halves, values.length, 0.5)).toBeGreaterThan(SIGNIFICANCE);
  });

  it('draws again where the remainder would favour small numbers', () => {
    // 2^32 mod 3 is 1, so the word 0 is the one that is rejected; this state gives 0 and then 5760.
    const random = new Random(Uint32Array.of(1, 0, 0, 0));
    const twin = new Random(Uint32Array.of(1, 0, 0, 0));
    expect(draw(twin, 2)).toEqual([0, 5760]);
    expect(random.below(3)).toBe(0);
    expect(random.state).toEqual(twin.state);
  });
});

describe('chance and uniform', () => {
  it.each([0, 0.005, 0.05, 0.3, 0.975, 1])(
    `chance(%d) holds that often (exact binomial, level ${SIGNIFICANCE})`,
    (p) => {
      const random = new Random().seed(11);
      let hits = 0;
      for (let k = 0; k < 50_000; k++) if (random.chance(p)) hits++;
      expect(binomial(hits, 50_000, p)).toBeGreaterThan(SIGNIFICANCE);
    },
  );

  it('uniform fills [0, 1) evenly', () => {
    const random = new Random().seed(12);
    const counts = Array.from({ length: 50 }, () => 0);
    for (let k = 0; k < 50_000; k++) counts[Math.floor(random.uniform() * 50)]!++;
    expect(chiSquareUniform(counts)).toBeGreaterThan(SIGNIFICANCE);
  });
});

/** A generator whose next word is `word`: the output function run backwards, with the inverses of 9 and 5 modulo 2^32. */
function about(word: number): Random {
  const turned = Math.imul(word, 0x38e38e39);
  return new Random(Uint32Array.of(1, Math.imul((turned >>> 7) | (turned << 25), 0xcccccccd), 0, 0));
}

describe('the edge between two results lies where the probability says', () => {
  it('a generator can be brought to any word', () => {
    expect([0, 1, 2 ** 31, 2 ** 32 - 1].map((word) => about(word).next())).toEqual([
      0,
      1,
      2 ** 31,
      2 ** 32 - 1,
    ]);
  });

  it('chance(0.5) is true for exactly the lower half of the words', () => {
    expect([2 ** 31 - 1, 2 ** 31].map((word) => about(word).chance(0.5))).toEqual([true, false]);
  });

  it('a skip with p = 0.5 is 0 for exactly the upper half, 1 for the upper half of the rest', () => {
    const skip = new GeometricSkip(0.5);
    const words = [2 ** 32 - 1, 2 ** 31, 2 ** 31 - 1, 2 ** 30, 2 ** 30 - 1];
    expect(words.map((word) => skip.draw(about(word)))).toEqual([0, 0, 1, 1, 2]);
  });
});

describe('geometric skips', () => {
  it.each([0.005, 0.05, 0.5])(
    `with p = %d have the geometric distribution (chi-square, level ${SIGNIFICANCE})`,
    (p) => {
      const skip = new GeometricSkip(p);
      const random = new Random().seed(13);
      const draws = 100_000;
      // Bins of at least one percent each: [edge, next edge), the last without end.
      const edges = [0];
      while ((1 - p) ** edges.at(-1)! > 0.02)
        edges.push(Math.max(edges.at(-1)! + 1, Math.ceil(edges.at(-1)! + 0.02 / p)));
      const observed = edges.map(() => 0);
      for (let k = 0; k < draws; k++) {
        const value = skip.draw(random);
        observed[edges.findLastIndex((edge) => value >= edge)]!++;
      }
      const tail = (k: number) => (1 - p) ** k;
      const expected = edges.map(
        (edge, i) => draws * (tail(edge) - (i + 1 < edges.length ? tail(edges[i + 1]!) : 0)),
      );
      expect(chiSquare(observed, expected)).toBeGreaterThan(SIGNIFICANCE);
    },
  );

  it('past the span of its table go on without memory', () => {
    const p = 0.002;
    const skip = new GeometricSkip(p);
    const random = new Random().seed(14);
    let past = 0;
    let farther = 0;
    for (let k = 0; k < 50_000; k++) {
      const value = skip.draw(random);
      if (value < 256) continue;
      past++;
      if (value >= 512) farther++;
    }
    expect(binomial(past, 50_000, (1 - p) ** 256)).toBeGreaterThan(SIGNIFICANCE);
    expect(binomial(farther, past, (1 - p) ** 256)).toBeGreaterThan(SIGNIFICANCE);
  });

  it('with p = 1 are none, with p = 0 longer than any list of sites', () => {
    const random = new Random().seed(15);
    for (let k = 0; k < 1000; k++) expect(new GeometricSkip(1).draw(random)).toBe(0);
    for (let k = 0; k < 3; k++) expect(new GeometricSkip(0).draw(random)).toBeGreaterThan(128 * 128);
  });

  it.each([-0.1, 1.1, Number.NaN])('with p = %d are refused', (p) => {
    expect(() => new GeometricSkip(p)).toThrow(RangeError);
  });
});

describe('derived seeds', () => {
  it('differ between children, and between children of neighbouring parents', () => {
    const seeds = new Set<number>();
    for (let parent = 0; parent < 50; parent++)
      for (let child = 0; child < 100; child++) seeds.add(deriveSeed(parent, child));
    // 5000 of 2^32: three collisions or more have a probability below 1e-8.
    expect(seeds.size).toBeGreaterThan(4997);
  });

  it('start streams that do not follow their parent’s', () => {
    const parent = draw(new Random().seed(9), 1000);
    const child = draw(new Random().seed(deriveSeed(9, 0)), 1000);
    const equal = parent.map((value, k) => ~(value ^ child[k]!)).reduce((sum, bits) => sum + ones(bits), 0);
    expect(binomial(equal, 32_000, 0.5)).toBeGreaterThan(SIGNIFICANCE);
  });
});

function ones(bits: number): number {
  let count = 0;
  for (let rest = bits >>> 0; rest !== 0; rest &= rest - 1) count++;
  return count;
}
