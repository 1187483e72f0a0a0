/**
 * The state of a batch as it is given to a trainer and taken back. Little endian:
 *
 * | bytes | |
 * |---|---|
 * | 0 to 31 | HMAC-SHA256 of all that follows, by a key of this arena |
 * | 32 to 35 | version, uint32 |
 * | 36 to 39 | environments, uint32 |
 * | 40 to 47 | seed of the batch, float64 |
 * | E times | episodes started and counts of the one under way, float64 each; the environment's snapshot |
 *
 * A snapshot is a world's memory as it is: only bytes that this arena wrote may become one again.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const MAC = 32;
const HEADER = MAC + 16;
const VERSION = 1;
/** Of the number of episodes. */
export const EPISODES_BYTES = 8;

export interface StateShape {
  readonly environments: number;
  /** Of one environment: of its episodes, and of its snapshot. */
  readonly episodeBytes: number;
  readonly snapshotBytes: number;
}

type Visit = (environment: number, episodes: Float64Array, snapshot: Uint8Array) => void;

/** @param write fills in what each environment's part holds. */
export function sealState(key: Uint8Array, shape: StateShape, seed: number, write: Visit): Uint8Array {
  const state = new Uint8Array(stateBytes(shape));
  const view = new DataView(state.buffer);
  view.setUint32(MAC, VERSION, true);
  view.setUint32(MAC + 4, shape.environments, true);
  view.setFloat64(MAC + 8, seed, true);
  const episodes = new Float64Array(shape.episodeBytes / 8);
  const episodeBytes = new Uint8Array(episodes.buffer);
  parts(state, shape, (e, episodePart, snapshotPart) => {
    write(e, episodes, snapshotPart);
    episodePart.set(episodeBytes);
  });
  state.set(macOf(key, state));
  return state;
}

/** @param read is given what each environment's part holds. @returns the seed. @throws {Error} that says what is wrong. */
export function openState(key: Uint8Array, shape: StateShape, state: Uint8Array, read: Visit): number {
  if (state.length < HEADER || !timingSafeEqual(macOf(key, state), state.subarray(0, MAC))) {
    throw new Error('the state is not one that this arena gave: load what `save` answered with');
  }
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength);
  const version = view.getUint32(MAC, true);
  if (version !== VERSION) throw new Error(`the state is of version ${version}, this arena reads ${VERSION}`);
  const environments = view.getUint32(MAC + 4, true);
  if (environments !== shape.environments) {
    throw new Error(`the state is of ${environments} environments, the batch has ${shape.environments}`);
  }
  if (state.length !== stateBytes(shape)) {
    throw new Error('the state is of another environment, or of other options');
  }
  const episodes = new Float64Array(shape.episodeBytes / 8);
  const episodeBytes = new Uint8Array(episodes.buffer);
  parts(state, shape, (e, episodePart, snapshotPart) => {
    episodeBytes.set(episodePart);
    read(e, episodes, snapshotPart);
  });
  return view.getFloat64(MAC + 8, true);
}

/** Of the whole state. */
export function stateBytes({ environments, episodeBytes, snapshotBytes }: StateShape): number {
  return HEADER + environments * (episodeBytes + snapshotBytes);
}

function parts(
  state: Uint8Array,
  { environments, episodeBytes, snapshotBytes }: StateShape,
  visit: (environment: number, episodes: Uint8Array, snapshot: Uint8Array) => void,
): void {
  for (let e = 0, at = HEADER; e < environments; e++, at += episodeBytes + snapshotBytes) {
    const middle = at + episodeBytes;
    visit(e, state.subarray(at, middle), state.subarray(middle, middle + snapshotBytes));
  }
}

function macOf(key: Uint8Array, state: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(state.subarray(MAC)).digest();
}
