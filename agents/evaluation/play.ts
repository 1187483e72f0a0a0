/** Games under way, as those see them who choose in them and those who measure them. */
import type { Environment } from '../../shared/environment.ts';
import type { VectorEnvironment } from '../../shared/vector.ts';
import type { Policy, PolicyCall } from '../policies/policy.ts';

/** [N] 1 for whose turn it is, and whether it is the last of the step. */
export interface Turn {
  readonly players: Uint8Array;
  readonly last: boolean;
}

/** Everybody at once; or those who lead, then those who do not. */
export function turnsOf({ leads }: Environment): Turn[] {
  if (!leads.includes(1)) return [{ players: new Uint8Array(leads.length).fill(1), last: true }];
  return [
    { players: leads, last: false },
    { players: leads.map((lead) => 1 - lead), last: true },
  ];
}

/** Who chooses in some seats of all games. */
export interface Seats {
  /** Game g begins an episode of this seed. */
  start(game: number, seed: number): void;
  /** Writes the actions of its seats in all games; where players act in turn, of those whose turn it is. */
  act(actions: Uint8Array, turn: Turn): void | Promise<void>;
  /** Everybody has chosen, and whoever wanted to know what by has looked. */
  advance?(): void;
}

/** The seats of all games that one network plays: row g * K + k is its seat k in game g. */
export interface Trained {
  readonly policy: Policy;
  /** [K] players. */
  readonly seats: readonly number[];
  /** Of the step under way once all have chosen: what was chosen from, and the state before the step. */
  readonly call: PolicyCall;
  /** Where a row's player is among those of all games. */
  column(row: number): number;
}

/** G games side by side. All arrays are of the step under way, and are written anew in the next. */
export interface Play {
  readonly vector: VectorEnvironment;
  /** G */
  readonly games: number;
  /** How many of them, the first, ever play an episode that was asked for. */
  readonly watched: number;
  /** N */
  readonly players: number;
  /** A */
  readonly actions: number;
  /** [G * N] */
  readonly chosen: Uint8Array;
  /** [G * N] symbols, of those who speak. */
  readonly said: Uint8Array;
  readonly trained: readonly Trained[];
  /** [G] 1 where an episode starts with the step. */
  readonly starts: Uint8Array;
  /** [G] episodes under way. */
  readonly episodes: Float64Array;
  /** Whether a game's episode is one of those that were asked for. */
  counts(game: number): boolean;
}

/** Looks on. */
export interface Meter {
  /** Everybody has chosen; the environments and all memories are still as before the step. */
  chosen(): void | Promise<void>;
  /** The step is done: `vector.done` says which episodes ended with it. */
  stepped(): void;
}
