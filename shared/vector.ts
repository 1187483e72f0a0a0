/** E environments of one kind, stepped and observed in one call over contiguous buffers. */
import { checkRoom } from './buffers.ts';
import {
  type ActionBuffer,
  actionElements,
  type Environment,
  elementsOf,
  type ObservationBuffer,
} from './environment.ts';

/** What a kind of environment can do for all at once better than one after the other. */
export interface VectorHooks {
  /** Steps all, with actions and buffers that were checked. */
  stepAll?(actions: ActionBuffer, rewards: Float32Array): void;
  /** Writes the observations of all environments, [E, N, ...shape], from `offset` on. */
  observeAll?(encoding: string, out: ObservationBuffer, offset: number): void;
  allocate?(bytes: number): Uint8Array;
}

export class VectorEnvironment {
  readonly environments: readonly Environment[];
  /** Of one environment. */
  readonly players: number;
  /** [E] 1 where the last step ended the episode: read the final observation, then `reset` that one. */
  readonly done: Uint8Array;
  readonly #hooks: VectorHooks;
  readonly #actionStride: number;
  /** Null where actions are not discrete. */
  readonly #actionCount: number | null;

  constructor(environments: readonly Environment[], hooks: VectorHooks = {}) {
    const first = environments[0];
    if (first === undefined) throw new RangeError('a vector environment needs at least one environment');
    this.environments = environments;
    this.players = first.players;
    this.done = new Uint8Array(environments.length);
    this.#hooks = hooks;
    this.#actionStride = first.players * actionElements(first.actionSpec);
    this.#actionCount = first.actionSpec.kind === 'discrete' ? first.actionSpec.labels.length : null;
  }

  /** Starts an episode in environment `index`. */
  reset(index: number, seed: number): void {
    this.environments[index]!.reset(seed);
    this.done[index] = 0;
  }

  /**
   * One environment step in each. @param actions [E, N, ...] @param rewards [E, N] float32, written.
   * @throws as `Environment.step` does, before any environment has changed.
   */
  step(actions: ActionBuffer, rewards: Float32Array): void {
    const { environments, done, players } = this;
    this.#check(actions, rewards);
    const { stepAll } = this.#hooks;
    if (stepAll !== undefined) stepAll(actions, rewards);
    for (let e = 0; e < environments.length; e++) {
      const environment = environments[e]!;
      if (stepAll === undefined) environment.step(actions, rewards, e * this.#actionStride, e * players);
      done[e] = environment.done ? 1 : 0;
    }
  }

  /** Writes [E, N, ...shape] from element `offset` of `out` on; fastest into memory from `allocate`. */
  observe(encoding: string, out: ObservationBuffer, offset = 0): void {
    const { observeAll } = this.#hooks;
    if (observeAll !== undefined) {
      observeAll(encoding, out, offset);
      return;
    }
    const { environments, players } = this;
    const spec = environments[0]!.observationSpecs[encoding];
    if (spec === undefined) throw new RangeError(`encoding ${JSON.stringify(encoding)} is unknown`);
    const stride = players * elementsOf(spec);
    for (let e = 0; e < environments.length; e++)
      environments[e]!.observe(encoding, out, offset + e * stride);
  }

  /** Writes who sees whom in each, [E, N, N] 0 or 1, from element `offset` of `out` on; see `Environment`. */
  observeVisible(out: Uint8Array, offset = 0): void {
    const { environments, players } = this;
    checkRoom(out.length, offset, environments.length * players * players, 'visibility');
    for (let e = 0; e < environments.length; e++)
      environments[e]!.observeVisible(out, offset + e * players * players);
  }

  /** Memory that observations reach without a detour, from what `reserve` set aside. @throws {RangeError} past that. */
  allocate(bytes: number): Uint8Array {
    return this.#hooks.allocate?.(bytes) ?? new Uint8Array(bytes);
  }

  #check(actions: ActionBuffer, rewards: Float32Array): void {
    const { environments, done, players } = this;
    const needed = environments.length * this.#actionStride;
    if (actions.length < needed || rewards.length < environments.length * players) {
      throw new RangeError(
        `${environments.length} environments need ${needed} actions and ${environments.length * players} rewards, there are ${actions.length} and ${rewards.length}`,
      );
    }
    for (let e = 0; e < done.length; e++) {
      if (done[e] === 1) throw new Error(`the episode of environment ${e} is over: call reset`);
    }
    if (this.#actionCount === null) return;
    for (let i = 0; i < needed; i++) {
      if (!(actions[i]! < this.#actionCount)) {
        throw new RangeError(
          `environment ${Math.floor(i / players)}, player ${i % players} has action ${actions[i]}, possible are 0 to ${this.#actionCount - 1}`,
        );
      }
    }
  }
}
