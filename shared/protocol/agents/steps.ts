/**
 * Frames of trainers: one buffer of actions in, one of everything else out. Little endian. With E environments, N players,
 * and O bytes of one player's observation as it is packed:
 *
 * `step`, from the trainer:
 *
 * | bytes | what |
 * |---|---|
 * | 2 | batch |
 * | 2 | 0 |
 * | E N A | actions [E, N], A bytes each |
 *
 * The answer to `step` and to `reset`:
 *
 * | bytes | what |
 * |---|---|
 * | 2 | batch |
 * | 2 | K, episodes that ended with this step |
 * | 4 E N | rewards [E, N] float32; 0 after `reset` |
 * | E N | terminated [E, N] 0 or 1: ended by the rules, not cut |
 * | E | done [E] 0 or 1: the episode ended with this step |
 * | E N N, or 0 | who sees whom [E, N, N], where `visible` was asked for |
 * | E N O | observations [E, N, ...]: of the next episode where one ended and `autoreset` holds |
 * | K times 4 + 8 (5 N + 2) + N O | of each that ended: its environment, uint32; the counts of `SocialMetrics`, float64; the last observations |
 *
 * Observations of float32 start at a multiple of 4 bytes, padded by zeros; so do ended episodes.
 */
import { type ArraySpec, elementsOf } from '../../environment.ts';
import type { Packing } from './gateway.ts';
import { packedLength } from './packing.ts';

/** Bytes of one message to the arena at most; a larger one ends the connection. */
export const MAX_AGENT_MESSAGE_BYTES = 4 << 20;
/** Bytes of a state at most: as many as one message carries, base64 of it too, as polling has it. */
export const MAX_STATE_BYTES = 3_000_000;

/** Bytes before the actions, and before the rewards. */
export const STEP_HEADER = 4;

export interface FrameShape {
  /** E */
  readonly environments: number;
  /** N */
  readonly players: number;
  readonly observation: Pick<ArraySpec, 'dtype' | 'shape'>;
  readonly packing: Packing;
  readonly visible: boolean;
  /** A */
  readonly actionBytes: number;
}

/** Where everything lies in frames of a shape, in bytes. */
export interface FrameLayout {
  /** Of `step`. */
  readonly requestBytes: number;
  readonly rewards: number;
  readonly terminated: number;
  readonly done: number;
  readonly visible: number;
  readonly observations: number;
  /** Of observations of all environments. */
  readonly observationBytes: number;
  /** Where ended episodes begin: the length of a frame without any. */
  readonly ended: number;
  /** Of one ended episode: bytes in all, and where in it the counts and the observations are. */
  readonly endedBytes: number;
  readonly endedCounts: number;
  readonly endedObservations: number;
  readonly endedObservationBytes: number;
  /** Numbers in the counts. */
  readonly counts: number;
  /** Elements of all environments' observations, and of one environment's. */
  readonly elements: number;
  readonly elementsEach: number;
}

const aligned = (bytes: number) => (bytes + 3) & ~3;

export function frameLayout(shape: FrameShape): FrameLayout {
  const { environments, players, observation, packing, visible, actionBytes } = shape;
  const columns = environments * players;
  const elementsEach = players * elementsOf(observation as ArraySpec);
  const elements = environments * elementsEach;
  const bytesOf = (count: number) =>
    packing === 'nibbles' ? packedLength(count) : observation.dtype === 'float32' ? 4 * count : count;
  const rewards = STEP_HEADER;
  const terminated = rewards + 4 * columns;
  const done = terminated + columns;
  const sight = done + environments;
  const afterSight = sight + (visible ? columns * players : 0);
  const observations = aligned(afterSight);
  const observationBytes = bytesOf(elements);
  const ended = aligned(observations + observationBytes);
  const counts = 5 * players + 2;
  const endedCounts = 4;
  const endedObservations = endedCounts + 8 * counts;
  const endedObservationBytes = bytesOf(elementsEach);
  return {
    requestBytes: STEP_HEADER + columns * actionBytes,
    rewards,
    terminated,
    done,
    visible: sight,
    observations,
    observationBytes,
    ended,
    endedBytes: aligned(endedObservations + endedObservationBytes),
    endedCounts,
    endedObservations,
    endedObservationBytes,
    counts,
    elements,
    elementsEach,
  };
}
