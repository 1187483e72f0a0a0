/** What one grid game has that others have not: its numbers, and its rules of growth. */
import type { Heap } from './heap.ts';

/** The numbers of the game that every grid environment has, as options. */
export interface WorldOptions {
  readonly players: number;
  readonly episodeLength: number;
  readonly appleReward: number;
  readonly fineCost: number;
  readonly finePenalty: number;
  readonly beamLength: number;
  readonly beamRadius: number;
  readonly beamsVisible: boolean;
}

/** What makes one game differ from another; see `shared/environments`. */
export interface Rules {
  /** Takes from the heap what need not be in a snapshot, once the core is laid out. */
  takeDerived(heap: Heap): void;
  /** Called with the world's cells as the map has them. */
  reset(): void;
  /** A player has eaten the apple at `cell`, which is floor now. */
  eaten(cell: number): void;
  /** A cleaning beam has cleaned the waste at `cell`, which is river now. */
  cleaned(cell: number): void;
  /** Phase 4 of a step. */
  grow(): void;
  /** Derives again, after the core was loaded, what the rules keep outside it, and sets the cells of their sites. */
  restore(): void;
}
