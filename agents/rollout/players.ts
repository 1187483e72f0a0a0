/**
 * A shard's environments as whoever plays in them needs them: episodes that start, staggered where wanted, are counted and
 * follow one another, from generators of the shard's own. What chooses the actions, and where steps are kept, is the
 * caller's business.
 */
import { type EnvironmentDefinition, type OptionsInput, parseOptions } from '../../shared/definition.ts';
import type { ActionBuffer, ArraySpec } from '../../shared/environment.ts';
import { deriveSeed, Random } from '../../shared/random.ts';
import type { VectorEnvironment } from '../../shared/vector.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import { restore } from '../algorithms/restore.ts';
import { Episodes } from './episodes.ts';
import type { Observations } from './rollout.ts';

export interface PlayersSetup {
  readonly definition: EnvironmentDefinition;
  readonly options: OptionsInput;
  /** E. */
  readonly environments: number;
  /** N. */
  readonly players: number;
  /** A. */
  readonly actions: number;
  readonly observation: ArraySpec;
  /** Of the shard. */
  readonly seed: number;
  /** Whether the environments start at different times of an episode, so that they do not all end at once. */
  readonly stagger: boolean;
  /** Staggered environments start at multiples of so many steps. */
  readonly staggerStep: number;
}

/** Elements for observations, in memory that the environments write to without a detour where they have such. */
export interface ObservedEnvironments {
  readonly vector: VectorEnvironment;
  readonly memory: Observations;
}

export function environmentsWith(
  elements: number,
  { definition, options, environments, observation }: PlayersSetup,
): ObservedEnvironments {
  const bytes = observation.dtype === 'uint8';
  const vector = definition.createVector(parseOptions(definition, options), environments, {
    reserve: bytes ? elements : 0,
  });
  return { vector, memory: bytes ? vector.allocate(elements) : new Float32Array(elements) };
}

export class Players {
  readonly vector: VectorEnvironment;
  readonly episodes: Episodes;
  /** For the caller: draws actions and what is learned from. */
  readonly random: Random;
  readonly #setup: PlayersSetup;
  /** Draws the seeds of episodes. */
  readonly #seeds: Random;

  constructor(setup: PlayersSetup, vector: VectorEnvironment) {
    this.#setup = setup;
    this.vector = vector;
    this.episodes = new Episodes(setup.environments, setup.players);
    this.random = new Random().seed(deriveSeed(setup.seed, 0));
    this.#seeds = new Random().seed(deriveSeed(setup.seed, 1));
  }

  /** Starts the first episodes. */
  start(): void {
    const { vector, episodes } = this;
    const { environments, stagger } = this.#setup;
    for (let e = 0; e < environments; e++) this.restart(e);
    if (stagger) {
      for (let e = 0; e < environments; e++) this.#advance(e);
    }
    for (let e = 0; e < environments; e++) {
      if (vector.environments[e]!.time > 0) episodes.partial[e] = 1;
    }
  }

  /** Random actions from the start of an episode on, to where this environment's share of it begins. */
  #advance(e: number): void {
    const { staggerStep, environments, players, actions } = this.#setup;
    const environment = this.vector.environments[e]!;
    const share = (environment.episodeLength * e) / environments;
    const until = Math.floor(share / staggerStep) * staggerStep;
    const chosen = new Uint8Array(players);
    const rewards = new Float32Array(players);
    while (environment.time < until) {
      for (let n = 0; n < players; n++) chosen[n] = this.random.below(actions);
      environment.step(chosen, rewards);
      if (environment.done) {
        this.restart(e);
        return;
      }
    }
  }

  /** One step of all, counted: whatever `vector.done` says has ended is to be restarted before the next. */
  step(actions: ActionBuffer, rewards: Float32Array): void {
    const { vector, episodes } = this;
    vector.step(actions, rewards);
    const { environments } = vector;
    for (let e = 0; e < environments.length; e++) episodes.record(e, environments[e]!);
  }

  /** Starts the next episode of environment `e`. */
  restart(e: number): void {
    this.vector.reset(e, deriveSeed(this.#seeds.next(), this.#seeds.next()));
  }

  /** All that the next steps depend on beside the actions. */
  save(): Saved {
    const saved: Saved = {
      random: this.random.state.slice(),
      seeds: this.#seeds.state.slice(),
      partial: this.episodes.partial.slice(),
    };
    this.vector.environments.forEach((environment, e) => {
      saved[`environment${e}`] = environment.save();
      saved[`episode${e}`] = this.episodes.metrics[e]!.counts.slice();
    });
    return saved;
  }

  /** @throws {Error} for what others saved. */
  load(saved: Saved): void {
    restore(saved, 'random', this.random.state);
    restore(saved, 'seeds', this.#seeds.state);
    restore(saved, 'partial', this.episodes.partial);
    this.vector.environments.forEach((environment, e) => {
      const snapshot = saved[`environment${e}`];
      if (!(snapshot instanceof Uint8Array)) throw new Error(`environment${e} is missing`);
      environment.load(snapshot);
      this.vector.done[e] = 0;
      restore(saved, `episode${e}`, this.episodes.metrics[e]!.counts);
    });
  }
}
