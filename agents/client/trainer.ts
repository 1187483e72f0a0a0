/**
 * Private environments at the arena that step in lockstep, E at once: one buffer of actions there, one of everything else
 * back. Arrays are allocated once and written anew by each answer.
 */
import type { GameDescription, Opened, OpenInput } from '../../shared/protocol/agents/gateway.ts';
import {
  type FrameLayout,
  frameLayout,
  MAX_STATE_BYTES,
  STEP_HEADER,
} from '../../shared/protocol/agents/steps.ts';
import { bytesOf } from './bytes.ts';
import type { Channel } from './channel.ts';
import { ArenaError } from './errors.ts';
import { makeObservations, type Observations, readObservations } from './observations.ts';

/** [E, N] numbers of actions, or [E, N, ...] values of continuous ones. */
export type Actions = ArrayLike<number>;

/** An episode that ended with the last step. */
export interface EndedEpisode {
  readonly environment: number;
  /** The counts of `SocialMetrics`: [5, N] return, apples, times of eating, fines, steps timed out; then steps, hits. */
  readonly counts: Float64Array;
  /** [N, ...] the last ones; those of the next episode are in `Trainer.observations` where `autoreset` holds. */
  readonly observations: Observations;
}

/** Chooses actions for what `trainer.observations` says. */
export type TrainerPolicy = (observations: Observations, trainer: Trainer) => Actions | Promise<Actions>;

export class Trainer {
  readonly game: GameDescription;
  /** E */
  readonly environments: number;
  /** N */
  readonly players: number;
  readonly autoreset: boolean;
  /** [E, N] of the last step; 0 after `reset`. */
  readonly rewards: Float32Array;
  /** [E, N] 0 or 1: ended by the rules. What is `done` and not terminated was cut. */
  readonly terminated: Uint8Array;
  /** [E] 0 or 1: the episode ended with the last step. */
  readonly done: Uint8Array;
  /** [E, N, N] 0 or 1: who sees whom; empty unless `visible` was asked for. */
  readonly visible: Uint8Array;
  /** [E, N, ...] unpacked. */
  readonly observations: Observations;
  /** Episodes that ended with the last step. */
  ended: readonly EndedEpisode[] = [];
  readonly #channel: Channel;
  readonly #options: OpenInput;
  readonly #layout: FrameLayout;
  /** `step` as it is sent, and its actions. */
  readonly #request: Uint8Array;
  readonly #actions: Uint8Array | Float32Array;
  #batch: number;
  /** The connection that the batch was opened over is gone, and the batch with it. */
  #lost = false;
  #started = false;
  #busy = false;
  readonly #stopListening: () => void;
  readonly #closed: () => void;

  private constructor(channel: Channel, options: OpenInput, opened: Opened, closed: () => void) {
    const { game, environments, autoreset, visible } = opened;
    const { players } = game;
    const columns = environments * players;
    this.#channel = channel;
    this.#options = options;
    this.#layout = frameLayout({ ...game, environments, visible });
    this.game = game;
    this.environments = environments;
    this.players = players;
    this.autoreset = autoreset;
    this.rewards = new Float32Array(columns);
    this.terminated = new Uint8Array(columns);
    this.done = new Uint8Array(environments);
    this.visible = new Uint8Array(visible ? columns * players : 0);
    this.observations = makeObservations(game, this.#layout.elements);
    this.#request = new Uint8Array(this.#layout.requestBytes);
    this.#actions =
      game.actions === null
        ? new Float32Array(this.#request.buffer, STEP_HEADER)
        : this.#request.subarray(STEP_HEADER);
    this.#batch = opened.batch;
    this.#stopListening = channel.listen({
      lost: () => (this.#lost = true),
      over: () => {},
    });
    this.#closed = closed;
  }

  /** @param closed is called when it is closed. @throws {ArenaError} */
  static async open(channel: Channel, options: OpenInput, closed: () => void = () => {}): Promise<Trainer> {
    return new Trainer(channel, options, await channel.ask<Opened>('open', options), closed);
  }

  /**
   * Starts episodes and resolves once `observations` has their first ones. After the connection was lost it waits until it
   * is back, and opens the batch anew, whose own seeds then begin again.
   * @param seeds one for each episode that starts; drawn from the batch's own seed by default.
   * @param environments which start; all by default.
   * @throws {ArenaError}
   */
  reset(seeds?: readonly number[], environments?: readonly number[]): Promise<this> {
    return this.#exclusively(async () => {
      await this.#reopen();
      const which = { ...(environments && { environments }), ...(seeds && { seeds }) };
      this.#read(await this.#channel.ask('reset', { batch: this.#batch, ...which }));
      this.#started = true;
      return this;
    });
  }

  /**
   * One step of all environments. @param actions [E, N], or [E, N, ...] of continuous ones.
   * @throws {ArenaError} `disconnected` where the connection is lost, whether the step was made or not: `reset` or `load`.
   */
  async step(actions: Actions): Promise<this> {
    if (actions.length !== this.#actions.length) {
      throw new ArenaError(
        'wrong-length',
        `a step takes ${this.#actions.length} actions for ${this.environments} environments, not ${actions.length}`,
      );
    }
    if (this.#busy) throw busy();
    if (this.#lost) throw lost();
    this.#busy = true;
    try {
      this.#request[0] = this.#batch & 255;
      this.#request[1] = this.#batch >> 8;
      this.#write(actions);
      this.#read(await this.#channel.ask('step', this.#request));
      return this;
    } finally {
      this.#busy = false;
    }
  }

  /**
   * Steps without end, from where it is or from a first `reset`: gives itself after each step, with what the step came to.
   * Environments whose episode is over start the next one, whether the arena resets them by itself or not.
   */
  async *run(policy: TrainerPolicy): AsyncGenerator<this, never> {
    if (!this.#started) await this.reset();
    for (;;) {
      await this.step(await policy(this.observations, this));
      yield this;
      if (this.autoreset || !this.done.includes(1)) continue;
      const over = Array.from(this.done.keys()).filter((e) => this.done[e] === 1);
      await this.reset(undefined, over);
    }
  }

  /**
   * The state of the whole batch, for `load`: on this arena, in a batch of the same kind, over any connection.
   * @throws {ArenaError} `too-much` where it has more bytes than `load` takes.
   */
  save(): Promise<Uint8Array> {
    return this.#exclusively(async () => {
      const state = bytesOf(await this.#channel.ask('save', { batch: this.#batch }));
      if (state === null) throw badAnswer('save', 'no bytes');
      return state;
    });
  }

  /**
   * Goes on from a saved state, and resolves once `observations` has what is seen there. After the connection was lost it
   * waits until it is back and opens the batch anew. @throws {ArenaError} `bad-snapshot`
   */
  load(state: Uint8Array): Promise<this> {
    return this.#exclusively(async () => {
      // The arena never gives one, and would end the connection over a message that is larger than it reads.
      if (state.length > MAX_STATE_BYTES) {
        throw new ArenaError(
          'bad-snapshot',
          `a state has at most ${MAX_STATE_BYTES} bytes, this one has ${state.length}: load what save resolved with`,
        );
      }
      await this.#reopen();
      this.#read(await this.#channel.ask('load', { batch: this.#batch, state }));
      this.#started = true;
      return this;
    });
  }

  /** Gives the environments up. */
  async close(): Promise<void> {
    this.#stopListening();
    try {
      if (!this.#lost && this.#channel.connected) await this.#channel.ask('close', { batch: this.#batch });
    } finally {
      this.#closed();
    }
  }

  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy) throw busy();
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }

  async #reopen(): Promise<void> {
    if (!this.#lost) return;
    await this.#channel.ready();
    // Lost again while it is opened: then `lost` says so, and the next call tries again.
    this.#lost = false;
    const { batch } = await this.#channel.ask<Opened>('open', this.#options).catch((error: unknown) => {
      this.#lost = true;
      throw error;
    });
    this.#batch = batch;
  }

  #write(actions: Actions): void {
    const { actions: labels } = this.game;
    // Of a number that is no byte another action would be sent; one of a byte the arena looks at.
    if (labels !== null && !(actions instanceof Uint8Array)) {
      for (let i = 0; i < actions.length; i++) {
        const action = actions[i]!;
        if (Number.isInteger(action) && action >= 0 && action < 256) continue;
        const who = `player ${i % this.players} of environment ${Math.floor(i / this.players)}`;
        throw new ArenaError(
          'bad-action',
          `action ${action} of ${who} is none: they are 0 to ${labels.length - 1}`,
        );
      }
    }
    this.#actions.set(actions);
  }

  /** Takes an answer apart. */
  #read(answer: unknown): void {
    const frame = bytesOf(answer);
    const layout = this.#layout;
    const count = frame === null || frame.length < STEP_HEADER ? 0 : frame[2]! | (frame[3]! << 8);
    const expected = layout.ended + count * layout.endedBytes;
    if (frame === null || frame.length !== expected) {
      throw badAnswer('frame', `${expected} bytes expected, ${frame?.length ?? 'none'} came`);
    }
    bytesUnder(this.rewards).set(frame.subarray(layout.rewards, layout.terminated));
    this.terminated.set(frame.subarray(layout.terminated, layout.done));
    this.done.set(frame.subarray(layout.done, layout.visible));
    if (this.visible.length > 0) {
      this.visible.set(frame.subarray(layout.visible, layout.visible + this.visible.length));
    }
    readObservations(this.game, frame, layout.observations, this.observations);
    this.ended =
      count === 0
        ? NONE
        : Array.from({ length: count }, (_, k) => this.#endedAt(frame, layout.ended + k * layout.endedBytes));
  }

  #endedAt(frame: Uint8Array, at: number): EndedEpisode {
    const { endedCounts, endedObservations, counts, elementsEach } = this.#layout;
    const observations = makeObservations(this.game, elementsEach);
    readObservations(this.game, frame, at + endedObservations, observations);
    const from = at + endedCounts;
    return {
      environment: frame[at]! | (frame[at + 1]! << 8),
      counts: new Float64Array(frame.slice(from, from + 8 * counts).buffer),
      observations,
    };
  }
}

const NONE: readonly EndedEpisode[] = [];

/** Of an array that lies as a frame does: little endian. */
const bytesUnder = (array: Float32Array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const busy = () => new ArenaError('busy', 'a call of this trainer is under way: await it before the next');

const lost = () =>
  new ArenaError(
    'disconnected',
    'the connection was lost, and these environments with it: call reset, or load with a state that was saved',
  );

const badAnswer = (what: string, why: string) =>
  new ArenaError('bad-answer', `the arena gave no ${what} of this protocol: ${why}`);
