/** The measures of what a memory holds, at given moments, as things were and under permutations. */
import type { Random } from '../../shared/random.ts';
import { arrange, newTally, type Tally } from './permutations.ts';
import type { StepMemory } from './step-memory.ts';
import { mutualInformation, speakerConsistency } from './tables.ts';

/** Of each speaker, the steps at which it is measured. */
export interface Moments {
  /** [N] lists of where the steps begin in the memory: row * N. */
  readonly offsets: readonly Uint32Array[];
  /** [N] how many places of each list are in use. */
  readonly counts: Uint32Array;
  /** Whether all speakers have the same steps, so that one permutation is for all of them. */
  readonly shared: boolean;
}

/** Moments that all players share: one list. */
export function sharedMoments(players: number, capacity: number): Moments {
  const offsets = new Uint32Array(capacity);
  return {
    offsets: Array.from({ length: players }, () => offsets),
    counts: new Uint32Array(players),
    shared: true,
  };
}

/** Moments of each player's own. */
export function ownMoments(players: number, capacity: number): Moments {
  return {
    offsets: Array.from({ length: players }, () => new Uint32Array(capacity)),
    counts: new Uint32Array(players),
    shared: false,
  };
}

export interface ConsistencyTally extends Tally {
  /** Sums over speakers of how many of them occurred. */
  symbolsUsed: number;
  actionsUsed: number;
}

export class Measures {
  readonly #memory: StepMemory;
  readonly #permutations: number;
  readonly #random: Random;
  /** [capacity] */
  readonly #order: Uint32Array;
  /** [capacity] where the row of a step's symbol, or action, begins in a table. */
  readonly #symbolRows: Uint32Array;
  readonly #actionRows: Uint32Array;
  /** [M, A] and [A, A] counts. */
  readonly #symbolTable: Float64Array;
  readonly #actionTable: Float64Array;

  constructor(memory: StepMemory, permutations: number, random: Random) {
    const { capacity, actions, symbols } = memory.shape;
    this.#memory = memory;
    this.#permutations = permutations;
    this.#random = random;
    this.#order = new Uint32Array(capacity);
    this.#symbolRows = new Uint32Array(capacity);
    this.#actionRows = new Uint32Array(capacity);
    this.#symbolTable = new Float64Array((symbols ?? 0) * actions);
    this.#actionTable = new Float64Array(actions * actions);
  }

  /** SC of (m_k,t, a_k,t) over speakers k. There must be symbols. */
  consistency(moments: Moments): ConsistencyTally {
    const { actions, symbols, shape } = this.#memory;
    const order = this.#order;
    const table = this.#symbolTable;
    const tally = { ...newTally(this.#permutations), symbolsUsed: 0, actionsUsed: 0 };
    this.#each(moments, (r, k, offsets, count) => {
      table.fill(0);
      for (let i = 0; i < count; i++) {
        const row = symbols[offsets[order[i]!]! + k]! * shape.actions;
        table[row + actions[offsets[i]! + k]!]!++;
      }
      const speaker = speakerConsistency(table, shape.symbols!, shape.actions);
      tally.sums[r]! += speaker.consistency;
      if (r > 0) return;
      tally.count++;
      tally.symbolsUsed += speaker.symbolsUsed;
      tally.actionsUsed += speaker.actionsUsed;
    });
    return tally;
  }

  /**
   * I(m_k,t ; a_j,t+1) and I(a_k,t ; a_j,t+1) over pairs k != j, at moments whose next actions are known.
   * @returns `ofSymbols` of nothing where there are none.
   */
  coordination(moments: Moments): { ofSymbols: Tally; ofActions: Tally } {
    const memory = this.#memory;
    const { next } = memory;
    const { players, actions, symbols } = memory.shape;
    const order = this.#order;
    const [symbolRows, actionRows] = [this.#symbolRows, this.#actionRows];
    const [symbolTable, actionTable] = [this.#symbolTable, this.#actionTable];
    const ofSymbols = newTally(this.#permutations);
    const ofActions = newTally(this.#permutations);
    this.#each(moments, (r, k, offsets, count) => {
      for (let i = 0; i < count; i++) {
        const from = offsets[order[i]!]! + k;
        if (symbols !== null) symbolRows[i] = memory.symbols[from]! * actions;
        actionRows[i] = memory.actions[from]! * actions;
      }
      for (let j = 0; j < players; j++) {
        if (j === k) continue;
        actionTable.fill(0);
        for (let i = 0; i < count; i++) actionTable[actionRows[i]! + next[offsets[i]! + j]!]!++;
        ofActions.sums[r]! += mutualInformation(actionTable, actions, actions);
        if (r === 0) ofActions.count++;
        if (symbols === null) continue;
        symbolTable.fill(0);
        for (let i = 0; i < count; i++) symbolTable[symbolRows[i]! + next[offsets[i]! + j]!]!++;
        ofSymbols.sums[r]! += mutualInformation(symbolTable, symbols, actions);
        if (r === 0) ofSymbols.count++;
      }
    });
    return { ofSymbols, ofActions };
  }

  /** Calls `measure` for every permutation r and speaker k that has moments, with `#order` arranged. */
  #each(
    { offsets, counts, shared }: Moments,
    measure: (r: number, k: number, offsets: Uint32Array, count: number) => void,
  ): void {
    for (let r = 0; r <= this.#permutations; r++) {
      counts.forEach((count, k) => {
        if (count === 0) return;
        if (!shared || k === 0) arrange(this.#order, count, r, this.#random);
        measure(r, k, offsets[k]!, count);
      });
    }
  }
}
