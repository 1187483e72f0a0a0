/** Options and maps as users give them: what is taken, and how a mistake is told. */
import { describe, expect, it } from 'vitest';
import { OptionsError, type OptionsInput, parseOptions } from '../../shared/definition.ts';
import { cleanup } from '../../shared/environments/cleanup.ts';
import { harvest } from '../../shared/environments/harvest.ts';
import { DILEMMAS, definitionOf, makeEnvironment, makeVector } from '../../shared/registry.ts';
import { scene } from './scene.ts';

describe('presets', () => {
  it('default is five players, 1000 steps, windows of 15x15, beams shown, individual rewards', () => {
    for (const definition of DILEMMAS) {
      expect(parseOptions(definition, {})).toMatchObject({
        players: 5,
        episodeLength: 1000,
        windowAhead: 7,
        windowBehind: 7,
        windowLeft: 7,
        windowRight: 7,
        beamsVisible: true,
        reward: 'individual',
      });
    }
  });

  it('default has the published prices, beams and rates', () => {
    for (const definition of DILEMMAS) {
      expect(parseOptions(definition, {})).toMatchObject({
        appleReward: 1,
        fineCost: 1,
        finePenalty: 50,
        beamLength: 5,
        beamRadius: 1,
      });
    }
    expect(parseOptions(harvest, {})).toMatchObject({ regrowth: 'ssd' });
    expect(parseOptions(cleanup, {})).toMatchObject({ appleRate: 0.05, wasteThreshold: 0.4, wasteRate: 0.5 });
  });

  it('ssd draws no beams into observations', () => {
    for (const definition of DILEMMAS) {
      expect(parseOptions(definition, { preset: 'ssd' })).toMatchObject({ beamsVisible: false });
    }
  });

  it('give way to options that are given with them', () => {
    expect(parseOptions(harvest, { preset: 'hughes', regrowth: 'lab2d' })).toMatchObject({
      regrowth: 'lab2d',
    });
    expect(parseOptions(harvest, { preset: 'hughes', regrowth: undefined })).toMatchObject({
      regrowth: 'hughes',
    });
  });
});

describe('a mistake is an OptionsError that says what and where', () => {
  it.each<[string, OptionsInput, RegExp]>([
    ['an unknown preset', { preset: 'hard' }, /preset "hard" of harvest is unknown, there are default, ssd/],
    ['an inherited name as a preset', { preset: 'toString' }, /preset "toString" of harvest is unknown/],
    ['an unknown option', { colour: 'red' }, /colour/],
    ['an option of another environment', { wasteRate: 0.5 }, /wasteRate/],
    ['text for a number', { players: '5' }, /players: /],
    ['NaN', { appleReward: Number.NaN }, /appleReward: /],
    ['infinity', { finePenalty: Number.POSITIVE_INFINITY }, /finePenalty: /],
    ['a probability over 1', { regrowthProbability: [0, 1.5] }, /regrowthProbability\.1: /],
    ['no players', { players: 0 }, /players: /],
    ['a window past its limit', { windowAhead: 32 }, /windowAhead: /],
    ['a reward that is none', { reward: 'selfish' }, /reward: /],
    ['an empty map', { map: [] }, /no cells/],
    ['a map without spawn points', { map: ['@ @'], players: 1 }, /no spawn point/],
    ['fewer spawn points than players', { map: ['PP'], players: 3 }, /3 players .* has 2/],
    ['rows of different lengths', { map: ['PP ', 'PP'], players: 1 }, /row 1 has 2 cells, row 0 has 3/],
    ['a letter of another environment', { map: ['PH'], players: 1 }, /row 0, column 1 has "H"/],
    ['a map that is too wide', { map: ['P'.repeat(129)], players: 1 }, /129x1/],
  ])('%s', (_, options, message) => {
    expect(() => makeEnvironment('harvest', options)).toThrow(OptionsError);
    expect(() => makeEnvironment('harvest', options)).toThrow(message);
    expect(() => makeVector('harvest', options, 1)).toThrow(OptionsError);
  });

  it('an unknown environment', () => {
    expect(() => definitionOf('chess')).toThrow(/environment "chess" is unknown, there are harvest, cleanup/);
    expect(() => makeEnvironment('constructor')).toThrow(OptionsError);
  });
});

describe('the largest worlds that options allow', () => {
  it('240 players on 128x128 cells with windows of 63x63', () => {
    const environment = makeEnvironment('harvest', {
      players: 240,
      map: Array.from({ length: 128 }, () => 'P'.repeat(128)),
      windowAhead: 31,
      windowBehind: 31,
      windowLeft: 31,
      windowRight: 31,
      beamLength: 32,
      beamRadius: 4,
    });
    environment.reset(1);
    environment.step(new Uint8Array(240).fill(7), new Float32Array(240));
    environment.observe('rgb', new Uint8Array(240 * 63 * 63 * 3));
    expect(environment.time).toBe(1);
  });

  it('an orchard of 128x128 sites with 170 probabilities of growth', () => {
    const environment = makeEnvironment('harvest', {
      players: 1,
      map: [`P${'A'.repeat(127)}`, ...Array.from({ length: 127 }, () => 'A'.repeat(128))],
      regrowthRadius: 6,
      regrowthProbability: Array.from({ length: 170 }, (_, count) => count / 170),
    });
    environment.reset(1);
    environment.step(Uint8Array.of(2), new Float32Array(1));
    expect(environment.time).toBe(1);
  });

  it('a single cell', () => {
    const environment = makeEnvironment('harvest', { players: 1, map: ['P'] });
    environment.reset(1);
    for (let action = 0; action < 8; action++) environment.step(Uint8Array.of(action), new Float32Array(1));
    expect([environment.grid!.row(0), environment.grid!.column(0)]).toEqual([0, 0]);
  });
});

it('a regrowth rule can be overridden in part: other probabilities over the same cells', () => {
  const world = scene('harvest', ['     ', ' A A ', '     '], ['1,0>'], {
    regrowth: 'radius2',
    regrowthProbability: [0, 1],
  });
  world.step(2);
  world.step(3);
  // Two cells away is near under radius2, and not under ssd.
  expect(world.text()[1]).toBe(' A A ');
});
