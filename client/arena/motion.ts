/**
 * Where players are between two ticks. Positions ease linearly over one tick from where they were last shown; turns go
 * the short way. Typed arrays, written once a tick and read once a frame.
 */

import { Outcome } from '../../shared/environment.ts';
import { ClassId } from '../../shared/palette.ts';
import type { WorldMirror } from '../../shared/protocol/index.ts';

export class Motion {
  readonly players: number;
  /** In cells, [N]; from the last tick to this one. */
  readonly #fromX: Float32Array;
  readonly #fromY: Float32Array;
  readonly #toX: Float32Array;
  readonly #toY: Float32Array;
  /** In quarter turns clockwise from up, unwrapped, [N]. */
  readonly #fromTurn: Float32Array;
  readonly #toTurn: Float32Array;
  /** [N] 1 for a player that can be seen. */
  readonly visible: Uint8Array;
  /** [N] 1 for a player whose facing is known. */
  readonly faced: Uint8Array;
  /** When the last tick came, and how long the way to it takes, milliseconds. */
  #start = 0;
  #duration = 1;

  constructor(players: number) {
    this.players = players;
    const floats = () => new Float32Array(players);
    this.#fromX = floats();
    this.#fromY = floats();
    this.#toX = floats();
    this.#toY = floats();
    this.#fromTurn = floats();
    this.#toTurn = floats();
    this.visible = new Uint8Array(players);
    this.faced = new Uint8Array(players);
  }

  /** How far the present tick has been shown, 0 to 1. */
  progress(now: number): number {
    return Math.min(1, Math.max(0, (now - this.#start) / this.#duration));
  }

  x(player: number, progress: number): number {
    const from = this.#fromX[player]!;
    return from + (this.#toX[player]! - from) * progress;
  }

  y(player: number, progress: number): number {
    const from = this.#fromY[player]!;
    return from + (this.#toY[player]! - from) * progress;
  }

  /** Quarter turns clockwise from up. */
  turn(player: number, progress: number): number {
    const from = this.#fromTurn[player]!;
    return from + (this.#toTurn[player]! - from) * progress;
  }

  /** Which way a player leans, -1 to 1 across the direction it faces: it leans into its steps. */
  lean(player: number, progress: number): number {
    const dx = this.#toX[player]! - this.#fromX[player]!;
    const dy = this.#toY[player]! - this.#fromY[player]!;
    if (progress >= 1 || (dx === 0 && dy === 0)) return 0;
    const angle = (this.#toTurn[player]! * Math.PI) / 2;
    return (dx * Math.cos(angle) + dy * Math.sin(angle)) * Math.sin(Math.PI * progress);
  }

  /** The whole map: every player is seen. @param jump without easing, after a keyframe. */
  followMirror(mirror: WorldMirror, now: number, duration: number, jump: boolean): void {
    const progress = this.progress(now);
    for (let i = 0; i < this.players; i++) {
      this.#step(i, mirror.column[i]!, mirror.row[i]!, mirror.facing[i]!, progress, jump);
      this.visible[i] = 1;
      this.faced[i] = 1;
    }
    this.#start = now;
    this.#duration = duration;
  }

  /**
   * A seat's own window, its facing up. What was seen is carried into the new window first, by the player's own move or
   * turn, so that only the others' moves remain as movement.
   * @param me the seat. @param row @param column of the window's middle, where it stands.
   */
  followWindow(
    window: Uint8Array,
    width: number,
    me: number,
    row: number,
    column: number,
    outcome: number,
    facing: number,
    now: number,
    duration: number,
    jump: boolean,
  ): void {
    const progress = this.progress(now);
    const carry = carriage(outcome, facing);
    const seen = this.visible.slice();
    this.visible.fill(0);
    for (let i = 0; i < this.players; i++) {
      if (!seen[i]) continue;
      const x = this.x(i, progress) - column;
      const y = this.y(i, progress) - row;
      this.#toX[i] = this.#fromX[i] = column + x * carry.cos - y * carry.sin + carry.dx;
      this.#toY[i] = this.#fromY[i] = row + x * carry.sin + y * carry.cos + carry.dy;
      this.#toTurn[i] = this.#fromTurn[i] = i === me ? this.turn(i, progress) + carry.turn : 0;
    }
    for (let cell = 0; cell < window.length; cell++) {
      const i = window[cell]! - ClassId.player;
      if (i < 0 || i >= this.players || i === me) continue;
      this.#step(i, cell % width, Math.floor(cell / width), 0, 1, jump || !seen[i]);
      this.visible[i] = 1;
    }
    // Not looked for: a beam may be drawn over it.
    this.#step(me, column, row, 0, 1, jump || !seen[me]);
    this.visible[me] = 1;
    this.faced.fill(0);
    this.faced[me] = 1;
    this.#start = now;
    this.#duration = duration;
  }

  #step(i: number, x: number, y: number, facing: number, progress: number, jump: boolean): void {
    const turn = this.turn(i, progress);
    const target = turn + shortTurn(turn, facing);
    this.#fromX[i] = jump ? x : this.x(i, progress);
    this.#fromY[i] = jump ? y : this.y(i, progress);
    this.#fromTurn[i] = jump ? target : turn;
    this.#toX[i] = x;
    this.#toY[i] = y;
    this.#toTurn[i] = target;
  }
}

/** From a turn to a facing by the short way, in quarter turns, in (-2, 2]. */
export function shortTurn(turn: number, facing: number): number {
  const rest = (((facing - turn) % 4) + 4) % 4;
  return rest > 2 ? rest - 4 : rest;
}

/** How the old window's content lies in the new one: turned about the player by cos and sin, then moved by dx and dy. */
function carriage(outcome: number, facing: number) {
  if (outcome === Outcome.turnedClockwise) return { cos: 0, sin: -1, dx: 0, dy: 0, turn: -1 };
  if (outcome === Outcome.turnedCounterClockwise) return { cos: 0, sin: 1, dx: 0, dy: 0, turn: 1 };
  if (outcome < Outcome.movedUp || outcome > Outcome.movedLeft)
    return { cos: 1, sin: 0, dx: 0, dy: 0, turn: 0 };
  // The way it went, as its facing sees it: 0 ahead, 1 to the right, ...; the world goes the other way.
  const way = (outcome - Outcome.movedUp - facing) & 3;
  return { cos: 1, sin: 0, dx: [0, -1, 0, 1][way]!, dy: [1, 0, -1, 0][way]!, turn: 0 };
}
