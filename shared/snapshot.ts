/**
 * Snapshots: a state's bytes behind a fingerprint of all that two instances must share for one to continue the other.
 *
 * | bytes | |
 * |---|---|
 * | 0 to 7 | fingerprint, uint64, big-endian |
 * | 8 on | the state |
 */
import { hash64 } from './hash.ts';

const FINGERPRINT_BYTES = 8;

/** Of an environment with these options. */
export function fingerprintOf(name: string, options: object): bigint {
  return hash64(new TextEncoder().encode(JSON.stringify([name, options])));
}

export function sealSnapshot(fingerprint: bigint, state: Uint8Array): Uint8Array {
  const snapshot = new Uint8Array(FINGERPRINT_BYTES + state.length);
  new DataView(snapshot.buffer).setBigUint64(0, fingerprint);
  snapshot.set(state, FINGERPRINT_BYTES);
  return snapshot;
}

/** @returns the state in it, a view. @throws {Error} for another size or another fingerprint. */
export function openSnapshot(fingerprint: bigint, stateBytes: number, snapshot: Uint8Array): Uint8Array {
  const size = FINGERPRINT_BYTES + stateBytes;
  if (snapshot.length !== size) {
    throw new Error(`the snapshot has ${snapshot.length} bytes, this environment's have ${size}`);
  }
  const found = new DataView(snapshot.buffer, snapshot.byteOffset).getBigUint64(0);
  if (found !== fingerprint) throw new Error('the snapshot is of another environment, or of other options');
  return snapshot.subarray(FINGERPRINT_BYTES);
}
