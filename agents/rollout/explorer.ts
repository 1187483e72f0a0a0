/**
 * Plays a shard's environments by the values of actions, with exploration, into a replay memory. Nothing is allocated in a
 * step, and the network is asked only where an action depends on it.
 */
import { type ArraySpec, elementsOf } from '../../shared/environment.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import type { Call, Program } from '../engine/program.ts';
import { argmax, sample } from '../math/categorical.ts';
import { type EnvironmentsSetup, environmentsWith } from './environments.ts';
import { Players, type PlayersSetup } from './players.ts';
import { ReplayMemory } from './replay.ts';
import type { Observations } from './rollout.ts';
import { after, type Soon } from './soon.ts';

/** How actions are chosen from Q. */
export type Exploration =
  /** With this probability one at random, else the best. */
  | { readonly kind: 'epsilon'; readonly epsilon: number }
  /** a with probability exp(Q(o, a) / temperature) / sum_b exp(Q(o, b) / temperature). */
  | { readonly kind: 'boltzmann'; readonly temperature: number };

export interface ExplorerSetup extends PlayersSetup, Omit<EnvironmentsSetup, 'visible'> {
  readonly observation: ArraySpec;
  /** Environment steps that the memory keeps. */
  readonly capacity: number;
  /** Rewards are multiplied by it on their way into the memory. */
  readonly rewardScale: number;
}

export class Explorer {
  readonly players: Players;
  readonly memory: ReplayMemory;
  readonly #setup: ExplorerSetup;
  /** [B, ...] before the next step. */
  readonly #observation: Observations;
  /** [N, ...] after an episode. */
  readonly #final: Observations;
  /** [B, A] */
  readonly #q: Float32Array;
  readonly #act: Call;
  /** [B] */
  readonly #actions: Uint8Array;
  readonly #rewards: Float32Array;
  /** [B] 1 where the action does not depend on Q. */
  readonly #random: Uint8Array;
  /** [A] */
  readonly #probabilities: Float32Array;

  /** @param act of all columns: theta, observation [E, N, ...]; q [B, A]. @param theta [P], read at each call. */
  constructor(setup: ExplorerSetup, act: Program, theta: Float32Array) {
    const { players, actions, observation } = setup;
    const columns = setup.environments * players;
    const width = elementsOf(observation);
    const { environments, memory } = environmentsWith(columns * width, { ...setup, visible: false });
    this.#setup = setup;
    this.players = new Players(setup, environments);
    this.memory = new ReplayMemory({ ...setup, episodeLength: environments.episodeLength });
    this.#observation = memory;
    this.#final =
      observation.dtype === 'uint8' ? new Uint8Array(players * width) : new Float32Array(players * width);
    this.#q = new Float32Array(columns * actions);
    this.#act = act.bind({ theta, observation: this.#observation }, { q: this.#q });
    this.#actions = new Uint8Array(columns);
    this.#rewards = new Float32Array(columns);
    this.#random = new Uint8Array(columns);
    this.#probabilities = new Float32Array(actions);
  }

  /** Starts the first episodes. */
  start(): Soon {
    this.players.start();
    return after(this.#observe(), () => this.memory.observe(this.#observation));
  }

  /** Makes so many steps in each environment. */
  async play(steps: number, exploration: Exploration): Promise<void> {
    const { players, memory } = this;
    const { rewardScale } = this.#setup;
    const rewards = this.#rewards;
    for (let t = 0; t < steps; t++) {
      if (exploration.kind === 'epsilon') {
        if (this.#explore(exploration.epsilon)) {
          await this.#act.run();
          this.#exploit();
        }
      } else {
        await this.#act.run();
        this.#draw(exploration.temperature);
      }
      const stepped = players.step(this.#actions, rewards);
      if (stepped !== undefined) await stepped;
      if (rewardScale !== 1) for (let b = 0; b < rewards.length; b++) rewards[b]! *= rewardScale;
      this.#finish();
      memory.advance(this.#actions, rewards);
      const observed = this.#observe();
      if (observed !== undefined) await observed;
      memory.observe(this.#observation);
    }
  }

  /** Draws which columns act at random, and how. @returns whether any does not. */
  #explore(epsilon: number): boolean {
    const { random } = this.players;
    const { actions } = this.#setup;
    let greedy = false;
    for (let b = 0; b < this.#random.length; b++) {
      const explores = random.uniform() < epsilon;
      this.#random[b] = explores ? 1 : 0;
      if (explores) this.#actions[b] = random.below(actions);
      else greedy = true;
    }
    return greedy;
  }

  #exploit(): void {
    const { actions } = this.#setup;
    for (let b = 0; b < this.#random.length; b++) {
      if (this.#random[b] === 0) this.#actions[b] = argmax(this.#q, b * actions, actions);
    }
  }

  #draw(temperature: number): void {
    const { random } = this.players;
    const { actions } = this.#setup;
    const probabilities = this.#probabilities;
    for (let b = 0; b < this.#actions.length; b++) {
      boltzmann(this.#q, b * actions, temperature, probabilities);
      this.#actions[b] = sample(probabilities, 0, actions, random.uniform());
    }
  }

  /** Where an episode ended, keeps what was observed last and starts the next. */
  #finish(): void {
    const { players, memory } = this;
    const { environments } = players;
    for (let e = 0; e < environments.count; e++) {
      if (environments.done[e] === 0) continue;
      environments.observeFinal(e, this.#final);
      memory.end(e, environments.terminated(e), this.#final);
      players.restart(e);
    }
  }

  #observe(): Soon {
    return this.players.environments.observe(this.#observation, 0);
  }

  /** All that the next steps and samples depend on. */
  save(): Saved {
    return { ...this.players.save(), ...this.memory.save() };
  }

  /** @throws {Error} for what another saved. */
  load(saved: Saved): Soon {
    this.players.load(saved);
    this.memory.load(saved);
    // What goes on by itself is somewhere else by now.
    return after(this.#observe(), () => this.memory.observe(this.#observation));
  }
}

/** Writes softmax(q / temperature) of the values from `offset` on into `out` [A]. The largest counts as 0: exp is never infinite. */
export function boltzmann(q: Float32Array, offset: number, temperature: number, out: Float32Array): void {
  const best = q[offset + argmax(q, offset, out.length)]!;
  let sum = 0;
  for (let a = 0; a < out.length; a++) {
    const weight = Math.exp((q[offset + a]! - best) / temperature);
    out[a] = weight;
    sum += weight;
  }
  for (let a = 0; a < out.length; a++) out[a]! /= sum;
}
