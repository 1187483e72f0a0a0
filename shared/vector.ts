/** E environments of one kind, stepped and observed in one call over contiguous buffers. */
import {
  type ActionBuffer,
  actionElements,
  type Environment,
  elementsOf,
  type ObservationBuffer,
} from './environment.ts';

/** Writes the observations of all environments, [E, N, ...shape], from `offset` on. */
export type ObserveAll = (encoding: string, out: ObservationBuffer, offset: number) => void;

export class VectorEnvironment {
  readonly environments: readonly Environment[];
  /** Of one environment. */
  readonly players: number;
  /** [E] 1 where the last step ended the episode: read the final observation, then `reset` that one. */
  readonly done: Uint8Array;
  readonly #observeAll: ObserveAll;
  readonly #actionStride: number;
  /** Null where actions are not discrete. */
  readonly #actionCount: number | null;
  readonly #allocate: (bytes: number) => Uint8Array;

  constructor(
    environments: readonly Environment[],
    observeAll?: ObserveAll,
    allocate: (bytes: number) => Uint8Array = (bytes) => new Uint8Array(bytes),
  ) {
    const first = environments[0];
    if (first === undefined) throw new RangeError('a vector environment needs at least one environment');
    this.environments = environments;
    this.players = first.players;
    this.done = new Uint8Array(environments.length);
    this.#actionStride = first.players * actionElements(first.actionSpec);
    this.#actionCount = first.actionSpec.kind === 'discrete' ? first.actionSpec.labels.length : null;
    this.#allocate = allocate;
    this.#observeAll =
      observeAll ??
      ((encoding, out, offset) => {
        const stride = first.players * elementsOf(first.observationSpecs[encoding]!);
        for (let e = 0; e < environments.length; e++)
          environments[e]!.observe(encoding, out, offset + e * stride);
      });
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
    for (let e = 0; e < environments.length; e++) {
      const environment = environments[e]!;
      environment.step(actions, rewards, e * this.#actionStride, e * players);
      done[e] = environment.done ? 1 : 0;
    }
  }

  /** Writes [E, N, ...shape] from element `offset` of `out` on; fastest into memory from `allocate`. */
  observe(encoding: string, out: ObservationBuffer, offset = 0): void {
    this.#observeAll(encoding, out, offset);
  }

  /** Memory that observations reach without a detour, from what `reserve` set aside. @throws {RangeError} past that. */
  allocate(bytes: number): Uint8Array {
    return this.#allocate(bytes);
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
