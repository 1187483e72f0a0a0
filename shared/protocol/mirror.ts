/** The watcher's copy of a room, kept up to date from keyframes and ticks; the server keeps one for delayed views. */
import { EVENT_NAMES, type EventName, Outcome } from '../environment.ts';
import { SocialMetrics } from '../metrics.ts';
import { ClassId } from '../palette.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { encodeKeyframe, isBeam, TickFlag, type WindowFrame } from './ticks.ts';

export interface MirrorEvent {
  readonly kind: EventName;
  readonly player: number;
  readonly target: number;
}

export interface MirrorShape {
  readonly width: number;
  readonly height: number;
  readonly players: number;
  readonly beamRadius: number;
}

const DIRECTION_COLUMN = [0, 1, 0, -1];
const DIRECTION_ROW = [-1, 0, 1, 0];

export class WorldMirror {
  readonly shape: MirrorShape;
  /** Class ids without players and beams, [height * width]. */
  readonly cells: Uint8Array;
  readonly column: Int32Array;
  readonly row: Int32Array;
  /** 0 up, 1 right, 2 down, 3 left. */
  readonly facing: Uint8Array;
  /** What each player's last action came to; see `Outcome`. */
  readonly outcome: Uint8Array;
  /** [N, 2 * beamRadius + 1], valid for players whose outcome is a beam. */
  readonly rays: Uint8Array;
  /** Raw rewards of the last step. */
  readonly rewards: Float64Array;
  /** Returns and everything else that the episode's metrics are made of. */
  readonly metrics: SocialMetrics;
  /** How many cells have each class id. */
  readonly #counts = new Int32Array(256);
  /** Of the last step. */
  readonly events: MirrorEvent[] = [];
  /** Cells that the last step, or the last keyframe, changed. */
  readonly changed: number[] = [];
  episode = 0;
  /** Steps of the episode; the next action is for the step of this number. */
  time = 0;
  /** False until the first keyframe. */
  ready = false;

  constructor(shape: MirrorShape) {
    this.shape = shape;
    const n = shape.players;
    this.cells = new Uint8Array(shape.width * shape.height);
    this.column = new Int32Array(n);
    this.row = new Int32Array(n);
    this.facing = new Uint8Array(n);
    this.outcome = new Uint8Array(n);
    this.rays = new Uint8Array(n * (2 * shape.beamRadius + 1));
    this.rewards = new Float64Array(n);
    this.metrics = new SocialMetrics(n);
  }

  /** @throws {RangeError} for bytes that are no keyframe of this shape. */
  keyframe(bytes: Uint8Array): void {
    const reader = new ByteReader(bytes);
    this.episode = reader.varint();
    this.time = reader.varint();
    for (let i = 0; i < this.shape.players; i++) {
      this.column[i] = reader.uint8();
      this.row[i] = reader.uint8();
      this.facing[i] = reader.uint8();
    }
    const { counts } = this.metrics;
    for (let k = 0; k < counts.length; k++) counts[k] = reader.float64();
    this.changed.length = 0;
    const before = this.cells.slice();
    reader.runs(this.cells, this.cells.length);
    this.#counts.fill(0);
    for (let cell = 0; cell < before.length; cell++) {
      this.#counts[this.cells[cell]!]!++;
      if (before[cell] !== this.cells[cell]) this.changed.push(cell);
    }
    this.outcome.fill(Outcome.stayed);
    this.rewards.fill(0);
    this.events.length = 0;
    this.ready = true;
  }

  /** @throws {RangeError} for bytes that are no tick of this shape. */
  tick(bytes: Uint8Array): void {
    const reader = new ByteReader(bytes);
    const { players, beamRadius } = this.shape;
    const rays = 2 * beamRadius + 1;
    const flags = reader.uint8();
    this.time = reader.varint();
    this.outcome.fill(Outcome.stayed);
    this.rewards.fill(0);
    this.events.length = 0;
    this.changed.length = 0;
    if (!(flags & TickFlag.still)) {
      for (let i = 0; i < players; i += 2) {
        const pair = reader.uint8();
        this.#apply(i, pair & 15);
        if (i + 1 < players) this.#apply(i + 1, pair >> 4);
      }
    }
    if (flags & TickFlag.beams) {
      for (let i = 0; i < players; i++) {
        if (!isBeam(this.outcome[i]!)) continue;
        for (let k = 0; k < rays; k++) this.rays[i * rays + k] = reader.uint8();
      }
    }
    if (flags & TickFlag.rewards) {
      for (let i = 0; i < players; i++) {
        const reward = flags & TickFlag.floatRewards ? reader.float32() : reader.signed();
        this.rewards[i] = reward;
        this.metrics.returns[i]! += reward;
      }
    }
    if (flags & TickFlag.events) {
      const count = reader.varint();
      for (let k = 0; k < count; k++) {
        const kind = reader.uint8();
        const player = reader.uint8();
        const target = reader.uint8();
        this.metrics.event(kind, player);
        this.events.push({ kind: EVENT_NAMES[kind]!, player, target });
      }
    }
    this.metrics.tick();
    if (flags & TickFlag.cells) {
      const count = reader.varint();
      let cell = 0;
      for (let k = 0; k < count; k++) {
        cell += reader.varint();
        if (cell >= this.cells.length) throw new RangeError(`cell ${cell} is not on the map`);
        const id = reader.uint8();
        this.#counts[this.cells[cell]!]!--;
        this.#counts[id]!++;
        this.cells[cell] = id;
        this.changed.push(cell);
      }
    }
  }

  /** A keyframe of what the mirror shows, for those who join it. */
  encode(writer = new ByteWriter()): Uint8Array {
    return encodeKeyframe(writer, {
      episode: this.episode,
      time: this.time,
      players: this.shape.players,
      cells: this.cells,
      column: (i) => this.column[i]!,
      row: (i) => this.row[i]!,
      facing: (i) => this.facing[i]!,
      counts: this.metrics.counts,
    });
  }

  /** How many cells have a class id. */
  count(id: number): number {
    return this.#counts[id]!;
  }

  /** Class ids with players drawn on top, [height * width], for a small picture. */
  picture(): Uint8Array {
    const picture = this.cells.slice();
    for (let i = 0; i < this.shape.players; i++) {
      picture[this.row[i]! * this.shape.width + this.column[i]!] = ClassId.player + i;
    }
    return picture;
  }

  #apply(player: number, outcome: number): void {
    this.outcome[player] = outcome;
    if (outcome >= Outcome.movedUp && outcome <= Outcome.movedLeft) {
      this.column[player]! += DIRECTION_COLUMN[outcome - 1]!;
      this.row[player]! += DIRECTION_ROW[outcome - 1]!;
    } else if (outcome === Outcome.turnedClockwise) this.facing[player] = (this.facing[player]! + 1) & 3;
    else if (outcome === Outcome.turnedCounterClockwise) this.facing[player] = (this.facing[player]! + 3) & 3;
  }
}

/** @param cells height * width of the window. @throws {RangeError} for bytes that are no window of this size. */
export function decodeWindow(bytes: Uint8Array, cells: number): WindowFrame {
  const reader = new ByteReader(bytes);
  const episode = reader.varint();
  const time = reader.varint();
  const packed = reader.uint8();
  const reward = reader.float32();
  const total = reader.float64();
  const window = new Uint8Array(cells);
  reader.runs(window, cells);
  return { episode, time, facing: packed & 15, outcome: packed >> 4, reward, total, window };
}
