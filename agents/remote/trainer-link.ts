/**
 * Environments at an arena, opened anew where the connection is lost: with growing pauses, until the patience is over. What
 * was there before is gone then; who uses them knows it by the generation.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { OpenInput } from '../../shared/protocol/agents/index.ts';
import { Channel } from '../client/channel.ts';
import { Trainer } from '../client/trainer.ts';
import { ConnectionError } from '../training/errors.ts';
import { asEnding, isPassing } from './errors.ts';
import type { ArenaLine } from './settings.ts';

/** Milliseconds before the second attempt, doubled from one to the next, and at most. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5000;

export class TrainerLink {
  /** How often the environments were opened: they begin anew each time. */
  generation = 0;
  readonly #arena: ArenaLine;
  readonly #wanted: OpenInput;
  #channel: Channel | null = null;
  #trainer: Trainer | null = null;
  #closed = false;

  constructor(arena: ArenaLine, wanted: OpenInput) {
    this.#arena = arena;
    this.#wanted = wanted;
  }

  /** @throws {ConnectionError} where the arena refuses, or is not there for longer than the patience. */
  async open(): Promise<Trainer> {
    const { patience, url, hear } = this.#arena;
    const began = performance.now();
    let missing = false;
    for (let wait = FIRST_PAUSE; this.#trainer === null; wait = Math.min(2 * wait, LONGEST_PAUSE)) {
      if (this.#closed) throw new ConnectionError('the run has given its environments up');
      try {
        const trainer = await this.#attempt();
        if (missing) hear?.(null);
        return trainer;
      } catch (error) {
        this.lose();
        if (!isPassing(error)) throw asEnding(error);
        if (performance.now() - began > 1000 * patience) {
          throw new ConnectionError(
            `the arena at ${url} has not answered for ${patience} s: ${error.message}`,
            { cause: error },
          );
        }
        // What comes back at once is not worth a word.
        if (!missing) hear?.(error.message);
        missing = true;
      }
      await pause(wait);
    }
    return this.#trainer;
  }

  async #attempt(): Promise<Trainer> {
    // Its own attempts would keep apart from ours, and know nothing of an arena that went down and came back.
    this.#channel = new Channel({ ...this.#arena, patience: 0 });
    await this.#channel.ready();
    this.#trainer = await Trainer.open(this.#channel, this.#wanted);
    this.generation++;
    return this.#trainer;
  }

  /** The environments are gone. */
  lose(): void {
    this.#channel?.close();
    this.#channel = null;
    this.#trainer = null;
  }

  close(): void {
    this.#closed = true;
    this.lose();
  }
}
