/** Who leads, who sees whom, and what is said of a mistake. */
import { describe, expect, it } from 'vitest';
import { OptionsError, type OptionsInput } from '../../shared/definition.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { type Place, scene } from './scene.ts';

describe('leaders', () => {
  it('are nobody unless they are named', () => {
    expect(makeEnvironment('harvest').leads).toEqual(Uint8Array.of(0, 0, 0, 0, 0));
    expect(makeEnvironment('cartpole').leads).toEqual(Uint8Array.of(0));
  });

  it('are those named, in any order', () => {
    expect(makeEnvironment('cleanup', { leaders: [3, 0] }).leads).toEqual(Uint8Array.of(1, 0, 0, 1, 0));
  });

  it.each<[string, OptionsInput, string]>([
    [
      'everybody',
      { leaders: [4, 3, 2, 1, 0] },
      'leaders: all 5 players lead, so nobody is left to follow; leave out at least one',
    ],
    [
      'the only player',
      { players: 1, leaders: [0] },
      'leaders: the only player cannot lead, since nobody is left to follow; leave it out',
    ],
    ['one of them twice', { leaders: [2, 2] }, 'leaders.1: player 2 is named twice; name each leader once'],
    [
      'a player that is not there',
      { leaders: [1, 5] },
      'leaders.1: there is no player 5, players are 0 to 4',
    ],
    ['what is no player', { leaders: [-1] }, 'leaders.0: '],
    ['no list', { leaders: 1 }, 'leaders: '],
  ])('that are %s are refused', (_, options, message) => {
    expect(() => makeEnvironment('harvest', options)).toThrow(OptionsError);
    expect(() => makeEnvironment('harvest', options)).toThrow(`options of harvest: ${message}`);
  });

  it('are no option of a task for one player', () => {
    expect(() => makeEnvironment('cartpole', { leaders: [] })).toThrow(/leaders/);
  });
});

describe('a snapshot', () => {
  const snapshot = (options: OptionsInput) => {
    const environment = makeEnvironment('harvest', options);
    environment.reset(1);
    return environment.save();
  };

  it('fits no environment with other turns', () => {
    const plain = makeEnvironment('harvest');
    for (const options of [{ leaders: [1] }, { revealActions: true }]) {
      expect(() => plain.load(snapshot(options))).toThrow('of other options');
    }
  });

  it('from before there were turns has the same fingerprint as one without them', () => {
    expect(Buffer.from(snapshot({}).subarray(0, 8)).toString('hex')).toBe('5e21241a3640d91f');
  });
});

describe('who sees whom on a grid', () => {
  /** As text, a row for each player that looks. */
  const seen = (map: readonly string[], places: readonly Place[], options: object) => {
    const { environment } = scene('harvest', map, places, options);
    const n = environment.players;
    const out = new Uint8Array(n * n);
    environment.observeVisible(out);
    return Array.from({ length: n }, (_, i) => out.subarray(i * n, (i + 1) * n).join(''));
  };
  const FIELD = Array.from({ length: 7 }, () => ' '.repeat(7));

  it.each<[Place, string[]]>([
    ['3,3^', ['1,3^', '4,3^', '3,2^', '3,6^']],
    ['3,3>', ['3,5^', '3,2^', '2,3^', '6,3^']],
    ['3,3v', ['5,3^', '2,3^', '3,4^', '3,0^']],
    ['3,3<', ['3,1^', '3,4^', '4,3^', '0,3^']],
  ])('from %s, 2 cells ahead, 1 behind, 1 to the left and 3 to the right: all on the edge', (place, edge) => {
    const window = { windowAhead: 2, windowBehind: 1, windowLeft: 1, windowRight: 3 };
    expect(seen(FIELD, [place, ...(edge as Place[])], window)[0]).toBe('11111');
  });

  it.each<[Place, string[]]>([
    ['3,3^', ['0,3^', '5,3^', '3,1^']],
    ['3,3>', ['3,6^', '3,1^', '1,3^']],
    ['3,3v', ['6,3^', '1,3^', '3,5^']],
    ['3,3<', ['3,0^', '3,5^', '5,3^']],
  ])('from %s, a cell further on there is nobody to see', (place, beyond) => {
    const window = { windowAhead: 2, windowBehind: 1, windowLeft: 1, windowRight: 3 };
    expect(seen(FIELD, [place, ...(beyond as Place[])], window)[0]).toBe('1000');
  });

  it('is not mutual: one looks ahead at the back of the other', () => {
    const ahead = { windowAhead: 3, windowBehind: 0, windowLeft: 0, windowRight: 0 };
    expect(seen(['    '], ['0,0>', '0,3>'], ahead)).toEqual(['11', '01']);
  });

  it('goes through walls', () => {
    expect(seen([' @ '], ['0,0>', '0,2<'], {})).toEqual(['11', '11']);
  });

  it('goes through beams, which cover the one they hit in the observation', () => {
    const { environment, step } = scene('harvest', ['   '], ['0,0>', '0,2<'], {});
    step(7, 4);
    const out = new Uint8Array(4);
    environment.observeVisible(out);
    expect(out).toEqual(Uint8Array.of(1, 1, 1, 1));
  });

  it('is itself for a player alone', () => {
    expect(
      seen(['  '], ['0,0>'], { windowAhead: 0, windowBehind: 0, windowLeft: 0, windowRight: 0 }),
    ).toEqual(['1']);
  });
});
