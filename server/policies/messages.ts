/** What the arena and the threads that run its policies tell each other. Arrays are copied on the way. */
import type { PolicyFiles } from '../../agents/policies/files.ts';

/** Seats of a room that one policy plays. */
export interface Group {
  /** Number that the policy was loaded under. */
  readonly policy: number;
  /** [K] players. */
  readonly seats: Uint8Array;
  /** [K, ...] what they see before the step, in the policy's encoding. */
  readonly observation: Uint8Array | Float32Array;
}

/** What the trained players of a room see before a step. */
export interface Ask {
  readonly room: number;
  episode: number;
  tick: number;
  /** Of all trained players in this episode: draws follow from it, the seat and the tick. */
  seed: number;
  /** Milliseconds that the answer may be held back for the sake of company. */
  readonly patience: number;
  /** N */
  readonly players: number;
  /** [N] 1 for those whom trained policies play, asked now or not: all others have stood up. */
  readonly playing: Uint8Array;
  /** [N] what everybody did in the last step; null at the start of an episode. */
  joint: Uint8Array | null;
  readonly groups: readonly Group[];
  /** Seats whose minds somebody wants to see. */
  minds: readonly number[];
  /** [N, N] who sees whom before the step, where a model of others is limited to that; else null. */
  visible: Uint8Array | null;
}

/** What went on in a player whose mind somebody wants to see; see `shared/protocol/minds.ts`. */
export interface Thought {
  readonly seat: number;
  readonly action: number;
  readonly symbol: number | null;
  readonly value: number;
  readonly probabilities: Float32Array;
  readonly predictions: Float32Array;
  readonly influence: Float32Array;
  readonly checked: Uint32Array;
  readonly right: Uint32Array;
}

/** What a policy says to an ask. */
export interface Answer {
  readonly room: number;
  readonly policy: number;
  readonly episode: number;
  readonly tick: number;
  /** [K] players, and what each does. */
  readonly seats: Uint8Array;
  readonly actions: Uint8Array;
  readonly thoughts: readonly Thought[];
}

/** To a thread. */
export type Order =
  | { readonly kind: 'load'; readonly policy: number; readonly files: PolicyFiles; readonly source: string }
  | { readonly kind: 'unload'; readonly policy: number }
  | { readonly kind: 'forget'; readonly room: number }
  | { readonly kind: 'ask'; readonly ask: Ask }
  /** Finish what was begun, and end. */
  | { readonly kind: 'close' };

/** From a thread. */
export type Reply =
  | { readonly kind: 'loaded'; readonly policy: number }
  /** A policy that cannot be opened, or, no longer `loading`, that failed as it ran. */
  | { readonly kind: 'failed'; readonly policy: number; readonly problem: string; readonly loading: boolean }
  /**
   * Of one policy to all rooms that asked it. How many calls of networks it took, of how many rows with somebody in them;
   * and the median time of a call in milliseconds, of a policy that is too slow to be run beside others, else null.
   */
  | {
      readonly kind: 'answers';
      readonly policy: number;
      readonly answers: readonly Answer[];
      readonly calls: number;
      readonly rows: number;
      readonly slow: number | null;
    };
