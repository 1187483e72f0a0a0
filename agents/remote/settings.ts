/** Where a run learns that does not make its environments itself. All of it crosses to worker threads; the token goes nowhere else. */
import { PACKED_PLAYERS, type Packing } from '../../shared/protocol/agents/index.ts';
import type { Task } from '../algorithms/algorithm.ts';

export interface ArenaSettings {
  /** Address of the arena's page. */
  readonly url: string;
  readonly token: string;
  /** Seconds for which a connection that was lost is tried again. */
  readonly patience: number;
}

/** What of it a run's folder keeps. */
export interface ArenaRecord {
  readonly url: string;
}

/** Windows of class ids go two cells a byte, where they have codes for all players. */
export function packingOf({ definition, players, encoding }: Task): Packing {
  return definition.kind === 'dilemma' && encoding === 'ids' && players <= PACKED_PLAYERS
    ? 'nibbles'
    : 'plain';
}
