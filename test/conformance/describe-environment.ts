/**
 * What every environment must do, as a suite: a new one passes it by being registered. Nothing here knows a game; what
 * only environments on a grid have is in `describe-grid.ts`.
 */
import { describe, expect, it } from 'vitest';
import { type EnvironmentDefinition, OptionsError, parseOptions } from '../../shared/definition.ts';
import { optionsOf } from '../../shared/option-tables.ts';
import { describeState } from './describe-state.ts';
import { bytesOf, episode, makerOf, observationBuffer, Play, reading, SHORT } from './play.ts';

export function describeEnvironment(definition: EnvironmentDefinition, preset: string): void {
  const { make, started } = makerOf(definition, preset);

  describeState(definition, preset);

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
      const twin = started(9);
      const play = new Play(twin, 9);
      play.step();
      const { actions, rewards } = play;
      const paddedActions = sameType(actions, 2 * actions.length + 3);
      const paddedRewards = new Float32Array(rewards.length + 5).fill(123);
      paddedActions.set(actions, actions.length + 3);
      environment.step(paddedActions, paddedRewards, actions.length + 3, 3);
      expect(Array.from(paddedRewards)).toEqual([123, 123, 123, ...rewards, 123, 123]);
      expect(environment.hash()).toBe(twin.hash());
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

  describe('who sees whom', () => {
    it('is 0 or 1, everybody seeing itself, written from the offset on and nowhere else, with the state as it was', () => {
      const environment = started(24, { episodeLength: SHORT });
      const n = environment.players;
      const play = new Play(environment, 24);
      while (!environment.done) {
        play.step();
        const before = environment.hash();
        const padded = new Uint8Array(n * n + 20).fill(123);
        environment.observeVisible(padded, 7);
        const seen = padded.subarray(7, 7 + n * n);
        expect(seen.every((value) => value <= 1)).toBe(true);
        for (let i = 0; i < n; i++) expect(seen[i * n + i]).toBe(1);
        expect(new Set([...padded.subarray(0, 7), ...padded.subarray(7 + n * n)])).toEqual(new Set([123]));
        expect(environment.hash()).toBe(before);
      }
    });

    it('is not written where there is no room for it', () => {
      const environment = started(25);
      const out = new Uint8Array(environment.players ** 2).fill(123);
      for (const offset of [1, -1, 0.5, Number.NaN]) {
        expect(() => environment.observeVisible(out, offset)).toThrow(RangeError);
      }
      expect(new Set(out)).toEqual(new Set([123]));
    });

    it('is everybody where there is no grid', () => {
      const environment = started(26);
      if (environment.grid !== null) return;
      const out = new Uint8Array(environment.players ** 2);
      environment.observeVisible(out);
      expect(new Set(out)).toEqual(new Set([1]));
    });
  });

  describe('turns', () => {
    const takesThem = 'leaders' in optionsOf(definition.schema);

    it('are options of all that several can play, and of no other', () => {
      expect(takesThem).toBe(definition.maxPlayers(parseOptions(definition, { preset })) > 1);
    });

    it('change nothing of what a step does, and are the same whatever the reward', () => {
      if (!takesThem) return;
      const turns = { leaders: [0], revealActions: true };
      for (const reward of ['individual', 'inequity']) {
        const plain = make({ episodeLength: SHORT, reward, leaders: [], revealActions: false });
        const turned = make({ episodeLength: SHORT, reward, ...turns });
        expect([plain.revealsActions, ...plain.leads]).toEqual([false, ...plain.leads.map(() => 0)]);
        expect([turned.revealsActions, ...turned.leads]).toEqual([true, 1, ...plain.leads.slice(1)]);
        expect(episode(turned, 27)).toEqual(episode(plain, 27));
      }
    });

    it('must leave somebody to follow', () => {
      if (!takesThem) return;
      const everybody = Array.from({ length: make().players }, (_, i) => i);
      expect(() => make({ leaders: everybody })).toThrow(OptionsError);
    });
  });

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
    it.each([1, 2, SHORT])(
      'of %i steps is truncated at its end, unless the rules end it',
      (episodeLength) => {
        const environment = started(15, { episodeLength });
        const play = new Play(environment, 15);
        const flags = () => Array.from(environment.terminated, (flag, i) => [flag, environment.truncated[i]]);
        const all = (...flag: number[]) => Array.from({ length: environment.players }, () => flag);
        for (let step = 1; !environment.done; step++) {
          play.step();
          expect(environment.time).toBe(step);
          // Ended for all players at once: in the middle by the rules alone, and in the last step either way, never both.
          const ended = step === episodeLength ? [all(0, 1), all(1, 0)] : [all(1, 0)];
          expect(environment.done ? ended : [all(0, 0)]).toContainEqual(flags());
        }
        expect(environment.time).toBeLessThanOrEqual(episodeLength);
      },
    );

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
    it('can be as few as are needed, and as many as there is room for', () => {
      for (const players of [
        definition.minPlayers,
        definition.maxPlayers(parseOptions(definition, { preset })),
      ]) {
        const environment = make({ players, episodeLength: SHORT });
        expect(environment.players).toBe(players);
        expect(episode(environment, 20)).toHaveLength(environment.time + 1);
        expect(environment.done).toBe(true);
      }
    });

    it('are refused where there are too few or there is no room, with a reason', () => {
      const most = definition.maxPlayers(parseOptions(definition, { preset }));
      for (const players of [definition.minPlayers - 1, 0, -1, most - 0.5, most + 1]) {
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

    it('that remember are part of the hash: two memories of one play hash apart', () => {
      const memories = [0.5, 0.9].map((inequitySmoothing) => {
        const options = { episodeLength: SHORT, reward: 'inequity', inequitySmoothing };
        const environment = started(23, options);
        const play = new Play(environment, 23);
        const memory = new Float64Array(environment.players);
        while (!environment.done) {
          play.step();
          environment.rawRewards.forEach((reward, i) => {
            memory[i] = inequitySmoothing * memory[i]! + reward;
          });
        }
        return { memory: memory.join(' '), hash: environment.hash() };
      });
      // Where only the last step paid there is but one memory to have.
      const [one, other] = memories as [(typeof memories)[number], (typeof memories)[number]];
      expect(one.hash === other.hash).toBe(one.memory === other.memory);
    });
  });
}

/** An array of `array`'s type. */
function sameType<T extends Uint8Array | Float32Array>(array: T, length: number): T {
  return (array instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length)) as T;
}
