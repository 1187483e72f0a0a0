/**
 * Environments at an arena, over the trainer protocol, that play as those in this thread do: the seeds are the shard's own, so
 * a run over the network computes the same digits as one without.
 *
 * Each episode under way is on record as its seed and actions. That is what a checkpoint keeps of it, what staggered starts
 * are, and what is played again where a connection was lost: the arena need remember nothing, and may be another one.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ActionBuffer } from '../../shared/environment.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import { restore } from '../algorithms/restore.ts';
import type { EndedEpisode, Trainer } from '../client/trainer.ts';
import type { EnvironmentBatch } from '../rollout/environments.ts';
import type { Observations } from '../rollout/rollout.ts';
import { EpisodeRecord } from './episode-record.ts';
import { asEnding, isPassing, isTooFast } from './errors.ts';
import type { TrainerLink } from './trainer-link.ts';

/** Milliseconds before a message that was one too many in its second is sent again. */
const QUOTA_PAUSE = 100;

export interface RemoteShape {
  /** E */
  readonly environments: number;
  /** N */
  readonly players: number;
  readonly episodeLength: number;
}

export class RemoteEnvironments implements EnvironmentBatch {
  readonly count: number;
  readonly episodeLength: number;
  readonly done: Uint8Array;
  readonly live = false;
  readonly #players: number;
  readonly #link: TrainerLink;
  /** The link's, of which the environments are where `#behind` says. */
  #generation = 0;
  /** [E] */
  readonly #episodes: readonly EpisodeRecord[];
  /** [E] 1 where the arena's environment is not where the record says. */
  readonly #behind: Uint8Array;
  #trainer: Trainer | null = null;

  constructor(link: TrainerLink, { environments, players, episodeLength }: RemoteShape) {
    this.#link = link;
    this.count = environments;
    this.episodeLength = episodeLength;
    this.#players = players;
    this.done = new Uint8Array(environments);
    this.#episodes = Array.from({ length: environments }, () => new EpisodeRecord(players));
    this.#behind = new Uint8Array(environments).fill(1);
  }

  time(e: number): number {
    return this.#episodes[e]!.steps;
  }

  reset(e: number, seed: number): void {
    this.#episodes[e]!.begin(seed);
    this.#behind[e] = 1;
    this.done[e] = 0;
  }

  /** Is played with all others' when they are observed: one after the other would be as many round trips as steps. */
  advance(e: number, actions: Uint8Array): boolean {
    this.#episodes[e]!.add(actions);
    this.#behind[e] = 1;
    return false;
  }

  async step(actions: ActionBuffer, rewards: Float32Array): Promise<void> {
    const trainer = await this.#insist((trainer) => trainer.step(actions));
    rewards.set(trainer.rewards);
    this.done.set(trainer.done);
    const players = this.#players;
    for (let e = 0; e < this.count; e++) this.#episodes[e]!.add(actions, e * players);
  }

  async observe(out: Observations, offset: number): Promise<void> {
    const { observations } = await this.#insist(() => {});
    out.set(observations, offset);
  }

  observeVisible(out: Uint8Array, offset: number): void {
    out.set(this.#known.visible, offset);
  }

  observeFinal(e: number, out: Observations): void {
    out.set(this.#ended(e).observations);
  }

  terminated(e: number): Uint8Array {
    return this.#known.terminated.subarray(e * this.#players, (e + 1) * this.#players);
  }

  counts(e: number): Float64Array {
    return this.#ended(e).counts;
  }

  get #known(): Trainer {
    if (this.#trainer === null) throw new Error('nothing has been observed yet');
    return this.#trainer;
  }

  #ended(e: number): EndedEpisode {
    const ended = this.#known.ended.find(({ environment }) => environment === e);
    if (ended === undefined) throw new Error(`the episode of environment ${e} goes on`);
    return ended;
  }

  /** Does something with environments that are where they should be, again and again until the connection holds. */
  async #insist(work: (trainer: Trainer) => unknown): Promise<Trainer> {
    for (;;) {
      const trainer = await this.#link.open();
      if (this.#link.generation !== this.#generation) {
        this.#generation = this.#link.generation;
        this.#behind.fill(1);
      }
      try {
        if (this.#behind.includes(1)) await this.#catchUp(trainer);
        await work(trainer);
        this.#trainer = trainer;
        return trainer;
      } catch (error) {
        if (!isPassing(error)) throw asEnding(error);
        this.#link.lose();
      }
    }
  }

  async #catchUp(trainer: Trainer): Promise<void> {
    const episodes = this.#episodes;
    const behind = [...episodes.keys()].filter((e) => this.#behind[e] === 1);
    if (behind.some((e) => episodes[e]!.steps > 0)) await this.#replay(trainer);
    else await this.#start(trainer, behind);
    this.#behind.fill(0);
  }

  async #start(trainer: Trainer, which: readonly number[]): Promise<void> {
    const seeds = which.map((e) => this.#episodes[e]!.seed);
    for (;;) {
      try {
        await trainer.reset(seeds, which);
        return;
      } catch (error) {
        // Where episodes are shorter than the arena's quota of messages allows, they wait for it.
        if (!isTooFast(error)) throw error;
        await pause(QUOTA_PAUSE);
      }
    }
  }

  /**
   * Plays all episodes again, from their records. A step is one of all environments, so they start at different times and
   * arrive together; until its start, an environment idles through episodes that nobody sees.
   */
  async #replay(trainer: Trainer): Promise<void> {
    const episodes = this.#episodes;
    const all = [...episodes.keys()];
    const length = Math.max(...episodes.map(({ steps }) => steps));
    const starts = episodes.map(({ steps }) => length - steps);
    const actions = new Uint8Array(this.count * this.#players);
    await this.#start(trainer, all);
    for (let t = 0; t < length; t++) {
      this.#refuseEnds(trainer, (e) => starts[e]! < t);
      const starting = all.filter(
        (e) => t > 0 && (starts[e] === t || (starts[e]! > t && trainer.done[e] === 1)),
      );
      if (starting.length > 0) await this.#start(trainer, starting);
      for (const e of all) {
        const at = e * this.#players;
        if (starts[e]! <= t) episodes[e]!.read(t - starts[e]!, actions, at);
        else actions.fill(0, at, at + this.#players);
      }
      await trainer.step(actions);
    }
    this.#refuseEnds(trainer, (e) => episodes[e]!.steps > 0);
    const fresh = all.filter((e) => episodes[e]!.steps === 0);
    if (fresh.length > 0) await this.#start(trainer, fresh);
  }

  /** @throws {Error} where an episode is over that is still under way by its record. */
  #refuseEnds(trainer: Trainer, underWay: (e: number) => boolean): void {
    const e = trainer.done.findIndex((done, e) => done === 1 && underWay(e));
    if (e < 0) return;
    throw new Error(
      `the episode of environment ${e} ended sooner than it did before: the arena plays by other rules than the run has; update one of them`,
    );
  }

  /** Seeds and actions of the episodes under way. */
  save(): Saved {
    const episodes = this.#episodes;
    const actions = new Uint8Array(episodes.reduce((sum, episode) => sum + episode.actions.length, 0));
    let at = 0;
    for (const episode of episodes) {
      actions.set(episode.actions, at);
      at += episode.actions.length;
    }
    return {
      episodeSeeds: Float64Array.from(episodes, ({ seed }) => seed),
      episodeSteps: Uint32Array.from(episodes, ({ steps }) => steps),
      episodeActions: actions,
    };
  }

  /** @throws {Error} for what others saved. */
  load(saved: Saved): void {
    const seeds = new Float64Array(this.count);
    const steps = new Uint32Array(this.count);
    restore(saved, 'episodeSeeds', seeds);
    restore(saved, 'episodeSteps', steps);
    const actions = new Uint8Array(this.#players * steps.reduce((sum, count) => sum + count, 0));
    restore(saved, 'episodeActions', actions);
    let at = 0;
    for (const [e, episode] of this.#episodes.entries()) {
      episode.begin(seeds[e]!);
      for (let t = 0; t < steps[e]!; t++, at += this.#players) episode.add(actions, at);
    }
    this.#behind.fill(1);
    this.done.fill(0);
  }
}
