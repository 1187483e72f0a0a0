/**
 * What a step is. The contract between the rules and everything that plays, hosts, trains on or measures them, in the
 * manner of PettingZoo's parallel API (all players act at once) but over typed arrays that the caller owns: nothing is
 * allocated by `step` or `observe`.
 */

/** One array an environment reads or writes, per player. */
export interface ArraySpec {
  readonly dtype: 'uint8' | 'float32';
  /** Without the player axis, for example [15, 15] or [4]. */
  readonly shape: readonly number[];
  /** Inclusive bounds of every element. */
  readonly low: number;
  readonly high: number;
}

/** Discrete actions are one uint8 a player, in [0, labels.length); box actions are float32 of `shape` a player. */
export type ActionSpec =
  | { readonly kind: 'discrete'; readonly labels: readonly string[] }
  | ({ readonly kind: 'box' } & ArraySpec);

export type ActionBuffer = Uint8Array | Float32Array;
export type ObservationBuffer = Uint8Array | Float32Array;

/** The kinds of thing that happen in a step; see `Events`. */
export const EventKind = { ate: 0, fined: 1, hit: 2, cleaned: 3 } as const;
export type EventName = keyof typeof EventKind;
export const EVENT_NAMES: readonly EventName[] = ['ate', 'fined', 'hit', 'cleaned'];

/**
 * What happened in the last step, in order, as parallel arrays that are used again each step.
 *
 * | kind | player | target |
 * |---|---|---|
 * | ate | who ate | 0 |
 * | fined | who fired the fining beam | 0 |
 * | hit | who fired | the player hit |
 * | cleaned | who cleaned | 0, one event for each waste cell |
 */
export class Events {
  count = 0;
  readonly kind: Uint8Array;
  readonly player: Uint8Array;
  readonly target: Uint8Array;
  /** Where, as row * width + column; 0 where an environment has no cells. */
  readonly cell: Uint16Array;

  constructor(capacity: number) {
    this.kind = new Uint8Array(capacity);
    this.player = new Uint8Array(capacity);
    this.target = new Uint8Array(capacity);
    this.cell = new Uint16Array(capacity);
  }

  add(kind: number, player: number, target: number, cell: number): void {
    const i = this.count++;
    this.kind[i] = kind;
    this.player[i] = player;
    this.target[i] = target;
    this.cell[i] = cell;
  }
}

export interface Environment {
  /** The registry's name, for example `harvest`. */
  readonly name: string;
  /** N, fixed for the life of the instance. */
  readonly players: number;
  readonly actionSpec: ActionSpec;
  /** What `observe` can write, by encoding; the first is the cheapest and the one that everything internal uses. */
  readonly observationSpecs: Readonly<Record<string, ArraySpec>>;
  /** Steps after which an episode is truncated. */
  readonly episodeLength: number;
  /** Steps since `reset`. */
  readonly time: number;
  /** Whether the episode is over for every player; then only `reset` and `load` may follow. */
  readonly done: boolean;
  /** [N] 0 or 1: the player's episode ended by the rules: its value after this step is 0. */
  readonly terminated: Uint8Array;
  /** [N] 0 or 1: the player's episode was cut: its value after this step is that of the final observation. */
  readonly truncated: Uint8Array;
  /** What happened in the last step. */
  readonly events: Events;
  /** [N] rewards of the last step before any reward option, in the environment's own unit. */
  readonly rawRewards: Float32Array;
  /**
   * [N] 0 or 1: who chooses first within a step, the others knowing what these chose; all 0 where everybody chooses at
   * once. `step` is one call with all actions either way: acting in turn is the business of whoever calls it.
   */
  readonly leads: Uint8Array;
  /**
   * Whether a player's observation includes what everybody did in the last step. `observe` does not write it: whoever
   * calls `step` has the actions and adds them, and nothing of them at the start of an episode.
   */
  readonly revealsActions: boolean;
  /** The world to draw and to send to watchers; null for an environment that does not lie on a grid. */
  readonly grid: GridView | null;

  /** Starts an episode. @param seed an integer in [0, 2^53): the episode is a function of it and the actions. */
  reset(seed: number): void;

  /**
   * One environment step.
   * @param actions [N] uint8 (discrete) or [N, ...shape] float32 (box), from `offset` elements on.
   * @param rewards [N] float32, written from `rewardOffset` on.
   * @throws {RangeError} for an action outside the spec, before anything has changed.
   * @throws {Error} when the episode is over.
   */
  step(actions: ActionBuffer, rewards: Float32Array, offset?: number, rewardOffset?: number): void;

  /**
   * Writes all players' observations, [N, ...shape], from element `offset` of `out` on.
   * @param encoding a key of `observationSpecs`.
   */
  observe(encoding: string, out: ObservationBuffer, offset?: number): void;

  /**
   * Writes who sees whom, [N, N] 0 or 1, row the one who looks, column the one seen, from element `offset` of `out` on.
   * Everybody sees itself. On a grid it sees those whose cell lies in its window, turned as its observation is, walls and
   * beams hiding nobody; elsewhere everybody sees all. Whoever is out of play sees nobody else and is seen by nobody else.
   */
  observeVisible(out: Uint8Array, offset?: number): void;

  /** A snapshot of the whole state, the generator included: `load` continues exactly as this instance would. */
  save(): Uint8Array;
  /** @throws {Error} for a snapshot of another environment, other options or another size. */
  load(snapshot: Uint8Array): void;
  /** 64 bits that differ between different states. */
  hash(): bigint;
}

/** How many elements one player's array of `spec` has. */
export function elementsOf(spec: ArraySpec): number {
  return spec.shape.reduce((product, side) => product * side, 1);
}

/** How many elements of the action buffer one player takes. */
export function actionElements(spec: ActionSpec): number {
  return spec.kind === 'discrete' ? 1 : elementsOf(spec);
}

/** A step's world on a grid, for drawing and for encoding to watchers: views of the live state, read only. */
export interface GridView {
  readonly width: number;
  readonly height: number;
  /** How far players see, in cells, with their facing up. */
  readonly window: {
    readonly ahead: number;
    readonly behind: number;
    readonly left: number;
    readonly right: number;
  };
  readonly beamLength: number;
  readonly beamRadius: number;
  /** Cells where apples can grow, row * width + column. */
  readonly appleSites: readonly number[];
  /** Writes the class id of every cell without players and beams, [height, width] uint8. */
  readCells(out: Uint8Array): void;
  /** The class id of one cell, row * width + column, without players and beams. */
  cellAt(cell: number): number;
  /** Cells that the last step may have changed, `changeCount` of them, in no order, some perhaps twice. */
  readonly changes: Uint16Array;
  readonly changeCount: number;
  column(player: number): number;
  row(player: number): number;
  /** 0 up, 1 right, 2 down, 3 left. */
  facing(player: number): number;
  /** What the player's action came to in the last step; see `Outcome`. */
  outcome(player: number): number;
  /** Rays of the beam that a player fired in the last step, [2 * radius + 1] lengths in cells, from its left to its right. */
  rays(player: number): Uint8Array;
}

/** What a player's action came to. 1 + direction for a move, direction as a facing. */
export const Outcome = {
  stayed: 0,
  movedUp: 1,
  movedRight: 2,
  movedDown: 3,
  movedLeft: 4,
  turnedClockwise: 5,
  turnedCounterClockwise: 6,
  fined: 7,
  cleaned: 8,
  /** Wanted to move and could not. */
  blocked: 9,
} as const;
