/**
 * E environments of one kind as whoever plays them needs them, wherever they are: in this thread, or beyond a network. What
 * lies at hand answers at once, and costs no turn of the event loop; see `soon.ts`.
 */
import { type EnvironmentDefinition, type OptionsInput, parseOptions } from '../../shared/definition.ts';
import type { ActionBuffer } from '../../shared/environment.ts';
import { SocialMetrics } from '../../shared/metrics.ts';
import type { VectorEnvironment } from '../../shared/vector.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import { restore } from '../algorithms/restore.ts';
import type { Observations } from './rollout.ts';
import type { Soon } from './soon.ts';

export interface EnvironmentBatch {
  /** E */
  readonly count: number;
  /** Steps after which an episode is truncated. */
  readonly episodeLength: number;
  /** [E] 1 where the last step ended the episode: read what there is to it, then `reset` that one. */
  readonly done: Uint8Array;
  /**
   * Whether it goes on by a clock of its own: then `step` writes into its actions what was really done, and where it was when
   * something was saved is not to be gone back to.
   */
  readonly live: boolean;

  /** Steps of the episode of environment `e`. */
  time(e: number): number;
  /** Starts an episode, a function of the seed and the actions; at the latest when it is observed. */
  reset(e: number, seed: number): void;
  /** One step of environment `e` alone, which nobody observes: before the first of all. @returns whether the episode is over. */
  advance(e: number, actions: Uint8Array): boolean;
  /** One step of all. @param actions [E, N] @param rewards [E, N], written. */
  step(actions: ActionBuffer, rewards: Float32Array): Soon;
  /** Writes [E, N, ...] from element `offset` of `out` on. */
  observe(out: Observations, offset: number): Soon;
  /** Writes who sees whom in what was observed last, [E, N, N], from element `offset` of `out` on. */
  observeVisible(out: Uint8Array, offset: number): void;

  /** Of environment `e`, whose episode the last step ended: [N, ...] its last observations. */
  observeFinal(e: number, out: Observations): void;
  /** The same: [N] 0 or 1, who ended by the rules and was not cut. */
  terminated(e: number): Uint8Array;
  /** The same: the counts of `SocialMetrics`; null of an episode that was not seen from its start. */
  counts(e: number): Float64Array | null;

  /** All that the next steps depend on beside the actions, by name. */
  save(): Saved;
  /** @throws {Error} for what others saved. */
  load(saved: Saved): void;
}

/** Environments in this thread. */
export class LocalEnvironments implements EnvironmentBatch {
  readonly vector: VectorEnvironment;
  readonly live: boolean = false;
  readonly #encoding: string;
  /** [E] of the episodes under way. */
  readonly #metrics: readonly SocialMetrics[];
  /** [N] rewards of steps that nobody learns from. */
  readonly #unseen: Float32Array;

  constructor(vector: VectorEnvironment, encoding: string) {
    this.#unseen = new Float32Array(vector.players);
    this.vector = vector;
    this.#encoding = encoding;
    this.#metrics = vector.environments.map(({ players }) => new SocialMetrics(players));
  }

  get count(): number {
    return this.vector.environments.length;
  }

  get episodeLength(): number {
    return this.vector.environments[0]!.episodeLength;
  }

  get done(): Uint8Array {
    return this.vector.done;
  }

  time(e: number): number {
    return this.vector.environments[e]!.time;
  }

  reset(e: number, seed: number): void {
    this.vector.reset(e, seed);
    this.#metrics[e]!.reset();
  }

  advance(e: number, actions: Uint8Array): boolean {
    const environment = this.vector.environments[e]!;
    environment.step(actions, this.#unseen);
    return environment.done;
  }

  step(actions: ActionBuffer, rewards: Float32Array): undefined {
    const { environments } = this.vector;
    this.vector.step(actions, rewards);
    for (let e = 0; e < environments.length; e++) this.#metrics[e]!.record(environments[e]!);
  }

  observe(out: Observations, offset: number): undefined {
    this.vector.observe(this.#encoding, out, offset);
  }

  observeVisible(out: Uint8Array, offset: number): void {
    this.vector.observeVisible(out, offset);
  }

  observeFinal(e: number, out: Observations): void {
    this.vector.environments[e]!.observe(this.#encoding, out);
  }

  terminated(e: number): Uint8Array {
    return this.vector.environments[e]!.terminated;
  }

  counts(e: number): Float64Array {
    return this.#metrics[e]!.counts;
  }

  save(): Saved {
    return Object.fromEntries(
      this.vector.environments.flatMap((environment, e) => [
        [`environment${e}`, environment.save()],
        [`episode${e}`, this.counts(e).slice()],
      ]),
    );
  }

  load(saved: Saved): void {
    this.vector.environments.forEach((environment, e) => {
      const snapshot = saved[`environment${e}`];
      if (!(snapshot instanceof Uint8Array)) throw new Error(`environment${e} is missing`);
      environment.load(snapshot);
      this.vector.done[e] = 0;
      restore(saved, `episode${e}`, this.counts(e));
    });
  }
}

/** What is needed of environments that are somewhere else. */
export interface Wanted {
  /** E */
  readonly environments: number;
  /** Whether `observeVisible` will be called. */
  readonly visible: boolean;
}

/** Where environments come from that are not made in this thread. */
export type OpenEnvironments = (wanted: Wanted) => EnvironmentBatch;

export interface EnvironmentsSetup extends Wanted {
  readonly definition: EnvironmentDefinition;
  readonly options: OptionsInput;
  readonly encoding: string;
  /** dtype of observations. */
  readonly observation: { readonly dtype: 'uint8' | 'float32' };
  readonly open?: OpenEnvironments;
}

/** Environments, and elements for observations in memory that they write to without a detour where they have such. */
export interface ObservedEnvironments<B extends EnvironmentBatch = EnvironmentBatch> {
  readonly environments: B;
  readonly memory: Observations;
}

export function environmentsWith(elements: number, setup: EnvironmentsSetup): ObservedEnvironments {
  const { open, observation } = setup;
  if (open === undefined) return localEnvironments(elements, setup);
  const memory = observation.dtype === 'uint8' ? new Uint8Array(elements) : new Float32Array(elements);
  return { environments: open(setup), memory };
}

export function localEnvironments(
  elements: number,
  { definition, options, environments, encoding, observation }: Omit<EnvironmentsSetup, 'visible' | 'open'>,
): ObservedEnvironments<LocalEnvironments> {
  const bytes = observation.dtype === 'uint8';
  const vector = definition.createVector(parseOptions(definition, options), environments, {
    reserve: bytes ? elements : 0,
  });
  return {
    environments: new LocalEnvironments(vector, encoding),
    memory: bytes ? vector.allocate(elements) : new Float32Array(elements),
  };
}
