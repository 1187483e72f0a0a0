import { expect, it } from 'vitest';
import { CLASS_NAMES, ClassId, MAX_PLAYERS, PALETTE, writeRgb } from '../../shared/palette.ts';

const colour = (id: number) => PALETTE.slice(3 * id, 3 * id + 3).join(' ');

it('has the published colours', () => {
  expect(CLASS_NAMES.map((_, id) => colour(id))).toEqual([
    '0 0 0', // outside
    '0 0 0', // floor
    '180 180 180', // wall
    '0 255 0', // apple
    '99 156 194', // waste
    '113 75 24', // river
    '113 75 24', // stream
    '255 255 0', // fining beam
    '100 255 255', // cleaning beam
  ]);
  expect(Array.from({ length: 9 }, (_, i) => colour(ClassId.player + i))).toEqual([
    '0 0 255',
    '2 81 154',
    '204 0 204',
    '216 30 54',
    '254 151 0',
    '100 255 255',
    '99 99 255',
    '250 204 255',
    '238 223 16',
  ]);
});

it('gives players from the tenth on colours that nothing else has', () => {
  const used = [
    ...CLASS_NAMES.keys(),
    ...Array.from({ length: MAX_PLAYERS }, (_, i) => ClassId.player + i),
  ].map(colour);
  for (let i = 9; i < MAX_PLAYERS; i++) {
    expect(used.filter((other) => other === colour(ClassId.player + i))).toHaveLength(1);
  }
});

it('writes three bytes an id, from the offset on', () => {
  const out = new Uint8Array(9).fill(1);
  writeRgb(Uint8Array.of(ClassId.apple, ClassId.wall), 2, out, 2);
  expect(Array.from(out)).toEqual([1, 1, 0, 255, 0, 180, 180, 180, 1]);
});
