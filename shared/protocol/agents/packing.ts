/**
 * Two class ids a byte. Codes 0 to 8 are the ids themselves, 9 to 15 are players 0 to 6; so windows of up to seven players
 * fit, and not those of more. The first cell of a pair lies in the low half.
 */
import { ClassId } from '../../palette.ts';

/** Players that have a code. */
export const PACKED_PLAYERS = 7;
const FIRST_PLAYER_CODE = 16 - PACKED_PLAYERS;

/** [256] the code of an id. Ids without one never are in windows of up to seven players. */
const CODE = Uint8Array.from({ length: 256 }, (_, id) => {
  if (id < FIRST_PLAYER_CODE) return id;
  const player = id - ClassId.player;
  return player >= 0 && player < PACKED_PLAYERS ? FIRST_PLAYER_CODE + player : 0;
});

/** [256, 2] the two ids of a byte. */
const CELLS = Uint8Array.from({ length: 512 }, (_, i) => {
  const code = i % 2 === 0 ? (i >> 1) & 15 : i >> 5;
  return code < FIRST_PLAYER_CODE ? code : ClassId.player + code - FIRST_PLAYER_CODE;
});

/** [256] the same, each two side by side in memory. */
const CELL_PAIRS = new Uint16Array(CELLS.buffer);

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** [65536] the byte of two ids that lie side by side in memory, little endian. */
const PAIRS = Uint8Array.from({ length: 65_536 }, (_, pair) => CODE[pair & 255]! | (CODE[pair >> 8]! << 4));

/** Bytes that `cells` cells take. */
export function packedLength(cells: number): number {
  return (cells + 1) >> 1;
}

/** Packs `cells` ids of `from`, from `offset` on, into `out` from `at` on. */
export function packCells(
  from: Uint8Array,
  offset: number,
  cells: number,
  out: Uint8Array,
  at: number,
): void {
  const aligned = ((from.byteOffset + offset) | (out.byteOffset + at)) % 4 === 0;
  let done = 0;
  if (aligned && LITTLE_ENDIAN) {
    const words = cells >> 3;
    packWords(
      new Int32Array(from.buffer, from.byteOffset + offset, 2 * words),
      new Int32Array(out.buffer, out.byteOffset + at, words),
    );
    done = 8 * words;
  }
  const pairs = cells >> 1;
  for (let k = done >> 1, i = offset + done; k < pairs; k++, i += 2)
    out[at + k] = PAIRS[from[i]! | (from[i + 1]! << 8)]!;
  if (cells & 1) out[at + pairs] = CODE[from[offset + cells - 1]!]!;
}

/**
 * Eight cells at a time and without a table: the code of a player's id, 16 and up, is its low half and 9; of others the id.
 * Written out for both words, since a call for each takes twice as long.
 */
function packWords(from: Int32Array, out: Int32Array): void {
  for (let k = 0, i = 0; k < out.length; k++, i += 2) {
    const first = from[i]!;
    const second = from[i + 1]!;
    const codes = (first & 0x0f0f0f0f) + FIRST_PLAYER_CODE * ((first >>> 4) & 0x01010101);
    const others = (second & 0x0f0f0f0f) + FIRST_PLAYER_CODE * ((second >>> 4) & 0x01010101);
    const pairs = codes | (codes >>> 4);
    const otherPairs = others | (others >>> 4);
    out[k] =
      (pairs & 0xff) |
      ((pairs >>> 8) & 0xff00) |
      (((otherPairs & 0xff) | ((otherPairs >>> 8) & 0xff00)) << 16);
  }
}

/** Unpacks `cells` ids of `from`, from `offset` on, into `out` from `at` on. */
export function unpackCells(
  from: Uint8Array,
  offset: number,
  cells: number,
  out: Uint8Array,
  at: number,
): void {
  const pairs = cells >> 1;
  if ((out.byteOffset + at) % 2 === 0) {
    const both = new Uint16Array(out.buffer, out.byteOffset + at, pairs);
    for (let k = 0; k < pairs; k++) both[k] = CELL_PAIRS[from[offset + k]!]!;
  } else {
    for (let k = 0, i = at; k < pairs; k++, i += 2) {
      const byte = 2 * from[offset + k]!;
      out[i] = CELLS[byte]!;
      out[i + 1] = CELLS[byte + 1]!;
    }
  }
  if (cells & 1) out[at + cells - 1] = CELLS[2 * from[offset + pairs]!]!;
}
