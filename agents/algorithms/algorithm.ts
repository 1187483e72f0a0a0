/** What the registry of algorithms holds, and what the trainer sees of one at work. */
import type * as z from 'zod';
import type { EnvironmentDefinition, OptionsInput } from '../../shared/definition.ts';
import type { ArraySpec } from '../../shared/environment.ts';
import type { Described } from '../described.ts';
import type { Engine } from '../engine/index.ts';
import type { IntrinsicPlan } from '../intrinsic/intrinsic.ts';
import type { NetworkOptions } from '../networks/actor-critic.ts';
import type { Actor } from '../policies/actor.ts';
import type { ArenaLine } from '../remote/settings.ts';
import type { OpenEnvironments } from '../rollout/environments.ts';
import type { Soon } from '../rollout/soon.ts';
import type { Collective } from '../training/collective.ts';

export type Saved = Record<string, Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array>;

/** The environment that is learned, as learners need it. */
export interface Task {
  readonly definition: EnvironmentDefinition;
  readonly options: OptionsInput;
  readonly players: number;
  /** A */
  readonly actions: number;
  readonly encoding: string;
  readonly observation: ArraySpec;
  /** [N] 1 for those who act first in each step; see `Environment.leads`. */
  readonly leads: Uint8Array;
  /** Whether players see what everybody did in the last step. */
  readonly revealsActions: boolean;
  /** Of one shard. */
  readonly environments: number;
  readonly stagger: boolean;
  /** Whether of episodes no more is known than returns and lengths. */
  readonly returnsOnly?: boolean;
  /** Where environments come from that are not made in the worker itself. */
  readonly open?: OpenEnvironments;
}

/** What every learner of a run is made from; the same in all workers. */
export interface LearnerSetup {
  readonly engine: Engine;
  readonly task: Task;
  readonly network: NetworkOptions;
  /** In the order that they are computed in. */
  readonly intrinsic: readonly IntrinsicPlan[];
  readonly collective: Collective;
  readonly seed: number;
  /** Player steps of the whole run, all shards. */
  readonly totalSteps: number;
  /** Where people are asked, of algorithms that ask. */
  readonly arena?: ArenaLine;
}

/** What is known of a run before it begins. */
export interface Prepared extends Pick<LearnerSetup, 'network' | 'seed' | 'arena'> {
  /** Player steps that are asked for, all shards; a run makes whole iterations, of as many or more. */
  readonly steps: number;
  readonly shards: number;
}

/** One number or more, of one report, summed over what they are the mean of. */
export type Measured = Readonly<Record<string, number>>;

/** A learner at work in one worker: all workers call the same methods in the same order. */
export interface Learner {
  /** P */
  readonly theta: Float32Array;
  /** Plays and learns once. @param steps player steps of the run so far, all shards. */
  iterate(steps: number): Promise<void>;
  /** Means of what was measured since the last call, over all shards: the same in every worker. */
  measure(): Measured;
  /** What the whole run shares: the same in every worker. */
  saveShared(): Saved;
  /** What one of the own shards has for itself. */
  saveShard(shard: number): Saved;
  /** @throws {Error} for what another configuration saved. */
  load(shared: Saved, shards: (shard: number) => Saved): Soon;
  /** Ends waiting for people, now and from now on, of one that asks them. May come while it iterates. */
  interrupt?(): void;
  /** Gives up what it holds elsewhere. */
  close?(): void;
}

export interface AlgorithmDefinition<O = never> extends Described {
  /** Strict, every field with a default and a description. */
  readonly schema: z.ZodType<O>;
  /** What of the default network differs for it. */
  readonly network?: Partial<NetworkOptions>;
  /** Whether it asks people: then the arena of a run is where these are, and environments are the run's own. */
  readonly asks?: boolean;
  /** Whether intrinsic rewards go with it. */
  readonly intrinsic: boolean;
  /** Player steps of one iteration of one shard. @throws {RangeError} for options that do not fit one another. */
  stepsPerIteration(options: O, task: Task): number;
  /** P, without making the learner. */
  parameters(options: O, task: Task, network: NetworkOptions, intrinsic: readonly IntrinsicPlan[]): number;
  /**
   * Reads what it learns from beside environments, before the run leaves anything behind.
   * @param saved what the run shared when it was stopped; null for a new one.
   * @throws {TrainingUsageError} for what it cannot learn from.
   */
  prepare?(options: O, task: Task, run: Prepared, saved: Saved | null): void;
  /** How one of its networks acts once it has learned, where that is not an actor-critic's policy. */
  actor?(options: O, task: Task, network: NetworkOptions): Actor;
  create(options: O, setup: LearnerSetup): Promise<Learner>;
}
