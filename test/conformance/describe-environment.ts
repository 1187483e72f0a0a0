/**
 * What every environment must do, as a suite: a new one passes it by being registered. Nothing here knows a game; what
 * only environments on a grid have is in `describe-grid.ts`.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EnvironmentDefinition,
  OptionsError,
  type OptionsInput,
  parseOptions,
} from '../../shared/definition.ts';
import { type Environment, elementsOf } from '../../shared/environment.ts';
import { bytesOf, episode, observationBuffer, Play, reading } from './play.ts';

/** Episodes are cut to this where a test plays many. */
const SHORT = 60;

export function describeEnvironment(definition: EnvironmentDefinition, preset: string): void {
  const make = (options: OptionsInput = {}): Environment =>
    definition.create(parseOptions(definition, { preset, ...options }));
  const started = (seed: number, options: OptionsInput = {}) => {
    const environment = make(options);
    environment.reset(seed);
    return environment;
  };

  describe('the same seed and actions', () => {
    it('give the same bytes for a whole episode, in two instances and in one that is reset again', () => {
      const first = make();
      const expected = episode(first, 11);
      expect(expected).toHaveLength(first.episodeLength + 1);
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
            play.run(at);
            const snapshot = original.save();
            const expected = play.run();
            // The copy has a state of its own behind it, which must leave nothing.
            copy.reset(seed + 1);
            const continued = new Play(copy, seed);
            for (let k = 0; k < at; k++) continued.skip();
            new Play(copy, seed + 1).run(at % 7);
            copy.load(snapshot);
            expect(copy.time).toBe(at);
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
      const others = [
        started(8, { players: 2 }).save(),
        started(8, { episodeLength: SHORT }).save(),
        snapshot.subarray(1),
        Uint8Array.of(...snapshot, 0),
        new Uint8Array(),
      ];
      for (const other of others) expect(() => environment.load(other)).toThrow(Error);
      expect(environment.hash()).toBe(before);
    });
  });

  describe('buffers', () => {
    it('are written from the offset on, and nowhere else', () => {
      const environment = started(9);
      for (const [encoding, spec] of Object.entries(environment.observationSpecs)) {
        const plain = observationBuffer(spec, environment.players);
        environment.observe(encoding, plain);
        const padded = observationBuffer(spec, environment.players, 20).fill(123);
        environment.observe(encoding, padded, 7);
        expect(padded.subarray(7, 7 + plain.length)).toEqual(plain);
        expect(new Set([...padded.subarray(0, 7), ...padded.subarray(7 + plain.length)])).toEqual(
          new Set([123]),
        );
      }
      const play = new Play(environment, 9);
      const rewards = new Float32Array(environment.players + 5).fill(123);
      play.skip();
      const stride = play.actions.length;
      const actions = bytesLike(play.actions, 2 * stride + 3);
      actions.set(play.actions, stride + 3);
      environment.step(actions, rewards, stride + 3, 3);
      expect(Array.from(rewards.subarray(3, 3 + environment.players))).toEqual(
        Array.from(environment.rawRewards),
      );
      expect([...rewards.subarray(0, 3), ...rewards.subarray(3 + environment.players)]).toEqual([
        123, 123, 123, 123, 123,
      ]);
    });

    it('belong to the caller: later steps change no observation that was read', () => {
      const environment = started(10);
      const play = new Play(environment, 10);
      for (const [encoding, spec] of Object.entries(environment.observationSpecs)) {
        const out = observationBuffer(spec, environment.players);
        environment.observe(encoding, out);
        const copy = out.slice();
        play.run(10);
        expect(out).toEqual(copy);
      }
    });

    it('are observed without changing the state', () => {
      const environment = started(11);
      const before = environment.hash();
      reading(environment, new Float32Array(environment.players));
      expect(environment.hash()).toBe(before);
    });

    it('hold values within the declared bounds', () => {
      const environment = started(12, { episodeLength: SHORT });
      const play = new Play(environment, 12);
      while (!environment.done) {
        play.step();
        for (const [encoding, spec] of Object.entries(environment.observationSpecs)) {
          const out = observationBuffer(spec, environment.players);
          environment.observe(encoding, out);
          expect(out.every((value) => value >= spec.low && value <= spec.high)).toBe(true);
        }
      }
    });

    it('too short or of the wrong type are refused, and nothing has changed', () => {
      const environment = started(13);
      const play = new Play(environment, 13);
      play.run(5);
      const { actions, rewards } = play;
      const before = reading(environment, rewards);
      const wrongType =
        actions instanceof Uint8Array ? new Float32Array(actions) : new Uint8Array(actions.length);
      expect(() => environment.step(actions.subarray(1), rewards)).toThrow(RangeError);
      expect(() => environment.step(actions, rewards.subarray(1))).toThrow(RangeError);
      expect(() => environment.step(wrongType, rewards)).toThrow(TypeError);
      for (const [encoding, spec] of Object.entries(environment.observationSpecs)) {
        const out = observationBuffer(spec, environment.players);
        const other = spec.dtype === 'uint8' ? new Float32Array(out.length) : new Uint8Array(out.length);
        expect(() => environment.observe(encoding, out.subarray(1))).toThrow(RangeError);
        expect(() => environment.observe(encoding, other)).toThrow(TypeError);
        expect(out.every((value) => value === 0)).toBe(true);
      }
      expect(() => environment.observe('no such encoding', new Uint8Array(1 << 16))).toThrow(RangeError);
      expect(reading(environment, rewards)).toBe(before);
    });
  });

  it.each([1, -1, 0.5, Number.NaN])(
    'an offset of %d into buffers without room for it is refused, and nothing has changed',
    (offset) => {
      const environment = started(13);
      const play = new Play(environment, 13);
      play.run(5);
      const { actions, rewards } = play;
      const before = reading(environment, rewards);
      expect(() => environment.step(actions, rewards, offset)).toThrow(RangeError);
      expect(() => environment.step(actions, rewards, 0, offset)).toThrow(RangeError);
      for (const [encoding, spec] of Object.entries(environment.observationSpecs)) {
        const out = observationBuffer(spec, environment.players);
        expect(() => environment.observe(encoding, out, offset)).toThrow(RangeError);
        expect(out.every((value) => value === 0)).toBe(true);
      }
      expect(reading(environment, rewards)).toBe(before);
    },
  );

  describe('actions', () => {
    it('outside the spec are refused for any player, and nothing has changed', () => {
      const environment = started(14);
      const play = new Play(environment, 14);
      play.run(5);
      const before = reading(environment, play.rewards);
      const spec = environment.actionSpec;
      const bad =
        spec.kind === 'discrete' ? [spec.labels.length, 100, 255] : [spec.low - 1, spec.high + 1, Number.NaN];
      for (let i = 0; i < play.actions.length; i++) {
        for (const value of bad) {
          const actions = play.actions.slice();
          actions[i] = value;
          expect(() => environment.step(actions, play.rewards)).toThrow(RangeError);
        }
      }
      expect(reading(environment, play.rewards)).toBe(before);
    });

    it('are named, each once', () => {
      const { actionSpec } = make();
      if (actionSpec.kind !== 'discrete') return;
      expect(actionSpec.labels).toEqual(definition.actions);
      expect(new Set(actionSpec.labels).size).toBe(actionSpec.labels.length);
    });
  });

  describe('an episode', () => {
    it.each([1, 2, SHORT])('of %i steps is truncated at its end, terminated never', (episodeLength) => {
      const environment = started(15, { episodeLength });
      const play = new Play(environment, 15);
      for (let step = 1; step <= episodeLength; step++) {
        expect(environment.done).toBe(false);
        play.step();
        expect(environment.time).toBe(step);
        expect(new Set(environment.terminated)).toEqual(new Set([0]));
        expect(new Set(environment.truncated)).toEqual(new Set([step === episodeLength ? 1 : 0]));
      }
      expect(environment.done).toBe(true);
    });

    it('that is over takes no step, and changes nothing but by reset', () => {
      const environment = started(16, { episodeLength: 2 });
      const play = new Play(environment, 16);
      play.run();
      const before = reading(environment, play.rewards);
      expect(() => play.step()).toThrow(Error);
      expect(reading(environment, play.rewards)).toBe(before);
      environment.reset(17);
      expect([environment.done, environment.time, ...environment.truncated]).toEqual([
        false,
        0,
        ...Array.from({ length: environment.players }, () => 0),
      ]);
      play.step();
    });

    it('begins with no reward and no event', () => {
      const environment = started(18);
      new Play(environment, 18).run(50);
      environment.reset(19);
      expect(environment.events.count).toBe(0);
      expect(environment.rawRewards.every((reward) => reward === 0)).toBe(true);
    });
  });

  describe('players', () => {
    it('can be one, and as many as there is room for', () => {
      for (const players of [1, definition.maxPlayers(parseOptions(definition, { preset }))]) {
        const environment = make({ players, episodeLength: SHORT });
        expect(environment.players).toBe(players);
        expect(episode(environment, 20)).toHaveLength(SHORT + 1);
        for (const [encoding, spec] of Object.entries(environment.observationSpecs)) {
          const out = new Uint8Array(players * elementsOf(spec) * 4);
          expect(() =>
            environment.observe(encoding, spec.dtype === 'uint8' ? out : new Float32Array(out.buffer)),
          ).not.toThrow();
        }
      }
    });

    it('are refused where there is no room, with a reason', () => {
      const most = definition.maxPlayers(parseOptions(definition, { preset }));
      for (const players of [0, -1, 1.5, most + 1]) {
        expect(() => make({ players })).toThrow(OptionsError);
      }
    });
  });

  describe('rewards', () => {
    it.each(['collective', 'inequity', 'svo'])('%s change what is paid, not what happens', (reward) => {
      const plain = started(21, { episodeLength: SHORT });
      const shaped = started(21, { episodeLength: SHORT, reward });
      const one = new Play(plain, 21);
      const two = new Play(shaped, 21);
      while (!plain.done) {
        one.step();
        two.step();
        expect(bytesOf(shaped.rawRewards)).toEqual(bytesOf(plain.rawRewards));
        expect(bytesOf(one.rewards)).toEqual(bytesOf(plain.rawRewards));
      }
      expect(episode(shaped, 22)).toEqual(episode(make({ episodeLength: SHORT, reward }), 22));
    });
  });
}

/** An array of `array`'s type. */
function bytesLike<T extends Uint8Array | Float32Array>(array: T, length: number): T {
  return (array instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length)) as T;
}
