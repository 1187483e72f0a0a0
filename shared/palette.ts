/**
 * Class ids: one uint8 a cell, the encoding that everything internal uses. One table maps them to the published RGB
 * palette of the open implementation of sequential social dilemmas (Vinitsky et al.).
 */
export const ClassId = {
  outside: 0,
  floor: 1,
  wall: 2,
  apple: 3,
  waste: 4,
  river: 5,
  stream: 6,
  finingBeam: 7,
  cleaningBeam: 8,
  /** Player i is `player + i`; 9-15 are free for later environments. */
  player: 16,
} as const;

/** So that a player's id stays a uint8. */
export const MAX_PLAYERS = 240;

/** Names of the ids below 16, in order, for documentation and drawing. */
export const CLASS_NAMES: readonly string[] = [
  'outside',
  'floor',
  'wall',
  'apple',
  'waste',
  'river',
  'stream',
  'finingBeam',
  'cleaningBeam',
];

const PUBLISHED: readonly (readonly [number, number, number])[] = [
  [0, 0, 0], // outside
  [0, 0, 0], // floor
  [180, 180, 180], // wall
  [0, 255, 0], // apple
  [99, 156, 194], // waste
  [113, 75, 24], // river
  [113, 75, 24], // stream
  [255, 255, 0], // fining beam
  [100, 255, 255], // cleaning beam
];

const PUBLISHED_PLAYERS: readonly (readonly [number, number, number])[] = [
  [0, 0, 255],
  [2, 81, 154],
  [204, 0, 204],
  [216, 30, 54],
  [254, 151, 0],
  [100, 255, 255],
  [99, 99, 255],
  [250, 204, 255],
  [238, 223, 16],
];

/**
 * [256, 3] uint8: the RGB of each class id. Players 1 to 9 have the published colours; player 10 and up get
 * (40 + 14 (k mod 16), 20 + 10 floor(k / 16), 120) for k = i - 9, which nothing else has.
 */
export const PALETTE: Uint8Array = buildPalette();

function buildPalette(): Uint8Array {
  const palette = new Uint8Array(256 * 3);
  for (const [id, rgb] of PUBLISHED.entries()) palette.set(rgb, id * 3);
  for (const [i, rgb] of PUBLISHED_PLAYERS.entries()) palette.set(rgb, (ClassId.player + i) * 3);
  for (let i = PUBLISHED_PLAYERS.length; i < MAX_PLAYERS; i++) {
    const k = i - PUBLISHED_PLAYERS.length;
    palette.set([40 + 14 * (k % 16), 20 + 10 * Math.floor(k / 16), 120], (ClassId.player + i) * 3);
  }
  return palette;
}

/** Writes the RGB of `count` class ids, [count, 3] uint8, from `offset` on. */
export function writeRgb(ids: Uint8Array, count: number, out: Uint8Array, offset = 0): void {
  for (let i = 0; i < count; i++) {
    const from = ids[i]! * 3;
    const to = offset + i * 3;
    out[to] = PALETTE[from]!;
    out[to + 1] = PALETTE[from + 1]!;
    out[to + 2] = PALETTE[from + 2]!;
  }
}
