/**
 * The binary messages of a room, written on the server. `docs/protocol.md` has the layouts byte by byte.
 *
 * - `keyframe`: everything that a watcher needs to start from.
 * - `tick`: what one step changed, from keyframe or tick to tick.
 * - `window`: what one seat sees, in rooms with partial view.
 */
import { type Environment, type GridView, Outcome } from '../environment.ts';
import type { SocialMetrics } from '../metrics.ts';
import { ByteWriter } from './bytes.ts';

/** First byte of a tick. */
export const TickFlag = { cells: 1, rewards: 2, floatRewards: 4, events: 8, beams: 16, still: 32 } as const;

/** Encodes a room's steps; keeps what watchers already know. One instance a room. */
export class TickEncoder {
  readonly #environment: Environment;
  readonly #grid: GridView;
  readonly #writer = new ByteWriter();
  readonly #known: Uint8Array;
  /** The cells that the step under way has changed, ascending, and how many. */
  readonly #changed: Uint16Array;
  #changedCount = 0;

  /** @throws {Error} for an environment that does not lie on a grid. */
  constructor(environment: Environment) {
    if (environment.grid === null)
      throw new Error(`${environment.name} does not lie on a grid and cannot be shown`);
    this.#environment = environment;
    this.#grid = environment.grid;
    this.#known = new Uint8Array(this.#grid.width * this.#grid.height);
    this.#changed = new Uint16Array(this.#known.length);
  }

  /** The state as it is, from which `tick` goes on. */
  keyframe(episode: number, metrics: SocialMetrics): Uint8Array {
    this.#grid.readCells(this.#known);
    return encodeKeyframe(this.#writer, {
      episode,
      time: this.#environment.time,
      players: this.#environment.players,
      cells: this.#known,
      column: (i) => this.#grid.column(i),
      row: (i) => this.#grid.row(i),
      facing: (i) => this.#grid.facing(i),
      counts: metrics.counts,
    });
  }

  /** What the environment's last step changed. */
  tick(): Uint8Array {
    const environment = this.#environment;
    const grid = this.#grid;
    const { events, rawRewards, players } = environment;
    const writer = this.#writer.reset();
    this.#findChanges();
    let flags = this.#changedCount > 0 ? TickFlag.cells : 0;
    if (events.count > 0) flags |= TickFlag.events;
    let still = true;
    for (let i = 0; i < players; i++) {
      if (rawRewards[i] !== 0) flags |= TickFlag.rewards;
      if (!Number.isInteger(rawRewards[i])) flags |= TickFlag.floatRewards;
      const outcome = grid.outcome(i);
      if (outcome !== Outcome.stayed) still = false;
      if (isBeam(outcome)) flags |= TickFlag.beams;
    }
    if (still) flags |= TickFlag.still;
    writer.uint8(flags);
    writer.varint(environment.time);
    if (!still) {
      for (let i = 0; i < players; i += 2) {
        writer.uint8(grid.outcome(i) | ((i + 1 < players ? grid.outcome(i + 1) : 0) << 4));
      }
    }
    if (flags & TickFlag.beams) {
      for (let i = 0; i < players; i++) {
        if (!isBeam(grid.outcome(i))) continue;
        for (const length of grid.rays(i)) writer.uint8(length);
      }
    }
    if (flags & TickFlag.rewards) {
      for (let i = 0; i < players; i++) {
        if (flags & TickFlag.floatRewards) writer.float32(rawRewards[i]!);
        else writer.signed(rawRewards[i]!);
      }
    }
    if (flags & TickFlag.events) {
      writer.varint(events.count);
      for (let k = 0; k < events.count; k++) {
        writer.uint8(events.kind[k]!);
        writer.uint8(events.player[k]!);
        writer.uint8(events.target[k]!);
      }
    }
    if (flags & TickFlag.cells) {
      writer.varint(this.#changedCount);
      let last = 0;
      for (let k = 0; k < this.#changedCount; k++) {
        const cell = this.#changed[k]!;
        writer.varint(cell - last);
        writer.uint8(this.#known[cell]!);
        last = cell;
      }
    }
    return writer.finish();
  }

  /** Takes what the last step has changed into `#known`, and writes down where, by insertion: there are few. */
  #findChanges(): void {
    const { changes, changeCount } = this.#grid;
    const changed = this.#changed;
    let count = 0;
    for (let k = 0; k < changeCount; k++) {
      const cell = changes[k]!;
      const id = this.#grid.cellAt(cell);
      if (id === this.#known[cell]) continue;
      this.#known[cell] = id;
      let at = count++;
      while (at > 0 && changed[at - 1]! > cell) {
        changed[at] = changed[at - 1]!;
        at--;
      }
      changed[at] = cell;
    }
    this.#changedCount = count;
  }
}

export interface KeyframeSource {
  readonly episode: number;
  readonly time: number;
  readonly players: number;
  readonly cells: Uint8Array;
  column(player: number): number;
  row(player: number): number;
  facing(player: number): number;
  /** `SocialMetrics.counts`. */
  readonly counts: Float64Array;
}

export function encodeKeyframe(writer: ByteWriter, source: KeyframeSource): Uint8Array {
  writer.reset();
  writer.varint(source.episode);
  writer.varint(source.time);
  for (let i = 0; i < source.players; i++) {
    writer.uint8(source.column(i));
    writer.uint8(source.row(i));
    writer.uint8(source.facing(i));
  }
  for (const count of source.counts) writer.float64(count);
  writer.runs(source.cells, source.cells.length);
  return writer.finish();
}

/** What one seat sees and knows of itself in a partial-view room. */
export interface WindowFrame {
  readonly episode: number;
  readonly time: number;
  readonly facing: number;
  readonly outcome: number;
  /** Of the last step, and of the episode so far. */
  readonly reward: number;
  readonly total: number;
  /** [height, width] class ids, its facing up. */
  readonly window: Uint8Array;
}

export function encodeWindow(writer: ByteWriter, frame: WindowFrame): Uint8Array {
  writer.reset();
  writer.varint(frame.episode);
  writer.varint(frame.time);
  writer.uint8(frame.facing | (frame.outcome << 4));
  writer.float32(frame.reward);
  writer.float64(frame.total);
  writer.runs(frame.window, frame.window.length);
  return writer.finish();
}

function isBeam(outcome: number): boolean {
  return outcome === Outcome.fined || outcome === Outcome.cleaned;
}

export { isBeam };
