/** Writes a recording as it is played: steps are gathered in memory of fixed size and written a chunk at a time. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { WriteError } from '../training/errors.ts';
import {
  CHUNK_STEPS,
  type Chunk,
  cellsOf,
  encodeChunk,
  encodeHeader,
  type RecordingHeader,
} from './recording.ts';

export interface RecordedStep {
  readonly episode: number;
  readonly tick: number;
  /** [O] at `offset`, before the action. */
  readonly observations: Uint8Array;
  readonly offset: number;
  readonly action: number;
  /** Whether the action was the player's own. */
  readonly own: boolean;
  readonly reward: number;
  /** [N] what everybody did in the step before; of recordings where that is revealed. */
  readonly lastActions: Uint8Array;
  /** Whether the episode ended with this step. */
  readonly ended: boolean;
}

export class RecordingWriter {
  readonly path: string;
  readonly #cells: number;
  /** N where last actions are recorded, else 0. */
  readonly #others: number;
  readonly #observations: Uint8Array;
  readonly #actions = new Uint8Array(CHUNK_STEPS);
  readonly #own = new Uint8Array(CHUNK_STEPS);
  readonly #rewards = new Float32Array(CHUNK_STEPS);
  readonly #lastActions: Uint8Array;
  #handle: number | null;
  #episode = 0;
  #tick = 0;
  /** Steps that wait to be written. */
  #steps = 0;

  /** @throws {WriteError} where the file is there already, or cannot be made. */
  constructor(path: string, header: RecordingHeader) {
    this.path = path;
    this.#cells = cellsOf(header);
    this.#others = header.revealsActions ? header.players : 0;
    this.#observations = new Uint8Array(CHUNK_STEPS * this.#cells);
    this.#lastActions = new Uint8Array(CHUNK_STEPS * this.#others);
    try {
      this.#handle = openSync(path, 'wx');
    } catch (error) {
      throw new WriteError(path, error);
    }
    try {
      this.#write(encodeHeader(header));
    } catch (error) {
      // Without a header it is nothing that anybody could read.
      rmSync(path, { force: true });
      throw error;
    }
  }

  /** @throws {WriteError} */
  add(step: RecordedStep): void {
    const { episode, tick, observations, offset, lastActions } = step;
    if (this.#steps > 0 && (episode !== this.#episode || tick !== this.#tick + this.#steps))
      this.#flush(false);
    if (this.#steps === 0) {
      this.#episode = episode;
      this.#tick = tick;
    }
    const t = this.#steps++;
    this.#observations.set(observations.subarray(offset, offset + this.#cells), t * this.#cells);
    this.#actions[t] = step.action;
    this.#own[t] = step.own ? 1 : 0;
    this.#rewards[t] = step.reward;
    if (this.#others > 0) this.#lastActions.set(lastActions, t * this.#others);
    if (step.ended || this.#steps === CHUNK_STEPS) this.#flush(step.ended);
  }

  /** Writes what waits. @throws {WriteError} */
  close(): void {
    try {
      this.#flush(false);
    } finally {
      this.#release();
    }
  }

  /** Closes the file and deletes it. @throws {WriteError} */
  discard(): void {
    this.#steps = 0;
    this.#release();
    try {
      rmSync(this.path, { force: true });
    } catch (error) {
      throw new WriteError(this.path, error);
    }
  }

  #flush(ended: boolean): void {
    if (this.#steps === 0) return;
    const steps = this.#steps;
    // Of a chunk that cannot be written, no second try: what follows must not lie behind half of it.
    this.#steps = 0;
    const chunk: Chunk = {
      episode: this.#episode,
      tick: this.#tick,
      steps,
      ended,
      rewards: this.#rewards.subarray(0, steps),
      observations: this.#observations.subarray(0, steps * this.#cells),
      actions: this.#actions.subarray(0, steps),
      own: this.#own.subarray(0, steps),
      lastActions: this.#lastActions.subarray(0, steps * this.#others),
    };
    this.#write(encodeChunk(chunk));
  }

  /** After a failure the file is closed: what it has up to there can be read. */
  #write(bytes: Uint8Array): void {
    if (this.#handle === null) return;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#handle, bytes, at);
    } catch (error) {
      this.#release();
      throw new WriteError(this.path, error);
    }
  }

  #release(): void {
    if (this.#handle === null) return;
    const handle = this.#handle;
    this.#handle = null;
    closeSync(handle);
  }
}
