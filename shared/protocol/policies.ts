/** Trained policies of an arena, as `/api/policies` lists them for the lobby. */

/** A mean over evaluation episodes, with its 95% bootstrap interval where there were several. */
export interface PolicyScore {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}

export interface PolicySummary {
  /** What a seat is filled with: `zoo/NAME` or `own/NAME`. */
  readonly name: string;
  readonly environment: string;
  /** Options of the environment that it learned on. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly players: number;
  readonly algorithm: string;
  /** Intrinsic rewards that it learned by, by name. */
  readonly intrinsic: readonly string[];
  /** Player steps that it learned from. */
  readonly playerSteps: number;
  readonly seed: number;
  /** ISO 8601. */
  readonly created: string;
  /** Symbols that it can speak; 0 for none. */
  readonly symbols: number;
  /** Whether it has a model of other agents: then its mind shows predictions and influence. */
  readonly models: boolean;
  /** What it hears of others beside what it sees; see `agents/networks/signal-names.ts`. */
  readonly signals: readonly string[];
  /** Of an evaluation with itself in all seats, by the names that training logs; null where there was none. */
  readonly scores: Readonly<Record<string, PolicyScore>> | null;
}

/** One that cannot be seated, and why. */
export interface BrokenPolicy {
  readonly name: string;
  readonly problem: string;
  /** Whether it failed as it was opened or run: then whoever it plays stands still. Rooms play on with one whose files broke later. */
  readonly failed: boolean;
}

export interface PolicyList {
  readonly policies: readonly PolicySummary[];
  readonly broken: readonly BrokenPolicy[];
}
