/**
 * Frames of players in rooms. Little endian.
 *
 * `observation`, from the arena, once a tick and on joining; S seats in the order of `join`'s answer, N players:
 *
 * | bytes | what |
 * |---|---|
 * | 2 | link |
 * | 1 | 1 after a step, 0 on joining and at an episode's start |
 * | 1 | 1 where the episode ended with this step: the frame of the next one follows; 2 where last actions follow; the sum |
 * | 4 | episode |
 * | 4 | tick: steps made in the episode, the tick that the next action is for |
 * | S times 16 | of each seat: number, action that counted (255 for none), whether one of its own was there, terminated: a byte each; reward float32; total of the episode float64 |
 * | N, or 0 | what everybody did in the step, where the options reveal it |
 * | S N | who of all is seen by each seat, 0 or 1 |
 * | S O | observations [S, ...] as they are packed, float32 from a multiple of 4 on |
 *
 * `act`, from the agent:
 *
 * | bytes | what |
 * |---|---|
 * | 2 | link |
 * | 2 | 0 |
 * | 4 | episode |
 * | 4 | tick |
 * | 2 each | seat, action |
 *
 * An acknowledgement, if one is asked for, has a byte for each action: see `ACT_RESULTS`.
 */
import { type ArraySpec, elementsOf } from '../../environment.ts';
import type { Packing } from './gateway.ts';
import { packedLength } from './packing.ts';

/**
 * What became of an action, by number. `late`: its tick is over; `early`: too far ahead; `doubled`: there was one for this
 * tick, which it takes the place of.
 */
export const ACT_RESULTS = ['taken', 'late', 'early', 'doubled', 'bad-action', 'no-seat'] as const;
export type ActResult = (typeof ACT_RESULTS)[number];

export const ACT_HEADER = 12;
export const PLAY_HEADER = 12;
export const SEAT_BYTES = 16;
export const PlayFlag = { ended: 1, lastActions: 2 } as const;
/** Where no action was. */
export const NO_ACTION = 255;

export interface PlayShape {
  /** S */
  readonly seats: number;
  /** N */
  readonly players: number;
  readonly observation: Pick<ArraySpec, 'dtype' | 'shape'>;
  readonly packing: Packing;
  readonly revealsActions: boolean;
}

/** Where everything lies in an `observation`, in bytes. */
export interface PlayLayout {
  readonly seats: number;
  readonly lastActions: number;
  readonly visible: number;
  readonly observations: number;
  /** Elements of one seat's observation, and bytes of all of them. */
  readonly elements: number;
  readonly observationBytes: number;
  readonly bytes: number;
}

export function playLayout({ seats, players, observation, packing, revealsActions }: PlayShape): PlayLayout {
  const elements = elementsOf(observation as ArraySpec);
  const count = seats * elements;
  const lastActions = PLAY_HEADER + seats * SEAT_BYTES;
  const visible = lastActions + (revealsActions ? players : 0);
  const observations = (visible + seats * players + 3) & ~3;
  const observationBytes =
    packing === 'nibbles' ? packedLength(count) : observation.dtype === 'float32' ? 4 * count : count;
  return {
    seats: PLAY_HEADER,
    lastActions,
    visible,
    observations,
    elements,
    observationBytes,
    bytes: observations + observationBytes,
  };
}
