/**
 * What is drawn of minds, eased from one tick to the next. Typed arrays, written when another mind is to be shown and read
 * once a frame.
 */
import { Outcome } from '../../../shared/environment.ts';
import { ActionKind } from '../../../shared/grid/actions.ts';
import type { Mind, WorldMirror } from '../../../shared/protocol/index.ts';
import { directionOf } from '../../input/steering.ts';
import { arrowWidth } from './geometry.ts';

/** Foreseen actions of one player that are shown at most. */
export const GHOSTS = 3;
/** Less likely ones are not shown. */
const LEAST_LIKELY = 0.06;

const STEP_X = [0, 1, 0, -1];
const STEP_Y = [-1, 0, 1, 0];

/** Foreseen steps of one tick, [players * GHOSTS] each. */
export class GhostSteps {
  /** Cells. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Quarter turns clockwise from up. */
  readonly turn: Float32Array;
  /** How likely; 0 for none. */
  readonly likely: Float32Array;
  readonly action: Uint8Array;

  constructor(players: number) {
    const floats = () => new Float32Array(players * GHOSTS);
    this.x = floats();
    this.y = floats();
    this.turn = floats();
    this.likely = floats();
    this.action = new Uint8Array(players * GHOSTS);
  }
}

export class Thoughts {
  readonly players: number;
  readonly actions: number;
  /** Whose wedges, bar and ghosts they are; -1 for nobody's. */
  seat = -1;
  /** The action that was drawn; -1 where it came too late or nothing is known. */
  action = -1;
  /** [N] the symbol that each said last; -1 for none. */
  readonly symbols: Int16Array;
  /** Foreseen for the step that is shown, and for the one before it. */
  ghosts: GhostSteps;
  before: GhostSteps;
  /** [A] */
  readonly #fromP: Float32Array;
  readonly #toP: Float32Array;
  /** [N, N] arrows' widths, from row to column, CSS pixels. */
  readonly #fromWidth: Float32Array;
  readonly #toWidth: Float32Array;
  /** [N] minds that were taken last, so that each is taken once. */
  readonly #taken: (Mind | null)[];
  #fromValue = 0;
  #toValue = 0;
  /** Largest value in size since the mind was opened: the bar's full length. */
  #span = 0;

  constructor(players: number, actions: number) {
    this.players = players;
    this.actions = actions;
    this.symbols = new Int16Array(players).fill(-1);
    this.ghosts = new GhostSteps(players);
    this.before = new GhostSteps(players);
    this.#fromP = new Float32Array(actions);
    this.#toP = new Float32Array(actions);
    this.#fromWidth = new Float32Array(players * players);
    this.#toWidth = new Float32Array(players * players);
    this.#taken = new Array<Mind | null>(players).fill(null);
  }

  /** Probability of an action. */
  p(action: number, progress: number): number {
    const from = this.#fromP[action]!;
    return from + (this.#toP[action]! - from) * progress;
  }

  /** Width of the arrow between two players, CSS pixels; 0 for none. */
  width(from: number, to: number, progress: number): number {
    const at = from * this.players + to;
    const was = this.#fromWidth[at]!;
    return was + (this.#toWidth[at]! - was) * progress;
  }

  /** The value, in shares of the largest seen, -1 to 1. */
  value(progress: number): number {
    if (this.#span === 0) return 0;
    return (this.#fromValue + (this.#toValue - this.#fromValue) * progress) / this.#span;
  }

  /**
   * Takes what is to be shown now. @param progress how far the last one has been shown. @param seat whose mind is open, or
   * null. @param of the mind of each seat that is to be shown, null for the others.
   * @returns whether anything is new, so that easing starts over.
   */
  take(
    mirror: WorldMirror,
    progress: number,
    seat: number | null,
    of: (seat: number) => Mind | null,
  ): boolean {
    const open = seat ?? -1;
    let fresh = open !== this.seat;
    for (let i = 0; i < this.players; i++) if (of(i) !== this.#taken[i]) fresh = true;
    if (!fresh) return false;
    this.#ease(progress);
    this.#toWidth.fill(0);
    for (let i = 0; i < this.players; i++) {
      const mind = of(i);
      if (mind === null) this.symbols[i] = -1;
      else this.#takeInfluence(i, mind);
    }
    const mind = open < 0 ? null : of(open);
    const another = open !== this.seat;
    if (another || mind !== this.#taken[open]) this.#takeOwn(mirror, open, mind, another);
    this.seat = open;
    for (let i = 0; i < this.players; i++) this.#taken[i] = of(i);
    return true;
  }

  /** What was shown last is where easing starts from. */
  #ease(progress: number): void {
    for (let a = 0; a < this.actions; a++) this.#fromP[a] = this.p(a, progress);
    this.#fromValue += (this.#toValue - this.#fromValue) * progress;
    for (let k = 0; k < this.#toWidth.length; k++) {
      const was = this.#fromWidth[k]!;
      this.#fromWidth[k] = was + (this.#toWidth[k]! - was) * progress;
    }
  }

  #takeInfluence(seat: number, mind: Mind): void {
    this.symbols[seat] = mind.symbol ?? -1;
    const n = this.players;
    for (let j = 0; j < mind.influence.length; j++) {
      const other = (seat + j + 1) % n;
      if (other !== seat) this.#toWidth[seat * n + other] = arrowWidth(mind.influence[j]!);
    }
  }

  #takeOwn(mirror: WorldMirror, seat: number, mind: Mind | null, another: boolean): void {
    const spare = this.before;
    this.before = this.ghosts;
    this.ghosts = spare;
    spare.likely.fill(0);
    if (another) {
      this.before.likely.fill(0);
      this.#span = 0;
    }
    this.action = mind?.action ?? -1;
    if (mind === null) {
      if (another) this.#toP.fill(0);
      return;
    }
    for (let a = 0; a < this.actions; a++) this.#toP[a] = mind.probabilities[a] ?? 0;
    this.#toValue = mind.value;
    this.#span = Math.max(this.#span, Math.abs(mind.value));
    if (another) {
      this.#fromP.set(this.#toP);
      this.#fromValue = this.#toValue;
    }
    // Foreseen from where they stood before the step that is shown: only that step has this mind.
    if (mind.episode !== mirror.episode || mind.tick !== mirror.time - 1) return;
    const a = mind.probabilities.length;
    for (let j = 0; j < mind.influence.length; j++) {
      const other = (seat + j + 1) % this.players;
      if (other !== seat) this.#foresee(mirror, other, mind.predictions.subarray(j * a, (j + 1) * a));
    }
  }

  /** @param likely [A] how likely `other` does what. */
  #foresee(mirror: WorldMirror, other: number, likely: Float32Array): void {
    const { ghosts } = this;
    const outcome = mirror.outcome[other]!;
    let x = mirror.column[other]!;
    let y = mirror.row[other]!;
    let facing = mirror.facing[other]!;
    if (outcome >= Outcome.movedUp && outcome <= Outcome.movedLeft) {
      x -= STEP_X[outcome - Outcome.movedUp]!;
      y -= STEP_Y[outcome - Outcome.movedUp]!;
    } else if (outcome === Outcome.turnedClockwise) facing = (facing + 3) & 3;
    else if (outcome === Outcome.turnedCounterClockwise) facing = (facing + 1) & 3;
    for (let k = 0; k < GHOSTS; k++) {
      // The k-th likeliest: those before it are taken already.
      let best = -1;
      for (let a = 0; a < likely.length; a++) {
        if (likely[a]! < LEAST_LIKELY || (best >= 0 && likely[a]! <= likely[best]!)) continue;
        let shown = false;
        for (let m = 0; m < k; m++) if (ghosts.action[other * GHOSTS + m] === a) shown = true;
        if (!shown) best = a;
      }
      if (best < 0) return;
      const at = other * GHOSTS + k;
      const direction = directionOf(best, facing);
      const turn = best === ActionKind.turnClockwise ? 1 : best === ActionKind.turnCounterClockwise ? -1 : 0;
      ghosts.x[at] = x + (direction === null ? 0 : STEP_X[direction]!);
      ghosts.y[at] = y + (direction === null ? 0 : STEP_Y[direction]!);
      ghosts.turn[at] = facing + turn;
      ghosts.likely[at] = likely[best]!;
      ghosts.action[at] = best;
    }
  }
}
