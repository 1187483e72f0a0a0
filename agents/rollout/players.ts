/**
 * A shard's environments as whoever plays in them needs them: episodes that start, staggered where wanted, are counted and
 * follow one another, from generators of the shard's own. What chooses the actions, and where steps are kept, is the
 * caller's business.
 */
import type { ActionBuffer } from '../../shared/environment.ts';
import { deriveSeed, Random } from '../../shared/random.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import { restore } from '../algorithms/restore.ts';
import type { EnvironmentBatch } from './environments.ts';
import { Episodes } from './episodes.ts';
import { after, type Soon } from './soon.ts';

export interface PlayersSetup {
  /** N. */
  readonly players: number;
  /** A. */
  readonly actions: number;
  /** Of the shard. */
  readonly seed: number;
  /** Whether the environments start at different times of an episode, so that they do not all end at once. */
  readonly stagger: boolean;
  /** Staggered environments start at multiples of so many steps. */
  readonly staggerStep: number;
}

export class Players {
  readonly environments: EnvironmentBatch;
  readonly episodes: Episodes;
  /** For the caller: draws actions and what is learned from. */
  readonly random: Random;
  readonly #setup: PlayersSetup;
  /** Draws the seeds of episodes. */
  readonly #seeds: Random;
  readonly #count = () => this.#countEnded();

  constructor(setup: PlayersSetup, environments: EnvironmentBatch) {
    this.#setup = setup;
    this.environments = environments;
    this.episodes = new Episodes(environments.count, setup.players);
    this.random = new Random().seed(deriveSeed(setup.seed, 0));
    this.#seeds = new Random().seed(deriveSeed(setup.seed, 1));
  }

  /** Starts the first episodes. */
  start(): void {
    const { environments, episodes } = this;
    const { count } = environments;
    for (let e = 0; e < count; e++) this.restart(e);
    if (this.#setup.stagger) {
      for (let e = 0; e < count; e++) this.#advance(e);
    }
    for (let e = 0; e < count; e++) {
      if (environments.time(e) > 0) episodes.partial[e] = 1;
    }
  }

  /** Random actions from the start of an episode on, to where this environment's share of it begins. */
  #advance(e: number): void {
    const { environments } = this;
    const { staggerStep, players, actions } = this.#setup;
    const share = (environments.episodeLength * e) / environments.count;
    const until = Math.floor(share / staggerStep) * staggerStep;
    const chosen = new Uint8Array(players);
    while (environments.time(e) < until) {
      for (let n = 0; n < players; n++) chosen[n] = this.random.below(actions);
      if (environments.advance(e, chosen)) {
        this.restart(e);
        return;
      }
    }
  }

  /** One step of all, counted: whatever `done` says has ended is to be restarted before the next. */
  step(actions: ActionBuffer, rewards: Float32Array): Soon {
    return after(this.environments.step(actions, rewards), this.#count);
  }

  #countEnded(): void {
    const { environments, episodes } = this;
    for (let e = 0; e < environments.count; e++) {
      if (environments.done[e] === 1) episodes.end(e, environments.counts(e));
    }
  }

  /** Starts the next episode of environment `e`. */
  restart(e: number): void {
    this.environments.reset(e, deriveSeed(this.#seeds.next(), this.#seeds.next()));
  }

  /** All that the next steps depend on beside the actions. */
  save(): Saved {
    return {
      random: this.random.state.slice(),
      seeds: this.#seeds.state.slice(),
      partial: this.episodes.partial.slice(),
      ...this.environments.save(),
    };
  }

  /** @throws {Error} for what others saved. */
  load(saved: Saved): void {
    restore(saved, 'random', this.random.state);
    restore(saved, 'seeds', this.#seeds.state);
    restore(saved, 'partial', this.episodes.partial);
    this.environments.load(saved);
  }
}
