/** Observations in frames, packed or not, as arrays. */
import { type ArraySpec, elementsOf } from '../../shared/environment.ts';
import type { GameDescription } from '../../shared/protocol/agents/gateway.ts';
import { unpackCells } from '../../shared/protocol/agents/packing.ts';
import { floatsIn } from './bytes.ts';

export type Observations = Uint8Array | Float32Array;

type Packed = Pick<GameDescription, 'observation' | 'packing'>;

/** Elements of one player's observation. */
export function observationElements({ observation }: Packed): number {
  return elementsOf(observation as ArraySpec);
}

export function makeObservations({ observation }: Packed, elements: number): Observations {
  return observation.dtype === 'uint8' ? new Uint8Array(elements) : new Float32Array(elements);
}

/** Fills `out` with what lies in a frame from byte `offset` on. */
export function readObservations(
  { packing, observation }: Packed,
  frame: Uint8Array,
  offset: number,
  out: Observations,
): void {
  if (packing === 'nibbles') unpackCells(frame, offset, out.length, out as Uint8Array, 0);
  else if (observation.dtype === 'uint8') out.set(frame.subarray(offset, offset + out.length));
  else
    new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(
      frame.subarray(offset, offset + out.byteLength),
    );
}

/** What lies in a frame, as views of it where that can be. */
export function viewObservations(
  game: Packed,
  frame: Uint8Array,
  offset: number,
  elements: number,
): Observations {
  if (game.packing === 'nibbles') {
    const out = new Uint8Array(elements);
    unpackCells(frame, offset, elements, out, 0);
    return out;
  }
  if (game.observation.dtype === 'uint8') return frame.subarray(offset, offset + elements);
  return floatsIn(frame, offset, elements);
}
