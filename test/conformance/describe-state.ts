/** Part of the conformance suite: an episode is a function of its seed and its actions, and a snapshot is all of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EnvironmentDefinition, parseOptions } from '../../shared/definition.ts';
import { episode, makerOf, Play, reading, SHORT } from './play.ts';

export function describeState(definition: EnvironmentDefinition, preset: string): void {
  const { make, started } = makerOf(definition, preset);

  describe('the same seed and actions', () => {
    it('give the same bytes for a whole episode, in two instances and in one that is reset again', () => {
      const first = make();
      const expected = episode(first, 11);
      expect(expected).toHaveLength(first.time + 1);
      expect(first.done).toBe(true);
      expect(episode(make(), 11)).toEqual(expected);
      episode(first, 12);
      expect(episode(first, 11)).toEqual(expected);
    });

    it('give the same bytes when an episode is broken off in the middle', () => {
      const environment = started(1, { episodeLength: SHORT });
      new Play(environment, 1).run(SHORT / 2);
      expect(episode(environment, 2)).toEqual(episode(make({ episodeLength: SHORT }), 2));
    });

    it('give the same bytes whatever other instances do in between', () => {
      const alone = episode(make({ episodeLength: SHORT }), 3);
      const one = started(3, { episodeLength: SHORT });
      const other = started(4, { episodeLength: SHORT });
      const play = new Play(one, 3);
      const disturbance = new Play(other, 5);
      const lines = [reading(one, play.rewards)];
      while (!one.done) {
        if (other.done) other.reset(one.time);
        disturbance.step();
        lines.push(...play.run(1));
      }
      expect(lines).toEqual(alone);
    });
  });

  describe('different seeds', () => {
    it('start different episodes, near each other and far apart', () => {
      const seeds = [
        ...Array.from({ length: 200 }, (_, seed) => seed),
        2 ** 32,
        2 ** 32 + 1,
        2 ** 52,
        2 ** 53 - 1,
      ];
      const environment = make();
      const hashes = seeds.map((seed) => {
        environment.reset(seed);
        return environment.hash();
      });
      expect(new Set(hashes).size).toBe(seeds.length);
    });

    it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
      'are refused where they are none: %d',
      (seed) => {
        const environment = started(1);
        const before = environment.hash();
        expect(() => environment.reset(seed)).toThrow(RangeError);
        expect(environment.hash()).toBe(before);
      },
    );
  });

  describe('a snapshot', () => {
    it.each(['individual', 'inequity'])(
      'taken at any step continues alike in another instance (reward %s)',
      (reward) => {
        const options = { episodeLength: SHORT, reward };
        const original = make(options);
        const copy = make(options);
        fc.assert(
          fc.property(fc.nat(SHORT - 1), fc.nat(), (at, seed) => {
            original.reset(seed);
            const play = new Play(original, seed);
            // An episode may be over before.
            const taken = play.run(at).length;
            const snapshot = original.save();
            const expected = play.run();
            // The copy has a state of its own behind it, which must leave nothing.
            copy.reset(seed + 1);
            const continued = new Play(copy, seed);
            for (let k = 0; k < taken; k++) continued.skip();
            new Play(copy, seed + 1).run(at % 7);
            copy.load(snapshot);
            expect(copy.time).toBe(taken);
            expect(continued.run()).toEqual(expected);
          }),
          { numRuns: 25, seed: 1 },
        );
      },
    );

    it('shows what was there, observations and raw rewards included', () => {
      const original = started(5);
      const play = new Play(original, 5);
      play.run(20);
      const copy = make();
      copy.load(original.save());
      expect(reading(copy, play.rewards)).toBe(reading(original, play.rewards));
    });

    it('changes nothing by being taken', () => {
      const environment = started(6, { episodeLength: SHORT });
      const play = new Play(environment, 6);
      const lines = [reading(environment, play.rewards)];
      while (!environment.done) {
        environment.save();
        lines.push(...play.run(1));
      }
      expect(lines).toEqual(episode(make({ episodeLength: SHORT }), 6));
    });

    it('is a copy: later steps do not change it, and changing it changes no environment', () => {
      const environment = started(7);
      const play = new Play(environment, 7);
      play.run(10);
      const snapshot = environment.save();
      const bytes = snapshot.slice();
      play.run(10);
      expect(snapshot).toEqual(bytes);
      environment.load(snapshot);
      const hash = environment.hash();
      snapshot.fill(0xff);
      expect(environment.hash()).toBe(hash);
    });

    it('is refused where it does not fit: another number of players, other options, a byte less or more, none', () => {
      const environment = started(8);
      new Play(environment, 8).run(3);
      const before = environment.hash();
      const snapshot = environment.save();
      const most = definition.maxPlayers(parseOptions(definition, { preset }));
      const others = [
        ...(most > 1 ? [started(8, { players: environment.players === 2 ? 3 : 2 }).save()] : []),
        started(8, { episodeLength: SHORT }).save(),
        snapshot.subarray(1),
        snapshot.subarray(0, -1),
        Uint8Array.of(...snapshot, 0),
        new Uint8Array(),
      ];
      for (const other of others) expect(() => environment.load(other)).toThrow(Error);
      expect(environment.hash()).toBe(before);
    });
  });
}
